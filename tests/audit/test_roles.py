"""On PostgreSQL the application's role reads the record of its clinics, and writes none of it."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import acting
from accounts.models import Clinic
from audit.models import Event
from patients.models import Patient
from tests.factories import AdminFactory, PatientFactory
from tests.walled import ROLE, as_role

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

COLUMNS = "(at, role, table_name, object_id, action, address, door)"
REFUSED = [
    f"INSERT INTO audit.event {COLUMNS} VALUES (now(), '', '', '', 'view', '', '')",
    f"INSERT INTO audit_event {COLUMNS} VALUES (now(), '', '', '', 'view', '', '')",
    "UPDATE audit.event SET content = '{}'",
    "UPDATE audit_event SET content = '{}'",
    "DELETE FROM audit.event",
    "DELETE FROM audit_event",
    "TRUNCATE audit.event",
    "UPDATE audit.seal SET hash = ''",
    "DELETE FROM audit.seal",
    "INSERT INTO audit.seal VALUES (1, 1, '', '', now())",
    "ALTER TABLE audit.event DISABLE TRIGGER ALL",
    "ALTER TABLE patients_patient DISABLE TRIGGER put_on_record",
    "DROP TRIGGER put_on_record ON patients_patient",
    "TRUNCATE patients_patient CASCADE",
    "SET session_replication_role = replica",
    "CREATE TABLE audit.other ()",
    "CREATE OR REPLACE FUNCTION audit.record_write() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "DROP SCHEMA audit CASCADE",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_the_role_of_the_application_cannot(statement: str) -> None:
    PatientFactory()
    refused = "permission denied|must be owner|must be able|not part of"

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
        with pytest.raises(DatabaseError, match=refused), transaction.atomic():
            cursor.execute(statement)
        cursor.execute("RESET ROLE")


def test_what_that_role_writes_is_on_record(since: Callable[[], list[Event]]) -> None:
    admin = AdminFactory()
    patient = PatientFactory(clinic=Clinic.objects.administered_by(admin).get())
    since()

    with acting.inside(acting.Actor(user_id=admin.pk)):
        as_role(f"SET ROLE {ROLE}")
        try:
            Patient.objects.filter(pk=patient.pk).update(note="Climb stairs")
        finally:
            as_role("RESET ROLE")

    (event,) = since()
    assert (event.user_id, event.role, event.patient_id) == (admin.pk, "admin", patient.pk)


def test_that_role_reads_the_events_of_its_clinics_and_no_others() -> None:
    admin = AdminFactory()
    here = PatientFactory(clinic=Clinic.objects.administered_by(admin).get())
    there = PatientFactory()

    def seen() -> set[object]:
        as_role(f"SET ROLE {ROLE}")
        try:
            found = Event.objects.filter(patient_id__in=[here.pk, there.pk])
            return set(found.values_list("patient_id", flat=True))
        finally:
            as_role("RESET ROLE")

    with acting.inside(acting.Actor(user_id=admin.pk)):
        assert seen() == {here.pk}
    assert seen() == set()
