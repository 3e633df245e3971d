"""A clinic with a clinician and a colleague, and a clinician of another clinic."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from patients.models import Patient
from tests.clinic.records import everything
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


@pytest.fixture(scope="module")
def a_whole_record(django_db_setup: None, django_db_blocker: Any) -> Iterator[Patient]:
    """One row of everything about one patient, made once; what a test does to it is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield everything(ClinicFactory.create())
        transaction.set_rollback(True)
