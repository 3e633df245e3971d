"""The player as a patient uses it, on a phone, with the time in our hands."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from prescriptions.models import StretchPause
from routines.models import StretchLog
from tests.browser.player_hands import HEADING, PHONE, answer, go, open_player, phase, prescribe, start_part, until
from tests.factories import PatientFactory, UserFactory


@pytest.fixture
def routine(catalogue):
    return prescribe()


@pytest.fixture
def page(new_context, sign_in, routine):
    """A phone on which the patient is signed in, whose clock stands still until it is told to run."""
    context = new_context(**PHONE)
    sign_in(context, routine.patient.user)
    page = context.new_page()
    open_player(page)
    return page


def run_for(page, seconds):
    page.clock.run_for(seconds * 1000)


def logs():
    return list(StretchLog.objects.order_by("logged_at"))


def test_routine_play_from_the_first_stretch_to_the_last(page, routine):
    page.clock.install()
    start_part(page, "On getting up")

    # Each side in turn, with a pause in the middle that takes as long as it takes
    go(page)
    assert phase(page) == "Get ready Left side"
    run_for(page, 6)
    assert phase(page) == "Hold Left side"
    go(page)
    run_for(page, 120)
    assert phase(page) == "Hold Left side"
    go(page)
    run_for(page, 10)
    assert phase(page) == "Rest Left side"
    run_for(page, 5 + 10 + 1)
    assert phase(page) == "Change sides Right side"
    run_for(page, 5 + 10 + 5 + 11)
    answer(page, pain=2, note="Felt good")

    # The second is skipped, the third hurts
    expect(page.locator(HEADING)).to_have_text("Pelvic tilt")
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="Too tired").click()
    expect(page.locator(HEADING)).to_have_text("Calf stretch")
    go(page)
    run_for(page, 6 + 10 + 5 + 11)
    answer(page, pain=7)

    expect(page.locator(HEADING)).to_have_text("Stop this one")
    expect(page.get_by_text("Your clinic is told")).to_be_visible()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_text("You have done 1 of 3.")).to_be_visible()
    expect(page.get_by_text("All of it is stored.")).to_be_visible()
    first, second, third = logs()
    assert (first.outcome, first.pain_score, first.held_seconds, first.note) == ("done", 2, 10, "Felt good")
    assert (second.outcome, second.skip_reason, second.pain_score) == ("skipped", "tired", None)
    assert (third.outcome, third.pain_score) == ("done", 7)
    assert StretchPause.objects.open().get().stretch == third.stretch
    page.reload()
    expect(page.get_by_text("Paused: ask your clinic")).to_be_visible()
    page.get_by_role("button", name=re.compile("On getting up")).click()
    expect(page.locator(HEADING)).to_have_text("Towel stretch")
    expect(page.get_by_text("Stretch 1 of 2")).to_be_visible()


def test_a_phone_that_slept_waits_for_its_owner(page):
    page.clock.install()
    start_part(page, "On getting up")
    go(page)
    run_for(page, 7)

    page.clock.fast_forward(60_000)

    expect(page.locator('[data-slot="phase"]')).to_contain_text("The phone was asleep")
    expect(page.locator('[data-do="go"]')).to_contain_text("Go on")
    run_for(page, 60)
    expect(page.locator('[data-do="go"]')).to_contain_text("Go on")
    go(page)
    expect(page.locator('[data-do="go"]')).to_contain_text("Pause")
    assert phase(page) == "Rest Left side"


def test_the_keyboard_is_enough(page):
    page.clock.install()
    start_part(page, "On getting up")

    page.keyboard.press("Space")
    run_for(page, 6)
    assert phase(page) == "Hold Left side"
    page.keyboard.press("Space")
    expect(page.locator('[data-do="go"]')).to_contain_text("Go on")
    page.keyboard.press("ArrowRight")
    expect(page.locator(HEADING)).to_have_text("Why skip it?")
    page.keyboard.press("Escape")

    expect(page).to_have_url(re.compile("/today/$"))


def test_what_is_announced_is_what_changes(page):
    page.clock.install()
    page.evaluate(
        """() => {
            window.announced = [];
            const region = document.getElementById("announce");
            new MutationObserver(() => announced.push(region.textContent)).observe(region, {childList: true});
        }"""
    )
    start_part(page, "On getting up")
    go(page)

    run_for(page, 5 + 10 + 5 + 10 + 5 + 10 + 5 + 10 + 1)

    expect(page.locator(HEADING)).to_have_text("How was it?")
    assert page.evaluate("() => announced") == [
        "Get ready. Now: Left side.",
        "Hold. Left side.",
        "Rest.",
        "Hold. Left side.",
        "Change sides. Now: Right side.",
        "Hold. Right side.",
        "Rest.",
        "Hold. Right side.",
        "Done. How was it?",
    ]


def test_pain_and_spreading_have_to_be_answered(page):
    page.clock.install()
    start_part(page, "On getting up")
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="It hurt").click()

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Tap a number, 0 if it did not hurt.")).to_be_visible()
    expect(page.get_by_text("Tap No or Yes.")).to_be_visible()
    assert logs() == []
    answer(page, pain=1, spread=True)
    expect(page.locator(HEADING)).to_have_text("Stop this one")


def test_what_is_switched_off_stays_off(page):
    page.get_by_role("button", name="Sound, voice and pictures").click()
    page.get_by_label("Hold the pictures still").check()
    page.get_by_label("Tones").uncheck()
    page.get_by_role("button", name="Done").click()

    page.reload()
    start_part(page, "On getting up")

    assert "animated" not in page.locator("[data-picture]").get_attribute("src")
    page.get_by_role("button", name="Sound, voice and pictures").click()
    expect(page.get_by_label("Tones")).not_to_be_checked()


def test_an_emergency_stops_everything_here_and_elsewhere(page, new_context, sign_in, routine):
    other = new_context(**PHONE)
    sign_in(other, routine.patient.user)
    elsewhere = other.new_page()
    open_player(elsewhere)
    start_part(elsewhere, "On getting up")
    start_part(page, "On getting up")
    go(page)

    page.get_by_role("button", name="Something is wrong?").click()
    page.locator(".player-question").filter(has_text="numbness or tingling around the genitals").get_by_role(
        "button"
    ).click()

    expect(page.locator(HEADING)).to_have_text("Stop: do not stretch")
    expect(page.get_by_text("Call your local emergency number or go to an emergency department now.")).to_be_visible()
    expect(page.get_by_text(routine.patient.clinic.urgent_care_text)).to_be_visible()
    expect(page.get_by_role("link", name="Call 01632 960 123")).to_be_visible()
    until(page, lambda: routine.patient.routine_stops.open().exists())
    elsewhere.evaluate("() => dispatchEvent(new Event('online'))")
    expect(elsewhere.locator(HEADING)).to_have_text("Stop: do not stretch")
    page.reload()
    expect(page.locator(HEADING)).to_have_text("Stop: do not stretch")

    clinician = routine.created_by
    routine.patient.routine_stops.model.reopen(routine.patient, by=clinician, at=timezone.now(), note="Spoke by phone.")
    for each in (page, elsewhere):
        each.evaluate("() => dispatchEvent(new Event('online'))")
        expect(each.get_by_role("button", name=re.compile("On getting up"))).to_be_visible()


def test_what_the_clinic_pauses_is_gone_while_it_is_being_done(page, routine):
    start_part(page, "On getting up")
    go(page)
    stretch = routine.items.earliest("position").stretch
    StretchPause.begin(routine.patient, stretch, reason="pain", at=timezone.now())

    page.evaluate("() => dispatchEvent(new Event('online'))")

    expect(page.locator("#screen")).to_contain_text("Your clinic has paused this stretch.")
    page.get_by_role("link", name="Go on").click()
    expect(page.locator(HEADING)).to_have_text("Pelvic tilt")


def test_whoever_has_no_routine_is_told_so(new_context, sign_in):
    user = UserFactory()
    PatientFactory(user=user)
    context = new_context(**PHONE)
    sign_in(context, user)
    page = context.new_page()

    page.goto("/today/play/")

    expect(page.locator(HEADING)).to_have_text("No stretches yet")
