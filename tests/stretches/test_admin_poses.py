"""The page where an admin redraws a stretch."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stretches import pictograms
from stretches.admin.forms import WHY
from stretches.models import CatalogueRelease, Stretch, StretchPhoto, StretchPose
from stretches.pictograms import pose_text
from stretches.pictograms.fields import MOST
from tests.admin_pages import admin_url, errors_of, form_of, send
from tests.factories import AdminFactory, ClinicFactory, ClinicianFactory, PatientFactory, StretchFactory, UserFactory

pytestmark = pytest.mark.django_db

SLUG = "towel-hamstring-stretch"
OTHER = pose_text("chin-tuck").strip()


@pytest.fixture
def stretch() -> Stretch:
    """A stretch that is drawn from the shipped file."""
    return StretchFactory(slug=SLUG, name="Towel stretch")


def page(stretch: Stretch) -> str:
    """Where its picture is changed."""
    return admin_url(StretchPose, "change", stretch.pk)


def fresh(stretch: Stretch) -> Stretch:
    """The stretch as it is stored."""
    return Stretch.objects.get(pk=stretch.pk)


def test_the_page_begins_with_the_shipped_pose_and_shows_it(admin_client: Client, stretch: Stretch) -> None:
    response = admin_client.get(page(stretch))

    assert form_of(response)["own_pose"].replace("\r", "") == pose_text(SLUG).strip()
    assert response.context["preview"]["is_shipped"]
    assert "This is the picture that comes with Limber." in response.text
    assert response.text.count("data:image/svg+xml;base64,") == 6


def test_a_pose_is_stored_shown_and_stands_in_the_history(admin_client: Client, stretch: Stretch) -> None:
    before = stretch.picture_version

    response = send(admin_client, page(stretch), own_pose=OTHER, **{WHY: "It was not readable."})

    assert response.status_code == 302
    assert fresh(stretch).own_pose == OTHER
    assert fresh(stretch).is_drawn
    assert fresh(stretch).picture_version != before
    assert fresh(stretch).picture() != stretch.picture()
    assert [version.own_pose for version in stretch.history.order_by("history_id")][-2:] == ["", OTHER]
    assert stretch.history.latest("history_id").history_user is not None
    assert stretch.history.latest("history_id").history_change_reason == "It was not readable."
    assert "picture “Towel stretch”" in CatalogueRelease.objects.all()[0].reason


@pytest.mark.parametrize("typed", ["", pose_text(SLUG)], ids=["nothing", "the shipped pose"])
def test_the_shipped_pose_comes_back(admin_client: Client, stretch: Stretch, typed: str) -> None:
    Stretch.objects.filter(pk=stretch.pk).update(own_pose=OTHER)

    send(admin_client, page(stretch), own_pose=typed)

    assert fresh(stretch).own_pose == ""


def test_a_stretch_without_a_picture_is_not_called_right(admin_client: Client) -> None:
    lacking = StretchFactory(slug="never-drawn")

    response = admin_client.get(page(lacking))

    assert "This stretch has no drawing yet." in response.text
    assert f"{admin_url(StretchPhoto, 'add')}?stretch={lacking.pk}" in response.text
    assert "data:image/svg+xml;base64," not in response.text
    for words in ("Nothing is wrong", "comes with Limber"):
        assert words not in response.text


def test_a_clinic_s_own_does_not_borrow_a_picture_by_its_name(client: Client) -> None:
    own = StretchFactory(slug=SLUG, clinic=ClinicFactory())
    client.force_login(AdminFactory(clinic=own.clinic))

    response = client.get(page(own))
    send(client, page(own), own_pose=pose_text(SLUG), **{WHY: "It moves like the library's."})

    assert response.context["preview"]["is_missing"]
    assert fresh(own).own_pose == pose_text(SLUG).strip()


def standing_still() -> str:
    """The shipped pose with its start for an end."""
    pose = json.loads(pose_text(SLUG))
    return json.dumps(pose | {"end": pose["start"]})


def below_floor() -> str:
    """The shipped pose with its mat rolled away and the body half under the floor."""
    pose = json.loads(pose_text(SLUG))
    pose["start"]["hip_cm"] = [0, -20]
    return json.dumps(pose)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("{", "pose: not JSON"),
        ("[]", "pose must be an object"),
        ("{}", "pose has no start"),
        ('{"start": {}}', "pose.start"),
        ("[" * 15_000, "pose: not JSON that can be read"),
        (below_floor(), "hip is below the floor"),
        (standing_still(), "The end is the same as the start: nothing moves."),
        (OTHER + " " * 20_000 + "x", "characters; it may have 20,000"),
    ],
)
def test_what_is_no_pose_is_refused_beside_the_field(
    admin_client: Client, stretch: Stretch, typed: str, message: str
) -> None:
    response = send(admin_client, page(stretch), own_pose=typed)

    assert any(message in error for error in errors_of(response)["own_pose"])
    assert form_of(response)["own_pose"].replace("\r", "").strip() == typed.strip()
    assert fresh(stretch).own_pose == ""


def test_what_is_typed_is_shown_and_not_stored(admin_client: Client, stretch: Stretch) -> None:
    opened, versions = form_of(admin_client.get(page(stretch))), stretch.history.count()

    response = admin_client.post(page(stretch), opened | {"own_pose": OTHER, WHY: "Typed.", "_preview": "1"})

    assert response.status_code == 200
    assert form_of(response)[WHY] == "Typed."
    assert form_of(response)["own_pose"].replace("\r", "") == OTHER
    assert form_of(response)["seen"] == opened["seen"]
    assert "Nothing is wrong with this pose." in response.text
    assert response.text.count("data:image/svg+xml;base64,") == 6
    assert fresh(stretch).own_pose == ""
    assert stretch.history.count() == versions


@pytest.mark.parametrize(("typed", "pictures"), [(below_floor(), 6), ("{", 0)])
def test_a_preview_says_what_is_wrong_and_shows_what_can_be_shown(
    admin_client: Client, stretch: Stretch, typed: str, pictures: int
) -> None:
    response = admin_client.post(page(stretch), {"own_pose": typed, "_preview": "1"})

    assert "This cannot be saved:" in response.text
    assert response.text.count("data:image/svg+xml;base64,") == pictures


def test_who_was_slower_is_told_even_after_a_preview(admin_client: Client, stretch: Stretch) -> None:
    opened = form_of(admin_client.get(page(stretch)))
    Stretch.objects.filter(pk=stretch.pk).update(notes="Somebody else was here.")
    previewed = form_of(admin_client.post(page(stretch), opened | {"own_pose": OTHER, "_preview": "1"}))

    response = admin_client.post(page(stretch), previewed)

    assert "Somebody else saved this" in errors_of(response)[""][0]
    assert fresh(stretch).own_pose == ""


def test_the_list_shows_every_picture_and_where_it_comes_from(admin_client: Client, stretch: Stretch) -> None:
    StretchFactory(slug="never-drawn")
    StretchFactory(slug="cat-camel-mobility", own_pose=OTHER)

    text = admin_client.get(admin_url(StretchPose, "changelist")).text

    for words in ("the file that comes with Limber", "its position only", "what was written here"):
        assert words in text
    assert f"{reverse('stretches:stretch_picture', args=[stretch.pk])}?v={stretch.picture_version}" in text


def test_its_history_is_that_of_the_stretch(admin_client: Client, stretch: Stretch) -> None:
    response = admin_client.get(admin_url(StretchPose, "history", stretch.pk))

    assert response["Location"] == admin_url(Stretch, "history", stretch.pk)


@pytest.mark.parametrize(
    "who", [ClinicianFactory, lambda: UserFactory(is_staff=True), lambda: PatientFactory(user=UserFactory()).user]
)
@pytest.mark.parametrize("typed", [{}, {"_preview": "1"}], ids=["save", "preview"])
def test_who_may_not_change_a_stretch_may_not_redraw_it(
    client: Client, stretch: Stretch, who: Any, typed: dict[str, str]
) -> None:
    client.force_login(who())

    answers = [client.get(page(stretch)), client.post(page(stretch), {"own_pose": OTHER, **typed})]

    assert all(answer.status_code in {302, 403, 404} for answer in answers)
    assert fresh(stretch).own_pose == ""


def test_nobody_adds_or_deletes_a_picture(admin_client: Client, stretch: Stretch) -> None:
    assert admin_client.get(admin_url(StretchPose, "add")).status_code == 403
    assert admin_client.post(admin_url(StretchPose, "delete", stretch.pk), {"post": "yes"}).status_code == 403


def values_in(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths to every value in JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(each for key, item in inner for each in values_in(item, (*path, key)))]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    slug=st.sampled_from(["chin-tuck", "seated-figure-four-stretch", SLUG, "single-knee-to-chest-stretch"]),
    where=st.integers(0, 10_000),
    what=st.one_of(
        st.none(), st.booleans(), st.sampled_from([0, -1, MOST, -MOST, 10**400, 1e-320, "", "knee_far", [], {}, [0, 0]])
    ),
)
def test_whatever_is_typed_gets_an_answer(slug: str, where: int, what: object) -> None:
    pose = json.loads(pose_text(slug))
    paths = values_in(pose)[1:]
    *before, last = paths[where % len(paths)]
    target = pose
    for key in before:
        target = target[key]
    target[last] = what
    text = json.dumps(pose)

    found = pictograms.faults(text)

    assert all(fault for fault in found)
    for animated in (False, True):
        assert "<svg" in pictograms.picture_svg(
            slug, position="sitting", alt="x", own_pose=text, theme="dark", animated=animated
        )
