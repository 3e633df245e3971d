"""Moving and removing the lines of a draft."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prescriptions.models import PrescribedStretch
from tests.factories import (
    ClinicFactory,
    ClinicianFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    clinician = ClinicianFactory(clinic=ClinicFactory())
    patient = PatientFactory(clinic=clinician.memberships.get().clinic)
    return PrescriptionFactory(patient=patient, created_by=clinician)


@pytest.fixture
def clinic_client(client: Client, draft) -> Client:
    client.force_login(draft.created_by)
    return client


@pytest.fixture
def lines(draft):
    lines = PrescribedStretchFactory.create_batch(3, prescription=draft)
    for position, line in enumerate(lines):
        PrescribedStretch.objects.filter(pk=line.pk).update(position=position)
    return lines


@pytest.mark.parametrize(
    ("which", "move", "order"),
    [
        (0, "down", [1, 0, 2]),
        (2, "up", [0, 2, 1]),
        (0, "up", [0, 1, 2]),
        (2, "down", [0, 1, 2]),
        (1, "sideways", [0, 1, 2]),
    ],
)
def test_prescribed_stretch_move(clinic_client, draft, lines, which, move, order):
    url = reverse("prescriptions:prescribed_stretch_move", args=[lines[which].pk])

    response = clinic_client.post(url, {"move": move})

    assert list(draft.items.all()) == [lines[place] for place in order]
    assert response.url == reverse("prescriptions:prescription_edit", args=[draft.pk])


def test_lines_that_share_a_position_can_be_moved(clinic_client, draft):
    PrescribedStretchFactory.create_batch(3, prescription=draft)
    before = list(draft.items.all())

    clinic_client.post(reverse("prescriptions:prescribed_stretch_move", args=[before[0].pk]), {"move": "down"})

    assert list(draft.items.all()) == [before[1], before[0], before[2]]


def test_prescribed_stretch_remove(clinic_client, draft, lines):
    url = reverse("prescriptions:prescribed_stretch_remove", args=[lines[1].pk])

    assert clinic_client.post(url).status_code == 302
    assert clinic_client.post(url).status_code == 404

    assert list(draft.items.all()) == [lines[0], lines[2]]


@pytest.mark.parametrize("name", ["prescribed_stretch_move", "prescribed_stretch_remove", "prescribed_stretch_edit"])
def test_lines_of_what_is_no_draft_stay_as_they_are(clinic_client, draft, lines, name):
    draft.activate(by=draft.created_by, at=timezone.now())

    url = reverse(f"prescriptions:{name}", args=[lines[0].pk])
    response = clinic_client.post(url, {"move": "down"})

    leads_on = response.headers.get("Location") or response.content.decode()
    assert draft.get_absolute_url() in leads_on
    assert list(draft.items.all()) == lines
