"""How a prescription became what it is: version_list."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    AdminFactory,
    ClinicianFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    StretchFactory,
    UserFactory,
)
from tests.patients.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def first():
    """A prescription in force: two stretches and a message."""
    prescription = PrescriptionFactory(note="Slow and gentle.")
    for position, name in enumerate(("Towel Stretch", "Chair Stretch")):
        stretch = StretchFactory(name=name)
        PrescribedStretchFactory(prescription=prescription, stretch=stretch, position=position)
    prescription.activate(by=prescription.created_by, at=timezone.now())
    return prescription


@pytest.fixture
def clinician(first):
    return first.created_by


@pytest.fixture
def staff(client, clinician):
    client.force_login(clinician)
    return client


def next_version(before, change=None):
    draft = before.revise(by=before.created_by)
    if change:
        change(draft)
    draft.activate(by=before.created_by, at=timezone.now(), replacing=before)
    return draft


def address(prescription):
    return reverse("prescriptions:version_list", args=[prescription.pk])


def test_version_list_shows_what_each_version_changed(staff, first):
    def change(draft):
        towel, chair = draft.items.all()
        towel.target_hold_seconds, towel.note = 45, "Heel flat"
        towel.save()
        chair.delete()
        PrescribedStretchFactory(prescription=draft, stretch=StretchFactory(name="Wall Stretch"), position=3)
        draft.note = "Longer now."
        draft.save()

    second = next_version(first, change)

    latest, oldest = staff.get(address(second)).context["revisions"]
    assert (latest.prescription, latest.before, oldest.before) == (second, first, None)
    assert [str(item) for item in latest.changes.added] == ["Wall Stretch"]
    assert [str(item) for item in latest.changes.removed] == ["Chair Stretch"]
    assert [str(after) for _before, after in latest.changes.dosed_anew] == ["Towel Stretch"]
    assert [(before.note, after.note) for before, after in latest.note_changes] == [("", "Heel flat")]
    assert latest.has_new_message
    text = text_of(staff.get(address(second)))
    for words in ("Wall Stretch New", "Chair Stretch No longer", "Slow and gentle.", "Longer now.", "Heel flat"):
        assert words in text


def test_version_list_says_who_and_when_and_leads_to_each_report(staff, clinician, first):
    second = next_version(first)

    html = staff.get(address(first)).content.decode()

    for version in (first, second):
        assert f'href="{reverse("prescriptions:report_detail", args=[version.pk])}"' in html
        assert f'href="{version.get_absolute_url()}"' in html
    assert str(clinician) in html
    assert "Replaced by a new prescription" in html


def test_a_version_that_changes_nothing_says_so(staff, first):
    second = next_version(first)

    text = text_of(staff.get(address(second)))

    assert "Nothing: the same stretches, doses and messages." in text


def test_a_draft_has_no_report_yet(staff, first):
    draft = first.revise(by=first.created_by)

    html = staff.get(address(draft)).content.decode()

    assert reverse("prescriptions:report_detail", args=[first.pk]) in html
    assert reverse("prescriptions:report_detail", args=[draft.pk]) not in html


def test_the_prescriptions_page_leads_here_once_there_is_something_to_compare(staff, first):
    alone = staff.get(first.get_absolute_url()).content.decode()
    second = next_version(first)

    assert address(first) not in alone
    assert address(second) in staff.get(second.get_absolute_url()).content.decode()


@pytest.mark.parametrize("stranger", [ClinicianFactory, AdminFactory, UserFactory])
def test_a_stranger_finds_nothing(client, first, stranger):
    client.force_login(stranger())

    assert client.get(address(first)).status_code == 404


def test_a_visitor_is_sent_to_sign_in(client, first):
    assert client.get(address(first)).url.startswith(reverse("account_login"))


def test_a_wrong_method_is_refused(staff, first):
    assert staff.post(address(first)).status_code == 405


def test_more_versions_cost_no_more_queries(staff, first):
    second = next_version(first)
    with CaptureQueriesContext(connection) as few:
        staff.get(address(second))
    latest = second
    for _ in range(4):
        latest = next_version(latest)

    with CaptureQueriesContext(connection) as many:
        staff.get(address(latest))

    assert len(many) == len(few) <= 12
