"""What one condition does to the prescription in force.

Lines and their issues come from the safety rule, through the patient's prescriptions: nothing above is imported here.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from patients.models import Condition


@dataclasses.dataclass(frozen=True)
class AffectedLine:
    """A line of the prescription with the issues that one condition brings: what blocks first, then advice."""

    line: Any
    blocking: tuple[Any, ...]
    advice: tuple[Any, ...]


@dataclasses.dataclass(frozen=True)
class Effect:
    """A condition and the lines that it affects, the paused ones first."""

    condition: Condition
    lines: tuple[AffectedLine, ...]

    @property
    def paused(self) -> list[AffectedLine]:
        """Lines that are not safe with it, and not shown to the patient."""
        return [each for each in self.lines if each.blocking]

    @property
    def advised(self) -> list[AffectedLine]:
        """Lines that go on being shown, with advice."""
        return [each for each in self.lines if not each.blocking]


def effect_of(asked: str | None, conditions: Iterable[Condition], lines: Iterable[Any]) -> Effect | None:
    """Pick the condition whose id was asked for, and what it does; nothing where there is no such, or it does nothing.

    A relative contraindication that a recorded reason covers is no longer an effect: somebody has decided.
    """
    condition = next((each for each in conditions if str(each.pk) == asked), None)
    if condition is None:
        return None
    affected = []
    for line in lines:
        own = [issue for issue in line.assessment.issues if issue.condition == condition and not issue.is_overridden]
        if own:
            blocking = tuple(issue for issue in own if issue.blocks)
            affected.append(AffectedLine(line, blocking, tuple(issue for issue in own if not issue.blocks)))
    affected.sort(key=lambda each: not each.blocking)
    return Effect(condition, tuple(affected)) if affected else None


Reason = tuple[UUID, object, object, str]


def reasons_of(lines: Iterable[Any]) -> set[Reason]:
    """Everything that the rule says of these lines: what is new in it after a change is what the change did."""
    return {
        (line.item.pk, issue.contraindication, issue.condition, issue.verdict)
        for line in lines
        for issue in line.assessment.issues
        if not issue.is_overridden
    }
