"""The save door: what may be stored in a draft, whatever was posted and whoever posts at the same moment."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from patients.models import Patient
from prescriptions import drafting
from prescriptions.models import Override, PrescribedStretch, Prescription, TransitionError, UnsafePrescriptionError
from stretches.models import Stretch
from tests.factories import (
    ClinicFactory,
    ClinicianFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    StretchFactory,
)

pytestmark = pytest.mark.django_db


def said(response) -> str:
    """The messages on a page."""
    return " ".join(str(message) for message in response.context["messages"])


@pytest.fixture
def draft():
    clinician = ClinicianFactory(clinic=ClinicFactory())
    patient = PatientFactory(clinic=clinician.memberships.get().clinic)
    return PrescriptionFactory(patient=patient, created_by=clinician)


@pytest.fixture
def clinic_client(client: Client, draft) -> Client:
    client.force_login(draft.created_by)
    return client


def contraindicate(draft: Prescription, stretch: Stretch, severity: str, **kwargs):
    condition = ConditionFactory(patient=draft.patient)
    return ContraindicationFactory(stretch=stretch, condition_code=condition.code, severity=severity, **kwargs)


def decide(draft: Prescription, stretch: Stretch, **kwargs) -> Override:
    """Record a reason for everything that stands against a stretch today."""
    assessment = drafting.assess(draft, stretch, at=timezone.now())
    override = Override(
        clinic=draft.clinic,
        patient=draft.patient,
        prescription=draft,
        stretch=stretch,
        decided_by=draft.created_by,
        **{"reason": "adapted", "expires_on": draft.clinic.today(), **kwargs},
    )
    override.record(assessment)
    return override


def add(client: Client, draft: Prescription, stretch_pk: object, **data: object):
    url = reverse("prescriptions:prescribed_stretch_add", args=[draft.pk])
    return client.post(url, {"stretch": stretch_pk, **data}, follow=True)


# Adding ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("severity", "is_overridden", "is_stored"),
    [
        (None, False, True),
        ("precaution", False, True),
        ("relative", False, False),
        ("relative", True, True),
        ("absolute", False, False),
        ("absolute", True, False),
    ],
)
def test_prescribed_stretch_add_stores_what_the_rule_lets_through(
    clinic_client, draft, severity, is_overridden, is_stored
):
    stretch = StretchFactory()
    if severity:
        contraindicate(draft, stretch, severity, rationale="Mind the disc.")
    if is_overridden:
        decide(draft, stretch)

    response = add(clinic_client, draft, stretch.pk)

    assert draft.items.filter(stretch=stretch).exists() is is_stored
    assert ("Mind the disc." in said(response)) is not is_stored
    assert response.redirect_chain == [(reverse("prescriptions:prescription_edit", args=[draft.pk]), 302)]


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_what_is_not_reviewed_is_not_stored(clinic_client, draft, status):
    add(clinic_client, draft, StretchFactory(status=status).pk)

    assert not draft.items.exists()


def test_nothing_is_stored_while_the_record_has_a_problem(clinic_client, draft):
    Patient.objects.update(conditions_reviewed_on=None)

    response = add(clinic_client, draft, StretchFactory().pk)

    assert not draft.items.exists()
    assert "never reviewed" in said(response)


def test_an_override_that_expired_yesterday_no_longer_helps(clinic_client, draft):
    stretch = StretchFactory()
    contraindicate(draft, stretch, "relative")
    decide(draft, stretch, expires_on=draft.clinic.today().replace(year=2020))

    add(clinic_client, draft, stretch.pk)

    assert not draft.items.exists()


def test_an_override_does_not_cover_what_was_recorded_after_it(clinic_client, draft):
    stretch = StretchFactory()
    contraindicate(draft, stretch, "relative")
    decide(draft, stretch)
    contraindicate(draft, stretch, "relative")

    add(clinic_client, draft, stretch.pk)

    assert not draft.items.exists()


@pytest.mark.parametrize("value", ["", "nonsense", "a\0b", "0", "6e1f2a52-0d3c-4d55-9a39-0f4f6a3f2f10", "x" * 10_000])
def test_an_unknown_stretch_is_not_found(clinic_client, draft, value):
    assert add(clinic_client, draft, value).status_code == 404
    assert not draft.items.exists()


def test_the_dose_is_the_catalogues(clinic_client, draft):
    stretch = StretchFactory(default_hold_seconds=45, start_hold_seconds_min=15, repetitions=2, times_per_day=3)

    add(clinic_client, draft, stretch.pk)

    line = draft.items.get()
    assert (line.start_hold_seconds, line.target_hold_seconds, line.repetitions, line.times_per_day) == (15, 45, 2, 3)
    assert line.clinic == draft.clinic


def test_lines_keep_the_order_in_which_they_were_added(clinic_client, draft):
    stretches = StretchFactory.create_batch(3)

    for stretch in reversed(stretches):
        add(clinic_client, draft, stretch.pk)

    assert [item.stretch for item in draft.items.all()] == stretches[::-1]


def test_posted_twice_it_is_one_line(clinic_client, draft):
    stretch = StretchFactory()

    add(clinic_client, draft, stretch.pk)
    response = add(clinic_client, draft, stretch.pk)

    assert draft.items.count() == 1
    assert "already" in said(response)


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_at_once_make_one_line(draft):
    stretch = StretchFactory()
    client = Client()
    client.force_login(draft.created_by)
    cookie = client.cookies["sessionid"].value

    def post(_: int) -> int:
        own = Client()
        own.cookies["sessionid"] = cookie
        url = reverse("prescriptions:prescribed_stretch_add", args=[draft.pk])
        try:
            return own.post(url, {"stretch": stretch.pk}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(post, range(20))) == {302}

    assert draft.items.count() == 1


def test_what_is_no_draft_takes_nothing(clinic_client, draft):
    PrescribedStretchFactory(prescription=draft)
    draft.activate(by=draft.created_by, at=timezone.now())

    url = reverse("prescriptions:prescribed_stretch_add", args=[draft.pk])
    response = clinic_client.post(url, {"stretch": StretchFactory().pk})

    assert draft.items.count() == 1
    assert response.url == draft.get_absolute_url()


def test_a_line_gives_its_place_to_its_neighbour(clinic_client, draft):
    first, unsafe, last = PrescribedStretchFactory.create_batch(3, prescription=draft)
    for position, line in enumerate([first, unsafe, last]):
        PrescribedStretch.objects.filter(pk=line.pk).update(position=position)
    neighbour = StretchFactory()

    add(clinic_client, draft, neighbour.pk, instead_of=unsafe.pk)

    assert [item.stretch for item in draft.items.all()] == [first.stretch, neighbour, last.stretch]


def test_a_line_stays_when_its_neighbour_is_refused(clinic_client, draft):
    line = PrescribedStretchFactory(prescription=draft)
    refused = StretchFactory()
    contraindicate(draft, refused, "absolute")

    add(clinic_client, draft, refused.pk, instead_of=line.pk)

    assert draft.items.get() == line


def test_a_line_of_another_prescription_is_not_replaced(clinic_client, draft):
    foreign = PrescribedStretchFactory()

    response = add(clinic_client, draft, StretchFactory().pk, instead_of=foreign.pk)

    assert response.status_code == 404
    assert PrescribedStretch.objects.get() == foreign


# The doors without HTTP -----------------------------------------------------------------------------------------------
def test_the_door_says_which_issue_blocks(draft):
    stretch = StretchFactory()
    contraindication = contraindicate(draft, stretch, "absolute")

    with pytest.raises(UnsafePrescriptionError) as error:
        drafting.add(draft, stretch, at=timezone.now())

    assert [issue.contraindication for issue in error.value.issues] == [contraindication]


def test_the_door_trusts_no_status_read_before(draft):
    stale = Prescription.objects.get(pk=draft.pk)
    draft.revoke(by=draft.created_by, at=timezone.now(), reason="Wrong patient")

    with pytest.raises(TransitionError, match="revoked"):
        drafting.add(stale, StretchFactory(), at=timezone.now())


def test_the_door_trusts_no_stretch_read_before(draft):
    stale = StretchFactory()
    Stretch.objects.filter(pk=stale.pk).update(status="retired")

    with pytest.raises(UnsafePrescriptionError):
        drafting.add(draft, stale, at=timezone.now())


def test_an_action_with_an_endless_search_is_done_and_answered(client):
    prescription = PrescriptionFactory()
    client.force_login(prescription.created_by)
    stretch = StretchFactory()
    url = reverse("prescriptions:prescribed_stretch_add", args=[prescription.pk])

    response = client.post(url, {"stretch": stretch.pk, "q": "x" * 20_000})

    assert response.status_code == 302
    assert prescription.items.get().stretch == stretch
