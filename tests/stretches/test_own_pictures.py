"""A clinic's own stretch shows the picture of what it was adapted from, and costs no query more for it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Clinic
from prescriptions import showing
from prescriptions.models import Prescription
from stretches.adapting import adapt
from stretches.models import CatalogueRelease, Stretch
from tests.factories import (
    ClinicFactory,
    ClinicianFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    StretchFactory,
    TemplateLineFactory,
    TemplatePhaseFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return ClinicFactory()


@pytest.fixture
def own(clinic: Clinic) -> list[Stretch]:
    """Four of the clinic's own, reviewed, the last adapted from the third."""
    CatalogueRelease.record_edit("filled", by=ClinicianFactory(clinic=clinic))
    by = ClinicianFactory(clinic=clinic)
    own = [adapt(StretchFactory(slug=f"library-{number}"), clinic=clinic, by=by) for number in range(3)]
    own.append(adapt(own[-1], clinic=clinic, by=by))
    Stretch.objects.bulk_update([_reviewed(stretch) for stretch in own], ["status"])
    return own


def _reviewed(stretch: Stretch) -> Stretch:
    stretch.status = "reviewed"
    return stretch


def test_what_is_adapted_twice_shows_the_first_one(own: list[Stretch]) -> None:
    third, last = own[-2:]

    assert last.adapted_from == third.adapted_from
    assert last.picture_slug == third.picture_slug == "library-2"


def test_own_stretches_cost_no_query_each(client: Client, clinic: Clinic, own: list[Stretch]) -> None:
    patient = PatientFactory(clinic=clinic)
    draft = PrescriptionFactory(patient=patient, created_by=ClinicianFactory(clinic=clinic))
    phase = TemplatePhaseFactory(template__clinic=clinic)
    client.force_login(draft.created_by)
    pages = [
        reverse("prescriptions:prescription_edit", args=[draft.pk]) + "?q=stretch",
        reverse("prescriptions:prescription_activate", args=[draft.pk]),
        reverse("prescriptions:template_detail", args=[phase.template.pk]),
        reverse("prescriptions:template_line_add", args=[phase.pk]),
        reverse("stretches:stretch_list") + "?q=stretch",
    ]
    counts = []

    for some in (own[:1], own[1:]):
        for stretch in some:
            PrescribedStretchFactory(prescription=draft, stretch=stretch)
            TemplateLineFactory(phase=phase, stretch=stretch)
        counts.append([_queries(client, page) for page in pages])

    assert counts[0] == counts[1]
    assert max(counts[1]) <= 12, dict(zip(pages, counts[1], strict=True))


def test_what_is_shown_of_own_stretches_costs_no_query_each(clinic: Clinic, own: list[Stretch]) -> None:
    draft = PrescriptionFactory(patient=PatientFactory(clinic=clinic))
    counts = []

    for some in (own[:1], own[1:]):
        for stretch in some:
            PrescribedStretchFactory(prescription=draft, stretch=stretch)
        prescription = Prescription.objects.for_showing().get(pk=draft.pk)
        with CaptureQueriesContext(connection) as queries:
            routine = showing.routine_from(prescription, on=clinic.today())
            shown = [each.item.stretch.picture_version for each in routine.stretches]
        counts.append((len(shown), len(queries)))

    assert counts[1] == (4, counts[0][1])


def _queries(client: Client, page: str) -> int:
    client.get(page)  # what is kept for a version of the catalogue is read first
    with CaptureQueriesContext(connection) as queries:
        assert client.get(page).status_code == 200
    return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE")) for query in queries)
