"""Adding a patient, and correcting one."""

import datetime
import threading
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from patients.models import Patient
from patients.versions import as_seen
from tests.factories import AdminFactory, ClinicFactory, ClinicianFactory, ConditionFactory, PatientFactory
from tests.patients.pages import hidden, messages_of, page, patient_data, text_of

pytestmark = pytest.mark.django_db
PARTICULARS = ["full_name", "born_on", "email", "phone", "clinician", "note"]
STORED = [*PARTICULARS[:4], "language", *PARTICULARS[4:]]


def edit_data(patient: Patient, **changes: str) -> dict[str, str]:
    stored = {name: str(getattr(patient, name) or "") for name in STORED}
    stored["clinician"] = str(patient.clinician_id or "")
    return {**stored, "seen": as_seen([patient], STORED), **changes}


def tomorrow_everywhere() -> str:
    return (timezone.now().date() + datetime.timedelta(days=2)).isoformat()


# What is stored -------------------------------------------------------------------------------------------------------
def test_patient_add_stores_and_leads_to_the_next_step(staff, clinic, clinician):
    data = patient_data(email="w@example.org", phone="01632 960 001", clinician=clinician.pk, note="Garden again")

    response = staff.post(page("patient_add"), data, follow=True)

    patient = Patient.objects.get()
    assert response.redirect_chain == [(patient.get_absolute_url(), 302)]
    assert (patient.full_name, patient.born_on) == ("Walter Brandt", datetime.date(1960, 5, 5))
    assert (patient.email, patient.phone, patient.note) == ("w@example.org", "01632 960 001", "Garden again")
    assert (patient.clinic, patient.clinician) == (clinic, clinician)
    assert patient.history.get().history_user == clinician
    assert "Record the conditions next" in messages_of(response)[0]
    assert "Next: record the conditions of Walter Brandt" in text_of(response)


def test_patient_add_offers_oneself_as_the_clinician(staff, clinician):
    response = staff.get(page("patient_add"))

    assert f'<option value="{clinician.pk}" selected>' in response.content.decode()


def test_patient_add_asks_for_the_clinic_only_who_has_several(staff, clinician, clinic):
    assert "clinic" not in staff.get(page("patient_add")).context["form"].fields

    other = ClinicFactory()
    Membership.objects.create(user=clinician, clinic=other, role=Membership.Role.CLINICIAN)
    without = staff.post(page("patient_add"), patient_data())
    staff.post(page("patient_add"), patient_data(clinic=other.pk))

    assert without.context["form"].errors["clinic"] == ["This field is required."]
    assert Patient.objects.get().clinic == other


def test_patient_add_refuses_a_clinic_of_others(staff, clinician):
    mine, theirs = ClinicFactory(), ClinicFactory()
    Membership.objects.create(user=clinician, clinic=mine, role=Membership.Role.CLINICIAN)

    response = staff.post(page("patient_add"), patient_data(clinic=theirs.pk))

    assert "Select a valid choice" in text_of(response)
    assert not Patient.objects.exists()


def test_patient_add_ignores_a_clinic_where_there_is_no_choice(staff, clinic):
    staff.post(page("patient_add"), patient_data(clinic=ClinicFactory().pk))

    assert Patient.objects.get().clinic == clinic


def test_patient_edit_stores_the_change_and_keeps_what_it_said(staff, clinician, patient):
    response = staff.post(page("patient_edit", patient), edit_data(patient, phone="01632 960 002"), follow=True)

    patient.refresh_from_db()
    assert response.redirect_chain == [(patient.get_absolute_url(), 302)]
    assert patient.phone == "01632 960 002"
    assert [(each.phone, each.history_user) for each in patient.history.all()] == [
        ("01632 960 002", clinician),
        ("", None),
    ]


def test_patient_edit_neither_asks_for_the_clinic_nor_moves_to_another(staff, clinician, patient):
    other = ClinicFactory()
    Membership.objects.create(user=clinician, clinic=other, role=Membership.Role.CLINICIAN)

    staff.post(page("patient_edit", patient), edit_data(patient, clinic=str(other.pk), phone="1"))

    stored = Patient.objects.get()
    assert (stored.clinic, stored.phone) == (patient.clinic, "1")


def test_an_edit_leaves_alone_what_it_does_not_show(clinician, patient):
    opened = Patient.objects.get()
    seen = as_seen([opened], PARTICULARS)
    patient.record_review(by=clinician, on=datetime.date(2026, 1, 1))

    opened.phone = "1"
    opened.edit(by=clinician, fields=PARTICULARS, seen=seen)

    stored = Patient.objects.get()
    assert (stored.phone, stored.conditions_reviewed_on) == ("1", datetime.date(2026, 1, 1))
    assert stored.history.first().conditions_reviewed_on == datetime.date(2026, 1, 1)


# What is refused: a message beside the field, nothing stored, nothing lost --------------------------------------------
BAD = [
    ("full_name", "", "This field is required."),
    ("full_name", "   ", "This field is required."),
    ("full_name", "x" * 151, "at most 150 characters"),
    ("full_name", "Wal\x00ter", "Null characters are not allowed."),
    ("born_on", "", "This field is required."),
    ("born_on", "yesterday", "Enter a valid date."),
    ("born_on", "1960-02-30", "Enter a valid date."),
    ("born_on", "1960-05-05\x00", "Enter a valid date."),
    ("born_on", "1899-12-31", "before 1900"),
    ("born_on", tomorrow_everywhere(), "lies in the future"),
    ("email", "walter", "Enter a valid email address."),
    ("email", "w" * 250 + "@example.org", "254 characters"),
    ("email", "w\x00@example.org", "Enter a valid email address."),
    ("phone", "1" * 41, "at most 40 characters"),
    ("phone", "\x00", "Null characters are not allowed."),
    ("note", "x" * 2001, "at most 2000 characters"),
    ("note", "x\x00", "Null characters are not allowed."),
    ("clinician", "not-an-id", "Select a valid choice."),
    ("clinician", "\x00", "Select a valid choice."),
    ("clinician", "0d5e7a1e-0000-4000-8000-000000000000", "Select a valid choice."),
]


@pytest.mark.parametrize(("field", "value", "complaint"), BAD)
def test_patient_add_says_beside_the_field_what_is_wrong(staff, field, value, complaint):
    data = patient_data(phone="01632 960 001", note="Garden again") | {field: value}

    response = staff.post(page("patient_add"), data)

    form = response.context["form"]
    assert response.status_code == 422
    assert list(form.errors) == [field]
    assert complaint in form.errors[field][0]
    assert f'id="error_1_id_{field}"' in response.content.decode()
    assert all(form[name].value() == data[name] for name in PARTICULARS)
    assert not Patient.objects.exists()


@pytest.mark.parametrize(("field", "value", "complaint"), BAD)
def test_patient_edit_says_beside_the_field_what_is_wrong(staff, patient, field, value, complaint):
    data = edit_data(patient, phone="01632 960 001") | {field: value}

    response = staff.post(page("patient_edit", patient), data)

    form = response.context["form"]
    assert response.status_code == 422
    assert complaint in form.errors[field][0]
    assert all(form[name].value() == data[name] for name in PARTICULARS)
    assert patient.history.count() == 1
    assert ">Walter Brandt</a>" in response.content.decode()  # the way back still says who it is


def test_an_empty_form_is_refused(staff):
    response = staff.post(page("patient_add"), {"unrelated": ""})

    assert list(response.context["form"].errors) == ["full_name", "born_on"]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_today_is_the_clinics(staff, clinic, zone):
    clinic.time_zone = zone
    clinic.save()
    today = timezone.now().astimezone(ZoneInfo(zone)).date()

    staff.post(page("patient_add"), patient_data(born_on=today.isoformat()))
    response = staff.post(page("patient_add"), patient_data(born_on=(today + datetime.timedelta(days=1)).isoformat()))

    assert Patient.objects.get().born_on == today
    assert "lies in the future" in text_of(response)


def somebody_elsewhere(clinic):
    return ClinicianFactory()


def an_admin_here(clinic):
    return AdminFactory(clinic=clinic)


def who_was_locked_out(clinic):
    return ClinicianFactory(clinic=clinic, is_active=False)


@pytest.mark.parametrize("somebody", [somebody_elsewhere, an_admin_here, who_was_locked_out])
def test_only_a_clinician_of_the_clinic_treats_its_patients(staff, clinic, patient, somebody):
    other = somebody(clinic)

    added = staff.post(page("patient_add"), patient_data(full_name="Ana", clinician=other.pk))
    edited = staff.post(page("patient_edit", patient), edit_data(patient, clinician=str(other.pk)))

    assert "Select a valid choice" in added.context["form"].errors["clinician"][0]
    assert "Select a valid choice" in edited.context["form"].errors["clinician"][0]
    assert Patient.objects.get().clinician != other


def test_a_clinician_of_ones_other_clinic_is_refused(staff, clinician, clinic):
    other = ClinicFactory()
    Membership.objects.create(user=clinician, clinic=other, role=Membership.Role.CLINICIAN)
    colleague_there = ClinicianFactory(clinic=other)

    response = staff.post(page("patient_add"), patient_data(clinic=clinic.pk, clinician=colleague_there.pk))

    assert response.context["form"].errors == {"clinician": ["This person is no clinician of Hill Road."]}
    assert not Patient.objects.exists()


def test_a_clinician_who_left_stays_until_somebody_else_is_chosen(staff, clinic, patient):
    left = ClinicianFactory(clinic=clinic)
    patient.clinician = left
    patient.save()
    Membership.objects.filter(user=left).delete()

    response = staff.get(page("patient_edit", patient))
    staff.post(page("patient_edit", patient), edit_data(patient, phone="1"))

    assert f'<option value="{left.pk}" selected>' in response.content.decode()
    assert Patient.objects.get().clinician == left


# The same twice -------------------------------------------------------------------------------------------------------
def test_the_same_form_sent_twice_adds_one_patient(staff):
    data = patient_data(new_id=hidden(staff.get(page("patient_add")), "new_id"))

    responses = [staff.post(page("patient_add"), data) for _ in range(20)]

    patient = Patient.objects.get()
    assert {response.url for response in responses} == {patient.get_absolute_url()}
    assert patient.history.count() == 1


def test_another_person_under_the_same_id_is_another_patient_and_added_once_too(staff):
    new_id = str(uuid.uuid4())
    names = ("Anna One", "Bert Two")
    data = [patient_data(new_id=new_id, full_name=name, confirms_namesake="on") for name in names]

    urls = [staff.post(page("patient_add"), sent).url for sent in (*data, *data)]

    assert sorted(Patient.objects.values_list("full_name", flat=True)) == ["Anna One", "Bert Two"]
    assert urls[:2] == urls[2:]


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_at_once_adds_one_patient(clinician):
    data = patient_data(new_id=str(uuid.uuid4()))
    statuses = []

    def send() -> None:
        client = Client()
        client.force_login(clinician)
        statuses.append(client.post(page("patient_add"), data).status_code)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses == [302] * 4
    assert Patient.objects.count() == 1


def test_an_id_of_another_clinics_patient_gives_nothing_away(staff, clinic):
    theirs = PatientFactory(full_name="Somebody Else")

    response = staff.post(page("patient_add"), patient_data(new_id=str(theirs.pk)))

    mine = Patient.objects.get(clinic=clinic)
    assert response.url == mine.get_absolute_url()
    theirs.refresh_from_db()
    assert theirs.full_name == "Somebody Else"


@pytest.mark.parametrize("new_id", ["", "nonsense", "\x00"])
def test_an_id_that_is_none_is_nobodys_fault(staff, new_id):
    staff.post(page("patient_add"), patient_data(new_id=new_id))

    assert Patient.objects.count() == 1


def test_a_namesake_is_pointed_out_and_may_be_added_all_the_same(staff, clinic):
    namesake = PatientFactory(clinic=clinic, full_name="Walter Brandt", born_on=datetime.date(1960, 5, 5))
    data = patient_data(full_name="walter brandt")

    asked = staff.post(page("patient_add"), data)
    assert "There is a patient with this name and date of birth already." in asked.context["form"].errors["full_name"]
    assert f'href="{namesake.get_absolute_url()}"' in asked.content.decode()
    assert 'type="checkbox" name="confirms_namesake"' in asked.content.decode()
    assert Patient.objects.count() == 1

    staff.post(page("patient_add"), data | {"confirms_namesake": "on"})
    assert Patient.objects.count() == 2


def test_a_namesake_at_another_clinic_is_nobodys_business(staff, clinic):
    PatientFactory(full_name="Walter Brandt", born_on=datetime.date(1960, 5, 5))

    staff.post(page("patient_add"), patient_data())

    assert Patient.objects.filter(clinic=clinic).count() == 1


# Somebody else was faster ---------------------------------------------------------------------------------------------
def test_a_stale_edit_is_shown_beside_what_is_stored(staff, patient):
    form = edit_data(patient, phone="typed")
    staff.post(page("patient_edit", patient), edit_data(patient, phone="stored", note="Stored too"))

    response = staff.post(page("patient_edit", patient), form)

    assert response.status_code == 409
    assert "Phone: stored by now is stored , you typed typed" in text_of(response)
    assert "Goal or note: stored by now is Stored too , you typed nothing" in text_of(response)
    assert response.context["form"]["phone"].value() == "typed"
    assert Patient.objects.get().phone == "stored"

    again = staff.post(page("patient_edit", patient), form | {"seen": hidden(response, "seen")})
    assert again.status_code == 302
    assert Patient.objects.get().phone == "typed"


def test_an_edit_that_does_not_say_what_it_saw_is_stale(staff, patient):
    response = staff.post(page("patient_edit", patient), edit_data(patient, phone="1", seen=""))

    assert response.status_code == 409
    assert Patient.objects.get().phone == ""


def test_an_edit_is_not_stale_because_of_what_it_does_not_show(staff, clinician, patient):
    form = edit_data(patient, phone="1")
    ConditionFactory(patient=patient).record(by=clinician)
    patient.record_review(by=clinician, on=patient.clinic.today())

    assert staff.post(page("patient_edit", patient), form).status_code == 302
