"""Every write leaves one event, by whichever door; what is taken back leaves none."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.test import Client
from django.urls import reverse

from accounts import acting
from accounts.models import Clinic, Membership, StaffInvitation
from audit import triggers
from audit.models import Event
from audit.tables import NOT_RECORDED, RECORDED
from patients.models import Condition, Patient
from tests.admin_pages import form_of
from tests.audit.conftest import told
from tests.factories import (
    AdminFactory,
    ClinicFactory,
    ClinicianFactory,
    ConditionFactory,
    PatientFactory,
    PrescribedStretchFactory,
    SessionLogFactory,
    StretchLogFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
Since = Callable[[], list[Event]]


@pytest.fixture
def patient() -> Patient:
    return PatientFactory(note="Walk the dog", phone="")


def sql(text: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def key(patient: Patient) -> Any:
    return patient.pk if connection.vendor == "postgresql" else patient.pk.hex


DOORS: dict[str, Callable[[Patient], Any]] = {
    "save": models.Model.save,
    "update": lambda patient: Patient.objects.filter(pk=patient.pk).update(note="Climb stairs"),
    "bulk_update": lambda patient: Patient.objects.bulk_update([patient], ["note"]),
    "raw SQL": lambda patient: sql("UPDATE patients_patient SET note = %s WHERE id = %s", "Climb stairs", key(patient)),
}


@pytest.mark.parametrize("door", DOORS)
def test_a_change_leaves_one_event_by_every_door(patient: Patient, since: Since, door: str) -> None:
    patient.note = "Climb stairs"

    DOORS[door](patient)

    (event,) = since()
    assert told(event) == ("change", "patients_patient", {"note": "Walk the dog"}, {"note": "Climb stairs"})
    assert (event.patient_id, event.clinic_id) == (patient.pk, patient.clinic_id)
    assert uuid.UUID(event.object_id) == patient.pk
    assert abs(event.at - datetime.datetime.now(datetime.UTC)) < datetime.timedelta(minutes=1)


def test_what_is_added_and_deleted_in_bulk(patient: Patient, since: Since) -> None:
    clinician = ClinicianFactory(clinic=patient.clinic)
    since()

    Condition.objects.bulk_create(
        Condition(clinic=patient.clinic, patient=patient, free_text=text, recorded_by=clinician) for text in ("A", "B")
    )
    added = since()
    Condition.objects.filter(patient=patient, free_text="A").delete()
    sql("DELETE FROM patients_condition WHERE patient_id = %s", key(patient))
    deleted = since()

    assert [(each.action, each.said["after"]["free_text"]) for each in added] == [("add", "A"), ("add", "B")]
    assert [(each.action, each.said["before"]["free_text"]) for each in deleted] == [("delete", "A"), ("delete", "B")]
    assert {each.patient_id for each in [*added, *deleted]} == {patient.pk}


def test_what_was_written_and_did_not_change_is_no_event(patient: Patient, since: Since) -> None:
    models.Model.save(patient)

    assert since() == []


def test_what_is_taken_back_leaves_nothing(patient: Patient, since: Since) -> None:
    with transaction.atomic():
        Patient.objects.filter(pk=patient.pk).update(note="Climb stairs")
        transaction.set_rollback(True)

    assert since() == []


def test_a_page_says_who_and_from_where(client: Client, patient: Patient, since: Since) -> None:
    clinician = ClinicianFactory(clinic=patient.clinic)
    client.force_login(clinician)
    since()
    said = {"free_text": "A sore knee", "clinical_status": "active", "verification_status": "confirmed"}

    answer = client.post(reverse("patients:condition_add", args=[patient.pk]), said, REMOTE_ADDR="192.0.2.7")

    assert answer.status_code == 302
    (event,) = since()
    assert (event.action, event.table_name, event.user_id, event.role) == (
        "add",
        "patients_condition",
        clinician.pk,
        "clinician",
    )
    assert (event.door, event.address, event.patient_id) == ("patients:condition_add", "192.0.2.7", patient.pk)


def test_the_admin_site_says_so(client: Client, since: Since) -> None:
    operator = UserFactory(is_staff=True, is_superuser=True)
    membership = Membership.objects.get(user=ClinicianFactory())
    client.force_login(operator)
    since()
    page = reverse("admin:accounts_membership_change", args=[membership.pk])

    answer = client.post(page, form_of(client.get(page)) | {"role": "admin"})

    assert answer.status_code == 302
    (event,) = since()
    assert told(event) == ("change", "accounts_membership", {"role": "clinician"}, {"role": "admin"})
    assert (event.user_id, event.role, event.door) == (operator.pk, "operator", "admin:accounts_membership_change")


def test_a_command_says_so(patient: Patient, since: Since) -> None:
    with acting.everywhere("tidy_notes", reason="Asked to"):
        Patient.objects.update(note="")

    (event,) = since()
    assert (event.user_id, event.role, event.door, event.reason) == (None, "command", "tidy_notes", "Asked to")


@pytest.mark.parametrize("who", ["patient", "clinician", "admin"])
def test_as_what_somebody_acts(patient: Patient, since: Since, who: str) -> None:
    """Of two roles the one that counts for what is done."""
    user = ClinicianFactory(clinic=patient.clinic)
    Membership.objects.create(user=user, clinic=patient.clinic, role="admin")
    if who == "patient":
        Patient.objects.filter(pk=patient.pk).update(user=user)
    colleague = AdminFactory()
    since()

    with acting.inside(acting.Actor(user_id=user.pk, reach=acting.Reach.ALL)):
        if who == "admin":
            Membership.objects.create(user=colleague, clinic=patient.clinic, role="clinician")
        else:
            Patient.objects.filter(pk=patient.pk).update(note="")

    assert [event.role for event in since()] == [who]


def test_the_patient_of_what_hangs_on_another_row(since: Since) -> None:
    item = PrescribedStretchFactory()
    log = StretchLogFactory(item=item, session=SessionLogFactory(prescription=item.prescription))

    events = since()

    mine = [event for event in events if event.table_name in {"routines_stretchlog", "prescriptions_prescribedstretch"}]
    assert [event.patient_id for event in mine] == [item.prescription.patient_id] * 2
    assert uuid.UUID(mine[-1].object_id) == log.pk


def test_secrets_are_not_told(since: Since) -> None:
    admin = AdminFactory()
    since()
    invitation = StaffInvitation.objects.create(
        clinic=Clinic.objects.administered_by(admin).get(),
        role="clinician",
        address="new@example.org",
        full_name="New",
        token_hash="a" * 64,
        created_by=admin,
        expires_at=datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC),
    )

    StaffInvitation.objects.filter(pk=invitation.pk).update(token_hash="b" * 64)

    added, changed = since()
    assert added.said["after"]["token_hash"] == "…"
    assert told(changed)[2:] == ({"token_hash": "…"}, {"token_hash": "…"})


def test_a_reason_is_told(patient: Patient, since: Since) -> None:
    pause = patient.stretch_pauses.create(
        clinic=patient.clinic, stretch=PrescribedStretchFactory().stretch, reason="pain"
    )

    reasons = {each.object_id.replace("-", ""): each.reason for each in since()}
    assert reasons[pause.pk.hex] == "pain"


# What there is to record ----------------------------------------------------------------------------------------------
def tables_of_clinics() -> set[str]:
    """Every table that has a clinic, as the database itself tells; histories are of rows that are on record."""
    with connection.cursor() as cursor:
        every = {each.name for each in connection.introspection.get_table_list(cursor) if each.type == "t"}
        return {
            table
            for table in every
            if not table.partition("_")[2].startswith("historical")
            and "clinic_id" in {each.name for each in connection.introspection.get_table_description(cursor, table)}
        }


def test_every_table_with_a_clinic_is_on_record_or_says_why_not() -> None:
    assert tables_of_clinics() - {"audit_event"} == set(RECORDED) | set(NOT_RECORDED)


def test_every_table_has_its_triggers() -> None:
    assert triggers.stale(connection) == []


def test_a_trigger_that_is_missing_is_noticed_and_made_again() -> None:
    names = triggers.present(connection)["patients_patient"]
    on = " ON patients_patient" if connection.vendor == "postgresql" else ""
    for name in names:
        sql(f'DROP TRIGGER "{name}"{on}')

    was_stale = triggers.stale(connection)
    call_command("migrate", verbosity=0)

    assert was_stale == ["patients_patient"]
    assert triggers.stale(connection) == []


def test_a_trigger_for_columns_of_yesterday_is_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECORDED, "patients_condition", RECORDED["patients_invitation"])

    assert triggers.stale(connection) == ["patients_condition"]


# The record itself ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("table", ["event", "seal"])
@pytest.mark.parametrize("write", ["UPDATE {} SET {} = 1", "DELETE FROM {}"])
def test_nothing_of_the_record_is_changed_by_mistake(patient: Patient, table: str, write: str) -> None:
    from audit.sealing import seal_events

    seal_events(everything=True)
    name = f"audit.{table}" if connection.vendor == "postgresql" else f"audit_{table}"

    with pytest.raises(DatabaseError, match="only ever added to"), transaction.atomic():
        sql(write.format(name, "object_id" if table == "event" else "event_id"))


def test_a_condition_of_another_clinic(since: Since) -> None:
    condition = ConditionFactory(patient=PatientFactory(clinic=ClinicFactory()))

    (event,) = [each for each in since() if each.table_name == "patients_condition"]

    assert event.clinic_id == condition.clinic_id
