"""The player without a connection: what it keeps, for whom, for how long; and how what was logged arrives, once."""

import re

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Session
from prescriptions.models import StretchPause
from routines.models import RedFlagScreen, StretchLog
from tests.browser.player_hands import HEADING, PHONE, answer, kept, open_player, prescribe, start_part, until
from tests.factories import ClinicianFactory

PASSWORD = "a long password of Ada's"
FIRST_SCREEN = re.compile("On getting up")
EXPECTED = re.compile(r"ERR_INTERNET_DISCONNECTED|status of (401|504|410)|FetchEvent")

WHAT_IS_KEPT = """async () => {
    const found = {};
    for (const name of await caches.keys()) {
        const requests = await (await caches.open(name)).keys();
        found[name] = requests.map(request => new URL(request.url).pathname);
    }
    found.databases = (await indexedDB.databases()).map(({name}) => name);
    return found;
}"""

MAKE_A_DAY_OLD = """async () => {
    const cache = await caches.open("limber-own");
    const said = await (await cache.match("/kept-routine")).json();
    said.expires_at = new Date(Date.now() - 1000).toISOString();
    await cache.put("/kept-routine", new Response(JSON.stringify(said)));
}"""


@pytest.fixture
def routine(catalogue):
    routine = prescribe()
    user = routine.patient.user
    user.password = make_password(PASSWORD)
    user.save()
    return routine


@pytest.fixture
def context(new_context, sign_in, routine, complaints):
    """A phone on which the patient is signed in. That it complains of a missing connection is no fault."""
    context = new_context(**PHONE)
    sign_in(context, routine.patient.user)
    yield context
    complaints[:] = [complaint for complaint in complaints if not EXPECTED.search(complaint)]


@pytest.fixture
def page(context):
    page = context.new_page()
    open_player(page)
    until(page, lambda: page.evaluate(WHAT_IS_KEPT).get("limber-own"))
    return page


def skip(page, reason="Too tired"):
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name=reason).click()


def log_in(page, user):
    page.get_by_text("Use my password").click()
    form = page.locator("form").filter(has=page.get_by_label("Password"))
    form.get_by_label("Email").fill(user.email)
    form.get_by_label("Password").fill(PASSWORD)
    form.get_by_role("button", name="Sign in").click()


def come_back(page):
    page.context.set_offline(False)
    page.evaluate("() => dispatchEvent(new Event('online'))")


def test_what_is_logged_offline_arrives_once_and_in_order(page):
    start_part(page, "On getting up")
    skip(page)
    until(page, lambda: StretchLog.objects.count() == 1 and kept(page) == [])
    page.context.set_offline(True)
    skip(page, "It hurt")
    answer(page, pain=7)
    expect(page.get_by_text("Your clinic will be told as soon as this phone has a connection.")).to_be_visible()

    # Even after the page is opened anew, what hurt is gone
    page.goto("/today/")
    expect(page.get_by_text("No connection.")).to_be_visible()
    expect(page.get_by_text("Paused: ask your clinic")).to_be_visible()
    start_part(page, "On getting up")
    expect(page.locator(HEADING)).to_have_text("Calf stretch")
    skip(page, "No time")
    expect(page.get_by_text("2 answers wait on this phone.")).to_be_visible()
    assert StretchLog.objects.count() == 1

    come_back(page)
    expect(page.get_by_text("All of it is stored.")).to_be_visible()
    for _ in range(3):
        page.evaluate("() => dispatchEvent(new Event('online'))")
    open_player(page)
    expect(page.get_by_role("button", name=FIRST_SCREEN)).to_be_visible()

    logs = StretchLog.objects.order_by("received_at")
    assert [log.stretch.name for log in logs] == ["Towel stretch", "Pelvic tilt", "Calf stretch"]
    assert StretchPause.objects.open().get().stretch.name == "Pelvic tilt"
    assert kept(page) == []


def test_what_was_logged_survives_the_end_of_the_session(page, routine):
    start_part(page, "On getting up")
    page.context.set_offline(True)
    skip(page)
    skip(page, "No time")
    Session.objects.all().delete()

    come_back(page)
    expect(page.get_by_text("Your answers wait on this phone until you sign in.")).to_be_visible()
    assert StretchLog.objects.count() == 0
    page.get_by_role("link", name="Sign in").click()
    log_in(page, routine.patient.user)

    expect(page.get_by_role("button", name=FIRST_SCREEN)).to_be_visible()
    until(page, lambda: StretchLog.objects.count() == 2)
    expect(page.get_by_text("1 stretch left")).to_be_visible()
    until(page, lambda: kept(page) == [])


def test_an_emergency_stops_everything_without_a_connection(page, routine):
    start_part(page, "On getting up")
    page.context.set_offline(True)
    page.get_by_role("button", name="Something is wrong?").click()

    page.locator(".player-question").filter(has_text="Chest pain").get_by_role("button").click()

    expect(page.locator(HEADING)).to_have_text("Stop: do not stretch")
    expect(page.get_by_text("Stop all stretches. Call your local emergency number")).to_be_visible()
    expect(page.get_by_text("Until then nobody knows: call.")).to_be_visible()
    page.goto("/today/play/")
    expect(page.locator(HEADING)).to_have_text("Stop: do not stretch")
    come_back(page)
    expect(page.get_by_text("Your clinic is told")).to_be_visible()
    assert routine.patient.routine_stops.open().count() == 1
    assert RedFlagScreen.objects.count() == 1


def test_a_kept_routine_says_how_old_it_is(page):
    page.context.set_offline(True)
    page.evaluate(MAKE_A_DAY_OLD.replace("expires_at", "made_at").replace("- 1000", "- 3 * 3600 * 1000"))

    page.reload()

    expect(page.get_by_text("This is what your clinic had set 3 hours ago.")).to_be_visible()
    expect(page.get_by_role("button", name=FIRST_SCREEN)).to_be_visible()


def test_a_routine_older_than_a_day_is_refused(page):
    page.context.set_offline(True)
    page.evaluate(MAKE_A_DAY_OLD)

    page.reload()

    expect(page.locator(HEADING)).to_have_text("These stretches are too old")
    assert "limber-own" not in page.evaluate(WHAT_IS_KEPT)


def test_a_player_that_stays_open_for_a_day_refuses_too(page):
    page.clock.install()
    page.context.set_offline(True)
    page.clock.fast_forward(25 * 3600 * 1000)

    page.get_by_role("button", name=FIRST_SCREEN).click()

    expect(page.locator(HEADING)).to_have_text("These stretches are too old")


def test_signing_out_leaves_nothing_on_the_phone(page):
    start_part(page, "On getting up")
    page.context.set_offline(True)
    skip(page)
    page.context.set_offline(False)
    page.goto("/today/")
    page.locator(".user-menu summary").click()

    page.get_by_role("button", name="Sign out").click()

    expect(page).to_have_url(re.compile("/accounts/login/"))
    assert StretchLog.objects.count() == 1
    left = page.evaluate(WHAT_IS_KEPT)
    assert "limber-own" not in left
    assert left["databases"] == []


def test_the_next_patient_sees_nothing_of_the_former(page, sign_in):
    other = prescribe("Grace Hopper", names=(("Neck turn", "midline"),))
    start_part(page, "On getting up")
    page.context.set_offline(True)
    skip(page)
    page.context.clear_cookies()
    sign_in(page.context, other.patient.user)
    come_back(page)

    expect(page).to_have_url(re.compile("/today/$"))  # the player that was open leaves by itself
    open_player(page)
    expect(page.get_by_text("1 stretch", exact=True)).to_be_visible()
    assert StretchLog.objects.count() == 0
    page.context.set_offline(True)
    page.reload()
    start_part(page, "On getting up")

    expect(page.locator(HEADING)).to_have_text("Neck turn")
    assert "Towel" not in page.content()


def test_the_former_is_heard_when_they_are_back(page, sign_in, routine):
    start_part(page, "On getting up")
    page.context.set_offline(True)
    skip(page)
    page.context.clear_cookies()
    sign_in(page.context, prescribe("Grace Hopper").patient.user)
    come_back(page)
    expect(page).to_have_url(re.compile("/today/$"))
    open_player(page)
    assert len(kept(page)) == 1
    sign_in(page.context, routine.patient.user)

    open_player(page)

    until(page, lambda: StretchLog.objects.count() == 1)
    assert StretchLog.objects.get().session.patient == routine.patient


def test_when_staff_sign_in_nothing_of_the_patient_is_shown(page, sign_in):
    page.context.clear_cookies()
    sign_in(page.context, ClinicianFactory())

    page.goto("/patients/")

    until(page, lambda: "limber-own" not in page.evaluate(WHAT_IS_KEPT))


def test_only_the_routine_and_its_pictures_are_kept(page, routine):
    for path in ("/today/", f"/today/{routine.pk}/print/", f"/today/{routine.patient.pk}/red-flags/"):
        page.goto(path)

    found = page.evaluate(WHAT_IS_KEPT)

    own = set(found.pop("limber-own"))
    found.pop("databases")
    (shell,) = found.values()
    pictures = {path for path in own if re.fullmatch(r"/stretches/[0-9a-f-]+/picture\.svg", path)}
    assert own - pictures == {"/kept-routine"}
    assert {path for path in shell if not path.startswith("/static/")} == {"/today/play/"}


def test_the_shell_names_nobody(page, routine):
    text = page.evaluate(
        "async () => (await (await caches.match('/today/play/')).text())",
    )

    assert "Your stretches" in text
    assert all(word not in text for word in (routine.patient.full_name, "Byron", "Towel", routine.patient.user.email))


def test_what_is_refused_is_shown_until_it_is_read(page, routine):
    start_part(page, "On getting up")
    page.wait_for_load_state("networkidle")  # what it asked on its way is answered
    page.context.set_offline(True)
    routine.revoke(by=routine.created_by, at=timezone.now(), reason="Surgery")
    skip(page)
    page.get_by_role("link", name="Leave").click()

    page.context.set_offline(False)
    open_player(page)

    until(page, lambda: all("refused" in entry for entry in kept(page)))


def test_a_reminder_is_shown_and_opens_its_page(page, context):
    context.grant_permissions(["notifications"])
    devtools = context.new_cdp_session(page)
    versions = []
    devtools.on("ServiceWorker.workerVersionUpdated", lambda event: versions.extend(event["versions"]))
    devtools.send("ServiceWorker.enable")
    until(page, lambda: any(version["status"] == "activated" for version in versions))

    message = {
        "origin": page.url.partition("/today")[0],
        "registrationId": next(version["registrationId"] for version in versions),
        "data": '{"title": "Time for a stretch", "body": "After brushing your teeth", "url": "/today/play/"}',
    }
    devtools.send("ServiceWorker.deliverPushMessage", message)

    shown = """async () => {
        const registration = await navigator.serviceWorker.ready;
        return (await registration.getNotifications()).map(({title, body}) => [title, body]);
    }"""
    until(page, lambda: page.evaluate(shown) == [["Time for a stretch", "After brushing your teeth"]])
