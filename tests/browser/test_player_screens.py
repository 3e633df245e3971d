"""Every screen of the player as it looks: accessible, no wider than the phone, large enough for a thumb, and whole."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, Route, expect

from clinic.bundling import bundle
from tests.browser.player_hands import HEADING, answer, go, open_player, prescribe, start_part
from tests.browser.test_every_page import SETTLED

STATIC = Path(settings.BASE_DIR, "static")
SIZES = {"phone": (360, 740), "narrowest": (320, 640), "enlarged to 400 %": (320, 256), "desktop": (1280, 900)}
SMALL_TARGETS = """() =>
    [...document.querySelectorAll("#screen button, #screen a, #screen label, .player-bar .btn, summary")]
    .filter(each => each.checkVisibility() && !each.closest("p, dialog"))
    .map(each => [each.textContent.trim(), each.getBoundingClientRect()])
    .filter(([, {width, height}]) => height < 43.5 || width < 43.5).map(([words]) => words)"""
THUMB_TARGETS = """() => [...document.querySelectorAll(".player-thumb .btn, .pain-scale label, .player-choices label")]
    .filter(each => each.checkVisibility()).map(each => each.getBoundingClientRect().height)"""


def to_choice(page: Page) -> None:
    expect(page.get_by_role("button", name=re.compile("On getting up"))).to_be_visible()


def to_stretch(page: Page) -> None:
    start_part(page, "On getting up")


def to_hold(page: Page) -> None:
    page.clock.install()
    to_stretch(page)
    go(page)
    page.clock.run_for(7000)


def to_why(page: Page) -> None:
    to_stretch(page)
    page.get_by_role("button", name="Skip").click()


def to_how(page: Page) -> None:
    to_why(page)
    page.get_by_role("button", name="It hurt").click()


def to_missing(page: Page) -> None:
    to_how(page)
    page.get_by_role("button", name="Save").click()


def to_red(page: Page) -> None:
    to_how(page)
    answer(page, pain=8)
    expect(page.locator(HEADING)).to_have_text("Stop this one")


def to_end(page: Page) -> None:
    to_stretch(page)
    for _ in range(3):
        page.get_by_role("button", name="Skip").click()
        page.get_by_role("button", name="No time").click()
    expect(page.get_by_text("All of it is stored.")).to_be_visible()


def to_wrong(page: Page) -> None:
    page.get_by_role("button", name="Something is wrong?").click()


def to_stopped(page: Page) -> None:
    to_wrong(page)
    page.get_by_role("button", name="Yes").first.click()
    expect(page.get_by_text("Your clinic is told")).to_be_visible()


def to_settings(page: Page) -> None:
    page.get_by_role("button", name="Sound, voice and pictures").click()


SCREENS = (
    to_choice, to_stretch, to_hold, to_why, to_how, to_missing, to_red, to_end, to_wrong, to_stopped, to_settings,
)  # fmt: skip


def served_as(text: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=text, content_type="text/javascript")


@pytest.fixture
def routine(catalogue):
    return prescribe()


@pytest.mark.parametrize("to_screen", SCREENS, ids=lambda each: each.__name__.removeprefix("to_"))
def test_every_screen(to_screen: Callable[[Page], None], new_context, sign_in, routine, assert_accessible) -> None:
    context = new_context(reduced_motion="reduce", viewport={"width": 360, "height": 740})
    sign_in(context, routine.patient.user)
    page = context.new_page()
    open_player(page)
    to_screen(page)

    for words, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width, words
        assert page.evaluate(SMALL_TARGETS) == [], words
        assert all(each >= 64 for each in page.evaluate(THUMB_TARGETS)), words
    page.set_viewport_size({"width": 360, "height": 740})
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.evaluate(SETTLED)
        assert_accessible(page)


def test_the_picture_stands_still_for_whoever_prefers_it(new_context, sign_in, routine):
    for motion, is_animated in (("reduce", False), ("no-preference", True)):
        context = new_context(reduced_motion=motion)
        sign_in(context, routine.patient.user)
        page = context.new_page()
        open_player(page)
        to_stretch(page)

        assert ("animated" in page.locator("[data-picture]").get_attribute("src")) is is_animated


def test_what_is_served_in_earnest_plays_as_well(new_context, sign_in, routine):
    context = new_context()
    sign_in(context, routine.patient.user)
    page = context.new_page()
    for name in ("js/player/main.js", "js/patient.js"):
        text = bundle(name, lambda each: (STATIC / each).read_text())
        page.route(f"**/{name}", served_as(text))
    page.goto("/today/play/")

    to_hold(page)

    expect(page.locator('[data-slot="phase"]')).to_have_text("Hold")
    assert not any(
        "clock.js" in entry for entry in page.evaluate("() => performance.getEntries().map(({name}) => name)")
    )
