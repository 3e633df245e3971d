"""A patient with a prescription in force who wants to be reminded: what the tests of reminders share."""

import datetime
from typing import Any

from accounts.models import OutboxMessage
from accounts.sending import Sender, Tally
from patients.models import Patient
from prescriptions.models import Prescription
from routines import reminders
from routines.models import ReminderPreference, ReminderTime
from tests.factories import (
    TODAY,
    ClinicFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    UserFactory,
)

DAWN = datetime.datetime(2026, 1, 15, 6, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)


def a_patient(*, time_zone: str = "Europe/London", **stretch: Any) -> Any:
    """Somebody who signs in and has a stretch to do on getting up and before bed, since before dawn."""
    patient = PatientFactory(
        clinic=ClinicFactory(time_zone=time_zone), user=UserFactory(), conditions_reviewed_on=TODAY
    )
    prescribe(patient, **stretch)
    return patient


def prescribe(patient: Patient, **stretch: Any) -> Prescription:
    draft = PrescriptionFactory(patient=patient)
    PrescribedStretchFactory(prescription=draft, **{"is_before_bed": True, "stretch__name": "Towel Stretch", **stretch})
    draft.activate(by=draft.created_by, at=DAWN)
    return draft


def wishes(
    patient: Patient, *, at: datetime.datetime = DAWN, times: dict[str, str] | None = None, **fields: Any
) -> Any:
    """Choose times of day: eight in the morning and nine in the evening, if nothing else is said."""
    preference = ReminderPreference.objects.filter(patient=patient).first() or ReminderPreference(patient=patient)
    for name, value in fields.items():
        setattr(preference, name, value)
    chosen = {"on-getting-up": "08:00", "before-bed": "21:00"} if times is None else times
    preference.set(
        [ReminderTime(part_of_day=part, time=datetime.time.fromisoformat(time)) for part, time in chosen.items()], at=at
    )
    return ReminderPreference.objects.get(pk=preference.pk)


def planned(at: datetime.datetime = DAWN) -> list[tuple[str, str]]:
    """Plan, and say what is written: when, and of which part."""
    reminders.plan(at=at)
    rows = OutboxMessage.objects.filter(kind="reminder").order_by("due_at", "unique_key")
    return [(f"{row.due_at:%m-%d %H:%M}", reminders.Occasion.of(row.unique_key).part) for row in rows]


def send(at: datetime.datetime) -> Tally:
    """One pass of ``send_due`` at a moment."""
    sender = Sender(clock=lambda: at)
    sender.plan()
    return sender.send_due()
