"""The clinician's day in a browser: it fits and reads well, and works with and without JavaScript."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import Clinic, User
from clinic import demo_attention
from tests.browser.conftest import NewContext
from tests.browser.test_every_page import examine, member, open_page
from tests.factories import ClinicianFactory, PatientFactory

SignIn = Callable[[BrowserContext, User], None]


@pytest.fixture
def busy_clinic(demo_clinic: Clinic) -> Clinic:
    """The demo clinic with every kind of line."""
    demo_attention.load(at=timezone.now())
    return demo_clinic


def test_attention_list_and_attention_decision_record(
    new_context: NewContext, sign_in: SignIn, busy_clinic: Clinic, assert_accessible: Callable[..., None]
) -> None:
    context = new_context()
    sign_in(context, member("sam"))
    page = context.new_page()

    open_page(page, "/queue/")
    expect(page.get_by_role("heading", level=2)).to_have_count(8)
    examine(page, assert_accessible)

    page.get_by_role("button", name="I have it for Edith Marlowe (Stopped by a red flag)").click()
    expect(page.get_by_text("Seen: Edith Marlowe is in your hands.")).to_be_visible()
    page.get_by_role("link", name="Close for Leo Marchetti (Nothing logged yet)").click()
    examine(page, assert_accessible)
    page.get_by_label("Put it off").check()
    page.get_by_role("button", name="Record decision").click()
    page.get_by_text("Put off: 1").click()
    expect(page.get_by_text("Nothing logged in 5 days")).to_be_visible()
    examine(page, assert_accessible)

    open_page(page, "/queue/?whose=mine")
    expect(page.get_by_role("link", name="Oskar Nyberg", exact=True)).to_have_count(0)
    examine(page, assert_accessible)


def test_without_javascript_a_line_is_seen_put_back_and_revised(
    new_context: NewContext, sign_in: SignIn, busy_clinic: Clinic
) -> None:
    context = new_context(java_script_enabled=False)
    sign_in(context, member("sam"))
    page = context.new_page()
    open_page(page, "/queue/?whose=mine")

    page.get_by_role("button", name="I have it for Yusuf Demir (Not safe any more)").click()
    expect(page).to_have_url("/queue/?whose=mine")
    expect(page.get_by_text("Seen by Sam Okoye")).to_be_visible()
    page.get_by_role("button", name="Put back for Yusuf Demir (Not safe any more)").click()
    page.get_by_role("button", name="Revise for Yusuf Demir (Not safe any more)").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Yusuf Demir")


def test_a_wrong_decision_says_so_beside_the_field(
    new_context: NewContext,
    sign_in: SignIn,
    busy_clinic: Clinic,
    assert_accessible: Callable[..., None],
    complaints: list[str],
) -> None:
    context = new_context()
    sign_in(context, member("ines"))
    page = context.new_page()
    open_page(page, "/queue/")
    page.get_by_role("link", name="Put off for Siân Powell (Conditions review due)").click()

    page.get_by_label("Put it off").check()
    page.get_by_label("Until").fill("2999-01-01")
    page.get_by_label("Note").fill("She is at sea.")
    page.get_by_role("button", name="Record decision").click()

    expect(page.get_by_text("Choose a day from tomorrow to")).to_be_visible()
    expect(page.get_by_label("Note")).to_have_value("She is at sea.")
    examine(page, assert_accessible)
    assert all("status of 422" in complaint for complaint in complaints)
    complaints.clear()


def test_the_choice_of_who_treats_and_is_treated_and_a_quiet_day(
    new_context: NewContext, sign_in: SignIn, live_server: LiveServer, assert_accessible: Callable[..., None]
) -> None:
    both = ClinicianFactory()
    PatientFactory(user=both)
    context = new_context()
    sign_in(context, both)
    page = context.new_page()

    open_page(page, "/")
    examine(page, assert_accessible)
    page.get_by_role("link", name="My patients today").click()
    page.get_by_role("link", name="Mine").click()

    expect(page.get_by_role("heading", name="All quiet")).to_be_visible()
    examine(page, assert_accessible)
