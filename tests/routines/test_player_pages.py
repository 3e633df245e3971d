"""The addresses behind the player: routine_play, service_worker and manifest; and what tells a phone whose it is."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse

from accounts.access import owner_mark
from routines import offline
from routines.playing import WORDS
from tests.factories import ClinicianFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db

PLAY = "/today/play/"


@pytest.fixture
def user():
    return PatientFactory(user=UserFactory(full_name="Ada Lovelace"), full_name="Ada Lovelace").user


def test_routine_play_names_nobody(client, user):
    client.force_login(user)

    page = client.get(PLAY).content.decode()

    assert "Something is wrong?" in page
    assert "Ada" not in page
    assert user.email not in page
    assert "csrf" not in page.lower()


def test_routine_play_is_for_patients(client):
    client.force_login(ClinicianFactory())

    assert client.get(PLAY).status_code == 404


def test_routine_play_leads_a_visitor_to_the_sign_in(client):
    response = client.get(PLAY)

    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?next={PLAY}"


@pytest.mark.parametrize("name", ["routine_play", "service_worker", "manifest"])
def test_they_are_only_read(client, user, name):
    client.force_login(user)

    assert client.post(reverse(f"routines:{name}")).status_code == 405


def test_routine_play_is_not_stored_by_the_browser_itself(client, user):
    client.force_login(user)

    assert "no-store" in client.get(PLAY)["Cache-Control"]


def test_the_words_of_the_player_are_all_there():
    used = set()
    for module in offline.shell():
        if found := finders.find(module.removeprefix("/static/")):
            text = Path(found).read_text(encoding="utf-8") if module.endswith(".js") else ""
            used |= set(re.findall(r'\b(?:say|oneOf)\("(\w+)"', text))

    assert len(used) > 20
    assert used <= set(WORDS)


def test_service_worker_may_answer_for_every_page_and_names_what_it_keeps(client):
    response = client.get("/sw.js")

    text = response.content.decode()
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cache-Control"] == "no-cache"
    given = json.loads(text.partition("start(")[2].rpartition(")")[0])
    assert given["pages"] == ["/", "/today/", PLAY]
    assert all(finders.find(path.removeprefix("/static/")) for path in given["shell"])
    assert finders.find(given["icon"].removeprefix("/static/"))
    assert finders.find(given["badge"].removeprefix("/static/"))


def test_every_module_of_the_player_is_kept():
    kept = offline.shell()

    for name in ("js/player/main.js", "js/player/run.js", "js/patient.js", "css/player.css", "css/patient-pages.css"):
        assert f"/static/{name}" in kept


def test_manifest_has_icons_for_a_phone(client):
    response = client.get("/manifest.webmanifest")

    content = response.json()
    assert response["Content-Type"] == "application/manifest+json"
    assert (content["start_url"], content["scope"], content["display"]) == ("/", "/", "standalone")
    assert {icon["sizes"] for icon in content["icons"]} == {"192x192", "512x512"}
    assert all(finders.find(icon["src"].removeprefix("/static/")) for icon in content["icons"])


def test_every_answer_says_whose_it_is(client, user):
    other = PatientFactory(user=UserFactory()).user
    client.force_login(user)
    ours = client.get("/today/")["Limber-Owner"]
    client.force_login(other)

    theirs = client.get("/today/")["Limber-Owner"]

    assert ours == owner_mark(user)
    assert theirs == owner_mark(other) != ours
    assert client.get("/today/routine.json").json()["owner"] == theirs


def test_signing_out_wipes_what_the_browser_has_stored(client, user):
    client.force_login(user)

    response = client.post(reverse("account_logout"))

    assert response["Clear-Site-Data"] == '"storage"'
    assert not response.has_header("Limber-Owner")


def test_nothing_else_wipes_it(client, user):
    visitor = client.get(reverse("account_login"))
    client.force_login(user)
    page = client.get("/today/")

    assert not visitor.has_header("Clear-Site-Data")
    assert not page.has_header("Clear-Site-Data")
    assert not visitor.has_header("Limber-Owner")
