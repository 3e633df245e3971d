"""What is removed because its time is over, at moments that the test chooses."""

import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts import outbox
from accounts.models import Clinic, Draft, OutboxMessage, Session, StaffInvitation, TryCount
from accounts.models.outbox import MOST_ATTEMPTS
from clinic.models import Erasure, ErasureRequest
from clinic.privacy.declarations import subject_of
from clinic.privacy.erasing import erase
from clinic.privacy.retention import forget, forget_now
from clinic.privacy.terms import kept_until_on, last_recorded_on
from patients.models import Invitation, Patient
from prescriptions.models import Prescription
from routines.models import SessionLog
from tests.factories import (
    AdminFactory,
    ClinicianFactory,
    ConditionFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
AT = datetime.datetime(2026, 1, 15, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.fixture(autouse=True)
def ledger_file(settings: Any, tmp_path: Path) -> None:
    settings.ERASURE_LEDGER = tmp_path / "erasures.jsonl"


def a_record(*, last: datetime.datetime, born_on: datetime.date = datetime.date(1960, 5, 4)) -> Patient:
    """Somebody of whom nothing was recorded after a moment."""
    patient: Patient = PatientFactory.create(created_at=last - 30 * DAY, born_on=born_on)
    ConditionFactory.create(patient=patient, recorded_at=last)
    Patient.history.model.objects.filter(id=patient.pk).update(history_date=last - 30 * DAY)
    for condition in patient.conditions.all():
        condition.history.update(history_date=last)
    return patient


@pytest.mark.parametrize(
    ("born_on", "ended_on", "years", "until_age", "until_on"),
    [
        ((1960, 5, 4), (2016, 3, 1), 10, 26, (2026, 3, 1)),
        ((1960, 5, 4), (2016, 3, 1), 8, 26, (2024, 3, 1)),
        ((1960, 5, 4), (2016, 2, 29), 10, 26, (2026, 3, 1)),
        ((2010, 6, 1), (2020, 3, 1), 8, 26, (2036, 6, 1)),  # a child: until they are 26
        ((2010, 6, 1), (2028, 5, 31), 8, 26, (2036, 6, 1)),
        ((2010, 6, 1), (2028, 6, 1), 8, 26, (2036, 6, 1)),  # of age: eight years, which is the same day here
        ((2010, 6, 1), (2028, 7, 1), 8, 26, (2036, 7, 1)),
        ((2010, 6, 1), (2020, 3, 1), 8, 0, (2028, 3, 1)),
        ((2010, 6, 1), (2027, 3, 1), 10, 26, (2037, 3, 1)),
    ],
)
def test_how_long_a_record_is_kept(
    settings: Any, born_on: Any, ended_on: Any, years: int, until_age: int, until_on: Any
) -> None:
    settings.RECORD_KEPT_YEARS, settings.RECORD_KEPT_UNTIL_AGE = years, until_age
    patient = a_record(
        last=datetime.datetime.combine(datetime.date(*ended_on), datetime.time(12), datetime.UTC),
        born_on=datetime.date(*born_on),
    )

    until = kept_until_on(
        subject_of(patient, with_sign_in=False), born_on=patient.born_on, today=datetime.date(2026, 1, 1)
    )

    assert until == datetime.date(*until_on)


@pytest.mark.parametrize("decision", ["", "refused", "withdrawn", "erased"])
def test_asking_to_be_erased_prolongs_nothing(decision: str) -> None:
    patient = a_record(last=AT.replace(year=2016) + 5 * DAY)
    subject = subject_of(patient, with_sign_in=False)
    asked = ErasureRequest.ask(patient, by=UserFactory.create(), at=AT)
    if decision:
        asked.decide(decision, by=None, at=AT)

    until = kept_until_on(subject, born_on=patient.born_on, today=AT.date())

    assert until == AT.date() + 5 * DAY
    erase(patient, by=None, at=AT)
    patient.refresh_from_db()
    assert patient.kept_until_on == until
    assert last_recorded_on(subject) == until.replace(year=2016)  # nor does having been erased


def test_a_record_goes_when_its_term_is_over_and_not_a_day_sooner() -> None:
    over = a_record(last=AT.replace(year=2016) - DAY)
    not_yet = a_record(last=AT.replace(year=2016))

    forget_now(AT)

    assert list(Patient.objects.all()) == [not_yet]
    assert [line.digest for line in Erasure.objects.all()] == [Erasure.digest_of(over.pk)] * 2
    forget_now(AT + DAY)
    assert not Patient.objects.exists()


@pytest.mark.parametrize("logged_at", [None, AT - DAY, AT.replace(year=2016) + DAY])
def test_a_record_stays_for_what_is_done_and_not_for_what_nobody_ended(logged_at: datetime.datetime | None) -> None:
    patient = a_record(last=AT.replace(year=2010))
    line = PrescribedStretchFactory.create(
        prescription__patient=patient,
        prescription__status="active",
        prescription__created_at=AT.replace(year=2010),
        prescription__activated_at=AT.replace(year=2010),
    )
    line.prescription.history.update(history_date=AT.replace(year=2010))
    if logged_at:
        SessionLog.objects.create(
            clinic=patient.clinic,
            patient=patient,
            prescription=line.prescription,
            on=logged_at.date(),
            part_of_day="before-bed",
            first_logged_at=logged_at,
        )

    forget_now(AT)

    assert Patient.objects.filter(pk=patient.pk).exists() is bool(logged_at)


@pytest.mark.sqlite
@pytest.mark.parametrize("is_erased", [True, False])
def test_a_record_that_cannot_be_removed_keeps_no_other(is_erased: bool, caplog: pytest.LogCaptureFixture) -> None:
    # The first that is tried: of those that are over by the ids, of the untouched by their age.
    stuck, others = a_record(last=AT.replace(year=2000)), [a_record(last=AT.replace(year=2010)) for _ in range(2)]
    if is_erased:
        for patient in (stuck, *others):
            erase(patient, by=None, at=AT - DAY)
    with connection.cursor() as cursor:
        refuse = "BEGIN SELECT RAISE(ABORT, 'Ada Lovelace'); END"
        cursor.execute(
            f"CREATE TRIGGER refuse BEFORE DELETE ON patients_patient WHEN old.id = '{stuck.pk.hex}' {refuse}"
        )

    forget_now(AT)

    assert list(Patient.objects.all()) == [stuck]
    assert Erasure.digest_of(stuck.pk)[:12] in caplog.text
    assert "Ada" not in caplog.text


@pytest.mark.parametrize("what", ["prescription", "condition", "correction"])
def test_whatever_was_recorded_since_keeps_a_record(what: str) -> None:
    patient = a_record(last=AT.replace(year=2010))
    if what == "prescription":
        PrescriptionFactory.create(patient=patient, status="completed", created_at=AT - DAY)
        Prescription.history.model.objects.update(history_date=AT - DAY)
    elif what == "condition":
        ConditionFactory.create(patient=patient, recorded_at=AT - DAY)
    else:
        patient.history.update(history_date=AT - DAY)

    forget_now(AT)

    assert Patient.objects.filter(pk=patient.pk).exists()


def test_what_was_erased_is_removed_after_the_term() -> None:
    patient = a_record(last=AT.replace(year=2020))
    erase(patient, by=None, at=AT)

    forget_now(AT.replace(year=2030))
    assert Patient.objects.filter(pk=patient.pk).exists()

    forget_now(AT.replace(year=2030) + DAY)
    assert not Patient.objects.filter(pk=patient.pk).exists()


@pytest.mark.parametrize(
    ("changes", "is_kept"),
    [
        ({"sent_at": AT - 31 * DAY}, False),
        ({"cancelled_at": AT - 31 * DAY}, False),
        ({"attempts": MOST_ATTEMPTS}, False),
        ({}, True),
        ({"sent_at": AT, "due_at": AT - 29 * DAY}, True),
    ],
)
def test_messages_go_a_month_later(changes: dict[str, Any], is_kept: bool) -> None:
    outbox.post("needs_you", unique_key="one", due_at=AT - 31 * DAY, to=UserFactory.create())
    OutboxMessage.objects.update(**changes)

    forget_now(AT)

    assert OutboxMessage.objects.exists() is is_kept


def test_sessions_and_invitations_that_are_over_go() -> None:
    patient: Patient = PatientFactory.create(email="a@example.org")
    clinician = ClinicianFactory.create(clinic=patient.clinic)
    Invitation.by_mail(patient, by=clinician, at=AT - 40 * DAY)
    open_one = Invitation.by_mail(patient, by=clinician, at=AT)
    for key, expires_at in (("over", AT - DAY), ("running", AT + DAY)):
        Session.objects.create(session_key=key, session_data="", expire_date=expires_at)

    forget_now(AT)

    assert list(Invitation.objects.all()) == [open_one]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["running"]


def test_invitations_of_staff_go_too() -> None:
    admin = AdminFactory.create()
    clinic = Clinic.objects.administered_by(admin).get()
    more: Any = {"full_name": "Nora New", "role": "clinician", "by": admin}
    StaffInvitation.by_mail(clinic, address="over@example.org", at=AT - 40 * DAY, **more)
    open_one = StaffInvitation.by_mail(clinic, address="open@example.org", at=AT, **more)

    forget_now(AT)

    assert list(StaffInvitation.objects.all()) == [open_one]


def test_a_pass_of_the_sender_tidies_up_everything() -> None:
    at = timezone.now()
    TryCount.objects.create(key="over", began_at=at - 3 * DAY)
    Draft.objects.create(user=UserFactory.create(), path="/", sealed="", kept_at=at - 2 * DAY)
    Session.objects.create(session_key="over", session_data="", expire_date=at - DAY)

    call_command("send_due", verbosity=0)

    assert not TryCount.objects.filter(key="over").exists()
    assert not Draft.objects.exists()
    assert not Session.objects.exists()


def test_the_scheduler_forgets_once_a_day() -> None:
    at = timezone.now()
    first = a_record(last=at.replace(year=2010))
    forget(at)
    second = a_record(last=at.replace(year=2010))

    forget(at + DAY / 2)
    assert list(Patient.objects.all()) == [second]

    forget(at + DAY)
    assert not Patient.objects.filter(pk__in=[first.pk, second.pk]).exists()
    assert "clinic.privacy.retention.forget" in project.OUTBOX_SCHEDULERS
