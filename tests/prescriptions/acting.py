"""What clinicians do with a draft, in as few words as a test needs."""

from django.urls import reverse

from patients.models import Patient
from prescriptions.models import Override
from tests.factories import NOON, TODAY, ConditionFactory, ContraindicationFactory, StretchFactory


def activate(draft, **kwargs):
    draft.activate(by=draft.created_by, at=NOON, **kwargs)


def contraindicate(draft, severity, **kwargs):
    """Give the patient a condition with which the draft's stretch has a contraindication."""
    condition = ConditionFactory(patient=draft.patient)
    return condition, ContraindicationFactory(
        stretch=draft.items.get().stretch, condition_code=condition.code, severity=severity, **kwargs
    )


def override(draft, *, expires_on=TODAY):
    line = draft.lines_on(TODAY)[0]
    Override(
        clinic=draft.clinic,
        patient=draft.patient,
        prescription=draft,
        stretch=line.item.stretch,
        reason="adapted",
        expires_on=expires_on,
        decided_by=draft.created_by,
    ).record(line.assessment)


def safe_lines(prescription, on=TODAY):
    return [line.item for line in prescription.lines_on(on) if line.is_safe]


def page(name: str, *args: object, **query: str) -> str:
    return reverse(f"prescriptions:{name}", args=args, query=query)


def withhold(patient: Patient, severity: str, stretch=None, **kwargs):
    """A stretch with a contraindication that the patient has."""
    condition = ConditionFactory(patient=patient)
    return ContraindicationFactory(
        condition_code=condition.code, severity=severity, stretch=stretch or StretchFactory(), **kwargs
    ).stretch
