"""The pages on which a prescription is looked at, held, resumed, completed, revoked and revised."""

import datetime
import re
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from patients.models import Condition
from prescriptions import safety
from prescriptions.models import Override, Prescription
from tests.factories import (
    AdminFactory,
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    StretchFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

STATUSES = ["draft", "active", "on-hold", "completed", "revoked"]
PAGES = {
    "prescription_detail": ["GET"],
    "prescription_activate": ["GET", "POST"],
    "prescription_revise": ["POST"],
    "prescription_hold": ["GET", "POST"],
    "prescription_resume": ["GET", "POST"],
    "prescription_complete": ["GET", "POST"],
    "prescription_revoke": ["GET", "POST"],
    "report_detail": ["GET"],
}


@pytest.fixture
def clinician():
    return ClinicianFactory(clinic=ClinicFactory())


@pytest.fixture
def prescription(clinician):
    """A draft with one stretch, for a patient of this clinician."""
    patient = PatientFactory(clinic=clinician.memberships.get().clinic)
    draft = PrescriptionFactory(patient=patient, created_by=clinician, note="Take your time.")
    PrescribedStretchFactory(prescription=draft)
    return draft


@pytest.fixture
def clinic_client(client: Client, clinician) -> Client:
    client.force_login(clinician)
    return client


def page(name: str, prescription: Prescription) -> str:
    return reverse(f"prescriptions:{name}", args=[prescription.pk])


def put_in(prescription: Prescription, status: str) -> Prescription:
    """Lead a draft to a status, through the actions that lead there."""
    by, at = prescription.created_by, timezone.now()
    if status in ("active", "on-hold", "completed"):
        prescription.activate(by=by, at=at)
    if status == "on-hold":
        prescription.hold(by=by, at=at, reason="Flare of pain")
    if status == "completed":
        prescription.complete(by=by, at=at)
    if status == "revoked":
        prescription.revoke(by=by, at=at, reason="Wrong patient")
    return prescription


# Who may, and how -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_wrong_method_is_refused(clinic_client, prescription, name, method):
    put_in(prescription, "active")

    response = clinic_client.generic(method, page(name, prescription))

    assert (response.status_code == 405) is (method not in PAGES[name])


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("stranger", [ClinicianFactory, AdminFactory, UserFactory])
def test_a_stranger_finds_nothing(client, prescription, name, stranger):
    put_in(prescription, "active")
    client.force_login(stranger())

    response = client.generic(PAGES[name][-1], page(name, prescription))

    assert response.status_code == 404
    prescription.refresh_from_db()
    assert prescription.status == "active"


@pytest.mark.parametrize("name", PAGES)
def test_the_patient_is_a_stranger_to_the_clinicians_pages(client, prescription, name):
    put_in(prescription, "active")
    prescription.patient.user = UserFactory()
    prescription.patient.save()
    client.force_login(prescription.patient.user)

    assert client.generic(PAGES[name][0], page(name, prescription)).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_an_admin_of_the_same_clinic_who_treats_nobody_is_a_stranger(client, prescription, name):
    put_in(prescription, "active")
    client.force_login(AdminFactory(clinic=prescription.clinic))

    assert client.generic(PAGES[name][0], page(name, prescription)).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_is_sent_to_sign_in(client, prescription, name):
    response = client.generic(PAGES[name][-1], page(name, prescription))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", PAGES)
def test_what_does_not_exist_is_not_found(clinic_client, name):
    url = reverse(f"prescriptions:{name}", args=[uuid.uuid4()])

    assert clinic_client.generic(PAGES[name][-1], url).status_code == 404


def test_a_colleague_of_the_same_clinic_may(client, prescription):
    client.force_login(ClinicianFactory(clinic=prescription.clinic))

    assert client.get(page("prescription_detail", prescription)).status_code == 200


def test_a_post_without_a_token_is_refused(clinician, prescription):
    put_in(prescription, "active")
    client = Client(enforce_csrf_checks=True)
    client.force_login(clinician)

    response = client.post(page("prescription_revoke", prescription), {"reason": "Forged"})

    assert response.status_code == 403
    prescription.refresh_from_db()
    assert prescription.status == "active"


# Every transition from every status -----------------------------------------------------------------------------------
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(
    ("name", "allowed", "leads_to"),
    [
        ("prescription_hold", {"active"}, "on-hold"),
        ("prescription_complete", {"active", "on-hold"}, "completed"),
        ("prescription_revoke", {"draft", "active", "on-hold"}, "revoked"),
        ("prescription_activate", {"draft"}, "active"),
        ("prescription_resume", {"on-hold"}, "active"),
    ],
)
def test_transitions(clinic_client, prescription, status, name, allowed, leads_to):
    put_in(prescription, status)
    asked = clinic_client.get(page(name, prescription))
    seen = asked.context["review"].seen if asked.context and "review" in asked.context else "nothing"

    response = clinic_client.post(page(name, prescription), {"reason": "Pain after a fall", "seen": seen}, follow=True)

    prescription.refresh_from_db()
    assert prescription.status == (leads_to if status in allowed else status)
    assert asked.status_code == (200 if status in allowed else 302)
    if status not in allowed and name in ("prescription_hold", "prescription_revoke"):
        assert response.status_code == 409
        assert re.search(r"readonly>Pain after a fall</textarea>", response.content.decode())
        assert f'href="{prescription.get_absolute_url()}"' in response.content.decode() or status == "draft"
        return
    assert response.redirect_chain == [(prescription.get_absolute_url(), 302)]
    (message,) = list(response.context["messages"])[-1:]
    if status in allowed:
        assert message.level_tag == "success"
    elif status == leads_to:
        assert "is already" in str(message)
    else:
        assert "it cannot be" in str(message)


@pytest.mark.parametrize("name", ["prescription_hold", "prescription_revoke"])
def test_a_reason_sent_twice_is_stored_once_and_said_to_be(clinic_client, prescription, name):
    put_in(prescription, "active")
    sent = [clinic_client.post(page(name, prescription), {"reason": "Pain after a fall"}, follow=True) for _ in "12"]

    (message,) = list(sent[-1].context["messages"])[-1:]
    assert sent[-1].redirect_chain == [(prescription.get_absolute_url(), 302)]
    assert "is already" in str(message)


@pytest.mark.parametrize("status", STATUSES)
def test_prescription_revise_starts_a_new_version(clinic_client, prescription, status):
    put_in(prescription, status)

    response = clinic_client.post(page("prescription_revise", prescription))

    draft = Prescription.objects.drafts().get()
    assert response.status_code == 302
    assert str(draft.pk) in response.url
    assert [item.stretch for item in draft.items.all()] == [item.stretch for item in prescription.items.all()]
    assert (draft == prescription) is (status == "draft")


def test_prescription_revise_twice_goes_on_with_the_same_draft(clinic_client, prescription):
    put_in(prescription, "active")

    for _ in range(2):
        clinic_client.post(page("prescription_revise", prescription))

    assert Prescription.objects.drafts().count() == 1


def test_prescription_revise_says_when_another_draft_is_open(clinic_client, prescription, clinician):
    put_in(prescription, "completed")
    other = PrescriptionFactory(patient=prescription.patient, created_by=clinician)

    response = clinic_client.post(page("prescription_revise", prescription), follow=True)

    assert str(other.pk) in response.redirect_chain[0][0]
    assert "There is an open draft" in str(next(iter(response.context["messages"])))


def test_prescription_hold_keeps_the_reason(clinic_client, prescription):
    put_in(prescription, "active")

    clinic_client.post(page("prescription_hold", prescription), {"reason": "  Away for two weeks  "})

    prescription.refresh_from_db()
    assert prescription.status_reason == "Away for two weeks"
    assert b"Away for two weeks" in clinic_client.get(page("prescription_detail", prescription)).content


def test_prescription_revoke_keeps_who_when_and_why(clinic_client, clinician, prescription):
    put_in(prescription, "active")

    clinic_client.post(page("prescription_revoke", prescription), {"reason": "Surgery planned"})

    prescription.refresh_from_db()
    assert (prescription.ended_by, prescription.status_reason) == (clinician, "Surgery planned")
    assert prescription.ended_at is not None


@pytest.mark.parametrize("name", ["prescription_hold", "prescription_revoke"])
@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("", "Say why."),
        ("   ", "Say why."),
        ("x" * 1001, "at most 1000 characters"),
        ("a\x00b", "Null characters are not allowed."),
    ],
)
def test_a_reason_that_cannot_be_kept_is_refused_beside_the_field(clinic_client, prescription, name, reason, message):
    put_in(prescription, "active")

    response = clinic_client.post(page(name, prescription), {"reason": reason})

    assert response.status_code == 422
    (error,) = response.context["form"].errors["reason"]
    assert message in error
    assert response.context["form"]["reason"].value() == reason, "what was typed is kept"
    prescription.refresh_from_db()
    assert prescription.status == "active"


def test_prescription_complete_asks_before_it_ends(clinic_client, prescription):
    put_in(prescription, "active")

    response = clinic_client.get(page("prescription_complete", prescription))

    assert response.status_code == 200
    prescription.refresh_from_db()
    assert prescription.status == "active"


# The prescription's own page ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", STATUSES)
def test_prescription_detail_offers_what_can_be_done(clinic_client, prescription, status):
    put_in(prescription, status)

    content = clinic_client.get(page("prescription_detail", prescription)).content.decode()

    offered = {name.removeprefix("prescription_") for name in PAGES if f'{page(name, prescription)}"' in content}
    assert (
        offered - {"detail"}
        == {
            "draft": {"activate", "revoke"},
            "active": {"revise", "hold", "complete", "revoke", "report_detail"},
            "on-hold": {"revise", "resume", "complete", "revoke", "report_detail"},
            "completed": {"revise", "report_detail"},
            "revoked": {"revise"},
        }[status]
    )


def test_prescription_detail_shows_lines_message_and_people(clinic_client, prescription, clinician):
    put_in(prescription, "active")

    content = clinic_client.get(page("prescription_detail", prescription)).content.decode()

    line = prescription.items.get()
    assert line.stretch.name in content
    assert "hold 10 seconds, building up to 30 seconds" in content
    assert "Take your time." in content
    assert clinician.full_name in content


def test_a_contraindication_added_after_activation_shows_the_stretch_as_paused(clinic_client, prescription):
    put_in(prescription, "active")
    condition = ConditionFactory(patient=prescription.patient)
    ContraindicationFactory(stretch=prescription.items.get().stretch, condition_code=condition.code)

    response = clinic_client.get(page("prescription_detail", prescription))

    content = response.content.decode()
    assert "1 of 1 paused: not safe today" in content
    assert "Bending forward loads the disc." in content
    assert "A study of" in content, "the source"
    assert [line.is_safe for line in response.context["review"].lines] == [False]


def test_a_stretch_retired_after_activation_is_paused(clinic_client, prescription):
    put_in(prescription, "active")
    stretch = prescription.items.get().stretch
    stretch.status = "retired"
    stretch.save()

    assert b"paused: not safe today" in clinic_client.get(page("prescription_detail", prescription)).content


def test_a_precaution_that_became_relative_after_an_override_asks_anew(clinic_client, prescription):
    stretch = prescription.items.get().stretch
    condition = ConditionFactory(patient=prescription.patient)
    ContraindicationFactory(stretch=stretch, condition_code=condition.code, severity="relative")
    regraded = ContraindicationFactory(stretch=stretch, condition_code=condition.code, severity="precaution")
    on = prescription.clinic.today()
    Override(
        clinic=prescription.clinic,
        patient=prescription.patient,
        prescription=prescription,
        stretch=stretch,
        reason="adapted",
        expires_on=on,
        decided_by=prescription.created_by,
    ).record(safety.assess(safety.circumstances_of(prescription.patient, on=on), [stretch])[stretch.pk])
    put_in(prescription, "active")

    regraded.severity = "relative"
    regraded.save()

    assert b"1 of 1 paused: not safe today" in clinic_client.get(page("prescription_detail", prescription)).content


def test_a_review_that_is_due_does_not_pause_what_is_active(clinic_client, prescription):
    put_in(prescription, "active")
    prescription.patient.conditions_reviewed_on -= datetime.timedelta(days=91)
    prescription.patient.save()

    content = clinic_client.get(page("prescription_detail", prescription)).content.decode()

    assert "The conditions have to be reviewed again." in content
    assert "What is in force goes on being shown." in content
    assert "paused: not safe today" not in content


def test_prescription_detail_shows_the_versions(clinic_client, clinician, prescription):
    put_in(prescription, "active")
    second = prescription.revise(by=clinician)
    second.activate(by=clinician, at=timezone.now(), replacing=prescription)
    third = second.revise(by=clinician)
    unrelated = PrescriptionFactory(patient=prescription.patient, status="revoked")

    for each in (prescription, second, third):
        response = clinic_client.get(page("prescription_detail", each))
        assert response.context["versions"] == [third, second, prescription]
    assert clinic_client.get(page("prescription_detail", unrelated)).context["versions"] == [unrelated]


def test_words_are_escaped(clinic_client, prescription):
    prescription.note = "<script>alert(1)</script>"
    prescription.save()
    put_in(prescription, "active")
    prescription.hold(by=prescription.created_by, at=timezone.now(), reason="<b>bold</b>")

    content = clinic_client.get(page("prescription_detail", prescription)).content.decode()

    assert "<script>alert(1)" not in content
    assert "<b>bold" not in content


# How much it costs ----------------------------------------------------------------------------------------------------
def make_it_ten_times_as_much(prescription: Prescription) -> None:
    for _ in range(10):
        condition = ConditionFactory(patient=prescription.patient, code=ConditionCodeFactory())
        ConditionFactory(patient=prescription.patient, code=None, free_text="Bad knee")
        line = PrescribedStretchFactory(prescription=prescription, stretch=StretchFactory())
        ContraindicationFactory(stretch=line.stretch, condition_code=condition.code, severity="precaution")
        PrescriptionFactory(patient=prescription.patient, status="revoked", replaces=prescription)


def queries_of(client, django_assert_max_num_queries, url: str, at_most: int = 12) -> int:
    client.get(url)
    with django_assert_max_num_queries(at_most) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("prescription_detail", "draft"),
        ("prescription_detail", "active"),
        ("prescription_detail", "completed"),
        ("prescription_activate", "draft"),
        ("prescription_resume", "on-hold"),
        ("prescription_hold", "active"),
        ("prescription_complete", "active"),
        ("prescription_revoke", "active"),
        ("report_detail", "active"),
    ],
)
def test_ten_more_rows_cost_no_more_queries(clinic_client, prescription, django_assert_max_num_queries, name, status):
    condition = ConditionFactory(patient=prescription.patient)
    ContraindicationFactory(
        stretch=prescription.items.get().stretch, condition_code=condition.code, severity="precaution"
    )
    put_in(prescription, status)
    few = queries_of(clinic_client, django_assert_max_num_queries, page(name, prescription))

    make_it_ten_times_as_much(prescription)

    assert Condition.objects.count() == 21
    assert queries_of(clinic_client, django_assert_max_num_queries, page(name, prescription)) == few
