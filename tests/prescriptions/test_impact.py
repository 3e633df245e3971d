"""What is unsafe today, asked for everybody at once: whose lines, at what cost. What is unsafe: the property test."""

import datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prescriptions import impact
from prescriptions.models import PrescribedStretch
from prescriptions.safety import Verdict
from tests.factories import (
    NOON,
    TODAY,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    StretchFactory,
)
from tests.prescriptions.acting import safe_lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def herniation():
    return ConditionCodeFactory(name="Disc herniation")


@pytest.fixture
def bending(herniation):
    """A stretch that is unsafe with a disc herniation."""
    stretch = StretchFactory(name="Standing Stretch")
    ContraindicationFactory(stretch=stretch, condition_code=herniation)
    return stretch


def prescribe(stretch, code, *, status="active", **patient):
    """Somebody with the condition and the stretch."""
    prescription = PrescriptionFactory(patient=PatientFactory(**patient), status=status)
    ConditionFactory(patient=prescription.patient, code=code)
    return PrescribedStretchFactory(prescription=prescription, stretch=stretch)


def test_a_reason_names_all_that_a_line_of_a_queue_shows(bending, herniation):
    clinician = ClinicianFactory()
    below = ConditionCodeFactory(name="Herniation with radiculopathy", broader=[herniation])
    line = prescribe(bending, below, clinician=clinician, full_name="Walter Brandt")

    (reason,) = impact.reasons_among(impact.lines_in_force(), at=NOON)

    patient = line.prescription.patient
    assert reason == impact.Reason(
        line_id=line.pk,
        prescription_id=line.prescription_id,
        prescription_status="active",
        clinic_id=patient.clinic_id,
        patient_id=patient.pk,
        patient="Walter Brandt",
        clinician_id=clinician.pk,
        stretch_id=bending.pk,
        stretch="Standing Stretch",
        verdict=Verdict.EXCLUDED,
        rationale="Bending forward loads the disc.",
        condition="Herniation with radiculopathy",
        contraindication_id=bending.contraindications.get().pk,
        condition_id=patient.conditions.get().pk,
    )


def test_the_worst_reason_comes_first(bending, herniation):
    ContraindicationFactory(stretch=bending, condition_code=herniation, severity="relative")
    ContraindicationFactory(stretch=bending, condition_code=herniation, severity="precaution")
    prescribe(bending, herniation)

    reasons = impact.reasons_among(impact.lines_in_force(), at=NOON)

    assert [reason.verdict for reason in reasons] == [Verdict.EXCLUDED, Verdict.NEEDS_OVERRIDE]


def test_a_line_with_two_reasons_is_one_line(bending, herniation):
    ContraindicationFactory(stretch=bending, condition_code=herniation, severity="relative")
    line = prescribe(bending, herniation)

    assert list(impact.unsafe_among(impact.lines_in_force(), at=NOON)) == [line]


@pytest.mark.parametrize(
    ("status", "is_in_force"),
    [("draft", False), ("active", True), ("on-hold", True), ("completed", False), ("revoked", False)],
)
def test_in_force_is_what_is_active_or_on_hold(bending, herniation, status, is_in_force):
    prescribe(bending, herniation, status=status)

    assert impact.unsafe_among(impact.lines_in_force(), at=NOON).exists() is is_in_force


def test_only_the_lines_that_were_asked_about_are_answered(bending, herniation):
    line, other = prescribe(bending, herniation), prescribe(bending, herniation)
    clinician = ClinicianFactory(clinic=line.clinic)
    lines = impact.lines_in_force()

    by_patient = lines.filter(prescription__patient__in=[line.prescription.patient])
    seen = lines & PrescribedStretch.objects.visible_to(clinician)

    assert list(impact.unsafe_among(by_patient, at=NOON)) == [line]
    assert list(impact.unsafe_among(seen, at=NOON)) == [line]
    assert {reason.line_id for reason in impact.reasons_among(seen, at=NOON)} == {line.pk}
    assert set(impact.unsafe_among(lines, at=NOON)) == {line, other}


@pytest.mark.parametrize("ask", [impact.unsafe_among, impact.reasons_among])
def test_who_sees_nothing_is_told_nothing(bending, herniation, ask):
    prescribe(bending, herniation)

    assert list(ask(PrescribedStretch.objects.visible_to(AnonymousUser()), at=NOON)) == []


def test_before_there_is_a_clinic_nothing_is_unsafe():
    """PostgreSQL wants to know that a day is one: a catalogue is loaded before anybody comes."""
    assert impact.owners_among(impact.lines_in_force(), at=NOON) == set()


def test_a_day_is_the_clinics_own(bending, herniation):
    """At noon in London it is tomorrow already on Kiritimati: a window that opens tomorrow is open there."""
    bending.contraindications.update(from_week=6)
    there = prescribe(bending, herniation, clinic__time_zone="Pacific/Kiritimati")
    here = prescribe(bending, herniation, clinic__time_zone="Europe/London")
    for line in (there, here):
        line.prescription.patient.conditions.update(anchor_on=TODAY - datetime.timedelta(days=41))

    assert list(impact.unsafe_among(impact.lines_in_force(), at=NOON)) == [there]


@pytest.mark.parametrize("window", [(None, None), (0, 6), (0, None), (6, 12), (6, None), (None, 6), (1, 2)])
@pytest.mark.parametrize("days", [None, -1, 0, 1, 6, 7, 13, 14, 41, 42, 83, 84])
def test_a_window_opens_and_closes_on_the_day_on_which_the_rule_says_so(bending, herniation, window, days):
    bending.contraindications.update(from_week=window[0], until_week=window[1])
    line = prescribe(bending, herniation)
    anchor_on = None if days is None else TODAY - datetime.timedelta(days=days)
    line.prescription.patient.conditions.update(anchor_on=anchor_on)

    safe_lines(line.prescription)  # compares both


@pytest.mark.parametrize("ask", [impact.unsafe_among, impact.reasons_among])
def test_however_many_patients_it_is_one_statement_and_two_small_reads(bending, herniation, ask):
    for _ in range(12):
        prescribe(bending, herniation)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = list(ask(impact.lines_in_force(), at=NOON))

    assert len(found) == 12
    assert len(queries) == 3
