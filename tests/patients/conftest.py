"""The cast: a clinic with its clinician, who is signed in, and one patient with one condition."""

import pytest
from django.test import Client

from tests.factories import ClinicFactory, ClinicianFactory, ConditionCodeFactory, ConditionFactory, PatientFactory


@pytest.fixture
def clinic():
    return ClinicFactory(name="Hill Road")


@pytest.fixture
def clinician(clinic):
    return ClinicianFactory(clinic=clinic, full_name="Priya Raman")


@pytest.fixture
def patient(clinic, clinician):
    return PatientFactory(clinic=clinic, clinician=clinician, full_name="Walter Brandt", email="walter@example.org")


@pytest.fixture
def herniation():
    return ConditionCodeFactory(
        slug="lumbar-disc-herniation", name="Lumbar disc herniation", synonyms="slipped disc\nruptured disc"
    )


@pytest.fixture
def condition(patient, herniation, clinician):
    return ConditionFactory(patient=patient, code=herniation, recorded_by=clinician)


@pytest.fixture
def staff(client: Client, clinician) -> Client:
    """The browser of the clinician."""
    client.force_login(clinician)
    return client
