"""The one statement about everybody against the safety rule, asked patient by patient, over random worlds."""

import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prescriptions import impact
from prescriptions.models import Override, Prescription
from stretches.models import Contraindication, Muscle
from tests.factories import (
    ConditionCodeFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SourceFactory,
    StretchFactory,
    UserFactory,
)
from tests.prescriptions.test_safety_property import CODES, MUSCLES, PHASES, STRETCHES, put_up, record, records, worlds

AT = datetime.datetime(2026, 1, 15, 10, 30, tzinfo=datetime.UTC)
ZONES = ("Pacific/Pago_Pago", "Europe/London", "Pacific/Kiritimati")
"""At that moment it is the 14th, the 15th and the 16th there."""

# What was known when the overrides were recorded, and is not so any more: how the n-th contraindication is changed.
changes = st.dictionaries(
    st.integers(0, 9),
    st.sampled_from([{"severity": "absolute"}, {"severity": "relative"}, {"rationale": "It did harm."}]),
    max_size=3,
)
overridden = st.frozensets(
    st.tuples(st.integers(0, len(ZONES) - 1), st.integers(0, STRETCHES - 1), st.integers(-2, 2)), max_size=12
)


@pytest.fixture
def stage(db):
    """Three patients of clinics around the world, each with all the stretches: active, on hold, and in a draft."""
    patients = [PatientFactory(clinic__time_zone=zone) for zone in ZONES]
    stretches = [StretchFactory(muscles=[]) for _ in range(STRETCHES)]
    for patient, status in zip(patients, ("active", "on-hold", "draft"), strict=True):
        prescription = PrescriptionFactory(patient=patient, status=status)
        for stretch in stretches:
            PrescribedStretchFactory(prescription=prescription, stretch=stretch)
    return {
        "source": SourceFactory(),
        "by": UserFactory(),
        "patient": patients[0],
        "patients": patients,
        "clinics": [patient.clinic for patient in patients],
        "codes": [ConditionCodeFactory() for _ in range(CODES)],
        "stretches": stretches,
        "muscles": [Muscle.objects.create(slug=f"muscle-{n}", name=f"Muscle {n}") for n in range(MUSCLES)],
    }


def put_up_everything(world, others, decisions, later, recoded, stage):
    """A world, the other patients' conditions, overrides as of then, and what changed since."""
    conditions, contraindications = put_up(world, stage)
    for patient, recorded in zip(stage["patients"][1:], others, strict=True):
        conditions += record(recorded, patient, stage)
    for number, stretch, days in sorted(decisions):
        patient = stage["patients"][number]
        prescription = patient.prescriptions.get()
        lines = prescription.lines_on(patient.clinic.today(AT))
        (line,) = [line for line in lines if line.item.stretch == stage["stretches"][stretch]]
        Override(
            clinic=patient.clinic,
            patient=patient,
            prescription=prescription,
            stretch=line.item.stretch,
            reason="adapted",
            expires_on=patient.clinic.today(AT) + datetime.timedelta(days=days),
            decided_by=stage["by"],
        ).record(line.assessment)
    for number, change in later.items():
        for contraindication in contraindications[number : number + 1]:
            Contraindication.objects.filter(pk=contraindication.pk).update(**change)
    for condition in conditions[:recoded]:
        if condition.code_id:
            condition.code = stage["codes"][0]
            condition.save()


@settings(max_examples=100, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    world=worlds,
    others=st.tuples(*[records] * (len(ZONES) - 1)),
    decisions=overridden,
    later=changes,
    recoded=st.integers(0, 2),
)
def test_one_statement_agrees_with_the_rule_asked_patient_by_patient(world, others, decisions, later, recoded, stage):
    with transaction.atomic():
        put_up_everything(world, others, decisions, later, recoded, stage)
        every = Prescription.objects.all()
        asked = [line for each in every for line in each.lines_on(each.patient.clinic.today(AT))]

        unsafe = impact.unsafe_among(impact.PrescribedStretch.objects.all(), at=AT)
        reasons = impact.reasons_among(impact.PrescribedStretch.objects.all(), at=AT)
        in_force = impact.unsafe_among(impact.lines_in_force(), at=AT)

        assert {item.pk for item in unsafe} == {line.item.pk for line in asked if not line.is_safe}
        assert sorted(
            (reason.line_id, reason.rationale, reason.verdict, reason.condition_id, reason.contraindication_id)
            for reason in reasons
        ) == sorted(
            (
                line.item.pk,
                issue.rationale,
                issue.verdict,
                issue.condition and issue.condition.pk,
                issue.contraindication and issue.contraindication.pk,
            )
            for line in asked
            for issue in line.assessment.blocking_issues
        )
        assert {item.pk for item in in_force} == {
            item.pk for item in unsafe if item.prescription.status in {"active", "on-hold"}
        }
        transaction.set_rollback(True)
