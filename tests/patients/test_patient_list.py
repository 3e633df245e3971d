"""Finding a patient, and what one sees of each at a glance."""

import datetime
import re

import pytest
from django.test import Client

from accounts.models import Membership
from patients.models import Patient
from patients.review import DUE_SOON_DAYS, ReviewState, review_state
from tests.factories import (
    TODAY,
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    PatientFactory,
    PrescriptionFactory,
)
from tests.patients.pages import page, text_of

pytestmark = pytest.mark.django_db


def row_of(client: Client, patient: Patient) -> str:
    """What the list says about one patient."""
    html = client.get(page("patient_list")).content.decode()
    row = next(row for row in html.split("<tr>") if str(patient.pk) in row)
    return " ".join(re.sub(r"<[^>]+>", " ", row).split())


def names(client: Client, **asked: str) -> list[str]:
    response = client.post(page("patient_list"), asked)
    return [row.patient.full_name for row in response.context["rows"]]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["Ana Walters", "Walter Brandt"]),
        ("walter", ["Ana Walters", "Walter Brandt"]),
        ("brandt walter", ["Walter Brandt"]),
        ("walter@example", ["Walter Brandt"]),
        ("zorro", []),
        ("100%", []),
        ("_", []),
    ],
)
def test_patient_list_finds_every_word_in_name_or_address(staff, clinic, patient, words, found):
    PatientFactory(clinic=clinic, full_name="Ana Walters")

    assert names(staff, q=words) == found


def test_patient_list_takes_no_name_from_an_address(staff, clinic, patient):
    PatientFactory(clinic=clinic, full_name="Ana Walters")

    response = staff.get(page("patient_list"), {"q": "brandt"})

    assert len(response.context["rows"]) == 2
    assert "brandt" not in re.sub(r"Walter Brandt", "", response.content.decode())


def test_patient_list_shows_ones_own_or_the_clinics(staff, clinic, patient):
    PatientFactory(clinic=clinic, full_name="Ana Walters", clinician=ClinicianFactory(clinic=clinic))

    assert names(staff, whose="mine") == ["Walter Brandt"]
    assert names(staff) == ["Ana Walters", "Walter Brandt"]
    assert names(staff, whose="theirs") == ["Ana Walters", "Walter Brandt"]


@pytest.mark.parametrize(
    ("words", "complaint"), [("a\x00b", "Null characters are not allowed"), ("x" * 101, "at most 100 characters")]
)
def test_patient_list_says_what_it_cannot_search_for(staff, patient, words, complaint):
    response = staff.post(page("patient_list"), {"q": words})

    assert response.status_code == 200
    assert complaint in response.content.decode()
    assert response.context["filters"]["q"].value() == words


def test_patient_list_search_works_without_javascript(staff, patient):
    html = staff.post(page("patient_list"), {"q": "walt"}).content.decode()

    assert re.search(r'<form class="filterbar[^>]* method="post" action="/patients/"', html)
    assert 'value="walt"' in html
    assert re.search(r"<noscript>\s*<button[^>]*>Search</button>", html)


def test_patient_list_shows_twenty_five_at_a_time(staff, clinic):
    PatientFactory.create_batch(26, clinic=clinic)

    first = staff.post(page("patient_list"), {"q": "patient"})
    second = staff.post(page("patient_list"), {"q": "patient", "page": "2"})
    beyond = staff.post(page("patient_list"), {"page": "99999999999999999999"})
    nonsense = staff.post(page("patient_list"), {"page": "\x00"})

    assert len(first.context["rows"]) == 25
    assert '<input type="hidden" name="q" value="patient">' in first.content.decode()
    assert '<button class="page-link" name="page" value="2">' in first.content.decode()
    assert len(second.context["rows"]) == 1
    assert len(beyond.context["rows"]) == 1
    assert len(nonsense.context["rows"]) == 25


def test_patient_list_shows_age_and_date_of_birth(staff, patient):
    age = patient.age_years(on=patient.clinic.today())

    assert f"{age} years · 4 May 1960" in row_of(staff, patient)


@pytest.mark.parametrize(
    ("born_on", "on", "age"),
    [
        ((1960, 5, 4), (2026, 5, 3), 65),
        ((1960, 5, 4), (2026, 5, 4), 66),
        ((2000, 2, 29), (2026, 2, 28), 25),
        ((2000, 2, 29), (2026, 3, 1), 26),
        ((2026, 1, 1), (2026, 1, 1), 0),
    ],
)
def test_age_counts_completed_years(born_on, on, age):
    patient = Patient(born_on=datetime.date(*born_on))

    assert patient.age_years(on=datetime.date(*on)) == age


def test_patient_list_shows_current_conditions_and_marks_what_matters(staff, patient, condition):
    ConditionFactory(patient=patient, code=ConditionCodeFactory(name="Cauda equina syndrome", is_red_flag=True))
    ConditionFactory(patient=patient, code=None, free_text="Funny knee")
    ConditionFactory(patient=patient, code=ConditionCodeFactory(name="Old sprain"), clinical_status="resolved")

    row = row_of(staff, patient)

    assert "Lumbar disc herniation" in row
    assert "Red flag: Cauda equina syndrome" in row
    assert "Funny knee: not safety-checked" in row
    assert "Old sprain" not in row


@pytest.mark.parametrize(
    ("statuses", "shown"),
    [
        ([], "None"),
        (["draft"], "Draft"),
        (["active"], "Active"),
        (["on-hold"], "On hold"),
        (["draft", "active"], "Active Draft"),
        (["completed", "revoked"], "None"),
    ],
)
def test_patient_list_shows_the_prescription(staff, patient, condition, statuses, shown):
    for status in statuses:
        PrescriptionFactory(patient=patient, status=status)

    assert f"Lumbar disc herniation {shown} Until" in row_of(staff, patient)


@pytest.mark.parametrize(
    ("days_ago", "state"),
    [
        (None, ReviewState.NEVER),
        (-1, ReviewState.IN_FUTURE),
        (0, ReviewState.DONE),
        (90 - DUE_SOON_DAYS - 1, ReviewState.DONE),
        (90 - DUE_SOON_DAYS, ReviewState.DUE),
        (90, ReviewState.DUE),
        (91, ReviewState.OVERDUE),
    ],
)
def test_where_a_review_stands(patient, days_ago, state):
    patient.conditions_reviewed_on = None if days_ago is None else TODAY - datetime.timedelta(days=days_ago)

    assert review_state(patient, on=TODAY) is state


@pytest.mark.parametrize(
    ("days_ago", "words"),
    [(None, "Never reviewed"), (-1, "Date in the future"), (0, "Until "), (90, "Due "), (91, "Overdue")],
)
def test_patient_list_shows_the_review(staff, patient, days_ago, words):
    today = patient.clinic.today()
    patient.conditions_reviewed_on = None if days_ago is None else today - datetime.timedelta(days=days_ago)
    patient.save()

    assert words in row_of(staff, patient)


def test_patient_list_of_two_clinics_says_which(staff, clinician, patient):
    assert "Hill Road" not in row_of(staff, patient)

    other = PatientFactory(clinic=ClinicFactory(name="Mill Lane"))
    Membership.objects.create(user=clinician, clinic=other.clinic, role=Membership.Role.CLINICIAN)

    assert "Hill Road" in row_of(staff, patient)
    assert "Mill Lane" in row_of(staff, other)


def test_patient_list_without_patients_says_how_to_begin(staff):
    response = staff.get(page("patient_list"))

    assert "No patients yet" in text_of(response)
    assert f'href="{page("patient_add")}"' in response.content.decode()


def test_patient_list_that_finds_nobody_says_whom_it_looked_for(staff, patient):
    assert (
        "Nobody called “<b>zorro</b>”".replace("<", "&lt;").replace(">", "&gt;")
        in staff.post(page("patient_list"), {"q": "<b>zorro</b>"}).content.decode()
    )
