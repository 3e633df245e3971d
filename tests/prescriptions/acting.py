"""What clinicians do with a draft, in as few words as a test needs."""

import datetime

from django.urls import reverse

from patients.models import Patient
from prescriptions import impact
from prescriptions.models import Override, PrescribedStretch
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
    """What may be shown on a day; asked of everybody at once, the answer has to be the same."""
    lines = prescription.lines_on(on)
    noon = datetime.datetime.combine(on, datetime.time(12), datetime.UTC)
    unsafe = set(impact.unsafe_among(PrescribedStretch.objects.all(), at=noon).filter(prescription=prescription))
    assert unsafe == {line.item for line in lines if not line.is_safe}
    return [line.item for line in lines if line.is_safe]


def page(name: str, *args: object, **query: str) -> str:
    return reverse(f"prescriptions:{name}", args=args, query=query)


def withhold(patient: Patient, severity: str, stretch=None, **kwargs):
    """A stretch with a contraindication that the patient has."""
    condition = ConditionFactory(patient=patient)
    return ContraindicationFactory(
        condition_code=condition.code, severity=severity, stretch=stretch or StretchFactory(), **kwargs
    ).stretch
