"""What a change of the catalogue does to people, in numbers.

The catalogue knows of no patients. ``settings.CATALOGUE_IMPACT`` names, by its dotted path, who does and answers.
"""

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Sequence
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


@dataclasses.dataclass(frozen=True)
class Affected:
    """How much becomes unsafe that was safe before: lines of prescriptions in force, and whose they are."""

    lines: int = 0
    prescriptions: int = 0
    patients: int = 0
    clinics: int = 0

    def __bool__(self) -> bool:
        return self.lines > 0

    def __str__(self) -> str:
        return f"{self.lines}-{self.prescriptions}-{self.patients}-{self.clinics}"


@dataclasses.dataclass(frozen=True)
class InForce:
    """How much of one clinic has the stretches that a change is about, and how many lines of it become unsafe."""

    clinic: str
    prescriptions: int
    patients: int
    paused_lines: int


class Change(Protocol):
    """A change of the catalogue, from before its first write until its transaction ends."""

    def in_force(self) -> Sequence[InForce]:
        """Say clinic by clinic what is active or on hold and has these stretches; of every stretch: what is paused."""

    def affected(self) -> Affected:
        """Compare with how it was at the beginning; the writes were done, and may still be taken back."""

    def tell(self) -> int:
        """Write to the clinicians concerned, with this transaction; returns to how many."""


def change_begins(
    stretch_ids: Collection[uuid.UUID] | None, *, at: datetime.datetime, clinic_id: uuid.UUID | None = None
) -> Change:
    """Note how things are before a change that concerns these stretches; ``None``: it may concern every one.

    ``clinic_id``: the row that changes is this clinic's own, and concerns its prescriptions alone.
    """
    return cast("Change", import_string(settings.CATALOGUE_IMPACT)(stretch_ids, at=at, clinic_id=clinic_id))
