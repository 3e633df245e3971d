"""The conditions of a patient that may still matter: what the safety rule asks for, on every path, every time."""

from django.db.models import UUIDField

from accounts.prepared import Given, Prepared
from patients.models import Condition, Patient

_OF_PATIENT = {"patient": Given("patient", UUIDField()), "clinic": Given("clinic", UUIDField())}
_CURRENT = Prepared(lambda: Condition.objects.current().filter(**_OF_PATIENT).select_related("code"))


def current_conditions(patient: Patient) -> list[Condition]:
    """All but the settled ones, in the order in which they were recorded, each with its code: one query."""
    return _CURRENT.ask(patient=patient.pk, clinic=patient.clinic_id)
