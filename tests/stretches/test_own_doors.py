"""What is another clinic's own is found through no door, and nobody but a library admin touches the library."""

import dataclasses
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import Clinic, User
from stretches.models import (
    CatalogueRelease,
    Contraindication,
    Movement,
    MovementRule,
    Muscle,
    Source,
    Stretch,
    StretchPhoto,
    StretchVideo,
)
from tests.admin_pages import admin_url, confirm, errors_of, form_of, send
from tests.factories import (
    AdminFactory,
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescriptionFactory,
    StretchFactory,
    TemplatePhaseFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

SECRET = "Bellwether"
"""In every word that clinic B wrote."""


@dataclasses.dataclass
class Stage:
    """Two clinics, a stretch of the library, and what clinic B has of its own."""

    a: Clinic
    b: Clinic
    shared: Stretch
    shared_row: Contraindication
    theirs: Stretch
    their_row: Contraindication
    their_row_on_shared: Contraindication
    their_video: StretchVideo

    @property
    def rows(self) -> list[Any]:
        return [self.theirs, self.their_row, self.their_row_on_shared, self.their_video]


@pytest.fixture
def stage() -> Stage:
    a, b = ClinicFactory(name="Clinic A"), ClinicFactory(name=f"Clinic {SECRET}")
    shared_row = ContraindicationFactory(stretch__name="Shared stretch", severity="relative")
    theirs = StretchFactory(clinic=b, name=f"{SECRET} stretch", slug="their-stretch", notes=SECRET)
    their_row = ContraindicationFactory(stretch=theirs, rationale=f"{SECRET} reason")
    on_shared = ContraindicationFactory(stretch=shared_row.stretch, clinic=b, rationale=f"{SECRET} on shared")
    video = StretchVideo.objects.create(stretch=theirs, provider="youtube", video_id=SECRET)
    boss = AdminFactory(clinic=b)
    CatalogueRelease.record_edit("stretch “Shared” changed", by=UserFactory())
    CatalogueRelease.record_edit(f"stretch “{SECRET} stretch” added", by=boss, clinic_id=b.pk)
    Contraindication.history.update(history_user=boss)
    return Stage(a, b, shared_row.stretch, shared_row, theirs, their_row, on_shared, video)


def admin_of(clinic: Clinic) -> User:
    """A clinic's admin with no other right: not even the flag that opens the admin site."""
    return AdminFactory(clinic=clinic, is_staff=False)


def library_admin_of(clinic: Clinic) -> User:
    """Somebody who is both."""
    person = AdminFactory(clinic=clinic)
    person.let_edit_catalogue()
    return person


def library_admin(clinic: Clinic) -> User:
    """Who edits the library, and works in no clinic."""
    person = UserFactory()
    person.let_edit_catalogue()
    return person


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


# Seeing ---------------------------------------------------------------------------------------------------------------
def admin_pages(model: Any, *ids: object) -> dict[str, str]:
    """Every address of a model's admin, whatever pages it has, with these ids in it."""
    found = {}
    for pattern in admin.site._registry[model].get_urls():
        try:
            found[pattern.name or str(pattern.pattern)] = reverse(f"admin:{pattern.name}", args=ids)
        except NoReverseMatch:
            continue
    return found


@pytest.mark.parametrize("who", [admin_of, library_admin_of, library_admin])
def test_no_page_of_the_admin_shows_what_is_another_clinics(who: Any, stage: Stage) -> None:
    client = signed_in(who(stage.a))
    models = [model for model in admin.site._registry if model._meta.app_label == "stretches"]
    addresses = [reverse("admin:index"), reverse("admin:app_list", args=["stretches"])]
    for model in models:
        addresses += admin_pages(model).values()
        for row in model._default_manager.exclude(pk__in=[row.pk for row in stage.rows if type(row) is model])[:3]:
            addresses += admin_pages(model, row.pk).values()

    answers = {address: client.get(address, follow=True).content.decode() for address in addresses}

    assert len(answers) > 30
    assert [address for address, content in answers.items() if SECRET in content] == []


@pytest.mark.parametrize("who", [admin_of, library_admin_of, library_admin])
def test_what_is_another_clinics_is_answered_like_what_is_not_there(who: Any, stage: Stage) -> None:
    client = signed_in(who(stage.a))
    for row in stage.rows:
        gone = "00000000-0000-0000-0000-000000000000" if isinstance(row, Stretch | StretchVideo) else 999_999
        theirs, missing = admin_pages(type(row), row.pk), admin_pages(type(row), gone)
        version = row.history.first().history_id
        theirs |= admin_pages(type(row), row.pk, version)
        missing |= admin_pages(type(row), gone, version)
        for name in theirs:
            for send_it in (client.get, client.post):
                answer, nothing = send_it(theirs[name]), send_it(missing[name])

                assert answer.status_code == nothing.status_code in {302, 404}, name
                follow = client.get(answer.url).content.decode() if answer.status_code == 302 else ""
                assert SECRET not in follow


def test_an_own_row_that_was_deleted_keeps_its_history_to_its_clinic(stage: Stage) -> None:
    pk = stage.their_row_on_shared.pk
    stage.their_row_on_shared.delete()
    url = admin_url(Contraindication, "history", pk)

    assert signed_in(admin_of(stage.b)).get(url).status_code == 200
    assert signed_in(library_admin_of(stage.a)).get(url).status_code == 404


def test_no_search_and_no_choice_finds_it(stage: Stage) -> None:
    client = signed_in(library_admin_of(stage.a))
    choices = reverse("admin:autocomplete")
    asked = {"app_label": "stretches", "model_name": "contraindication", "field_name": "stretch", "term": SECRET}
    easier = asked | {"model_name": "stretch", "field_name": "easier"}

    for model in (Stretch, Contraindication, CatalogueRelease):
        assert client.get(admin_url(model, "changelist"), {"q": SECRET}).context["cl"].result_count == 0
    assert [client.get(choices, query).json()["results"] for query in (asked, easier)] == [[], []]


def test_no_address_of_a_list_asks_through_what_points_to_a_row(stage: Stage) -> None:
    """A list narrowed to “whatever has contraindication 7” would tell that 7 exists, and about which stretch it is."""
    client = signed_in(library_admin_of(stage.a))
    secret = stage.their_row_on_shared
    questions: list[tuple[Any, dict[str, Any]]] = [
        (Stretch, {"contraindications": secret.pk}),
        (Stretch, {"contraindications__id__exact": secret.pk}),
        (Stretch, {"adaptations": stage.theirs.pk}),
        (type(secret.condition_code), {"contraindications": secret.pk}),
        (Source, {"contraindication": secret.pk}),
        (Muscle, {"stretches": stage.theirs.pk}),
    ]

    for model, query in questions:
        answer = client.get(admin_url(model, "changelist"), query)
        assert answer.status_code in {302, 400}, query


def test_no_count_tells_of_it(stage: Stage) -> None:
    client = signed_in(library_admin_of(stage.a))

    stretches = client.get(admin_url(Stretch, "changelist")).context["cl"].queryset
    muscles = client.get(admin_url(Muscle, "changelist")).context["cl"].queryset

    assert {str(row): row.contraindication_count for row in stretches} == {"Shared stretch": 1}
    assert {row.stretch_count for row in muscles} == {1}


@pytest.mark.parametrize("who", [admin_of, library_admin, lambda clinic: ClinicianFactory(clinic=clinic)])
def test_the_picture_of_an_own_stretch_is_for_its_clinic(who: Any, stage: Stage) -> None:
    url = reverse("stretches:stretch_picture", args=[stage.theirs.pk])
    patients = [PatientFactory(clinic=clinic, user=UserFactory()).user for clinic in (stage.a, stage.b)]

    assert signed_in(who(stage.a)).get(url).status_code == 404
    assert signed_in(ClinicianFactory(clinic=stage.b)).get(url).status_code == 200
    assert [signed_in(person).get(url).status_code for person in patients] == [404, 200]
    Stretch.objects.update(status="draft")
    assert signed_in(patients[1]).get(url).status_code == 404


def said_on(client: Client, page: str) -> list[str]:
    """The lines of a page's own part: around it stand tokens, and the seconds that are left."""
    return client.get(page).content.decode().partition("<main")[2].partition("</main>")[0].splitlines()


def test_no_page_of_the_catalogue_is_another_by_what_another_clinic_adds(stage: Stage) -> None:
    client, row = signed_in(ClinicianFactory(clinic=stage.a)), stage.shared_row
    pages = [reverse(f"stretches:{name}") for name in ("stretch_list", "condition_code_list", "source_list")]
    pages += [each.get_absolute_url() for each in (row.stretch, row.condition_code, row.source)]
    before = [said_on(client, page) for page in pages]

    harder = StretchFactory(clinic=stage.b, source=row.source, difficulty=5)
    harder.easier.add(row.stretch)
    theirs = {"clinic": stage.b, "source": row.source, "severity": "absolute"}
    ContraindicationFactory(**theirs, stretch=row.stretch, condition_code=row.condition_code)

    assert all(before)
    assert [said_on(client, page) for page in pages] == before


def test_a_photo_does_not_begin_with_another_clinics_stretch(stage: Stage) -> None:
    mine = StretchFactory(clinic=stage.a, name="Mine")

    for who in (admin_of, library_admin_of, library_admin):
        page = signed_in(who(stage.a)).get(admin_url(StretchPhoto, "add"), {"stretch": str(stage.theirs.pk)})
        assert SECRET not in page.content.decode()
    begun = signed_in(admin_of(stage.a)).get(admin_url(StretchPhoto, "add"), {"stretch": str(mine.pk)})
    assert "Mine" in begun.content.decode()


def test_who_writes_a_rule_is_not_told_of_another_clinics_stretches(stage: Stage) -> None:
    tilt = Movement.objects.create(slug="tilt", name="Pelvic tilt")
    for stretch in (stage.shared, stage.theirs):
        stretch.movements.add(tilt)
    client = signed_in(library_admin(stage.a))
    rule = {"condition_code": ConditionCodeFactory().pk, "movements": [tilt.pk], "severity": "absolute"}
    rule |= {"rationale": "It loads.", "source": stage.shared.source_id, "confidence": "high", "settling": "later"}

    answer = send(client, admin_url(MovementRule, "add"), **rule)
    told = client.get(answer["Location"]).content.decode()

    assert set(Stretch.objects.values_list("status", flat=True)) == {"draft"}
    assert "Back to draft until everything about it is decided: “Shared stretch”." in told
    assert SECRET not in told


# Touching -------------------------------------------------------------------------------------------------------------
def as_stored() -> list[Any]:
    return [*Stretch.objects.order_by("pk").values(), *Contraindication.objects.order_by("pk").values()]


def test_a_clinics_admin_changes_and_deletes_nothing_of_the_library(stage: Stage) -> None:
    client = signed_in(admin_of(stage.a))
    before = as_stored()
    answers = []

    film = StretchVideo.objects.create(stretch=stage.shared, provider="youtube", video_id="abcdefghijk")
    for row in (stage.shared, stage.shared_row, film):
        data = form_of(signed_in(library_admin(stage.a)).get(admin_url(type(row), "change", row.pk)))
        data |= {"severity": "precaution", "name": "Mine", "status": "retired", "_popup": "1"}
        answers += [client.post(admin_url(type(row), page, row.pk), data).status_code for page in ("change", "delete")]
    actions = list(client.get(admin_url(Stretch, "changelist")).context["cl"].model_admin.actions)
    for action in actions:
        chosen = {"action": action, "_selected_action": [str(stage.shared.pk)]}
        client.post(admin_url(Stretch, "changelist"), chosen, follow=True)

    assert answers == [403] * 6
    assert StretchVideo.objects.count() == 2
    assert actions
    assert as_stored() == before


def test_an_action_reaches_own_rows_only_however_it_is_confirmed(stage: Stage) -> None:
    mine = StretchFactory(clinic=stage.a, name="Mine")
    client = signed_in(admin_of(stage.a))
    chosen = [str(stretch.pk) for stretch in (mine, stage.shared, stage.theirs)]

    question = client.post(admin_url(Stretch, "changelist"), {"action": "retire", "_selected_action": chosen})
    assert confirm(client, question).status_code == 302

    statuses = dict(Stretch.objects.values_list("name", "status"))
    assert statuses == {"Mine": "retired", "Shared stretch": "reviewed", f"{SECRET} stretch": "reviewed"}


def test_a_clinics_admin_reads_the_library(stage: Stage) -> None:
    client = signed_in(admin_of(stage.a))

    page = client.get(admin_url(Stretch, "change", stage.shared.pk))

    assert page.status_code == 200
    assert "Bending forward loads the disc." in page.content.decode()
    assert "_save" not in page.content.decode()


def test_a_clinics_admin_gives_nothing_to_another_clinic_or_to_the_library(stage: Stage) -> None:
    client = signed_in(admin_of(stage.a))
    url = admin_url(Contraindication, "add")
    row = {"stretch": stage.shared.pk, "condition_code": ConditionCodeFactory().pk, "severity": "absolute"}
    row |= {"rationale": "So.", "source": stage.shared.source_id, "confidence": "low", "origin": "author"}

    given = [errors_of(send(client, url, **row, clinic=owner)) for owner in (stage.b.pk, "", None)]
    about = errors_of(send(client, url, **row | {"stretch": stage.theirs.pk}, clinic=stage.a.pk))

    assert [set(errors) for errors in given] == [{"clinic"}] * 3
    assert about["stretch"] == ["Select a valid choice. That choice is not one of the available choices."]
    assert Contraindication.objects.count() == 3


def test_an_own_row_is_written_beside_the_librarys_and_holds_there_only(stage: Stage) -> None:
    client = signed_in(admin_of(stage.a))
    row = {"stretch": stage.shared.pk, "condition_code": stage.shared_row.condition_code_id, "clinic": stage.a.pk}
    row |= {"rationale": "We have seen it.", "source": stage.shared.source_id, "confidence": "low", "origin": "author"}

    refused = send(client, admin_url(Contraindication, "add"), **row, severity="precaution")
    stricter = send(client, admin_url(Contraindication, "add"), **row, severity="absolute")

    assert errors_of(refused)["severity"] == [
        "The library says as much already. A row of your own can only be stricter than it."
    ]
    assert stricter.status_code == 302, errors_of(stricter)
    assert Contraindication.objects.get(clinic=stage.a).severity == "absolute"
    assert CatalogueRelease.objects.latest().clinic == stage.a


def test_a_row_about_an_own_stretch_is_its_clinics_whatever_was_sent(stage: Stage) -> None:
    mine = StretchFactory(clinic=stage.a, name="Mine")
    client = signed_in(library_admin_of(stage.a))
    row = {"stretch": mine.pk, "condition_code": ConditionCodeFactory().pk, "severity": "absolute", "clinic": ""}
    row |= {"rationale": "So.", "source": mine.source_id, "confidence": "low", "origin": "author"}

    response = send(client, admin_url(Contraindication, "add"), **row)

    assert response.status_code == 302, errors_of(response)
    assert mine.contraindications.get().clinic == stage.a
    with pytest.raises(ValueError, match="cannot be about a stretch of another"):
        ContraindicationFactory(stretch=mine, clinic=stage.b)


def test_a_clinician_writes_nothing_of_the_own_clinic(stage: Stage) -> None:
    mine = StretchFactory(clinic=stage.a, name="Mine")
    person = ClinicianFactory(clinic=stage.a)
    person.let_edit_catalogue()
    client = signed_in(person)

    assert client.get(admin_url(Stretch, "change", mine.pk)).status_code == 200
    assert client.post(admin_url(Stretch, "change", mine.pk), {"name": "X"}).status_code == 403
    assert client.post(admin_url(Stretch, "delete", mine.pk), {"post": "yes"}).status_code == 403
    film = {"stretch": mine.pk, "address": "https://www.youtube.com/watch?v=abcdefghijk"}
    assert set(errors_of(client.post(admin_url(StretchVideo, "add"), film))) == {"stretch"}


def test_the_library_names_no_neighbour_that_is_a_clinics_own(stage: Stage) -> None:
    mine = StretchFactory(clinic=stage.a, name="Mine", difficulty=1)
    client = signed_in(library_admin_of(stage.a))

    own = send(client, admin_url(Stretch, "change", stage.shared.pk), easier=[str(mine.pk)])
    theirs = send(client, admin_url(Stretch, "change", stage.shared.pk), easier=[str(stage.theirs.pk)])

    assert "is a clinic's own" in errors_of(own)["easier"][0]
    assert "is not one of the available choices" in errors_of(theirs)["easier"][0]


# Adapting -------------------------------------------------------------------------------------------------------------
def test_a_stretch_of_the_library_is_adapted_with_all_that_speaks_against_it(stage: Stage) -> None:
    client = signed_in(admin_of(stage.a))
    chosen = {"action": f"adapt_for_{stage.a.pk}", "_selected_action": [str(stage.shared.pk), str(stage.theirs.pk)]}

    for _ in range(2):
        assert client.post(admin_url(Stretch, "changelist"), chosen).status_code == 302

    first, second = Stretch.objects.filter(clinic=stage.a).order_by("slug")
    assert (first.slug, second.slug) == (stage.shared.slug, f"{stage.shared.slug}-2")
    assert (first.name, first.status, first.adapted_from) == ("Shared stretch", "draft", stage.shared)
    assert first.picture_slug == stage.shared.slug
    assert list(first.muscles.all()) == list(stage.shared.muscles.all())
    (row,) = first.contraindications.all()
    assert (row.clinic, row.severity, row.condition_code) == (stage.a, "relative", stage.shared_row.condition_code)
    assert "Adapted" in first.history.first().history_change_reason


def test_nobody_adapts_for_another_clinic(stage: Stage) -> None:
    client = signed_in(admin_of(stage.a))
    chosen = {"action": f"adapt_for_{stage.b.pk}", "_selected_action": [str(stage.shared.pk)]}

    client.post(admin_url(Stretch, "changelist"), chosen)

    assert Stretch.objects.count() == 2


# The doors of who prescribes ------------------------------------------------------------------------------------------
def test_another_clinics_stretch_is_offered_nowhere_and_taken_from_no_form(stage: Stage) -> None:
    mine = StretchFactory(clinic=stage.a, name="Mine")
    draft = PrescriptionFactory(patient=PatientFactory(clinic=stage.a))
    phase = TemplatePhaseFactory(template__clinic=stage.a)
    client = signed_in(draft.created_by)
    builder = reverse("prescriptions:prescription_edit", args=[draft.pk])
    line = reverse("prescriptions:template_line_add", args=[phase.pk])
    withheld = reverse("prescriptions:withheld_stretch_list", args=[draft.pk, "excluded"])
    add = reverse("prescriptions:prescribed_stretch_add", args=[draft.pk])
    override = reverse("prescriptions:override_add", args=[draft.pk, stage.theirs.pk])

    shown = [client.get(url).content.decode() for url in (builder, line, withheld)]
    refused = [client.post(url, {"stretch": stage.theirs.pk}).status_code for url in (add, line, override)]
    taken = [client.post(url, {"stretch": mine.pk}).status_code for url in (add, line)]

    assert [SECRET in page for page in shown] == [False, False, False]
    assert ["Mine" in page for page in shown] == [True, True, False]
    assert refused == [404, 404, 404]
    assert taken == [302, 302]
    assert client.get(override).status_code == 404
