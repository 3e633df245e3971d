"""What only a clinician does: stretch_pause_lift and routine_reopen, led to from the patient's page."""

import pytest
from django.urls import reverse
from django.utils import timezone

from prescriptions.models import RoutineStop, StretchPause
from routines.models import RedFlagAnswer, RedFlagScreen
from stretches.models import RedFlagAction, RedFlagQuestion
from tests.factories import (
    AdminFactory,
    ClinicianFactory,
    PatientFactory,
    PrescribedStretchFactory,
    SourceFactory,
    StretchLogFactory,
    UserFactory,
)
from tests.prescriptions.paper import page_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    item = PrescribedStretchFactory(stretch__name="Towel Stretch", prescription__patient__user=UserFactory())
    item.prescription.activate(by=item.prescription.created_by, at=timezone.now())
    return item


@pytest.fixture
def pause(item):
    pause = StretchPause.begin(item.prescription.patient, item.stretch, reason="pain", at=timezone.now())
    StretchLogFactory(item=item, pain_score=8, note="A sharp pain", pause=pause)
    return pause


@pytest.fixture
def stop(item):
    patient = item.prescription.patient
    stop = RoutineStop.objects.create(clinic=patient.clinic, patient=patient, tier="urgent", message="See a doctor.")
    screen = RedFlagScreen.objects.create(clinic=patient.clinic, patient=patient, stop=stop)
    action = RedFlagAction.objects.create(tier="urgent", message="See a doctor.")
    question = RedFlagQuestion.objects.create(slug="rf-x", question="Is it bad?", action=action, source=SourceFactory())
    RedFlagAnswer.objects.create(
        clinic=patient.clinic, screen=screen, question=question, wording="Is it bad?", is_yes=True
    )
    return stop


@pytest.fixture
def staff(client, item):
    client.force_login(item.prescription.created_by)
    return client


def address(row):
    if isinstance(row, StretchPause):
        return reverse("routines:stretch_pause_lift", args=[row.pk])
    return reverse("routines:routine_reopen", args=[row.patient_id])


def patient_page(client, item):
    return page_text(client.get(item.prescription.patient.get_absolute_url()).content)


def test_the_patients_page_shows_what_paused_a_stretch(staff, item, pause):
    text = patient_page(staff, item)

    for words in (
        "Paused by pain",
        "Towel Stretch",
        "it hurt too much",
        "pain 8 of 10",
        "A sharp pain",
        "Lift the pause",
    ):
        assert words in text


def test_the_patients_page_shows_what_stopped_the_routine(staff, item, stop):
    text = patient_page(staff, item)

    for words in ("Stopped by a red flag", "See a doctor.", "Yes: Is it bad?", "Reopen the routine"):
        assert words in text


def test_the_prescription_says_that_a_line_is_paused_by_pain(staff, item, pause):
    assert "Paused by pain: it hurt too much" in page_text(staff.get(item.prescription.get_absolute_url()).content)

    draft = item.prescription.revise(by=item.prescription.created_by)
    builder = page_text(staff.get(reverse("prescriptions:prescription_edit", args=[draft.pk])).content)
    assert "Paused by pain : it hurt too much" in builder


def test_stretch_pause_lift_lets_the_patient_go_on(staff, item, pause):
    answer = staff.post(address(pause), {"note": "Looked at it"}, follow=True)

    pause.refresh_from_db()
    assert (pause.lifted_by, pause.lift_note) == (item.prescription.created_by, "Looked at it")
    assert "may do Towel Stretch again" in page_text(answer.content)
    assert "Lift the pause" not in page_text(answer.content)


def test_routine_reopen_wants_to_know_what_was_found(staff, stop):
    refused = staff.post(address(stop), {"note": " "})
    stop.refresh_from_db()
    assert refused.status_code == 422
    assert "Say what was found." in page_text(refused.content)
    assert stop.reopened_at is None

    staff.post(address(stop), {"note": "Seen at the hospital, all clear"})

    stop.refresh_from_db()
    assert stop.reopen_note == "Seen at the hospital, all clear"
    assert stop.reopened_at is not None


def test_what_somebody_else_has_lifted_or_reopened_is_left_alone(staff, item, pause, stop):
    colleague = ClinicianFactory(clinic=item.clinic)
    pause.lift(by=colleague, at=timezone.now())
    RoutineStop.reopen(stop.patient, by=colleague, at=timezone.now(), note="Seen")

    for row in (pause, stop):
        assert staff.post(address(row), {"note": "Me too"}).status_code == 302
        row.refresh_from_db()
    assert (pause.lifted_by, stop.reopened_by) == (colleague, colleague)


@pytest.mark.parametrize("who", ["patient", "clinician elsewhere", "admin", "another patient"])
def test_nobody_else_ends_what_stopped(client, item, pause, stop, who):
    client.force_login(
        {
            "patient": item.prescription.patient.user,
            "clinician elsewhere": ClinicianFactory(),
            "admin": AdminFactory(clinic=item.clinic),
            "another patient": PatientFactory(user=UserFactory(), clinic=item.clinic).user,
        }[who]
    )

    for row in (pause, stop):
        assert client.post(address(row), {"note": "I feel fine"}).status_code == 404
    assert StretchPause.objects.open().exists()
    assert RoutineStop.objects.open().exists()


def test_visitors_and_wrong_methods(client, staff, pause, stop):
    for row in (pause, stop):
        assert staff.put(address(row)).status_code == 405
    client.logout()
    for row in (pause, stop):
        assert client.post(address(row))["Location"].startswith(reverse("account_login"))
