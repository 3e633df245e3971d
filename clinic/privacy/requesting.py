"""Asking for a record to be erased, and what the clinic's admin decides about it."""

import datetime

from django.db import transaction
from django.urls import reverse

from accounts import outbox
from accounts.models import Membership, User
from clinic.models import ErasureRequest
from clinic.privacy.erasing import erase
from patients.models import Patient


def ask(patient: Patient, *, by: User, at: datetime.datetime, words: str) -> ErasureRequest:
    """Store the request, and tell the clinic's admins that something needs them; the mail says no more than that."""
    with transaction.atomic():
        asked = ErasureRequest.ask(patient, by=by, at=at, words=words)
        admins = User.objects.filter(
            is_active=True, memberships__clinic=patient.clinic_id, memberships__role=Membership.Role.ADMIN
        )
        outbox.post_many(
            outbox.draft(
                "needs_you",
                unique_key=f"erasure:{asked.pk}:{admin.pk}",
                due_at=at,
                to=admin,
                clinic=patient.clinic,
                path=reverse("erasure_request_list"),
            )
            for admin in admins
        )
    return asked


def decide(asked: ErasureRequest, decision: str, *, by: User, at: datetime.datetime, reason: str) -> bool:
    """Note the decision and, if that is what it says, erase, in one transaction; False if it was decided before."""
    with transaction.atomic():
        Patient.objects.select_for_update().get(pk=asked.patient_id)
        if not asked.decide(decision, by=by, at=at, reason=reason):
            return False
        if decision == ErasureRequest.Decision.ERASED:
            erase(asked.patient, by=by, at=at)
    return True
