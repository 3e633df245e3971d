"""A patient's page: what is known, what is in force today, and the next step."""

import datetime
import re

import pytest
from django.utils import timezone

from patients.models import Patient
from prescriptions import safety
from prescriptions.models import Override, Prescription
from tests.factories import (
    NOON,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    StretchFactory,
)
from tests.patients.pages import page, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def active(patient, clinician) -> Prescription:
    """An active prescription of one stretch."""
    prescription = PrescriptionFactory(patient=patient, created_by=clinician)
    PrescribedStretchFactory(prescription=prescription, stretch=StretchFactory(name="Standing Stretch"))
    prescription.activate(by=clinician, at=timezone.now())
    return prescription


def weeks_ago(patient: Patient, weeks: int) -> datetime.date:
    return patient.clinic.today() - datetime.timedelta(weeks=weeks)


def reviewed(patient: Patient, days_ago: int | None) -> None:
    today = patient.clinic.today()
    patient.conditions_reviewed_on = None if days_ago is None else today - datetime.timedelta(days=days_ago)
    patient.save()


def test_patient_detail_says_who_it_is(staff, patient):
    text = text_of(staff.get(page("patient_detail", patient)))

    age = patient.age_years(on=patient.clinic.today())
    assert f"{age} years · born 4 May 1960 · Hill Road" in text
    assert "Priya Raman" in text
    assert "walter@example.org" in text


def test_patient_detail_escapes_what_was_typed(staff, patient):
    patient.full_name, patient.note = "<script>alert(1)</script>", "<b>note</b>"
    patient.save()

    html = staff.get(page("patient_detail", patient)).content.decode()

    assert "<script>alert" not in html
    assert "<b>note" not in html


# Conditions -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("window_anchor", "weeks", "words"),
    [
        ("onset_date", 6, "6 completed weeks"),
        ("procedure_date", 1, "1 completed week "),
        ("lmp_date", 25, "First day of the last menstrual period"),
        ("onset_date", None, "Date missing: every time window applies"),
        ("onset_date", -1, "Date in the future: every time window applies"),
    ],
)
def test_patient_detail_counts_weeks_where_the_code_does(staff, patient, window_anchor, weeks, words):
    code = ConditionCodeFactory(name="Counted", window_anchor=window_anchor)
    anchor_on = None if weeks is None else weeks_ago(patient, weeks)
    ConditionFactory(patient=patient, code=code, anchor_on=anchor_on)

    assert words in text_of(staff.get(page("patient_detail", patient)))


def test_patient_detail_wants_no_date_where_the_code_counts_from_none(staff, patient, condition):
    text = text_of(staff.get(page("patient_detail", patient)))

    assert "Lumbar disc herniation" in text
    assert "time window applies" not in text
    assert "completed week" not in text


def test_patient_detail_shows_statuses_and_marks(staff, patient):
    ConditionFactory(patient=patient, clinical_status="remission", verification_status="provisional")
    ConditionFactory(patient=patient, code=None, free_text="Funny knee")
    ConditionFactory(patient=patient, code=ConditionCodeFactory(is_red_flag=True))

    html = staff.get(page("patient_detail", patient)).content.decode()

    assert "pill-remission" in html
    assert "pill-provisional" in html
    assert "Not safety-checked" in html
    assert re.search(r"verdict-excluded\">.*Red flag", html)


def test_patient_detail_puts_settled_conditions_into_a_disclosure(staff, patient, condition):
    ConditionFactory(patient=patient, code=ConditionCodeFactory(name="Old sprain"), clinical_status="resolved")
    ConditionFactory(patient=patient, code=ConditionCodeFactory(name="A mix-up"), verification_status="refuted")

    html = staff.get(page("patient_detail", patient)).content.decode()

    open_part, _, closed_part = html.partition('<details class="disclosure')
    assert "Lumbar disc herniation" in open_part
    assert "Old sprain" not in open_part
    assert "Old sprain" in closed_part
    assert "A mix-up" in closed_part
    assert "2 settled" in closed_part


def test_patient_detail_leads_to_edit_and_history(staff, patient, condition):
    html = staff.get(page("patient_detail", patient)).content.decode()

    for name in ("condition_edit", "condition_detail"):
        assert f'href="{page(name, condition)}"' in html
    for name in ("condition_add", "conditions_review_record", "patient_edit"):
        assert f'href="{page(name, patient)}"' in html


# The review -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days_ago", "words"),
    [
        (None, "The conditions were never reviewed."),
        (91, "The conditions have to be reviewed again."),
        (-1, "The date of the conditions review lies in the future."),
    ],
)
def test_patient_detail_leads_out_of_a_record_problem(staff, patient, condition, days_ago, words):
    reviewed(patient, days_ago)

    response = staff.get(page("patient_detail", patient))

    html = response.content.decode()
    assert words in text_of(response)
    assert re.search(rf'btn-accent" href="{page("conditions_review_record", patient)}"', html)
    assert f'action="/patients/{patient.pk}/prescriptions/add/"' not in html


@pytest.mark.parametrize("days_ago", [0, 90])
def test_patient_detail_offers_to_prescribe_once_conditions_are_reviewed(staff, patient, condition, days_ago):
    reviewed(patient, days_ago)

    html = staff.get(page("patient_detail", patient)).content.decode()

    assert "Nothing can be prescribed" not in html
    assert f'<form method="post" action="/patients/{patient.pk}/prescriptions/add/">' in html


# The prescription -----------------------------------------------------------------------------------------------------
def test_patient_detail_shows_the_lines_with_their_verdict(staff, patient, active):
    response = staff.get(page("patient_detail", patient))

    assert "Standing Stretch" in text_of(response)
    assert "Safe " in text_of(response)
    assert f'href="/prescriptions/{active.pk}/print/"' in response.content.decode()
    assert "paused" not in text_of(response)


def test_patient_detail_shows_a_line_that_became_unsafe_as_paused_with_its_reason(staff, patient, active, condition):
    ContraindicationFactory(
        stretch=active.items.get().stretch, condition_code=condition.code, rationale="Bending loads the disc."
    )

    text = text_of(staff.get(page("patient_detail", patient)))

    assert "1 of 1 stretches paused: not safe today" in text
    assert "Bending loads the disc." in text
    assert "Safe " not in text


def test_patient_detail_says_on_hold_and_why(staff, clinician, patient, active):
    active.hold(by=clinician, at=NOON, reason="Flare of pain")

    text = text_of(staff.get(page("patient_detail", patient)))

    assert "Flare of pain" in text
    assert "sees that the prescription is on hold, and no stretch" in text


def test_patient_detail_leads_back_to_the_draft(staff, clinician, patient, active):
    draft = active.revise(by=clinician)

    html = staff.get(page("patient_detail", patient)).content.decode()

    assert f'href="/prescriptions/{draft.pk}/edit/"' in html
    assert "Revise the prescription" not in html


def test_patient_detail_lists_earlier_prescriptions(staff, clinician, patient, active):
    active.complete(by=clinician, at=NOON)
    PrescriptionFactory(patient=patient, created_by=clinician).revoke(by=clinician, at=NOON, reason="Not needed")

    text = text_of(staff.get(page("patient_detail", patient)))

    assert "Completed 15 January 2026" in text
    assert "Revoked 15 January 2026" in text
    assert "never in force" in text


def test_patient_detail_shows_overrides_in_force_until_they_expire(staff, clinician, patient, active, condition):
    today = patient.clinic.today()
    stretch = active.items.get().stretch
    ContraindicationFactory(stretch=stretch, condition_code=condition.code, severity="relative")
    assessment = safety.assess(safety.circumstances_of(patient, on=today), [stretch])[stretch.pk]
    override = Override(
        clinic=patient.clinic,
        patient=patient,
        prescription=active,
        stretch=stretch,
        reason="supervised-trial",
        expires_on=today,
        decided_by=clinician,
    )
    override.record(assessment)

    in_force = text_of(staff.get(page("patient_detail", patient)))
    Override.objects.update(expires_on=today - datetime.timedelta(days=1))
    expired = text_of(staff.get(page("patient_detail", patient)))

    assert "Overrides in force" in in_force
    assert "Tried under supervision without symptoms" in in_force
    assert "expires today" in in_force
    assert "Paused" not in in_force
    assert "Overrides in force" not in expired
    assert "Paused" in expired


def test_patient_detail_of_somebody_new_says_what_comes_first(staff, clinic):
    patient = PatientFactory(clinic=clinic, conditions_reviewed_on=None)

    response = staff.get(page("patient_detail", patient))

    assert f"Next: record the conditions of {patient}" in text_of(response)
    assert re.search(rf'btn-accent" href="{page("condition_add", patient)}"', response.content.decode())
