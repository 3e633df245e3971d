"""What a clinician reads before a prescription comes into force, and of one that is: it reads and decides nothing.

The verdicts come from ``Prescription.lines``, and so from the safety rule; the number of queries depends on what is
shown, never on how much.
"""

import dataclasses
import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from django.db.models import F

from prescriptions import safety
from prescriptions.amount import Amount
from prescriptions.models import Line, PrescribedStretch, Prescription
from prescriptions.models.changes import Changes, changes_between, items_beside_in_force
from prescriptions.models.report import fingerprint
from prescriptions.neighbours import nearest_neighbours
from stretches.models import Stretch, TimingRule


@dataclasses.dataclass(frozen=True)
class Review(Amount):
    """A prescription with today's verdicts and everything that stands against it."""

    prescription: Prescription
    circumstances: safety.Circumstances
    lines: tuple[Line, ...]
    replaced: Prescription | None = None
    changes: Changes | None = None
    neighbours: Mapping[uuid.UUID, Stretch] = dataclasses.field(default_factory=dict)
    timings: Mapping[uuid.UUID, tuple[TimingRule, ...]] = dataclasses.field(default_factory=dict)

    @property
    def unsafe_lines(self) -> tuple[Line, ...]:
        """Those that block, and that the patient is not shown."""
        return tuple(line for line in self.lines if not line.is_safe)

    @property
    def is_blocked(self) -> bool:
        """Whether it cannot come into force as it is."""
        return bool(self.unsafe_lines or not self.lines or self.circumstances.record_problem)

    @property
    def items(self) -> tuple[PrescribedStretch, ...]:
        """Those of its lines."""
        return tuple(line.item for line in self.lines)

    @property
    def lines_in_full(self) -> Iterator[tuple[Line, Stretch | None, bool, tuple[TimingRule, ...]]]:
        """Each line, its safe neighbour if it needs one, whether that is a line already, advice on when in the day."""
        taken = {line.item.stretch_id for line in self.lines}
        for line in self.lines:
            stretch_id = line.item.stretch_id
            neighbour = self.neighbours.get(stretch_id)
            yield line, neighbour, neighbour is not None and neighbour.pk in taken, self.timings.get(stretch_id, ())

    @property
    def seen(self) -> str:
        """What the clinician reads, in short, to be compared when they decide."""
        return fingerprint(list(self.lines), self.circumstances, note=self.prescription.note)


def review_of(prescription: Prescription, *, at: datetime.datetime) -> Review:
    """Look at a prescription with today's verdicts: seven queries."""
    circumstances = safety.circumstances_of(prescription.patient, on=prescription.patient.clinic.today(at))
    return Review(prescription, circumstances, tuple(prescription.lines(circumstances)))


def review_before_activation(prescription: Prescription, *, at: datetime.datetime) -> Review:
    """Look at a draft, or at one on hold, beside what it would replace: eight queries.

    Where a stretch is unsafe, three or four instead of the last one find the safe neighbours.
    """
    items, items_in_force = items_beside_in_force(prescription)
    circumstances = safety.circumstances_of(prescription.patient, on=prescription.patient.clinic.today(at))
    lines = tuple(prescription.lines(circumstances, items=items))
    unsafe = [line.item.stretch for line in lines if not line.is_safe]
    return Review(
        prescription,
        circumstances,
        lines,
        replaced=items_in_force[0].prescription if items_in_force else None,
        changes=changes_between(items_in_force, items) if items_in_force else None,
        neighbours=nearest_neighbours(circumstances, unsafe) if unsafe and circumstances.may_prescribe else {},
        timings={} if unsafe else _timings(circumstances, lines),
    )


def _timings(circumstances: safety.Circumstances, lines: Iterable[Line]) -> dict[uuid.UUID, tuple[TimingRule, ...]]:
    """Advice on the time of day for each stretch, given the patient's conditions: one query."""
    prescribed = [line.item.stretch_id for line in lines]
    rules = TimingRule.objects.concerning(code_ids=circumstances.code_ids, stretch_ids=prescribed)
    found: dict[uuid.UUID, dict[int, TimingRule]] = defaultdict(dict)
    for rule in rules.select_related("source").annotate(of_stretch=F("movements__stretches")):
        found[rule.of_stretch][rule.pk] = rule  # type: ignore[attr-defined]  # annotated just above
    return {stretch_id: tuple(rules.values()) for stretch_id, rules in found.items()}
