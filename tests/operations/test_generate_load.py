"""What ``generate_load`` makes is what the product would have made: safe, reproducible, and shown by every page."""

import datetime
import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, is_password_usable
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Clinic, User
from clinic import demo
from operations.load import kinds, people
from operations.management.commands.generate_load import stored_password
from patients.models import Condition, Patient
from prescriptions.models import PrescribedStretch, Prescription, RoutineStop, StretchPause
from routines.models import Proposal, SessionLog, StretchLog
from routines.recording import WORDS

pytestmark = pytest.mark.django_db

CLINICS, PATIENTS, LOGS = 2, 30, 600


def generate(**options: object) -> str:
    out = io.StringIO()
    call_command("generate_load", stdout=out, **{"clinics": CLINICS, "patients": PATIENTS, "logs": LOGS, **options})
    return out.getvalue()


@pytest.fixture(scope="module", autouse=True)
def filled(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Made once for all tests here, and taken back at the end."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(kinds, "KINDS", 5)
        call_command("load_catalogue", verbosity=0, stdout=io.StringIO())
        generate()
        yield
        transaction.set_rollback(True)


def test_so_many_were_asked_for():
    counts = [model.objects.count() for model in (Clinic, Patient, StretchLog, StretchLog.history.model)]

    assert counts == [CLINICS, PATIENTS, LOGS, LOGS]


def test_rows_are_valid():
    for model in (User, Clinic, Patient, Condition, Prescription, PrescribedStretch, SessionLog, StretchLog, Proposal):
        for row in model.objects.order_by("pk")[:15]:
            row.full_clean(exclude=["password"])


def test_every_report_can_be_reproduced():
    out = io.StringIO()

    call_command("reproduce_reports", stdout=out)

    assert f"{Prescription.objects.exclude(activated_at=None).count()} reproduced exactly, 0 differ" in out.getvalue()


def test_everything_prescribed_is_safe():
    lines = [
        line
        for prescription in Prescription.objects.in_force().select_related("patient__clinic")
        for line in prescription.lines_on(prescription.patient.clinic.today())
    ]

    assert len(lines) > PATIENTS
    assert all(line.is_safe for line in lines)


def test_logs_are_such_as_the_product_takes():
    today = timezone.now()

    for log in StretchLog.objects.select_related("session__prescription", "item", "clinic", "pause")[::6]:
        prescription = log.session.prescription
        assert log.item.prescription_id == prescription.pk
        assert prescription.activated_at <= log.logged_at <= (prescription.ended_at or today)
        assert log.clinic.today(log.logged_at) == log.session.on
        assert getattr(log.item, "is_" + log.session.part_of_day.replace("-", "_"))
        assert (log.pain_score or 0) <= 5 or log.pause.patient_id == prescription.patient_id
        version = log.history.get()
        assert [getattr(version, name) for name in WORDS] == [getattr(log, name) for name in WORDS]


def test_every_row_is_of_its_patients_clinic():
    for model in (Condition, Prescription, SessionLog, StretchPause, RoutineStop, Proposal):
        assert {row.clinic_id == row.patient.clinic_id for row in model.objects.select_related("patient")} <= {True}


def test_the_pages_show_it():
    following = Prescription.objects.active().exclude(session_logs=None).select_related("patient__user").order_by("pk")
    prescription = following[0]
    clinician = User.objects.filter(memberships__clinic=prescription.clinic_id, memberships__role="clinician")[0]
    staff, person = Client(), Client()
    staff.force_login(clinician)
    assert prescription.patient.user
    person.force_login(prescription.patient.user)
    patient = f"/patients/{prescription.patient_id}/"
    own = f"/prescriptions/{prescription.pk}/"

    of_staff = [
        staff.get(page) for page in ("/queue/", "/patients/", patient, f"{patient}record/", own, f"{own}report/")
    ]
    of_patient = [person.get(page) for page in ("/today/", "/today/play/", "/progress/")]

    assert {page.status_code for page in of_staff + of_patient} == {200}
    assert prescription.items.first().stretch.name in of_staff[2].content.decode()


def test_nobody_can_sign_in():
    assert not any(is_password_usable(user.password) for user in User.objects.all())


def made_anew(seed: int) -> list[tuple[Any, ...]]:
    """The ids that a seed gives, in a transaction that is taken back."""
    with transaction.atomic():
        size = people.Size(clinics=1, patients=3, logs=30)
        existing = set(StretchLog.objects.values_list("pk", flat=True))
        people.fill(size, seed=seed, on=datetime.date(2026, 1, 15), password="!", tell=str)
        made = sorted(StretchLog.objects.exclude(pk__in=existing).values_list("pk", "pain_score", "session__on"))
        transaction.set_rollback(True)
    return made


def test_the_same_seed_makes_the_same(monkeypatch):
    monkeypatch.setattr(kinds, "KINDS", 2)
    monkeypatch.setattr(people, "DOMAIN", "again.example")
    monkeypatch.setattr("operations.load.places.DOMAIN", "again.example")

    first, again, other = made_anew(7), made_anew(7), made_anew(8)

    assert len(first) == 30
    assert first == again
    assert not set(first) & set(other)


def test_among_patients_it_refuses():
    with pytest.raises(CommandError, match="There are patients"):
        generate()


@pytest.mark.parametrize("is_demo", [True, False])
def test_only_in_a_demo_the_password_opens(settings, is_demo):
    settings.DEMO = is_demo

    stored = stored_password()

    assert check_password(demo.PASSWORD, stored) is is_demo
