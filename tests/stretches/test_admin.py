import io
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from stretches.models import (
    CatalogueNote,
    CatalogueRelease,
    ConditionCode,
    Contraindication,
    Equipment,
    Movement,
    MovementRule,
    Muscle,
    RedFlagAction,
    Source,
    Stretch,
    TimingRule,
)
from tests.admin_pages import admin_url, errors_of, form_of, send
from tests.factories import (
    ClinicianFactory,
    ConditionCodeFactory,
    ContraindicationFactory,
    PatientFactory,
    StretchFactory,
    UserFactory,
)
from tests.stretches.admin_rows import EDITED, make_one, reasons
from tests.stretches.catalogues import small, written

pytestmark = pytest.mark.django_db


# Who may ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("model", [*EDITED, CatalogueRelease])
def test_every_page_works_for_an_admin(admin_client: Client, model: type[Model]) -> None:
    row = make_one(model, 1)
    addresses = [
        admin_url(model, "changelist"),
        admin_url(model, "change", row.pk),
        admin_url(model, "history", row.pk),
    ]
    if model in EDITED:
        addresses += [admin_url(model, "add"), admin_url(model, "delete", row.pk)]

    answers = {address: admin_client.get(address).status_code for address in addresses}
    searched = admin_client.get(admin_url(model, "changelist"), {"q": "one two"}).status_code

    assert set(answers.values()) == {200}, answers
    assert searched == 200


@pytest.mark.parametrize("model", [*EDITED, CatalogueRelease])
@pytest.mark.parametrize("page", ["changelist", "add", "change", "delete", "history"])
def test_others_are_turned_away(client: Client, model: type[Model], page: str) -> None:
    row = make_one(model, 1)
    url = admin_url(model, page, *([row.pk] if page not in {"changelist", "add"} else []))
    answers = []

    for person in (None, PatientFactory(user=UserFactory()).user, ClinicianFactory(), ClinicianFactory(is_staff=True)):
        if person:
            client.force_login(person)
        answers += [client.get(url).status_code, client.post(url, {"post": "yes"}).status_code]

    # To the sign-in: a visitor, a patient, a clinician. Staff without the group stand before a closed door.
    assert answers == [302, 302, 302, 302, 302, 302, 403, 403]
    assert type(row)._default_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("page", ["add", "change", "delete"])
def test_nobody_edits_a_release(page: str) -> None:
    release = make_one(CatalogueRelease, 1)
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    url = admin_url(CatalogueRelease, page, *([release.pk] if page != "add" else []))

    assert client.post(url, {"post": "yes"}).status_code == 403


def test_patients_are_not_in_the_admin(admin_client: Client) -> None:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    page = client.get(reverse("admin:index")).content.decode()

    assert "/admin/stretches/stretch/" in page
    assert "/admin/patients/" not in page
    assert "/admin/prescriptions/" not in page


# How much it costs ----------------------------------------------------------------------------------------------------
def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("model", [*EDITED, CatalogueRelease])
def test_ten_more_rows_cost_a_list_no_more_queries(admin_client: Client, model: type[Model]) -> None:
    make_one(model, 0)
    make_one(model, 1)
    url = admin_url(model, "changelist")
    queries_of(admin_client, url)
    before = queries_of(admin_client, url)

    for number in range(2, 12):
        make_one(model, number)

    assert queries_of(admin_client, url) == before


def test_ten_more_contraindications_cost_a_stretch_no_more_queries(admin_client: Client) -> None:
    stretch = ContraindicationFactory().stretch
    url = admin_url(Stretch, "change", stretch.pk)
    queries_of(admin_client, url)
    before = queries_of(admin_client, url)

    for _ in range(10):
        ContraindicationFactory(stretch=stretch)

    assert queries_of(admin_client, url) == before


# Saving ---------------------------------------------------------------------------------------------------------------
def test_an_edit_is_a_release_by_whoever_made_it(admin: User, admin_client: Client) -> None:
    make_one(CatalogueRelease, 7)
    stretch = StretchFactory(name="Towel stretch")

    response = send(admin_client, admin_url(Stretch, "change", stretch.pk), difficulty="4", notes="Slowly.")

    assert response.status_code == 302, errors_of(response)
    stretch.refresh_from_db()
    assert (stretch.difficulty, stretch.notes) == (4, "Slowly.")
    release = CatalogueRelease.objects.latest()
    assert release.reason == "Edited: stretch “Towel stretch”: Changed Notes and Difficulty."
    assert (release.version, release.released_by) == ("7", admin)
    assert stretch.history.first().history_user == admin


def test_saving_without_a_change_is_no_release(admin_client: Client, tmp_path: Any) -> None:
    path = written(small(), tmp_path)
    call_command("load_catalogue", path, stdout=io.StringIO())
    before = reasons()

    for model in (Stretch, Contraindication, ConditionCode, MovementRule, TimingRule, RedFlagAction, CatalogueNote):
        for row in model._default_manager.order_by("pk")[:3]:
            response = send(admin_client, admin_url(model, "change", row.pk))
            assert response.status_code == 302, errors_of(response)

    assert reasons() == before
    out = io.StringIO()
    call_command("load_catalogue", path, stdout=out)
    assert "differ" not in out.getvalue().splitlines()[-1]


def test_an_edit_in_the_admin_survives_the_next_load(admin_client: Client, tmp_path: Any) -> None:
    path = written(small(), tmp_path)
    call_command("load_catalogue", path, stdout=io.StringIO())
    row = Contraindication.objects.earliest("pk")
    send(admin_client, admin_url(Contraindication, "change", row.pk), rationale="Ours.\nTwo lines.")
    out = io.StringIO()

    call_command("load_catalogue", path, stdout=out)

    row.refresh_from_db()
    assert row.rationale == "Ours.\nTwo lines."
    assert "1 row differs" in out.getvalue()


@pytest.mark.parametrize("model", [Equipment, Movement, Muscle, Source, RedFlagAction, CatalogueNote])
def test_a_row_is_added(admin_client: Client, model: type[Model]) -> None:
    data = {"slug": "new", "tier": "new", "name": "New", "message": "Call.", "text": "A note.", "kind": "red_flag"}
    data |= {"citation": "Author 2026", "verification": "read"}

    response = send(admin_client, admin_url(model, "add"), **data)

    assert response.status_code == 302, errors_of(response)
    assert model._default_manager.count() == 1
    assert reasons()[0].endswith("added")


def test_a_stretch_is_added_with_a_contraindication(admin_client: Client) -> None:
    example = StretchFactory()
    data = form_of(admin_client.get(admin_url(Stretch, "change", example.pk)))
    code = ConditionCodeFactory(window_anchor="onset_date")
    added = {
        "condition_code": code.pk,
        "severity": "relative",
        "from_week": "0",
        "until_week": "6",
        "rationale": "Too early.",
        "source": example.source_id,
        "confidence": "low",
    }
    data |= {f"contraindications-0-{name}": value for name, value in added.items()}
    data |= {"name": "New", "slug": "new", "contraindications-TOTAL_FORMS": "1"}

    response = admin_client.post(admin_url(Stretch, "add"), data)

    assert response.status_code == 302, errors_of(response)
    row = Contraindication.objects.get()
    assert (row.stretch.slug, row.severity, row.origin) == ("new", "relative", "author")
    assert row.stretch.status == "draft"
    assert reasons() == ["Edited: stretch “New” added"]


def test_a_condition_is_added_below_another(admin_client: Client) -> None:
    example = ConditionCodeFactory()
    data = form_of(admin_client.get(admin_url(ConditionCode, "change", example.pk)))
    data |= {"name": "New", "slug": "new", "broader_edges-TOTAL_FORMS": "1"}
    data |= {"broader_edges-0-broader": example.pk, "broader_edges-0-is_main": "on"}

    response = admin_client.post(admin_url(ConditionCode, "add"), data)

    assert response.status_code == 302, errors_of(response)
    assert list(ConditionCode.objects.get(slug="new").broader.all()) == [example]


# Who was faster -------------------------------------------------------------------------------------------------------
def test_what_somebody_else_saved_is_not_overwritten_unseen(admin_client: Client) -> None:
    stretch = StretchFactory(name="Towel stretch", difficulty=2)
    url = admin_url(Stretch, "change", stretch.pk)
    mine = form_of(admin_client.get(url)) | {"difficulty": "4"}
    Stretch.objects.filter(pk=stretch.pk).update(difficulty=3, position="prone")

    refused = admin_client.post(url, mine)
    again = admin_client.post(url, form_of(refused))

    (words,) = errors_of(refused)[""]
    assert "Somebody else saved this while you were editing" in words
    assert "Difficulty: 3" in words
    assert "Position: Lying on the front" in words
    assert form_of(refused)["difficulty"] == "4"
    assert again.status_code == 302
    stretch.refresh_from_db()
    assert (stretch.difficulty, stretch.position) == (4, "supine")


def test_a_link_that_somebody_else_added_is_not_taken_away_unseen(admin_client: Client) -> None:
    stretch = StretchFactory()
    url = admin_url(Stretch, "change", stretch.pk)
    mine = form_of(admin_client.get(url)) | {"difficulty": "4"}
    stretch.movements.add(Movement.objects.create(slug="bending", name="Bending"))

    refused = admin_client.post(url, mine)

    assert "Movements: Bending" in errors_of(refused)[""][0]
    assert stretch.movements.count() == 1


# History --------------------------------------------------------------------------------------------------------------
def test_an_old_version_is_shown_and_cannot_be_posted_to(admin_client: Client) -> None:
    stretch = StretchFactory(difficulty=2)
    first = stretch.history.first()
    url = reverse("admin:stretches_stretch_simple_history", args=[stretch.pk, first.history_id])

    assert admin_client.get(url).status_code == 200
    assert admin_client.post(url, form_of(admin_client.get(url)) | {"difficulty": "1"}).status_code == 403
    stretch.refresh_from_db()
    assert stretch.difficulty == 2


def test_a_version_of_what_is_no_row_is_no_error(admin_client: Client) -> None:
    url = reverse("admin:stretches_stretch_simple_history", args=["abc", StretchFactory().history.first().history_id])

    assert admin_client.get(url).status_code == 302


@pytest.mark.parametrize("address", ["abc", "00000000-0000-0000-0000-000000000000", "1"])
@pytest.mark.parametrize("model", EDITED)
def test_a_row_that_is_not_there_is_no_error(admin_client: Client, model: type[Model], address: str) -> None:
    pages = [admin_url(model, page, address) for page in ("change", "delete")]

    assert {admin_client.get(page).status_code for page in pages} == {302}


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "family=%00",
        "family=x",
        "status__exact=x",
        "status__exact=%00",
        "difficulty=x",
        "p=x",
        "o=x",
        "colour=1",
    ],
)
def test_a_strange_address_of_the_list_is_no_error(admin_client: Client, query: str) -> None:
    StretchFactory()

    response = admin_client.get(f"{admin_url(Stretch, 'changelist')}?{query}", follow=True)

    assert response.status_code == 200


@pytest.mark.parametrize("term", ["", "one two", "\x00", "%", "x" * 500])
def test_whatever_is_typed_is_searched(admin_client: Client, term: str) -> None:
    query = {"app_label": "stretches", "model_name": "contraindication", "term": term}

    answers = [
        admin_client.get(reverse("admin:autocomplete"), query | {"field_name": field}).status_code
        for field in ("stretch", "condition_code", "source")
    ]

    assert answers == [200, 200, 200]
