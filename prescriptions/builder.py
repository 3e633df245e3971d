"""The parts of the builder's screen, as its templates read them. They say what they hold and decide nothing."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Generic, Self, TypeVar

from prescriptions import safety
from prescriptions.advising import Advice
from prescriptions.amount import Amount
from prescriptions.models import Line, PrescribedStretch
from prescriptions.safety import Verdict
from stretches.browsing.face import Face
from stretches.models import Stretch

PAGE = 24
CardT = TypeVar("CardT")


@dataclasses.dataclass(frozen=True)
class Offer:
    """The card of a stretch that may be offered: all of it values, by which it is kept as rendered."""

    face: Face
    advice: tuple[Advice, ...] = ()
    """What to be careful about with this patient."""
    is_chosen: bool = False
    """Whether it is in the draft already."""


@dataclasses.dataclass(frozen=True)
class Card:
    """One stretch that is held back from this patient, with everything that its card says."""

    face: Face
    assessment: safety.Assessment
    neighbour: Stretch | None = None


@dataclasses.dataclass(frozen=True)
class Section(Generic[CardT]):
    """One page of the stretches that have the same verdict."""

    verdict: Verdict
    cards: tuple[CardT, ...]
    page: int
    has_next: bool
    unsigned: frozenset[int] = frozenset()
    """The contraindications behind them that no physiotherapist has signed; of what is held back."""

    @classmethod
    def of(cls, verdict: Verdict, cards: Sequence[CardT], page: int, **more: Any) -> Self:
        """One card fewer than was read if there is another page."""
        return cls(verdict, tuple(cards[:PAGE]), page, has_next=len(cards) > PAGE, **more)


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
class Offers:
    """What may be taken, how much else is held back, and what to narrow it by."""

    sections: tuple[Section[Offer], ...]
    withheld: Mapping[Verdict, str]
    """How many stretches are held back, by verdict; narrowed like what is offered. Empty for none, “99+” for more."""
    muscles: tuple[tuple[str, str], ...]
    equipment: tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True)
class Builder(Offers, Amount):
    """The whole screen."""

    lines: tuple[DraftLine, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def items(self) -> tuple[PrescribedStretch, ...]:
        """Those of its lines."""
        return tuple(each.line.item for each in self.lines)

    @property
    def unsafe_lines(self) -> tuple[DraftLine, ...]:
        """Those that keep the draft from being activated."""
        return tuple(each for each in self.lines if not each.line.is_safe)
