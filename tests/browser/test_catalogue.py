"""Looking for a stretch as one types, in a browser."""

import re

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import NewContext
from tests.factories import AdminFactory

pytestmark = pytest.mark.usefixtures("catalogue")


def shown(page: Page, count: int, *, guess: str = "") -> None:
    said = rf"Nothing is called “{guess}”. Close to it:\s*" if guess else ""
    expect(page.get_by_role("status")).to_have_text(re.compile(rf"^\s*{said}{count} stretch"))


def test_stretch_list_finds_as_one_types_and_counts_again(new_context: NewContext, sign_in) -> None:
    context: BrowserContext = new_context()
    sign_in(context, AdminFactory(password=make_password("a password")))
    page = context.new_page()
    page.goto("/stretches/")
    search = page.get_by_role("searchbox")
    shown(page, 45)

    search.press_sequentially("hamstirng")

    shown(page, 8, guess="hamstirng")
    expect(search).to_be_focused()
    expect(page.get_by_label("Position", exact=True).locator("option:checked")).to_have_text("Any")
    page.get_by_label("Position", exact=True).focus()
    page.get_by_label("Position", exact=True).select_option(label="Lying on the back (4)")
    shown(page, 4, guess="hamstirng")
    expect(page.get_by_label("Position", exact=True)).to_be_focused()
    expect(page.get_by_label("Difficulty", exact=True)).to_contain_text("2 (2)")
    expect(page).to_have_url(re.compile("q=hamstirng&.*position=supine"))
    page.get_by_role("link", name="Towel Hamstring Stretch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Towel Hamstring Stretch")
    page.go_back()
    shown(page, 4, guess="hamstirng")
