"""Who the builder's tests are about: a clinician, a patient of the same clinic, and a draft."""

import pytest
from django.test import Client

from patients.models import Patient
from prescriptions.models import Prescription
from tests.factories import ClinicFactory, ClinicianFactory, PatientFactory, PrescriptionFactory


@pytest.fixture
def clinician():
    return ClinicianFactory(clinic=ClinicFactory())


@pytest.fixture
def patient(clinician) -> Patient:
    return PatientFactory(clinic=clinician.memberships.get().clinic)


@pytest.fixture
def draft(clinician, patient) -> Prescription:
    return PrescriptionFactory(patient=patient, created_by=clinician)


@pytest.fixture
def clinic_client(client: Client, clinician) -> Client:
    client.force_login(clinician)
    return client
