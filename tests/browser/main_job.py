"""The main job, step by step, for any hand: from signing in to the routine that the patient sees.

A clinician adds a patient, records a slipped disc, sees that the standing hamstring stretch is excluded and why, takes
the safe neighbour, activates and prints; the patient signs in and sees what was prescribed.
"""

from playwright.sync_api import Page, expect

from accounts.models import User
from patients.models import Patient
from tests.browser.hands import Mouse, word
from tests.factories import ClinicFactory, ClinicianFactory, UserFactory

PASSWORD = "a long way to the beach"
NAME = "Walter Brandt"
EXCLUDED = "Standing Hamstring Stretch"
NEIGHBOUR = "Supine 90-90 Hamstring Stretch"
SECOND = "Chin Tuck"
IN_PLAIN_WORDS = {
    EXCLUDED: "Standing hamstring stretch",
    NEIGHBOUR: "Hamstring stretch lying on your back",
    SECOND: "Chin tuck",
}
"""What the patient reads, on the screen and on paper."""

WHY = "name a ruptured or herniated lumbar disc as a condition this stretch may exacerbate"
SOURCE = "Back-pain patient article"


def make_clinician() -> User:
    """Somebody who treats patients at a clinic, and has a password."""
    clinic = ClinicFactory(name="Hill Road Physiotherapy", phone="01632 960 456")
    return with_password(ClinicianFactory(clinic=clinic, full_name="Priya Raman"))


def make_patient_user() -> User:
    """The patient of the journey as the person who signs in. What links the two is not part of the journey yet."""
    user = with_password(UserFactory(full_name=NAME))
    assert Patient.objects.filter(full_name=NAME).update(user=user) == 1
    return user


def with_password(user: User) -> User:
    """Give somebody the password of the journey."""
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def sign_in(hand: Mouse, user: User) -> None:
    """Use the sign-in form, with the password."""
    page = hand.page
    page.goto("/accounts/login/")
    hand.look()
    hand.press(page.get_by_text("Use my password"))
    with_password_form = page.locator("form").filter(has=page.get_by_label("Password"))
    hand.fill(with_password_form.get_by_label("Email"), user.email)
    hand.fill(with_password_form.get_by_label("Password"), PASSWORD)
    hand.press(with_password_form.get_by_role("button", name="Sign in"), is_main=True)


def add_patient(hand: Mouse) -> None:
    """From the page that signing in leads to, to the new patient's page."""
    page = hand.page
    expect(page.get_by_role("heading", name="Today", exact=True)).to_be_visible()
    hand.look()
    hand.press(page.get_by_role("link", name="Add patient").first, is_main=True)
    expect(page.get_by_role("heading", name="Add patient")).to_be_visible()
    hand.look()
    hand.fill(page.get_by_label("Name"), NAME)
    hand.fill(page.get_by_label("Date of birth"), "1960-05-05", typed="05051960")
    hand.press(page.get_by_role("button", name="Add patient"), is_main=True)
    expect(page.get_by_role("heading", name=NAME, exact=True)).to_be_visible()
    hand.look()


def record_slipped_disc(hand: Mouse) -> None:
    """Find the code by a synonym, and record it."""
    page = hand.page
    hand.press(page.get_by_role("link", name="Record condition"))
    expect(page.get_by_role("heading", name="Record condition")).to_be_visible()
    hand.look()
    hand.search(page.get_by_label("Search conditions"), "slipped disc")
    choice = page.get_by_role("button", name=word("Choose")).first  # what is called just so, before its kinds
    expect(choice).to_have_accessible_name(word("Choose Lumbar disc herniation"))
    expect(choice).to_contain_text("also called “slipped disc”")
    hand.press(choice)
    expect(page.get_by_role("button", name="Save condition")).to_be_visible()
    hand.look()
    hand.press(page.get_by_role("button", name="Save condition"), is_main=True)


def attest_review(hand: Mouse) -> None:
    """Say that every condition was asked about: recording one for a patient who is due leads here."""
    page = hand.page
    expect(page.get_by_role("heading", name="Review all conditions")).to_be_visible()
    hand.look()
    hand.press(page.get_by_role("button", name="Every condition was asked about today"), is_main=True)
    expect(page.get_by_text("Reviewed on")).to_be_visible()


def open_builder(hand: Mouse) -> None:
    """Start a prescription from the patient's page."""
    page = hand.page
    hand.press(page.get_by_role("button", name="Prescribe"), is_main=True)
    expect(page.get_by_role("heading", name=f"Prescription for {NAME}")).to_be_visible()
    hand.look()


def take_neighbour(hand: Mouse) -> None:
    """Look among the excluded, read why, and take what is offered in its place."""
    page = hand.page
    expect(page.get_by_role("button", name=f"Add {EXCLUDED}", exact=True)).to_have_count(0)
    hand.press(page.get_by_role("link", name="Excluded (1)"))
    card = page.get_by_role("article").filter(has=page.get_by_role("heading", name=EXCLUDED, exact=True))
    expect(card).to_contain_text(WHY)
    expect(card.get_by_role("list").filter(has_text="Lumbar disc herniation").first).to_be_visible()
    expect(card.get_by_role("paragraph").filter(has_text=SOURCE).first).to_be_visible()
    expect(card).to_contain_text(f"Safe neighbour{NEIGHBOUR}")
    hand.look()
    hand.press(card.get_by_role("button", name=f"Add instead {NEIGHBOUR}", exact=True))
    expect_prescribed(page, NEIGHBOUR)


def add_second(hand: Mouse) -> None:
    """Find another that is allowed, and add it."""
    page = hand.page
    hand.search(page.get_by_label("Search stretches by name or muscle"), "chin")
    add = page.get_by_role("button", name=f"Add {SECOND}", exact=True)
    expect(page.locator("#offers").get_by_role("button", name=word("Add"))).to_have_count(1)
    hand.press(add)
    expect_prescribed(page, NEIGHBOUR, SECOND)
    hand.look()


def activate(hand: Mouse) -> None:
    """From the builder, over the page that shows it all, to a prescription in force."""
    page = hand.page
    hand.press(page.get_by_role("button", name="Review and activate"), is_main=True)
    expect(page.get_by_role("heading", name="Review and activate")).to_be_visible()
    hand.look()
    hand.press(page.get_by_role("button", name="Activate prescription"), is_main=True)
    expect(page.get_by_text(f"The prescription for {NAME} is active.")).to_be_visible()
    hand.look()


def open_handout(hand: Mouse) -> None:
    """The page that is printed."""
    page = hand.page
    hand.press(page.get_by_role("link", name="Handout"))
    expect(page.get_by_text(f"For {NAME}")).to_be_visible()
    hand.look()


def expect_prescribed(page: Page, *names: str) -> None:
    """The draft holds these, in this order."""
    draft = page.get_by_role("region", name="Prescription", exact=True)
    expect(draft.get_by_role("heading", level=3)).to_have_text(list(names))


def expect_routine(page: Page, *names: str) -> None:
    """The patient's page shows these and no other, in this order in every part of the day; now comes first."""
    expect(page.get_by_role("article")).not_to_have_count(0)
    wanted = [IN_PLAIN_WORDS[name] for name in names]
    parts = page.get_by_role("list").filter(has=page.locator("> li > article")).all()
    shown = [part.get_by_role("article").get_by_role("heading").all_text_contents() for part in parts]
    assert {name for part in shown for name in part} == set(wanted)
    assert shown == [[name for name in wanted if name in part] for part in shown]
