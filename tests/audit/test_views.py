"""The screens: the record for a clinic's admin, and for a patient who looked at theirs."""

import csv
import datetime
import io
import uuid
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.field_words import FIELD_WORDS
from accounts.models import Clinic, User
from accounts.sessions import SIGNED_IN_AT
from audit.tables import IMPLIED, RECORDED
from audit.words import where_in_words
from patients.models import Patient
from tests.factories import AdminFactory, ClinicianFactory, PatientFactory, PrescribedStretchFactory, UserFactory
from tests.test_conventions import our_views

pytestmark = pytest.mark.django_db

LIST, FILE, OWN = reverse("audit:event_list"), reverse("audit:event_csv"), reverse("routines:look_list")


@pytest.fixture
def admin() -> User:
    return AdminFactory()


@pytest.fixture
def patient(admin: User) -> Patient:
    clinic = Clinic.objects.administered_by(admin).get()
    return PatientFactory(clinic=clinic, full_name="Ada Lovelace", user=UserFactory(full_name="Ada Lovelace"))


@pytest.fixture
def clinician(patient: Patient) -> User:
    return ClinicianFactory(clinic=patient.clinic, full_name="Sam Okoye")


def as_(user: User | None) -> Client:
    client = Client()
    assert user
    client.force_login(user)
    return client


def look_at(patient: Patient, clinician: User) -> None:
    assert as_(clinician).get(patient.get_absolute_url()).status_code == 200


def shown(client: Client, **asked: Any) -> list[Any]:
    answer = client.get(LIST, asked)
    assert answer.status_code == 200
    return answer.context["rows"]


def test_event_list_shows_who_looked_and_neither_name_nor_content(
    admin: User, patient: Patient, clinician: User
) -> None:
    look_at(patient, clinician)
    Patient.objects.filter(pk=patient.pk).update(note="Likes the sea")

    answer = as_(admin).get(LIST)

    first, second = answer.context["rows"][:2]
    assert (first.what, first.fields, first.patient) == ("Changed", "Note", patient.pk.hex[:8])
    assert (second.who, second.role, second.what, second.where) == (
        "Sam Okoye",
        "clinician",
        "Looked at",
        "Patient: page",
    )
    assert "patients:patient_detail" not in answer.content.decode()
    assert not {"Ada", "Lovelace", "Likes the sea"} & {
        word for word in ("Ada", "Lovelace", "Likes the sea") if word in answer.content.decode()
    }


def test_every_page_and_every_field_on_record_has_words() -> None:
    doors = {view.url_name for view in our_views()}
    columns = {
        field.name
        for model in apps.get_models()
        if model._meta.db_table in RECORDED
        for field in model._meta.local_concrete_fields
        if field.column not in IMPLIED
    }

    assert {door for door in doors if "_" in (said := where_in_words(door)) or said.startswith("No page")} == set()
    assert columns - set(FIELD_WORDS) == set()
    assert where_in_words("prescriptions:prescription_edit") == "Prescription: editing"
    assert where_in_words("send_due") == "No page: command “send_due”"


def test_event_list_is_the_admins_and_of_no_other_clinic(admin: User, patient: Patient, clinician: User) -> None:
    look_at(patient, clinician)

    assert [as_(user).get(page).status_code for user in (clinician, patient.user) for page in (LIST, FILE)] == [404] * 4
    assert as_(admin).post(LIST).status_code == 405
    assert Client().get(LIST).status_code == 302
    assert shown(as_(AdminFactory()), patient=patient.pk.hex[:8]) == []


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({"patient": "{number}"}, 2),
        ({"patient": "{id}", "action": "view"}, 1),
        ({"patient": "00000000"}, 0),
        ({"who": "{clinician}"}, 1),
        ({"who": "patients"}, 0),
        ({"who": "{clinician}", "since": "{today}", "until": "{today}"}, 1),
        ({"who": "{clinician}", "since": "{tomorrow}"}, 0),
        ({"who": "{clinician}", "until": "0001-01-01"}, 0),
        ({"who": "{clinician}", "until": "9999-12-31"}, 1),
    ],
)
def test_event_list_finds(admin: User, patient: Patient, clinician: User, asked: dict[str, str], count: int) -> None:
    look_at(patient, clinician)
    today = patient.clinic.today()
    words = {
        "number": patient.pk.hex[:8],
        "id": patient.pk,
        "clinician": clinician.pk,
        "today": today,
        "tomorrow": today + datetime.timedelta(days=1),
    }

    found = shown(as_(admin), **{name: text.format(**words) for name, text in asked.items()})

    assert len(found) == count


def test_event_list_says_beside_the_field_what_is_wrong(admin: User) -> None:
    answer = as_(admin).get(LIST, {"patient": "Ada", "since": "soon", "who": "nobody", "before": "x"})

    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"patient", "since", "who"}
    assert b'value="Ada"' in answer.content


def test_event_list_finds_a_patient_in_lists(admin: User, patient: Patient, clinician: User) -> None:
    as_(clinician).get(reverse("patients:patient_list"))

    found = [
        [row for row in shown(as_(admin), patient=number, **also) if row.event.action == "list"]
        for number in (patient.pk.hex[:8], str(patient.pk), "00000000")
        for also in ({"action": "list"}, {})
    ]

    assert [len(rows) for rows in found] == [1, 1, 1, 1, 0, 0]
    assert (found[0][0].listed, found[0][0].event.door) == (1, "patients:patient_list")


def test_event_list_does_not_tell_whose_number_a_colleague_has_as_a_patient(admin: User, patient: Patient) -> None:
    colleague = ClinicianFactory(clinic=patient.clinic)
    own = PatientFactory(clinic=patient.clinic, user=colleague)
    as_(colleague).get(reverse("own_everything_detail"))

    by_name, by_number = shown(as_(admin), who=colleague.pk), shown(as_(admin), patient=own.pk.hex[:8])

    assert [row.who for row in by_name] == []
    assert f"Patient {own.pk.hex[:8]}" in {row.who for row in by_number}


def test_a_page_of_the_catalogue_shows_patients_as_a_list_does(admin: User, patient: Patient, clinician: User) -> None:
    line = PrescribedStretchFactory(
        prescription__patient=patient, prescription__status="active", prescription__activated_at=timezone.now()
    )
    page = reverse("stretches:stretch_detail", args=[line.stretch_id])

    answer = as_(clinician).get(page)

    assert "Ada Lovelace" in answer.content.decode()
    (row,) = shown(as_(admin), who=str(clinician.pk))
    assert (row.event.action, row.listed, row.event.door) == ("list", 1, "stretches:stretch_detail")
    assert as_(patient.user).get(OWN).context["looks"][0].days == {}  # their page says that lists are not shown


def test_event_list_goes_on_and_costs_the_same(admin: User, patient: Patient) -> None:
    client = as_(admin)
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for number in range(60):
        Patient.objects.filter(pk=patient.pk).update(note=str(number))

    with CaptureQueriesContext(connection) as many:
        first = client.get(LIST)
    last = client.get(LIST, {"before": first.context["before"]})

    assert len(first.context["rows"]) == 50
    ids = [row.event.pk for answer in (first, last) for row in answer.context["rows"]]
    assert ids == sorted(set(ids), reverse=True)
    assert last.context["before"] is None
    assert len(many) == len(few) <= 12


def test_event_csv_is_the_same_and_no_formula(admin: User, patient: Patient) -> None:
    risky = ClinicianFactory(clinic=patient.clinic, full_name="=cmd|'/c calc'!A1")
    look_at(patient, risky)

    answer = as_(admin).get(FILE, {"patient": str(patient.pk), "action": "view"})

    head, row = csv.reader(io.StringIO(answer.content.decode()))
    said = dict(zip(head, row, strict=True))
    assert (said["who"], said["what"], uuid.UUID(said["patient"])) == ("'=cmd|'/c calc'!A1", "Looked at", patient.pk)
    assert datetime.datetime.fromisoformat(said["when"]).utcoffset() == datetime.timedelta()
    assert answer["Content-Type"].startswith("text/csv")


def test_event_csv_asks_who_one_is(admin: User) -> None:
    client = as_(admin)
    session = client.session
    session[SIGNED_IN_AT] = (timezone.now() - datetime.timedelta(minutes=10)).isoformat()
    session.save()

    answer = client.get(FILE)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/")


def test_look_list_tells_a_patient_who_looked(patient: Patient, clinician: User) -> None:
    look_at(patient, clinician)
    look_at(patient, clinician)
    as_(clinician).get(reverse("patients:patient_list"))
    look_at(PatientFactory(clinic=patient.clinic), clinician)
    client = as_(patient.user)
    client.get(reverse("routines:progress_detail"))

    answer = client.get(OWN)

    (looks,) = answer.context["looks"]
    ((day, lookers),) = looks.days.items()
    assert day == timezone.now().astimezone(datetime.UTC).date() or day == patient.clinic.today()
    assert [(each.name, each.role, each.looked) for each in lookers if each.name] == [("Sam Okoye", "clinician", 2)]
    assert "Looked 2 times." in answer.content.decode()
    assert OWN in client.get(reverse("routines:progress_detail")).content.decode()


def test_look_list_is_a_patients(patient: Patient, clinician: User, admin: User) -> None:
    assert [as_(user).get(OWN).status_code for user in (clinician, admin)] == [404, 404]
    assert as_(patient.user).post(OWN).status_code == 405
    assert Client().get(OWN).status_code == 302


def test_look_list_costs_the_same(patient: Patient, clinician: User) -> None:
    client = as_(patient.user)
    client.get(OWN)
    with CaptureQueriesContext(connection) as few:
        client.get(OWN)
    for _ in range(3):
        look_at(patient, clinician)
        look_at(patient, ClinicianFactory(clinic=patient.clinic))

    with CaptureQueriesContext(connection) as many:
        client.get(OWN)

    assert len(many) == len(few) <= 12
