"""Erasing a record: in three classes, everywhere, once, and again after a restore."""

import datetime
import fcntl
import itertools
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.admin.models import LogEntry
from django.core import serializers
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.http import QueryDict
from django.utils import timezone

from accounts.drafts import keep
from accounts.models import Draft, Membership, OutboxMessage, Session, User
from accounts.personal import Rule
from audit.models import Event
from clinic.models import AppendOnlyError, Erasure, StretchTally
from clinic.privacy import reapply, write_ledger
from clinic.privacy.declarations import stored_models, subject_of, tables, tables_of_patients
from clinic.privacy.erasing import erase, remove
from clinic.privacy.ledger import read
from patients.models import Condition, Patient
from prescriptions.models import PrescribedStretch, Prescription
from routines.models import StretchLog
from tests.clinic.records import ADDRESS, NAME, SAID, everything
from tests.factories import AdminFactory, ClinicianFactory, ConditionFactory, PatientFactory

pytestmark = pytest.mark.django_db
AT = timezone.now()


@pytest.fixture(autouse=True)
def ledger_file(settings: Any, tmp_path: Path) -> Path:
    settings.ERASURE_LEDGER = tmp_path / "erasures.jsonl"
    return settings.ERASURE_LEDGER


@pytest.fixture
def patient(a_whole_record: Patient) -> Patient:
    return Patient.objects.select_related("clinic", "user").get(pk=a_whole_record.pk)


@pytest.fixture
def admin(patient: Patient) -> User:
    return AdminFactory.create(clinic=patient.clinic)


def everything_stored() -> str:
    """Every row of every table, as text."""
    rows = itertools.chain.from_iterable(model._base_manager.all() for model in stored_models())
    return serializers.serialize("json", rows)


def naming(some_id: Any) -> set[Any]:
    """The tables in which an id stands. That somebody did something, the audit record never loses; it names nobody."""
    return {model for model in stored_models() if str(some_id) in serializers.serialize("json", _rows(model))}


def _rows(model: Any) -> Any:
    return model._base_manager.all()


def test_the_world_has_a_row_of_every_table_about_a_patient(patient: Patient) -> None:
    subject = subject_of(patient, with_sign_in=True)

    empty = [table.model for table in tables_of_patients() if not table.rows(subject).exists()]

    assert set(empty) <= {
        # The history of a row that was never changed, and rights that a patient never has.
        "accounts.User_groups",
        "accounts.User_user_permissions",
        "patients.HistoricalOutcomeScore",
    }


def test_what_need_not_be_kept_is_gone_everywhere(patient: Patient, admin: User) -> None:
    erase(patient, by=admin, at=AT)

    stored = everything_stored()
    assert ADDRESS not in stored
    assert "01632 960 777" not in stored
    assert naming(patient.user_id) <= {Event}
    assert not User.objects.filter(patient_records=patient.pk).exists()
    assert not User.objects.filter(email=ADDRESS).exists()
    assert not Session.objects.filter(user=patient.user_id).exists()
    assert not Draft.objects.filter(path__contains=str(patient.pk)).exists()
    assert not OutboxMessage.objects.filter(path__contains=str(patient.pk)).exists()
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.object_repr, entry.change_message) == (None, "", "")


def test_every_row_meets_its_rule(patient: Patient, admin: User) -> None:
    subject = subject_of(patient, with_sign_in=True)
    before = {table.model: set(table.rows(subject).values_list("pk", flat=True)) for table in tables_of_patients()}

    line = erase(patient, by=admin, at=AT)

    assert line
    assert [line.erased, line.kept, line.made_anonymous] == [
        sum(len(before[table.model]) for table in tables_of_patients() if table.rule is rule)
        for rule in (Rule.ERASE, Rule.KEEP, Rule.ANONYMISE)
    ]
    for table in tables_of_patients():
        left = set(table.model_class._base_manager.values_list("pk", flat=True)) & before[table.model]
        expected = before[table.model] if table.rule is Rule.KEEP or not (table.patient or table.user) else set()
        if table.rule is not Rule.ERASE or table.patient or table.user:
            assert left == expected, table.model


def test_what_is_kept_is_kept_whole_and_locked_away(patient: Patient, admin: User) -> None:
    clinician = ClinicianFactory.create(clinic=patient.clinic)
    user = patient.user
    assert user

    erase(patient, by=admin, at=AT)

    kept = Patient.objects.get(pk=patient.pk)
    assert (kept.full_name, kept.note, kept.user, kept.email, kept.phone) == (NAME, SAID, None, "", "")
    assert Condition.objects.get(patient=patient).free_text == SAID
    assert kept.kept_until_on == AT.date().replace(year=AT.year + 10)
    assert not Patient.objects.visible_to(clinician).exists()
    assert not Patient.objects.own(user).exists()
    assert not Condition.objects.visible_to(clinician).exists()
    assert not Prescription.objects.visible_to(clinician).exists()
    assert not PrescribedStretch.objects.visible_to(clinician).exists()
    assert not Prescription.objects.in_force().filter(patient=patient).exists()


def test_what_was_logged_is_counted_without_anybody(patient: Patient, admin: User) -> None:
    stretch = StretchLog.objects.get(session__patient=patient).stretch

    erase(patient, by=admin, at=AT)

    assert not StretchLog.objects.filter(stretch=stretch).exists()
    tally = StretchTally.objects.get(stretch=stretch)
    assert (tally.year, tally.done, tally.pain_answers, tally.pain_total) == (AT.year, 1, 1, 4)


def test_a_stretch_that_names_the_clinic_is_not_counted(patient: Patient, admin: User) -> None:
    log = StretchLog.objects.get(session__patient=patient)
    log.stretch.clinic = patient.clinic
    log.stretch.save(update_fields=["clinic"])

    erase(patient, by=admin, at=AT)

    assert not StretchTally.objects.exists()


def test_nobody_elses_rows_are_touched(patient: Patient, admin: User) -> None:
    other = everything(patient.clinic, name="Ulf Other", address="ulf.other@example.org")
    subject = subject_of(other, with_sign_in=True)

    def rows() -> str:
        found = itertools.chain.from_iterable(table.rows(subject).order_by("pk") for table in tables_of_patients())
        return serializers.serialize("json", found)

    before = rows()

    erase(patient, by=admin, at=AT)

    assert rows() == before


def test_a_sign_in_that_opens_more_stays(patient: Patient, admin: User) -> None:
    elsewhere: Patient = PatientFactory.create(user=patient.user)

    erase(patient, by=admin, at=AT)

    assert elsewhere.user
    assert list(Patient.objects.own(elsewhere.user)) == [elsewhere]
    assert Session.objects.filter(user=elsewhere.user).exists()


def test_who_once_decided_things_here_keeps_the_name_and_nothing_else(patient: Patient, admin: User) -> None:
    Prescription.objects.filter(patient=patient).update(created_by=patient.user)

    erase(patient, by=admin, at=AT)

    assert patient.user_id
    left = User.objects.get(pk=patient.user_id)
    assert (left.full_name, left.is_active, left.has_usable_password(), left.has_address) == (NAME, False, False, False)
    assert not Membership.objects.filter(user=left).exists()


def test_what_staff_had_typed_about_its_rows_goes_and_nobody_elses(patient: Patient, admin: User) -> None:
    other = ConditionFactory.create(patient=PatientFactory.create(clinic=patient.clinic))
    rows = [patient.conditions.first(), patient.prescriptions.first(), other]
    for row in rows:
        keep(admin, f"/somewhere/{row.pk}/edit/", QueryDict("note=Gout"), at=AT)

    erase(patient, by=admin, at=AT)

    assert list(Draft.objects.values_list("path", flat=True)) == [f"/somewhere/{other.pk}/edit/"]


def test_erasing_twice_does_nothing_more(patient: Patient, admin: User) -> None:
    erase(patient, by=admin, at=AT)

    assert erase(patient, by=admin, at=AT) is None
    assert Erasure.objects.count() == 1


def test_an_erasure_that_breaks_off_leaves_everything(
    patient: Patient, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything_stored()
    monkeypatch.setattr("clinic.privacy.ledger.note", lambda *_args, **_kwargs: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        erase(patient, by=admin, at=AT)

    assert everything_stored() == before


def test_the_ledger_names_nobody_and_is_only_added_to(patient: Patient, admin: User) -> None:
    line = erase(patient, by=admin, at=AT)

    assert line
    stored = serializers.serialize("json", [line])
    assert not [each for each in (NAME, ADDRESS, SAID, str(patient.pk)) if each in stored]
    for change in (line.save, line.delete, Erasure.objects.all().delete, lambda: Erasure.objects.update(by="")):
        with pytest.raises(AppendOnlyError):
            change()


@pytest.mark.postgres
@pytest.mark.parametrize("statement", ["UPDATE clinic_erasure SET by = ''", "DELETE FROM clinic_erasure"])
def test_the_database_refuses_to_change_the_ledger(patient: Patient, admin: User, statement: str) -> None:
    erase(patient, by=admin, at=AT)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# After a restore ------------------------------------------------------------------------------------------------------
def test_a_restored_backup_forgets_again(patient: Patient, admin: User, tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    savepoint = transaction.savepoint()
    erase(patient, by=admin, at=AT)
    write_ledger(path)
    transaction.savepoint_rollback(savepoint)
    assert ADDRESS in everything_stored()

    changed = reapply(path)

    assert changed == 1
    assert ADDRESS not in everything_stored()
    assert Patient.objects.get(pk=patient.pk).erased_at == AT
    assert reapply(path) == 0


def test_what_was_removed_is_removed_again(patient: Patient, admin: User, tmp_path: Path) -> None:
    savepoint = transaction.savepoint()
    erase(patient, by=admin, at=AT)
    remove(patient, at=AT)
    write_ledger(tmp_path / "ledger")
    transaction.savepoint_rollback(savepoint)

    call_command("apply_erasures", ledger=tmp_path / "ledger")

    assert NAME not in everything_stored()
    assert SAID not in everything_stored()
    assert naming(patient.pk) == {Event}


def test_the_file_beside_the_database_follows(
    patient: Patient, admin: User, ledger_file: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        erase(patient, by=admin, at=AT)

    assert Erasure.digest_of(patient.pk) in ledger_file.read_text()


def test_a_file_of_more_than_the_database_knows_loses_nothing(patient: Patient, admin: User, tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    savepoint = transaction.savepoint()
    erase(patient, by=admin, at=AT)
    write_ledger(path)
    transaction.savepoint_rollback(savepoint)

    call_command("export_ledger", path)

    assert Erasure.digest_of(patient.pk) in path.read_text()


def test_the_audit_record_keeps_for_good_what_docs_privacy_says(patient: Patient, admin: User) -> None:
    erase(patient, by=admin, at=AT)
    remove(patient, at=AT)

    events = Event.objects.filter(patient_id=patient.pk)
    assert events.exists()
    assert not events.exclude(content=None, salt=None).exists()
    assert "for good" in tables()[Event].why
    said = (project.BASE_DIR / "docs/privacy.md").read_text(encoding="utf-8").partition("## What is not promised")[2]
    assert "network address: of a patient, too" in said


@pytest.mark.django_db(transaction=True)
def test_two_that_write_the_ledger_at_once_lose_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, came = tmp_path / "ledger", threading.Event()
    begun: list[Erasure] = []
    fsync, flock = os.fsync, fcntl.flock

    def write_too() -> None:
        write_ledger(path)
        connection.close()
        came.set()

    second = threading.Thread(target=write_too)

    def while_the_first_writes(file: int) -> None:
        if not begun:  # it has read the database, and not yet written what it has read
            begun.append(Erasure.objects.create(digest="b", step="erased", at=AT))
            second.start()
            assert came.wait(60)
        fsync(file)

    def arrive(file: Any, how: int) -> None:
        if threading.current_thread() is second:
            came.set()  # to wait, which the first need not do for it
        flock(file, how)

    monkeypatch.setattr(os, "fsync", while_the_first_writes)
    monkeypatch.setattr(fcntl, "flock", arrive)
    Erasure.objects.create(digest="a", step="erased", at=AT)

    write_ledger(path)
    second.join()

    assert sorted(line["digest"] for line in read(path)) == ["a", "b"]


@pytest.mark.parametrize(
    "text", ["nonsense", "{}", '{"digest": "a", "step": "b", "at": "2026-01-01", "by": ""}', "[1]"]
)
def test_what_is_no_ledger_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    path.write_text(text)

    with pytest.raises(CommandError, match="no ledger"):
        call_command("apply_erasures", ledger=path)

    assert not Erasure.objects.exists()


def test_removing_waits_for_an_erasure(patient: Patient) -> None:
    assert remove(patient, at=AT) is None
    assert Patient.objects.filter(pk=patient.pk).exists()


def test_what_is_left_after_the_term_is_nothing(patient: Patient, admin: User) -> None:
    erase(patient, by=admin, at=AT)

    remove(patient, at=AT + datetime.timedelta(days=1))

    subject = subject_of(patient, with_sign_in=False)
    assert [table.model for table in tables_of_patients() if table.patient and table.rows(subject).exists()] == []
    assert SAID not in everything_stored()
    assert [each.step for each in Erasure.objects.all()] == ["erased", "removed"]
    assert tables()[Patient].rule is Rule.KEEP
