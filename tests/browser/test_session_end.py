"""A minute before the end a page says so; at the end it leaves, and what was typed is there after signing in."""

import datetime
import re

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Page, expect

from accounts import sessions
from tests.browser.test_every_page import Check, examine
from tests.factories import ClinicianFactory

PASSWORD = "a long and boring password"


def lasts(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    limit = sessions.Limit(idle=datetime.timedelta(seconds=seconds), in_all=datetime.timedelta(hours=12))
    monkeypatch.setattr(sessions, "STAFF", limit)


def test_the_end_of_a_session(
    page: Page, transactional_db: None, monkeypatch: pytest.MonkeyPatch, assert_accessible: Check
) -> None:
    user = ClinicianFactory(password=make_password(PASSWORD))

    def by_password() -> None:
        page.get_by_text("Use my password").click()
        form = page.locator("form").filter(has=page.get_by_label("Password"))
        form.get_by_label("Email").fill(user.email)
        form.get_by_label("Password").fill(PASSWORD)
        form.get_by_role("button", name="Sign in").click()

    page.goto("/accounts/login/?next=/patients/add/")
    by_password()
    expect(page.get_by_label("Name")).to_be_visible()
    examine(page, assert_accessible)
    expect(page.get_by_role("dialog")).to_have_count(0)

    lasts(monkeypatch, 50)
    page.reload()
    expect(page.get_by_role("dialog", name="Are you still there?")).to_be_visible()
    examine(page, assert_accessible)
    lasts(monkeypatch, 900)
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    lasts(monkeypatch, 8)
    page.reload()
    page.get_by_label("Name").evaluate(
        "field => { field.value = 'Ada Lovelace'; field.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    expect(page).to_have_url(re.compile("/accounts/login/"), timeout=20_000)
    lasts(monkeypatch, 900)
    by_password()
    expect(page.get_by_label("Name")).to_have_value("Ada Lovelace")
    expect(page.get_by_text("Here is what you had typed")).to_be_visible()
