"""Everything about a patient: complete, this patient's only, and nothing that opens something."""

import datetime
import io
import json
from typing import Any

import pytest
from django.core import serializers
from django.db import connection
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise

from accounts.field_words import FIELD_WORDS
from accounts.models import OutboxMessage, User
from accounts.sessions import SIGNED_IN_AT
from clinic.privacy.declarations import stored_models, subject_of, tables, tables_of_patients
from clinic.privacy.everything import NOT_GIVEN, as_json, as_paper, everything_of, on_paper
from clinic.privacy.paper_words import CHOICES
from patients.models import Patient
from prescriptions.models import PermissibilityReport, PrescribedStretch
from tests.clinic.records import ADDRESS, NAME, SAID, everything
from tests.clinic.test_personal import tables_that_lead_to
from tests.factories import (
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
)

pytestmark = pytest.mark.django_db
AT = timezone.now()


@pytest.fixture
def patient(a_whole_record: Patient) -> Patient:
    return Patient.objects.select_related("clinic", "user").get(pk=a_whole_record.pk)


def documents(patient: Patient, *, for_patient: bool = True) -> Any:
    return json.loads(as_json([everything_of(patient, at=AT, for_patient=for_patient)]))["records"][0]["tables"]


def test_every_row_of_every_table_that_leads_to_the_patient_is_there(patient: Patient) -> None:
    exported = documents(patient)

    by_name = {model._meta.db_table: model for model in stored_models()}
    for name in tables_that_lead_to("patients_patient") | tables_that_lead_to("accounts_user"):
        model = by_name[name]
        table = tables()[model]
        if not table.is_of_patients:
            continue
        found = {str(row[model._meta.pk.name]) for row in exported[table.model]}
        if found == {NOT_GIVEN}:
            assert len(exported[table.model]) == model._base_manager.filter(user=patient.user).count()
            continue
        # There is one patient in the world: what is about anybody is about this one, but for rows of staff.
        of_staff = model._base_manager.exclude(pk__in=table.rows(subject_of(patient, with_sign_in=True)))
        assert {str(pk) for pk in model._base_manager.values_list("pk", flat=True)} - found == {
            str(row.pk) for row in of_staff
        }, table.model
        if table.patient:
            assert not of_staff.exists(), table.model
        assert all(set(row) == set(table.rules) for row in exported[table.model]), table.model


def test_nobody_elses_rows_are_given(patient: Patient) -> None:
    other = everything(patient.clinic, name="Ulf Other", address="ulf.other@example.org")

    text = as_json([everything_of(patient, at=AT, for_patient=True)])

    assert "ulf" not in text.lower()
    assert str(other.pk) not in text
    assert str(other.user_id) not in text


def test_what_staff_wrote_is_given_and_who_they_are(patient: Patient) -> None:
    exported = documents(patient)

    assert exported["patients.Patient"][0]["note"] == SAID
    assert exported["patients.Condition"][0]["free_text"] == SAID
    assert exported["patients.Patient"][0]["clinician"]["name"] == patient.clinician.full_name


def test_what_opens_something_is_given_to_nobody(patient: Patient) -> None:
    text = as_json([everything_of(patient, at=AT, for_patient=True)])

    kept_back = 0
    for table in tables_of_patients():
        for row in table.rows(subject_of(patient, with_sign_in=True)):
            for name in table.never_given.split():
                value = str(getattr(row, name))
                kept_back += bool(value)
                assert len(value) < 6 or value not in text, f"{table.model}.{name}"
    assert kept_back > 8
    assert NOT_GIVEN in text


def test_a_dose_that_is_not_to_be_followed_is_left_out_for_the_patient_only(patient: Patient) -> None:
    draft = PrescribedStretch.objects.get(prescription__patient=patient, prescription__status="draft")
    shown = next(
        item
        for item in PrescribedStretch.objects.filter(prescription__patient=patient, prescription__status="active")
        if not patient.stretch_pauses.open().filter(stretch=item.stretch).exists()
    )

    own = {row["id"]: row for row in documents(patient)["prescriptions.PrescribedStretch"]}
    clinics = {row["id"]: row for row in documents(patient, for_patient=False)["prescriptions.PrescribedStretch"]}

    assert "Left out" in own[str(draft.pk)]["target_hold_seconds"]
    assert own[str(draft.pk)]["stretch"]["name"] == draft.stretch.name
    assert clinics[str(draft.pk)]["target_hold_seconds"] == 30
    assert own[str(shown.pk)]["target_hold_seconds"] in (30, own[str(draft.pk)]["target_hold_seconds"])
    report = documents(patient)["prescriptions.PermissibilityReport"][0]["document"]
    assert "dose" not in report["stretches"][0]
    assert "dose" in PermissibilityReport.objects.get(prescription__patient=patient).document["stretches"][0]


def test_a_clinic_gives_out_no_sign_in_that_opens_another_clinics_record(patient: Patient) -> None:
    PatientFactory(user=patient.user)

    exported = documents(patient, for_patient=False)

    assert exported["accounts.User"] == exported["accounts.Session"] == []
    assert documents(patient)["accounts.User"][0]["email"] == ADDRESS


def paper_of(patient: Patient, *, for_patient: bool = True) -> str:
    """What stands on the paper, in one line."""
    from pypdf import PdfReader

    paper = as_paper([patient], at=AT, for_patient=for_patient)
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages).split())


@pytest.mark.parametrize("for_patient", [True, False])
def test_no_paper_has_the_dose_of_what_is_not_safe_today(for_patient: bool) -> None:
    line = PrescribedStretchFactory.create(
        prescription__status="active", prescription__activated_at=AT, repetitions=17, note="Push hard"
    )
    patient = Patient.objects.select_related("clinic", "user").get(pk=line.prescription.patient_id)
    assert "Push hard" in paper_of(patient, for_patient=for_patient)
    code = ConditionCodeFactory.create()
    ContraindicationFactory.create(stretch=line.stretch, condition_code=code, severity="absolute")
    ConditionFactory.create(patient=patient, code=code)

    paper = paper_of(patient, for_patient=for_patient)

    assert line.stretch.name in paper
    assert "Left out: not safe for you today" in paper
    assert [words for words in ("Push hard", "How many times", "On getting up") if words in paper] == []
    (row,) = documents(patient, for_patient=for_patient)["prescriptions.PrescribedStretch"]
    assert (row["repetitions"], row.get("today", "")[:18]) == (17, "Not to be followed") or for_patient


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en-gb", ("How it went", "Pain, of 10: 4", "How it is now: You have it now", "State: In force")),
        ("es", ("Qué tal fue", "Dolor, de 10: 4", "Cómo está ahora: Lo tiene ahora", "Estado: En vigor")),
    ],
)
def test_the_paper_says_it_in_words(patient: Patient, language: str, words: tuple[str, ...]) -> None:
    with translation.override(language):
        paper = paper_of(patient)

    assert [each for each in (NAME, SAID, *words) if each not in paper] == []
    # What is for machines: addresses of pages, kinds of messages, names of columns.
    assert [each for each in (NOT_GIVEN, "/patients/", "needs_you", "_", "clinical status") if each in paper] == []


def test_messages_to_others_do_not_stand_under_messages_to_you(patient: Patient) -> None:
    others = OutboxMessage.objects.filter(path__contains=str(patient.pk)).exclude(recipient=patient.user)

    paper = paper_of(patient)

    assert f"To: {patient.user}" in paper
    assert [message for message in others if f"To: {message.recipient}" in paper] == []
    assert len(others) == len([each for each in documents(patient)["accounts.OutboxMessage"] if each["path"]]) > 0


def test_every_field_on_paper_has_words_and_every_choice_too() -> None:
    titled = [each for each in tables_of_patients() if each.title and not hasattr(each.model_class, "instance_type")]
    nameless, plain = [], []
    for table in titled:
        for field in on_paper(table):
            name = f"{table.model}.{field.name}"
            nameless += [] if isinstance(FIELD_WORDS.get(field.name), Promise) else [name]
            choices = CHOICES.get(name, dict(field.flatchoices))
            plain += [name for value, _ in field.flatchoices if not isinstance(choices.get(value), Promise)]

    assert (nameless, plain) == ([], [])


# Pages ----------------------------------------------------------------------------------------------------------------
def tired(client: Any) -> None:
    """Long ago since they showed who they are."""
    session = client.session
    session[SIGNED_IN_AT] = (timezone.now() - datetime.timedelta(minutes=10)).isoformat()
    session.save()


@pytest.mark.parametrize("page", ["own_everything_json", "own_everything_pdf", "own_erasure_request_add"])
def test_own_pages_ask_once_more_who_it_is(client: Any, patient: Patient, page: str) -> None:
    client.force_login(patient.user)
    address = reverse(page, args=[patient.pk] if page.endswith("_add") else [])
    assert client.get(address).status_code == 200

    tired(client)

    assert client.get(address)["Location"].startswith("/accounts/")


@pytest.mark.parametrize("page", ["everything_json", "everything_pdf"])
def test_a_clinicians_download_asks_too_and_names_nobody(client: Any, patient: Patient, page: str) -> None:
    client.force_login(ClinicianFactory.create(clinic=patient.clinic))

    given = client.get(reverse(page, args=[patient.pk]))
    tired(client)
    refused = client.get(reverse(page, args=[patient.pk]))

    assert given.status_code == 200
    assert given["Content-Disposition"].startswith('attachment; filename="limber-20')
    assert refused["Location"].startswith("/accounts/")


def test_own_everything_detail_names_every_clinic(client: Any, patient: Patient) -> None:
    elsewhere = PatientFactory.create(user=patient.user, clinic__name="Mill Lane")
    client.force_login(patient.user)

    said = client.get(reverse("own_everything_detail")).content.decode()

    assert "Mill Lane" in said
    assert reverse("own_erasure_request_add", args=[elsewhere.pk]) in said


@pytest.mark.parametrize("page", ["everything_detail", "own_erasure_request_add", "erasure_request_record"])
def test_more_rows_cost_no_more_queries(
    client: Any, patient: Patient, page: str, django_assert_max_num_queries: Any
) -> None:
    admin: User = ClinicianFactory.create(clinic=patient.clinic)
    admin.memberships.create(clinic=patient.clinic, role="admin")
    client.force_login(patient.user if page.startswith("own") else admin)
    request = patient.erasure_requests.get()
    address = reverse(page, args=[request.pk if page.endswith("record") else patient.pk])
    client.get(address)

    # On PostgreSQL two statements more tell who acts, around the one question that other clinics answer.
    with django_assert_max_num_queries(12 if connection.vendor == "sqlite" else 14):
        response = client.get(address)

    assert response.status_code == 200
    assert serializers.serialize("json", [request])
