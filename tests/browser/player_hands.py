"""What a patient does in the player, for the tests of it."""

import re
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from playwright.sync_api import Page, expect

from prescriptions.models import Prescription
from tests.factories import (
    ClinicFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    StretchFactory,
    UserFactory,
)

THREE = (("Towel stretch", "per_side"), ("Pelvic tilt", "midline"), ("Calf stretch", "midline"))
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
HEADING = "#screen h1"


def prescribe(full_name: str = "Ada Byron", names: tuple[tuple[str, str], ...] = THREE) -> Prescription:
    """A prescription in force, all of it on getting up: twice ten seconds of each stretch."""
    patient = PatientFactory(user=UserFactory(full_name=full_name), clinic=ClinicFactory(phone="01632 960 123"))
    draft: Prescription = PrescriptionFactory(patient=patient)
    for place, (name, sides) in enumerate(names):
        stretch = StretchFactory(name=name, sides=sides)
        PrescribedStretchFactory(
            prescription=draft, stretch=stretch, position=place, repetitions=2, start_hold_seconds=10
        )
    draft.activate(by=draft.created_by, at=timezone.now())
    return draft


def open_player(page: Page) -> None:
    """Open the player and wait for its first screen, and for the service worker to answer for the page."""
    page.goto("/today/play/")
    expect(page.locator(".player-loading")).to_have_count(0)
    page.wait_for_function("() => navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def start_part(page: Page, words: str) -> None:
    page.get_by_role("button", name=re.compile(words)).click()
    expect(page.locator('[data-do="go"]')).to_be_visible()


def go(page: Page) -> None:
    page.locator('[data-do="go"]').click()


def phase(page: Page) -> str:
    """What is being done: the phase, and the side if there is one."""
    texts = [page.locator(f'[data-slot="{slot}"]').text_content() or "" for slot in ("phase", "side")]
    return " ".join(filter(None, texts))


def answer(page: Page, *, pain: int, spread: bool = False, note: str = "") -> None:
    """Say how it was, and save it."""
    expect(page.locator(HEADING)).to_have_text("How was it?")
    page.locator(f'.pain-scale label:has([value="{pain}"])').click()
    page.locator(f'.player-choices label:has([name="has_spread"][value="{"yes" if spread else "no"}"])').click()
    if note:
        page.get_by_text("Write a note").click()
        page.get_by_label("Note for your clinic").fill(note)
    page.get_by_role("button", name="Save").click()


def kept(page: Page) -> list[dict[str, Any]]:
    """What waits in the queue of this browser."""
    found: list[dict[str, Any]] = page.evaluate(
        """async () => (await import("/static/js/player/store.js")).waiting()"""
    )
    return found


def until(page: Page, is_so: Callable[[], bool]) -> None:
    """Wait until something holds on the server; the page goes on meanwhile.

    Raises:
        AssertionError: it does not after ten seconds.
    """
    for _ in range(100):
        if is_so():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it has not come to pass")
