"""Telling the clinic that a patient needs somebody. What it is about stands behind the sign-in, never in a mail."""

import datetime

from accounts import outbox
from accounts.models import Membership, User
from patients.models import Patient


def tell_clinic(patient: Patient, event: str, *, at: datetime.datetime) -> None:
    """Post to the patient's clinician, or to every clinician of the clinic where none treats them, once per event.

    The caller's transaction is that of the event. ``event`` names it, such as ``stretch-pause:`` and an id.
    """
    clinicians = User.objects.filter(
        is_active=True, memberships__clinic=patient.clinic_id, memberships__role=Membership.Role.CLINICIAN
    )
    own = clinicians.filter(pk=patient.clinician_id) if patient.clinician_id else clinicians.none()
    outbox.post_many(
        outbox.draft(
            "needs_you",
            unique_key=f"{event}:{clinician.pk}",
            due_at=at,
            to=clinician,
            clinic=patient.clinic,
            path=patient.get_absolute_url(),
        )
        for clinician in own or clinicians
    )
