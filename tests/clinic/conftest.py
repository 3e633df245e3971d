"""A clinic with a clinician and a colleague, and a clinician of another clinic."""

import pytest

from tests.factories import ClinicFactory, ClinicianFactory


@pytest.fixture
def clinic():
    return ClinicFactory(name="Hill Road")


@pytest.fixture
def clinician(clinic):
    return ClinicianFactory(clinic=clinic, full_name="Priya Raman")


@pytest.fixture
def colleague(clinic):
    return ClinicianFactory(clinic=clinic, full_name="Anders Holm")


@pytest.fixture
def stranger():
    return ClinicianFactory()


@pytest.fixture
def staff(client, clinician):
    """The browser of the clinician."""
    client.force_login(clinician)
    return client
