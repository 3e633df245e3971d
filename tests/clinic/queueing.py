"""A clinic's day in tests: what makes a line, and how to read the queue."""

import datetime
from typing import Any

from accounts.models import User
from clinic.attention.line import Line
from clinic.attention.queue import Queue, queue_of
from clinic.models import AttentionKind
from patients.models import Patient
from prescriptions.models import PrescribedStretch, Prescription
from routines.models import SessionLog
from tests.factories import (
    NOON,
    TODAY,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SessionLogFactory,
    StretchLogFactory,
)

DAY = datetime.timedelta(days=1)


def queue_for(user: User, *, at: datetime.datetime = NOON) -> Queue:
    patients = Patient.objects.visible_to(user)
    clinics = [membership.clinic for membership in user.memberships.select_related("clinic")]
    return queue_of(patients, clinics=clinics, at=at)


def waiting(user: User, kind: AttentionKind, *, at: datetime.datetime = NOON) -> list[Line]:
    return [line for line in queue_for(user, at=at).waiting if line.kind == kind]


def active_line(*, days_ago: int = 1, prescription: dict[str, Any] | None = None, **patient: Any) -> PrescribedStretch:
    """Somebody's only line, active since so many days, in the morning and before bed."""
    patient.setdefault("conditions_reviewed_on", TODAY)
    made: dict[str, Any] = {"status": "active", "activated_at": NOON - days_ago * DAY, **(prescription or {})}
    prescribed = PrescriptionFactory(patient=PatientFactory(**patient), **made)
    line: PrescribedStretch = PrescribedStretchFactory(prescription=prescribed, is_before_bed=True)
    return line


def log(item: PrescribedStretch, *, days_ago: int, part: str = "on-getting-up", outcome: str = "done") -> SessionLog:
    on = TODAY - days_ago * DAY
    session: SessionLog = SessionLogFactory(prescription=item.prescription, on=on, part_of_day=part)
    StretchLogFactory(item=item, session=session, outcome=outcome)
    return session


def log_days(item: PrescribedStretch, *days_ago: int) -> None:
    """Everything that was due on these days."""
    for ago in days_ago:
        for part in ("on-getting-up", "before-bed"):
            log(item, days_ago=ago, part=part)


def prescription_of(patient: Patient) -> Prescription:
    return patient.prescriptions.get()
