"""Who had opened a page, and sent it while the record was erased, writes nothing any more: it is gone for everybody."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import OutboxMessage, User
from clinic.models import AttentionDecision, ErasureRequest
from clinic.privacy.erasing import erase
from patients.models import Condition, Invitation, InvitationOverError, OutcomeScore, Patient
from patients.models.records import RecordGoneError
from prescriptions import drafting
from prescriptions.models import RoutineStop, StretchPause
from routines.models import RedFlagScreen, ReminderPreference
from routines.screening import record_red_flags
from tests.clinic.records import a_measure, a_question
from tests.factories import ClinicianFactory, PatientFactory, PrescriptionFactory
from tests.test_conventions import OUR_APPS, ROOT

pytestmark = pytest.mark.django_db
AT = timezone.now()
Write = Callable[[Patient, User], object]

WRITES: dict[str, Write] = {
    "edit": lambda patient, by: patient.edit(by=by, fields=["note"], seen=""),
    "review": lambda patient, by: patient.record_review(by=by, on=AT.date()),
    "condition": lambda patient, by: Condition(patient=patient, free_text="Gout").record(by=by),
    "score": lambda patient, by: OutcomeScore(patient=patient, measure=a_measure(), on=AT.date()).record(by=by, at=AT),
    "mail": lambda patient, by: Invitation.by_mail(patient, by=by, at=AT),
    "paper": lambda patient, by: Invitation.on_paper(patient, by=by, at=AT),
    "draft": lambda patient, by: drafting.start(patient, by=by),
    "new version": lambda patient, by: patient.prescriptions.get().revise(by=by),
    "reopen": lambda patient, by: RoutineStop.reopen(patient, by=by, at=AT, note="Seen."),
    "lift": lambda patient, by: StretchPause(patient=patient).lift(by=by, at=AT),
    "reminders": lambda patient, _by: ReminderPreference(patient=patient).set([], at=AT),
    "queue": lambda patient, by: AttentionDecision.record(
        patient, kind="pause", subject="x", decision="acknowledged", by=by, at=AT
    ),
    "erasure": lambda patient, by: ErasureRequest.ask(patient, by=by, at=AT),
}


@pytest.fixture(autouse=True)
def ledger_file(settings: Any, tmp_path: Path) -> None:
    settings.ERASURE_LEDGER = tmp_path / "erasures.jsonl"


@pytest.fixture
def patient() -> Patient:
    """As a page has read it, before it waits for whoever erases the record."""
    made = PatientFactory.create(email="ada@example.org")
    PrescriptionFactory.create(patient=made, status="completed")
    return Patient.objects.select_related("clinic").get(pk=made.pk)


@pytest.mark.parametrize("what", WRITES)
def test_nothing_is_written_of_an_erased_record(patient: Patient, what: str) -> None:
    by = ClinicianFactory.create(clinic=patient.clinic)
    erase(patient, by=None, at=AT)

    with pytest.raises(RecordGoneError):
        WRITES[what](patient, by)

    assert not OutboxMessage.objects.filter(address=patient.email).exists()


def test_a_yes_to_a_red_flag_is_told_and_not_stored(patient: Patient) -> None:
    question = a_question()
    erase(patient, by=None, at=AT)

    screened = record_red_flags(patient, {question: True}, id=uuid.uuid4(), answered_at=AT, at=AT)

    assert screened.messages == (question.action.message,)
    assert not RedFlagScreen.objects.exists()


@pytest.mark.parametrize("is_left", [True, False])
def test_an_invitation_lets_nobody_in_after_erasure(patient: Patient, is_left: bool) -> None:
    invitation, _token = Invitation.on_paper(patient, by=ClinicianFactory.create(clinic=patient.clinic), at=AT)
    users = User.objects.count()
    erase(patient, by=None, at=AT)
    if is_left:
        invitation.save(force_insert=not Invitation.objects.filter(pk=invitation.pk).exists())

    with pytest.raises(InvitationOverError):
        invitation.redeem(born_on=patient.born_on, at=AT, visitor=AnonymousUser())

    assert User.objects.count() <= users


def test_nothing_but_erasing_locks_a_record_without_asking_whether_it_is_erased() -> None:
    by_itself = re.compile(r"\bPatient\.objects\b.*\bselect_for_update\b")

    sources = [path for app in OUR_APPS for path in (ROOT / app).rglob("*.py")]
    found = {str(path.relative_to(ROOT)) for path in sources if by_itself.search(path.read_text())}

    assert found == {"clinic/privacy/erasing.py", "clinic/privacy/requesting.py"}
