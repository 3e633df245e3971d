"""A new patient, a template, an active prescription and its handout, in a browser: how many interactions it takes."""

import pytest
from playwright.sync_api import Page, expect

from prescriptions.models import Prescription
from tests.browser import main_job
from tests.browser.conftest import NewContext
from tests.browser.hands import Finger, Keyboard, Mouse, WithoutJavaScript
from tests.browser.main_job import EXCLUDED, NAME, NEIGHBOUR

pytestmark = pytest.mark.usefixtures("catalogue")

LADDER = "Hamstring ladder for low back pain"
FIRST_STEP = "Wall Hamstring Stretch (both legs)"
FIRST_STEP_IN_PLAIN_WORDS = "Wall hamstring stretch (both legs)"

TOOK = 15
"""Interactions from the list of patients to the handout on the screen, the patient's confidence asked and answered:
4 for the patient, 4 for the condition, 1 for the review, 2 for the template, 3 to activate, 1 for the handout."""


def open_templates(hand: Mouse) -> None:
    """From the patient's page to the templates, each held against this patient's conditions."""
    page = hand.page
    hand.press(page.get_by_role("link", name="From a template"), is_main=True)
    expect(page.get_by_role("heading", name=f"Start {NAME} from a template")).to_be_visible()
    hand.look()


def use(hand: Mouse, phase: str) -> None:
    hand.press(hand.page.get_by_role("button", name=f"Use {phase} of {LADDER}"))
    expect(hand.page.get_by_role("heading", name=f"Prescription for {NAME}")).to_be_visible()
    hand.look()


def activate(hand: Mouse, *, confidence: str) -> None:
    page = hand.page
    hand.press(page.get_by_role("button", name="Review and activate"), is_main=True)
    expect(page.get_by_role("heading", name="Review and activate")).to_be_visible()
    hand.look()
    if isinstance(hand, Keyboard):
        first = page.get_by_role("radio", name="0", exact=True)
        hand.press_keys(first, ["Space", *["ArrowRight"] * int(confidence)])
    else:
        hand.press(page.get_by_text(confidence, exact=True))
    hand.press(page.get_by_role("button", name="Activate prescription"), is_main=True)
    expect(page.get_by_text(f"The prescription for {NAME} is active.")).to_be_visible()
    hand.look()


def add_patient_with_slipped_disc(hand: Mouse) -> None:
    main_job.sign_in(hand, main_job.make_clinician())
    hand.actions.clear()
    main_job.add_patient(hand)
    main_job.record_slipped_disc(hand)
    main_job.attest_review(hand)


def test_from_a_new_patient_to_the_handout_with_a_template(page: Page) -> None:
    hand = Mouse(page)

    add_patient_with_slipped_disc(hand)
    open_templates(hand)
    use(hand, "Wall")
    main_job.expect_prescribed(page, FIRST_STEP)
    activate(hand, confidence="8")
    main_job.open_handout(hand)

    expect(page.locator(".sheet-stretch h2 bdi")).to_have_text([FIRST_STEP_IN_PLAIN_WORDS])
    prescription = Prescription.objects.get()
    assert (prescription.confidence_score, prescription.template_phase.template.name) == (8, LADDER)
    assert len(hand.actions) == TOOK <= 15, "\n".join(hand.actions)


def leave_out_and_take_the_neighbour(hand: Mouse) -> None:
    page = hand.page
    add_patient_with_slipped_disc(hand)
    open_templates(hand)
    use(hand, "Standing")
    left_out = page.get_by_role("region", name=f"Left out of “Standing”, {LADDER}")
    expect(left_out.get_by_role("heading", name=EXCLUDED)).to_be_visible()
    expect(left_out).to_contain_text(main_job.WHY)
    expect(left_out.get_by_role("paragraph").filter(has_text=main_job.SOURCE).first).to_be_visible()
    hand.press(left_out.get_by_role("button", name=f"Add instead {NEIGHBOUR}", exact=True))
    main_job.expect_prescribed(page, NEIGHBOUR)
    expect(left_out).to_contain_text(f"Its safe neighbour is in the prescription: {NEIGHBOUR}")
    activate(hand, confidence="4")
    expect(page.get_by_text("4 of 10: consider a shorter programme")).to_be_visible()


def test_what_is_left_out_has_a_neighbour_one_click_away(page: Page) -> None:
    leave_out_and_take_the_neighbour(Mouse(page))


def test_the_same_with_the_keyboard_alone(new_context: NewContext) -> None:
    leave_out_and_take_the_neighbour(Keyboard(new_context(reduced_motion="reduce").new_page()))


def test_the_same_on_a_phone(new_context: NewContext) -> None:
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}

    leave_out_and_take_the_neighbour(Finger(new_context(**phone).new_page()))


def test_the_same_without_javascript(new_context: NewContext) -> None:
    leave_out_and_take_the_neighbour(WithoutJavaScript(new_context(java_script_enabled=False).new_page()))


def test_a_low_confidence_is_answered_at_once(page: Page) -> None:
    hand = Mouse(page)
    add_patient_with_slipped_disc(hand)
    open_templates(hand)
    use(hand, "Wall")
    page.get_by_role("button", name="Review and activate").click()
    hint = page.locator(".confidence-hint")
    quiet = hint.evaluate("element => getComputedStyle(element).backgroundColor")

    page.get_by_text("6", exact=True).click()
    loud = hint.evaluate("element => getComputedStyle(element).backgroundColor")
    page.get_by_text("7", exact=True).click()

    assert loud != quiet
    assert hint.evaluate("element => getComputedStyle(element).backgroundColor") == quiet
