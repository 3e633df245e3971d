"""Who looked at a patient's record, as the patient is told: a line for each person and day."""

import dataclasses
import datetime
import zoneinfo
from collections.abc import Iterable

from audit.models import Action, Event
from patients.models import Patient

LATEST = 1000
"""Events that are gone through; days further back the clinic tells."""


@dataclasses.dataclass
class Looker:
    """What one person did on one day. ``role`` is empty for who is known by name and works at the clinic."""

    name: str
    role: str
    first_at: datetime.datetime
    looked: int = 0
    changed: int = 0


@dataclasses.dataclass
class Looks:
    """All of one record, newest day first."""

    record: Patient
    days: dict[datetime.date, list[Looker]]
    is_cut: bool


def looks_of(record: Patient, events: Iterable[Event]) -> Looks:
    """Gather the events, newest first, of the record's clinic and in its time zone."""
    zone = zoneinfo.ZoneInfo(record.clinic.time_zone)
    days: dict[datetime.date, dict[object, Looker]] = {}
    count = 0
    for event in events:
        count += 1
        at = event.at.astimezone(zone)
        who = days.setdefault(at.date(), {})
        looker = who.setdefault(
            event.user_id or event.role, Looker(str(event.user) if event.user else "", event.role, at)
        )
        looker.first_at = at  # newest first: what comes last was first
        if event.action == Action.VIEW:
            looker.looked += 1
        else:
            looker.changed += 1
    return Looks(record, {day: list(who.values()) for day, who in days.items()}, count >= LATEST)
