"""The main job from start to end, in a browser: a clinician prescribes what is safe, and the patient sees it."""

import io

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from tests.browser import main_job
from tests.browser.conftest import NewContext
from tests.browser.hands import Finger, Keyboard, Mouse, WithoutJavaScript
from tests.browser.main_job import EXCLUDED, IN_PLAIN_WORDS, NAME, NEIGHBOUR, SECOND

pytestmark = pytest.mark.usefixtures("catalogue")

LATER = "Proximal hamstring avulsion"
"""Excludes the neighbour, and not the second stretch."""

COUNT_PRINTS = "window.prints = 0; window.print = () => { window.prints += 1; };"


def do_the_main_job(hand: Mouse) -> None:
    """Everything that the clinician does, as in a demonstration: with the look at what is excluded."""
    main_job.sign_in(hand, main_job.make_clinician())
    main_job.add_patient(hand)
    main_job.record_slipped_disc(hand)
    main_job.attest_review(hand)
    main_job.open_builder(hand)
    main_job.take_neighbour(hand)
    main_job.add_second(hand)
    main_job.activate(hand)
    main_job.open_handout(hand)
    expect_handout(hand.page)


def expect_handout(page: Page) -> None:
    """The page for paper, and the PDF behind its link, say the same."""
    expect(page.locator(".sheet-stretch h2 bdi")).to_have_text([IN_PLAIN_WORDS[NEIGHBOUR], IN_PLAIN_WORDS[SECOND]])
    answer = page.request.get(page.get_by_role("link", name="Open as PDF").get_attribute("href") or "")
    assert answer.status == 200
    assert answer.body().startswith(b"%PDF")
    pages = PdfReader(io.BytesIO(answer.body())).pages
    words = " ".join(" ".join(each.extract_text() for each in pages).split())
    assert len(pages) >= 2
    assert all(name in words for name in (NAME, IN_PLAIN_WORDS[NEIGHBOUR], IN_PLAIN_WORDS[SECOND]))
    assert IN_PLAIN_WORDS[EXCLUDED] not in words


def sign_in_as_patient(hand: Mouse) -> None:
    """In a window of their own: the routine of today is the first thing there is."""
    main_job.sign_in(hand, main_job.make_patient_user())
    expect(hand.page.get_by_role("heading", name="Hello Walter")).to_be_visible()
    hand.look()
    main_job.expect_routine(hand.page, NEIGHBOUR, SECOND)


def test_main_job(page: Page, new_context: NewContext) -> None:
    hand = Mouse(page)

    do_the_main_job(hand)

    patient_page = new_context().new_page()
    sign_in_as_patient(Mouse(patient_page))

    page.get_by_role("link", name="Prescription", exact=True).click()
    page.get_by_role("link", name=NAME).click()
    hand.press(page.get_by_role("link", name="Record condition"))
    hand.search(page.get_by_label("Search conditions"), LATER)
    hand.press(page.get_by_role("button", name=f"Choose {LATER}"))
    hand.press(page.get_by_role("button", name="Save condition"))
    effect = page.get_by_role("alert").filter(has_text=f"From now on {NAME} sees “Paused: ask your clinic”")
    expect(effect.get_by_role("listitem")).to_contain_text([NEIGHBOUR])

    patient_page.reload()
    expect(patient_page.get_by_role("heading", name="Paused: ask your clinic")).to_be_visible()
    expect(patient_page.get_by_role("listitem").filter(has_text=IN_PLAIN_WORDS[NEIGHBOUR])).to_be_visible()
    main_job.expect_routine(patient_page, SECOND)


def test_main_job_takes_at_most_fifteen_interactions(page: Page) -> None:
    page.add_init_script(COUNT_PRINTS)
    hand = Mouse(page)
    main_job.sign_in(hand, main_job.make_clinician())
    hand.actions.clear()

    main_job.add_patient(hand)
    main_job.record_slipped_disc(hand)
    main_job.attest_review(hand)
    main_job.open_builder(hand)
    hand.press(page.get_by_role("button", name=f"Add {SECOND}", exact=True))
    main_job.expect_prescribed(page, SECOND)
    main_job.activate(hand)
    main_job.open_handout(hand)
    hand.press(page.get_by_role("button", name="Print"))
    page.wait_for_function("() => window.prints === 1")

    assert len(hand.actions) <= 15, "\n".join(hand.actions)


def test_main_job_with_the_keyboard_alone(new_context: NewContext) -> None:
    page = new_context(reduced_motion="reduce").new_page()

    do_the_main_job(Keyboard(page))

    patient_page = new_context(reduced_motion="reduce").new_page()
    sign_in_as_patient(Keyboard(patient_page))


def test_the_keyboard_stays_where_it_was_when_the_page_changes(new_context: NewContext) -> None:
    page = new_context(reduced_motion="reduce").new_page()
    hand = Keyboard(page)
    main_job.sign_in(hand, main_job.make_clinician())
    main_job.add_patient(hand)
    main_job.record_slipped_disc(hand)
    main_job.attest_review(hand)
    main_job.open_builder(hand)

    hand.press(page.get_by_role("button", name=f"Add {SECOND}", exact=True))

    expect(page.get_by_role("link", name=f"In the prescription: {SECOND}")).to_be_focused()
    expect(page.locator("#said")).to_have_text(f"{SECOND} added.")

    hand.press(page.get_by_role("link", name=f"Change dose of {SECOND}"))

    expect(page.get_by_role("button", name="Save dose")).to_be_visible()
    assert page.evaluate("() => document.activeElement.closest('#dose-form') !== null")

    hand.press(page.get_by_role("button", name="Save dose"))

    expect(page.get_by_role("link", name=f"Change dose of {SECOND}")).to_be_focused()

    hand.press(page.get_by_role("button", name=f"Remove {SECOND}"))

    expect(page.get_by_role("heading", name="Prescription", exact=True)).to_be_focused()


def test_main_job_on_a_phone(new_context: NewContext) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
    page = new_context(**phone).new_page()

    do_the_main_job(Finger(page))

    patient_page = new_context(**phone).new_page()
    sign_in_as_patient(Finger(patient_page))


def test_main_job_without_javascript(new_context: NewContext) -> None:
    page = new_context(java_script_enabled=False).new_page()

    do_the_main_job(WithoutJavaScript(page))

    patient_page = new_context(java_script_enabled=False).new_page()
    sign_in_as_patient(WithoutJavaScript(patient_page))
