"""Asking for erasure, and deciding about it."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import OutboxMessage
from clinic.models import Erasure, ErasureRequest
from patients.models import Patient
from tests.clinic.test_everything import tired
from tests.factories import AdminFactory, ClinicianFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ledger_file(settings: Any, tmp_path: Path) -> None:
    settings.ERASURE_LEDGER = tmp_path / "erasures.jsonl"


@pytest.fixture
def patient() -> Patient:
    return PatientFactory.create(user=UserFactory.create(full_name="Ada Kent"), full_name="Ada Kent")


@pytest.fixture
def admin(patient: Patient) -> Any:
    return AdminFactory.create(clinic=patient.clinic)


@pytest.fixture
def asked(patient: Patient) -> ErasureRequest:
    return ErasureRequest.objects.create(clinic=patient.clinic, patient=patient, words="I moved away.")


def test_own_erasure_request_add_asks_once_and_tells_the_admin(client: Any, patient: Patient, admin: Any) -> None:
    client.force_login(patient.user)
    address = reverse("own_erasure_request_add", args=[patient.pk])

    answers = [client.post(address, {"words": "I moved away."}) for _ in range(2)]

    assert [answer["Location"] for answer in answers] == [reverse("own_everything_detail")] * 2
    asked = ErasureRequest.objects.get()
    assert (asked.words, asked.asked_by, asked.decision) == ("I moved away.", patient.user, "")
    message = OutboxMessage.objects.get()
    assert (message.recipient, message.kind, message.path) == (admin, "needs_you", "/erasures/")
    assert "Your clinic has not decided yet" in client.get(reverse("own_everything_detail")).content.decode()


def test_own_erasure_request_revoke_takes_it_back(client: Any, patient: Patient, asked: ErasureRequest) -> None:
    client.force_login(patient.user)

    client.post(reverse("own_erasure_request_revoke", args=[patient.pk]))

    asked.refresh_from_db()
    assert (asked.decision, asked.decided_by) == ("withdrawn", patient.user)
    assert "Ask for it" in client.get(reverse("own_everything_detail")).content.decode()


def test_own_erasure_request_revoke_of_what_is_decided_is_not_called_taken_back(
    client: Any, patient: Patient, asked: ErasureRequest, admin: Any
) -> None:
    client.force_login(patient.user)
    address = reverse("own_erasure_request_revoke", args=[patient.pk])
    asked.decide("refused", by=admin, at=timezone.now(), reason="A claim is open.")

    refused = client.post(address, follow=True).content.decode()
    asked_again = ErasureRequest.objects.create(clinic=patient.clinic, patient=patient)
    twice = [client.post(address, follow=True).content.decode() for _ in range(2)]

    asked_again.refresh_from_db()
    assert "Your request is taken back" not in refused
    assert "No request of yours is open" in refused
    assert all("Your request is taken back" in page for page in twice)
    assert asked_again.decision == "withdrawn"


def test_what_a_second_person_writes_is_added_to_the_open_request(
    client: Any, patient: Patient, asked: ErasureRequest
) -> None:
    clinician = ClinicianFactory.create(clinic=patient.clinic, full_name="Ruth Byrne")
    client.force_login(clinician)

    for words in ("moved", "Keep the letter.", "Keep the letter.", ""):
        client.post(reverse("erasure_request_add", args=[patient.pk]), {"words": words})

    asked.refresh_from_db()
    assert asked.words.startswith("I moved away.\n\n20")
    assert ", Ruth Byrne: moved\n\n20" in asked.words  # though that word stands in the request
    assert asked.words.endswith(", Ruth Byrne: Keep the letter.")
    assert asked.words.count("Keep the letter.") == 1


def test_erasure_request_add_notes_what_came_by_letter(client: Any, patient: Patient) -> None:
    clinician = ClinicianFactory.create(clinic=patient.clinic)
    client.force_login(clinician)

    client.post(reverse("erasure_request_add", args=[patient.pk]), {"words": "Letter of 3 May"})
    said = client.get(reverse("everything_detail", args=[patient.pk])).content.decode()

    assert ErasureRequest.objects.get().asked_by == clinician
    assert "Letter of 3 May" in said
    assert "Waits for the clinic" in said


def test_a_text_that_is_too_long_comes_back(client: Any, patient: Patient) -> None:
    client.force_login(patient.user)

    response = client.post(reverse("own_erasure_request_add", args=[patient.pk]), {"words": "a" * 2001})

    assert response.status_code == 422
    assert "a" * 2001 in response.content.decode()


def test_erasure_request_record_says_what_would_happen(client: Any, asked: ErasureRequest, admin: Any) -> None:
    client.force_login(admin)

    listed = client.get(reverse("erasure_request_list")).content.decode()
    said = client.get(reverse("erasure_request_record", args=[asked.pk])).content.decode()

    assert reverse("erasure_request_record", args=[asked.pk]) in listed
    assert "I moved away." in said
    assert "Erased at once" in said
    assert "Kept until" in said
    assert 'Your sign-in <b class="number">1</b>' in said
    assert '<b class="number">0</b>' not in said


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        ({}, "Choose one."),
        ({"decision": "erased", "reason": "", "is_sure": "on"}, "Say why."),
        ({"decision": "erased", "reason": "Asked."}, "Tick this to erase."),
    ],
)
def test_erasing_wants_a_reason_and_to_be_sure(
    client: Any, asked: ErasureRequest, admin: Any, sent: dict[str, str], complaint: str
) -> None:
    client.force_login(admin)

    response = client.post(reverse("erasure_request_record", args=[asked.pk]), sent)

    assert response.status_code == 422
    assert complaint in response.content.decode()
    assert Patient.objects.present().exists()


def test_erasing_erases_and_says_who_and_why(client: Any, patient: Patient, asked: ErasureRequest, admin: Any) -> None:
    client.force_login(admin)
    sent = {"decision": "erased", "reason": "Moved away.", "is_sure": "on"}

    answers = [client.post(reverse("erasure_request_record", args=[asked.pk]), sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 404]
    assert not Patient.objects.present().exists()
    asked.refresh_from_db()
    assert (asked.decision, asked.reason, asked.decided_by) == ("erased", "Moved away.", admin)
    assert Erasure.objects.get().by == str(admin.pk)


def test_not_erasing_leaves_everything_and_tells_the_patient(
    client: Any, patient: Patient, asked: ErasureRequest, admin: Any
) -> None:
    client.force_login(admin)

    client.post(
        reverse("erasure_request_record", args=[asked.pk]), {"decision": "refused", "reason": "A claim is open."}
    )
    client.force_login(patient.user)

    assert "A claim is open." in client.get(reverse("own_everything_detail")).content.decode()
    assert Patient.objects.present().exists()
    assert not Erasure.objects.exists()


def test_deciding_asks_once_more_who_it_is(client: Any, asked: ErasureRequest, admin: Any) -> None:
    client.force_login(admin)
    tired(client)

    response = client.post(
        reverse("erasure_request_record", args=[asked.pk]), {"decision": "erased", "reason": "x", "is_sure": "on"}
    )

    assert response["Location"].startswith("/accounts/")
    assert Patient.objects.present().exists()


def test_erased_means_404_for_everybody(client: Any, patient: Patient, asked: ErasureRequest, admin: Any) -> None:
    clinician = ClinicianFactory.create(clinic=patient.clinic)
    client.force_login(admin)
    sent = {"decision": "erased", "reason": "Moved away.", "is_sure": "on"}
    client.post(reverse("erasure_request_record", args=[asked.pk]), sent)
    client.force_login(clinician)

    pages = ["patients:patient_detail", "everything_detail", "everything_json", "routines:record_detail"]
    answers = [client.get(reverse(page, args=[patient.pk])).status_code for page in pages]

    assert answers == [404] * len(pages)
    assert "Ada Kent" not in client.get(reverse("patients:patient_list")).content.decode()
    assert "Ada Kent" not in client.get(reverse("erasure_request_list")).content.decode()
