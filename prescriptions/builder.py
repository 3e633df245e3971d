"""The parts of the builder's screen, as its templates read them. They say what they hold and decide nothing."""

import dataclasses
from collections.abc import Iterator, Mapping

from prescriptions import safety
from prescriptions.amount import Amount
from prescriptions.models import Line, PrescribedStretch
from prescriptions.safety import Verdict
from stretches.browsing.face import Face
from stretches.models import Stretch


@dataclasses.dataclass(frozen=True)
class Advice:
    """What a card says of one caution: nothing but words, by which they are kept as rendered."""

    rationale: str
    condition: str
    window_words: str
    is_date_missing: bool
    citation: str


@dataclasses.dataclass(frozen=True)
class Card:
    """One stretch for this patient, with everything that its card says."""

    stretch: Stretch
    assessment: safety.Assessment
    muscles: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()
    neighbour: Stretch | None = None
    is_chosen: bool = False
    """Whether it is in the draft already."""

    @property
    def face(self) -> Face:
        """What it shows whoever the patient is."""
        return Face.of(self.stretch, self.muscles, self.equipment)

    @property
    def advice(self) -> Iterator[Advice]:
        """What to be careful about with this patient."""
        for issue in self.assessment.issues:
            window = issue.contraindication.window_words if issue.contraindication else ""
            yield Advice(issue.rationale, str(issue.condition), window, issue.is_date_missing, issue.citation)


@dataclasses.dataclass(frozen=True)
class Section:
    """One page of the stretches that have the same verdict."""

    verdict: Verdict
    cards: tuple[Card, ...]
    page: int
    has_next: bool
    unsigned: frozenset[int] = frozenset()
    """The contraindications behind them that no physiotherapist has signed; of what is held back."""


@dataclasses.dataclass(frozen=True)
class Timing:
    """Advice on the time of day."""

    advice: str
    citation: str


@dataclasses.dataclass(frozen=True)
class DraftLine:
    """A line of the draft: its verdict today, when to do it, and what to take instead where it became unsafe."""

    line: Line
    timings: tuple[Timing, ...]
    neighbour: Stretch | None


@dataclasses.dataclass(frozen=True)
class LeftOut:
    """A stretch of the template's phase that is not in the draft because of this patient, and what to take instead."""

    assessment: safety.Assessment
    neighbour: Stretch | None
    is_neighbour_chosen: bool


@dataclasses.dataclass(frozen=True)
class Builder(Amount):
    """The whole screen."""

    sections: tuple[Section, ...]
    withheld: Mapping[Verdict, str]
    """How many stretches are held back, by verdict; narrowed like what is offered. Empty for none, “99+” for more."""
    muscles: tuple[tuple[str, str], ...]
    equipment: tuple[tuple[str, str], ...]
    lines: tuple[DraftLine, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def items(self) -> tuple[PrescribedStretch, ...]:
        """Those of its lines."""
        return tuple(each.line.item for each in self.lines)

    @property
    def unsafe_lines(self) -> tuple[DraftLine, ...]:
        """Those that keep the draft from being activated."""
        return tuple(each for each in self.lines if not each.line.is_safe)
