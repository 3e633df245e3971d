"""Prescriptions as their patients follow them, with their versions and the reports of their activation."""

import dataclasses
import datetime
import json
import random
import uuid
from collections.abc import Sequence
from typing import Any

from simple_history.utils import get_history_manager_for_model

from operations.load.kinds import Choice, Kind
from operations.load.places import DAY, Place, id_from
from operations.load.store import Store
from prescriptions.models import PermissibilityReport, PrescribedStretch, Prescription, PrescriptionStatus
from prescriptions.models.prescribed_stretch import DOSE_FIELDS
from stretches.models import CatalogueRelease

PrescriptionVersion = get_history_manager_for_model(Prescription).model
DRAFTED, ENDED = datetime.time(9), datetime.time(23)


@dataclasses.dataclass(frozen=True)
class Person:
    """A patient as stored, with the conditions: their ids, and from when they count."""

    id: str
    place: Place
    clinician: str
    kind: Kind
    conditions: tuple[tuple[str, datetime.date | None], ...]
    reviewed_on: datetime.date


@dataclasses.dataclass(frozen=True)
class Line:
    """A prescribed stretch: its id, and what was chosen."""

    id: str
    choice: Choice


@dataclasses.dataclass(frozen=True)
class Programme:
    """A prescription as stored; ``began_on`` is the day of its activation, ``ended_on`` the last that it was one for.

    ``is_replaced`` says that the next one took its place on the morning after that day.
    """

    id: str
    person: Person
    status: str
    lines: tuple[Line, ...]
    began_on: datetime.date
    ended_on: datetime.date
    is_replaced: bool = False
    replaces: str | None = None

    @property
    def began_at(self) -> datetime.datetime:
        """The moment of its activation."""
        return self.person.place.moment(self.began_on)

    @property
    def ended_at(self) -> datetime.datetime:
        """The moment at which it ended, or was held."""
        moment = self.person.place.moment
        return moment(self.ended_on + DAY) if self.is_replaced else moment(self.ended_on, ENDED)


def lines_from(choices: Sequence[Choice], choose: random.Random) -> tuple[Line, ...]:
    """Each with an id of its own."""
    return tuple(Line(id_from(choose), choice) for choice in choices)


def add_programme(store: Store, programme: Programme, *, release: CatalogueRelease | None, is_bare: bool) -> None:
    """Store a prescription with its lines and, unless ``is_bare``, its versions and its report."""
    person, status = programme.person, programme.status
    was_activated = status != PrescriptionStatus.DRAFT
    has_ended = status in (PrescriptionStatus.COMPLETED, PrescriptionStatus.REVOKED)
    is_held = status == PrescriptionStatus.ON_HOLD
    row: dict[str, Any] = {
        "id": programme.id,
        "clinic_id": person.place.id,
        "patient_id": person.id,
        "status": status,
        "note": "Slow and gentle. A pull is fine; pain is not.",
        "replaces_id": programme.replaces,
        "created_by_id": person.clinician,
        "created_at": person.place.moment(programme.began_on, DRAFTED),
        "activated_by_id": person.clinician if was_activated else None,
        "activated_at": programme.began_at if was_activated else None,
        "ended_by_id": person.clinician if has_ended else None,
        "ended_at": programme.ended_at if has_ended else None,
        "status_reason": "Away for a few weeks." if is_held else "",
    }
    store.add(Prescription, **row)
    for position, line in enumerate(programme.lines):
        dose = {name: getattr(line.choice.line, name) for name in DOSE_FIELDS}
        store.add(
            PrescribedStretch,
            id=line.id,
            clinic_id=person.place.id,
            prescription_id=programme.id,
            stretch_id=line.choice.line.stretch_id,
            position=position,
            **dose,
        )
    if is_bare:
        return
    running = {**row, "status": "active", "ended_by_id": None, "ended_at": None, "status_reason": ""}
    draft = {**running, "status": "draft", "activated_by_id": None, "activated_at": None, "replaces_id": None}
    _add_version(store, draft, row["created_at"], kind="+")
    if was_activated:
        _add_version(store, running, programme.began_at)
        _add_report(store, programme, release)
    if has_ended or is_held:
        _add_version(store, row, programme.ended_at)


def _add_version(store: Store, row: dict[str, Any], at: datetime.datetime, *, kind: str = "~") -> None:
    by = row["created_by_id"]
    store.add(PrescriptionVersion, **row, history_date=at, history_type=kind, history_user_id=by)


def _add_report(store: Store, programme: Programme, release: CatalogueRelease | None) -> None:
    """What ``prescriptions.models.report.document`` would have said."""
    person = programme.person
    ids = [str(uuid.UUID(condition)) for condition, _ in person.conditions]
    document = {
        "on": programme.began_on.isoformat(),
        "catalogue": {
            "version": release.version if release else "",
            "release": release.pk if release else None,
            "status": release.status if release else "",
        },
        "conditions_reviewed_on": min(person.reviewed_on, programme.began_on).isoformat(),
        "conditions": [
            {
                "id": own,
                "code": code.slug,
                "name": code.name,
                "clinical_status": "active",
                "verification_status": "confirmed",
                "anchor_on": anchor_on.isoformat() if anchor_on else None,
                "is_safety_checked": True,
                "is_acknowledged": False,
            }
            for own, (_, anchor_on), code in zip(ids, person.conditions, person.kind.codes, strict=True)
        ],
        "undated": [],
        "stretches": [_reported(line.choice, ids) for line in programme.lines],
    }
    store.add(
        PermissibilityReport,
        prescription_id=programme.id,
        clinic_id=person.place.id,
        release_id=release.pk if release else None,
        made_by_id=person.clinician,
        made_at=programme.began_at,
        document=json.dumps(document),
    )


def _reported(choice: Choice, conditions: Sequence[str]) -> dict[str, Any]:
    stretch = choice.line.stretch
    return {
        "stretch": stretch.slug,
        "stretch_id": str(stretch.pk),
        "name": stretch.name,
        "dose": choice.line.dose_words,
        "verdict": choice.verdict,
        "issues": [
            {**issue, "condition_id": conditions[place]}
            for issue, place in zip(choice.issues, choice.concerns, strict=True)
        ],
        "overrides": [],
    }
