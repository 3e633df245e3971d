"""What the browser tests run in: Chromium, a live server, and an ear for what the browser complains about.

Under the content policy a test waits with ``expect`` or ``wait_for_function("() => …")``; the browser refuses to
evaluate a bare expression.
"""

import contextlib
import io
import os
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, WebError
from pytest_django.live_server_helper import LiveServer

from accounts.models import CATALOGUE_ADMINS, Clinic, User
from clinic import demo
from prescriptions import own_templates
from prescriptions.models import RoutineStop, Template
from tests.browser.examples import patient, prescription_of

# Playwright keeps an event loop in the main thread, in which Django would refuse every query of a fixture.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

NAMES = ("chromium", "chromium-browser", "chromium-headless-shell", "google-chrome", "google-chrome-stable")
APPLICATION = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
FLAGS = [
    "--no-sandbox",  # root has none, and the pages are ours
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--no-first-run",
]
NewContext = Callable[..., BrowserContext]
BeginWith = Callable[[Callable[[], None]], None]


def find_chromium() -> str | None:
    """The browser to use: ``CHROMIUM``, or what is installed; None if nothing is."""
    if named := os.environ.get("CHROMIUM"):
        return named
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or (APPLICATION if Path(APPLICATION).exists() else None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser, refuse to start; only an explicit ``REQUIRE_BROWSER=0`` turns that into skips."""
    if find_chromium():
        return
    here = [item for item in items if item.path.is_relative_to(Path(__file__).parent)]
    if here and os.environ.get("REQUIRE_BROWSER", "1") != "0":
        raise pytest.UsageError(
            f"{len(here)} browser tests need Chromium: apt-get install chromium libatomic1 fonts-dejavu-core, "
            "or CHROMIUM=/path/to/it, or REQUIRE_BROWSER=0 to skip them"
        )
    for item in here:
        item.add_marker(pytest.mark.skip(reason="no Chromium, and REQUIRE_BROWSER=0"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": FLAGS}


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    """Where ``page.goto("/…")`` goes."""
    return str(live_server.url)


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "en-GB", "timezone_id": "Europe/London"}


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser complained about: refused by the content policy, console errors, uncaught exceptions.

    The test fails if anything is left in here at the end; one that provokes a complaint asserts it and clears the list.
    """
    complaints: list[str] = []
    yield complaints
    assert complaints == []


@pytest.fixture
def new_context(new_context: NewContext, complaints: list[str], live_server: LiveServer) -> NewContext:
    """Make a browser window of its own for another person; its complaints count too."""

    def hear(message: ConsoleMessage) -> None:
        url = message.location.get("url", "")
        if message.type in {"error", "warning"} and not url.endswith("/favicon.ico"):  # asked for by no page of ours
            complaints.append(f"{message.type}: {message.text} ({url})")

    def catch(error: WebError) -> None:
        complaints.append(f"uncaught: {error.error}")

    def make(**options: Any) -> BrowserContext:
        context = new_context(**options)
        context.on("console", hear)
        context.on("weberror", catch)
        return context

    return make


@pytest.fixture
def sign_in(live_server: LiveServer) -> Callable[[BrowserContext, User], None]:
    """Give a browser window the session of somebody who has signed in."""

    def give(context: BrowserContext, user: User) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])

    return give


@pytest.fixture(scope="session")
def begin_with(tmp_path_factory: pytest.TempPathFactory) -> BeginWith:
    """Load what many tests begin with once, and give the others a copy of that database, which takes no time."""
    folder = tmp_path_factory.mktemp("databases")

    def begin(load: Callable[[], None]) -> None:
        kept = folder / f"{load.__name__}.sqlite3"
        is_kept = kept.exists()
        if not is_kept:
            load()
        connection.ensure_connection()
        with contextlib.closing(sqlite3.connect(kept)) as copy:
            if is_kept:
                copy.backup(connection.connection)
            else:
                connection.connection.backup(copy)
        ContentType.objects.clear_cache()  # each emptying of the database has numbered them anew

    return begin


def load_catalogue() -> None:
    call_command("load_catalogue", verbosity=0, stdout=io.StringIO())
    call_command("load_templates", stdout=io.StringIO())


@pytest.fixture
def catalogue(live_server: LiveServer, begin_with: BeginWith) -> None:
    """The whole catalogue and the library of templates that come with Limber, in the live server's database."""
    begin_with(load_catalogue)


@pytest.fixture(scope="session")
def assert_accessible() -> Callable[..., None]:
    """Fail, with axe's own report, when a page as it stands now breaks WCAG 2.2 A or AA or a good practice.

    ``rules`` asks these alone, ``without`` all but these.
    """
    axe = Axe()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

    def check(page: Page, *, rules: Sequence[str] = (), without: Collection[str] = ()) -> None:
        options: dict[str, Any] = {"resultTypes": ["violations"], "runOnly": list(rules or tags)}
        options["rules"] = {rule: {"enabled": False} for rule in without}
        results = axe.run(page, options=options)
        assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"

    return check


def load_demo() -> None:
    load_catalogue()
    Group.objects.get_or_create(name=CATALOGUE_ADMINS)  # made by a migration, and gone with the test before
    demo.load(at=timezone.now())
    held = prescription_of("Ruth")
    held.hold(by=held.created_by, at=timezone.now(), reason="Flare-up since Sunday.")
    helen = patient("Helen")
    RoutineStop.objects.create(clinic=helen.clinic, patient=helen, tier="urgent", message="Stop the stretches.")
    own = Template(clinic=held.clinic, name="Ours", for_whom="Backs", citation="Practice of the clinic")
    own_templates.make(own, of=held)


@pytest.fixture
def demo_clinic(live_server: LiveServer, begin_with: BeginWith) -> Clinic:
    """The demo clinic, with one prescription on hold, and a template made of it."""
    begin_with(load_demo)
    return Clinic.objects.get(pk=demo.CLINIC_ID)
