"""Who may open the pages about patients, and how."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership
from patients.models import Condition, Patient
from tests.factories import (
    AdminFactory,
    ClinicianFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    UserFactory,
)
from tests.patients.pages import CONDITION_PAGES, PAGES, PATIENT_PAGES, PLAIN_PAGES, address_of, page

pytestmark = pytest.mark.django_db
ABOUT_SOMEBODY = [*PATIENT_PAGES, *CONDITION_PAGES]


def everything_stored() -> tuple[list, list]:
    return list(Patient.objects.order_by("pk").values()), list(Condition.objects.order_by("pk").values())


@pytest.mark.parametrize("name", PAGES)
def test_a_page_works(staff, condition, name):
    response = staff.get(address_of(name, condition))

    assert response.status_code == 200
    assert condition.patient.full_name in response.content.decode() or name == "patient_add"


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_a_wrong_method_is_refused(staff, condition, name, method):
    response = staff.generic(method, address_of(name, condition))

    assert (response.status_code == 405) is (method not in PAGES[name])


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_is_sent_to_sign_in(client, condition, name):
    response = client.generic(PAGES[name][-1], address_of(name, condition))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize("name", ABOUT_SOMEBODY)
@pytest.mark.parametrize("stranger", [ClinicianFactory, AdminFactory, UserFactory])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_stranger_finds_nothing(client, condition, name, stranger, method):
    client.force_login(stranger())
    before = everything_stored()

    response = client.generic(method, address_of(name, condition))

    assert response.status_code == (404 if method in PAGES[name] else 405)
    assert everything_stored() == before


@pytest.mark.parametrize("name", ABOUT_SOMEBODY)
def test_the_patient_is_a_stranger_to_the_clinicians_pages(client, condition, name):
    condition.patient.user = UserFactory()
    condition.patient.save()
    client.force_login(condition.patient.user)

    assert client.get(address_of(name, condition)).status_code == 404


@pytest.mark.parametrize("name", ABOUT_SOMEBODY)
def test_an_admin_who_treats_nobody_is_a_stranger(client, condition, name):
    client.force_login(AdminFactory(clinic=condition.clinic))

    assert client.get(address_of(name, condition)).status_code == 404


@pytest.mark.parametrize("name", ABOUT_SOMEBODY)
def test_who_left_the_clinic_is_a_stranger(staff, clinician, condition, name):
    Membership.objects.filter(user=clinician).delete()

    assert staff.get(address_of(name, condition)).status_code == 404


@pytest.mark.parametrize("name", ABOUT_SOMEBODY)
def test_what_does_not_exist_is_not_found(staff, name):
    assert staff.get(reverse(f"patients:{name}", args=[uuid.uuid4()])).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_colleague_of_the_same_clinic_may(client, condition, name):
    client.force_login(ClinicianFactory(clinic=condition.clinic))

    assert client.get(address_of(name, condition)).status_code == 200


@pytest.mark.parametrize("somebody", [AdminFactory, UserFactory])
def test_who_treats_nobody_adds_nobody(client, somebody):
    client.force_login(somebody())

    assert client.get(page("patient_add")).status_code == 404
    assert client.post(page("patient_add")).status_code == 404


def test_a_stranger_is_in_nobodys_list(client, condition):
    client.force_login(ClinicianFactory())

    response = client.get(page("patient_list"))

    assert response.status_code == 200
    assert "Walter Brandt" not in response.content.decode()


def add_rows(patient: Patient, clinician) -> None:
    """Everything that these pages list, once more."""
    ConditionFactory(patient=patient, recorded_by=clinician).record(by=clinician)
    ConditionFactory(patient=patient, code=None, free_text="Funny knee", recorded_by=clinician)
    ConditionFactory(patient=patient, clinical_status="resolved", recorded_by=clinician)
    in_force = patient.prescriptions.in_force().get()
    line = PrescribedStretchFactory(prescription=in_force)
    unsafe = ConditionFactory(patient=patient, recorded_by=clinician)
    ContraindicationFactory(stretch=line.stretch, condition_code=unsafe.code)
    PrescriptionFactory(patient=patient, status="revoked", created_by=clinician)
    other = PatientFactory(clinic=patient.clinic, clinician=ClinicianFactory(clinic=patient.clinic))
    ConditionFactory(patient=other, recorded_by=clinician)
    PrescriptionFactory(patient=other)


@pytest.mark.parametrize("name", PAGES)
def test_ten_more_rows_cost_no_more_queries(staff, clinician, condition, name):
    patient = condition.patient
    PrescriptionFactory(patient=patient, status="active", activated_by=clinician)
    PrescriptionFactory(patient=patient, created_by=clinician)
    add_rows(patient, clinician)
    with CaptureQueriesContext(connection) as few:
        staff.get(address_of(name, condition))

    for _ in range(10):
        add_rows(patient, clinician)
        condition.record(by=clinician)
    with CaptureQueriesContext(connection) as many:
        staff.get(address_of(name, condition))

    assert len(many) == len(few), "\n".join(query["sql"] for query in many)
    assert len(many) <= 12, "\n".join(query["sql"] for query in many)


@pytest.mark.parametrize("name", [*PLAIN_PAGES])
def test_a_page_about_nobody_names_no_patient_in_its_address(name):
    assert page(name) == {"patient_list": "/patients/", "patient_add": "/patients/add/"}[name]
