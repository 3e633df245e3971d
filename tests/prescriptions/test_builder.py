"""The builder's pages: who may open them, what is offered and what is held back, searching, the draft as it grows."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stretches.models import Movement, TimingRule
from tests.factories import (
    AdminFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    PrescribedStretchFactory,
    SourceFactory,
    StretchFactory,
    UserFactory,
)
from tests.prescriptions.acting import page, withhold

pytestmark = pytest.mark.django_db


# Who may, and how -----------------------------------------------------------------------------------------------------
METHODS = {
    "prescription_add": ["POST"],
    "prescription_edit": ["GET"],
    "message_edit": ["POST"],
    "withheld_stretch_list": ["GET"],
    "prescribed_stretch_add": ["POST"],
    "prescribed_stretch_edit": ["GET", "POST"],
    "prescribed_stretch_move": ["POST"],
    "prescribed_stretch_remove": ["POST"],
    "override_add": ["GET", "POST"],
}
CELLS = [(name, method) for name, methods in METHODS.items() for method in methods]


@pytest.fixture
def urls(draft):
    line = PrescribedStretchFactory(prescription=draft)
    other = withhold(draft.patient, "relative")
    return {
        "prescription_add": page("prescription_add", draft.patient.pk),
        "prescription_edit": page("prescription_edit", draft.pk),
        "message_edit": page("message_edit", draft.pk),
        "withheld_stretch_list": page("withheld_stretch_list", draft.pk, "excluded"),
        "prescribed_stretch_add": page("prescribed_stretch_add", draft.pk),
        "prescribed_stretch_edit": page("prescribed_stretch_edit", line.pk),
        "prescribed_stretch_move": page("prescribed_stretch_move", line.pk),
        "prescribed_stretch_remove": page("prescribed_stretch_remove", line.pk),
        "override_add": page("override_add", draft.pk, other.pk),
    }


@pytest.mark.parametrize(("name", "method"), CELLS)
@pytest.mark.parametrize("stranger", [ClinicianFactory, AdminFactory, UserFactory])
def test_a_stranger_finds_nothing_and_changes_nothing(client, urls, draft, stranger, name, method):
    client.force_login(stranger())

    response = client.generic(method, urls[name])

    assert response.status_code == 404
    assert draft.items.count() == 1


def test_an_admin_of_the_clinic_who_is_no_clinician_finds_nothing(client, urls, draft):
    client.force_login(AdminFactory(clinic=draft.clinic))

    assert {client.generic(method, urls[name]).status_code for name, method in CELLS} == {404}


def test_a_patient_does_not_reach_the_builder_of_their_own_prescription(client, urls, draft):
    draft.patient.user = UserFactory()
    draft.patient.save()
    client.force_login(draft.patient.user)

    assert {client.generic(method, urls[name]).status_code for name, method in CELLS} == {404}


@pytest.mark.parametrize(("name", "method"), CELLS)
def test_a_visitor_goes_to_the_sign_in(client, urls, name, method):
    response = client.generic(method, urls[name])

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("name", "method"),
    [
        (name, method)
        for name, methods in METHODS.items()
        for method in ["GET", "POST", "PUT", "DELETE"]
        if method not in methods
    ],
)
def test_a_wrong_method_is_refused(clinic_client, urls, name, method):
    assert clinic_client.generic(method, urls[name]).status_code == 405


def test_a_colleague_goes_on_with_the_draft(client, draft):
    client.force_login(ClinicianFactory(clinic=draft.clinic))

    assert client.get(page("prescription_edit", draft.pk)).status_code == 200


# Starting -------------------------------------------------------------------------------------------------------------
def test_prescription_add_opens_a_new_draft(clinic_client, clinician, patient):
    response = clinic_client.post(page("prescription_add", patient.pk))

    draft = patient.prescriptions.get()
    assert response.url == page("prescription_edit", draft.pk)
    assert (draft.status, draft.created_by, draft.clinic) == ("draft", clinician, patient.clinic)


def test_prescription_add_goes_on_with_the_open_draft(clinic_client, draft):
    response = clinic_client.post(page("prescription_add", draft.patient.pk))

    assert response.url == page("prescription_edit", draft.pk)


def test_prescription_add_starts_from_what_is_in_force(clinic_client, draft):
    line = PrescribedStretchFactory(prescription=draft, repetitions=7)
    draft.activate(by=draft.created_by, at=timezone.now())

    clinic_client.post(page("prescription_add", draft.patient.pk))

    revision = draft.patient.prescriptions.drafts().get()
    assert revision.replaces == draft
    assert [(item.stretch, item.repetitions) for item in revision.items.all()] == [(line.stretch, 7)]


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_at_once_make_one_draft(clinician, patient):
    client = Client()
    client.force_login(clinician)
    cookie = client.cookies["sessionid"].value

    def post(_: int) -> int:
        own = Client()
        own.cookies["sessionid"] = cookie
        try:
            return own.post(page("prescription_add", patient.pk)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(post, range(20))) == {302}

    assert patient.prescriptions.count() == 1


@pytest.mark.parametrize("name", ["prescription_edit", "withheld_stretch_list"])
def test_a_prescription_that_is_no_draft_leads_to_its_page(clinic_client, urls, draft, name):
    draft.activate(by=draft.created_by, at=timezone.now())

    plain = clinic_client.get(urls[name])
    swapped = clinic_client.get(urls[name], headers={"HX-Request": "true"})

    assert plain.url == draft.get_absolute_url()
    assert swapped.headers["HX-Redirect"] == draft.get_absolute_url()


# The draft ------------------------------------------------------------------------------------------------------------
def test_the_draft_shows_doses_minutes_and_how_many_are_kept_up(clinic_client, draft):
    for _ in range(5):
        PrescribedStretchFactory(prescription=draft, target_hold_seconds=55)

    content = clinic_client.get(page("prescription_edit", draft.pk)).content.decode()

    assert "hold 10 seconds, building up to 55 seconds" in content
    assert "<strong>30</strong> min a day" in content  # 5 stretches × 3 times × 2 sides × (55 s + 5 s)
    assert "More than 4" in content


@pytest.mark.parametrize(("count", "words"), [(1, "Up to 4"), (4, "Up to 4"), (5, "More than 4"), (7, "More than 6")])
def test_the_count_is_held_against_the_evidence(clinic_client, draft, count, words):
    PrescribedStretchFactory.create_batch(count, prescription=draft)

    assert words in clinic_client.get(page("prescription_edit", draft.pk)).content.decode()


def test_a_line_that_became_unsafe_is_flagged_with_its_neighbour_and_stops_the_way_on(clinic_client, draft):
    line = PrescribedStretchFactory(prescription=draft)
    neighbour = StretchFactory()
    assert "Review and activate" in clinic_client.get(page("prescription_edit", draft.pk)).content.decode()
    withhold(draft.patient, "absolute", line.stretch, rationale="New finding.")

    content = clinic_client.get(page("prescription_edit", draft.pk)).content.decode()

    assert "New finding." in content
    assert "Review and activate" not in content
    assert f'name="instead_of" value="{line.pk}"' in content
    assert content.count(f'value="{neighbour.pk}"') == 2  # among the offers, and instead of the line


@pytest.mark.parametrize(("has_movement", "is_shown"), [(True, True), (False, False)])
def test_a_line_shows_when_in_the_day_it_is_wise(clinic_client, draft, has_movement, is_shown):
    disc = ConditionCodeFactory()
    ConditionFactory(patient=draft.patient, code=ConditionCodeFactory(broader=[disc]))
    rule = TimingRule.objects.create(
        condition_code=disc, advice="Not within an hour of getting up.", source=SourceFactory(), confidence="medium"
    )
    bending = Movement.objects.create(slug="bending", name="Bending")
    rule.movements.add(bending)
    line = PrescribedStretchFactory(prescription=draft)
    if has_movement:
        line.stretch.movements.add(bending)

    content = clinic_client.get(page("prescription_edit", draft.pk)).content.decode()

    assert ("Not within an hour" in content) is is_shown
    assert (rule.source.citation in content) is is_shown
