"""How much a programme asks of a patient, as it is told while one drafts it and before it comes into force."""

from collections.abc import Iterator, Sequence

from prescriptions import dosage
from prescriptions.models import PrescribedStretch


class Amount:
    """What can be told of whatever has ``items``: the stretches of one programme."""

    @property
    def items(self) -> Sequence[PrescribedStretch]:
        """The stretches with their doses."""
        raise NotImplementedError

    @property
    def minutes_a_day(self) -> int:
        """How long they take on a day with everything in it, in minutes."""
        return dosage.minutes(sum(item.seconds_a_day for item in self.items))

    @property
    def tally(self) -> Iterator[tuple[bool, bool]]:
        """One box a stretch, at least as many as need no reason: is it filled, and is it over what people keep up."""
        count = len(self.items)
        for number in range(1, max(count, dosage.STRETCHES_BEFORE_REASON) + 1):
            yield number <= count, number > dosage.STRETCHES_BEFORE_WARNING

    @property
    def is_long(self) -> bool:
        """Whether there are more stretches than people keep up."""
        return len(self.items) > dosage.STRETCHES_BEFORE_WARNING

    @property
    def is_too_long(self) -> bool:
        """Whether there are so many that it takes a reason: most people give up."""
        return dosage.takes_reason(len(self.items))
