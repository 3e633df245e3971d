"""Choosing how to read, without a line of script; and the pages of visitors in Spanish, as large as they get."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import Clinic, User
from tests.browser.conftest import NewContext
from tests.browser.examples import path_of
from tests.browser.test_every_page import OF_VISITORS, Check, SignIn, examine, open_page
from tests.factories import PatientFactory, UserFactory


def choose(page: Page, language: str, size: str, save: str) -> None:
    page.goto(reverse("accounts:reading_edit"))
    page.get_by_label(language, exact=True).check()
    page.get_by_label(size, exact=True).check()
    page.get_by_role("button", name=save, exact=True).click()


def test_visitors_pages_in_spanish_and_very_large(
    demo_clinic: Clinic, new_context: NewContext, assert_accessible: Check
) -> None:
    page = new_context().new_page()
    choose(page, "Español", "Very large", "Save")
    faults = []

    for name, examples in OF_VISITORS.items():
        for arguments in examples:
            try:
                open_page(page, path_of(name, arguments))
                expect(page.locator("html")).to_have_attribute("lang", "es")
                examine(page, assert_accessible)
            except AssertionError as fault:  # name them all at once
                faults.append(str(fault))

    assert not faults, "\n\n".join(faults)


def test_a_visitor_switches_the_language_where_the_code_is_asked_for(db: None, new_context: NewContext) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(reverse("account_login"))

    page.get_by_role("button", name="Español").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Entrar")
    expect(page.get_by_role("button", name="English")).to_be_visible()


@pytest.fixture
def patient(db: None) -> User:
    return PatientFactory(user=UserFactory()).user


def test_a_patient_finds_the_settings_and_reads_larger(patient: User, new_context: NewContext, sign_in: SignIn) -> None:
    context = new_context()
    sign_in(context, patient)
    page = context.new_page()
    page.goto(reverse("routines:routine_today"))
    before = page.evaluate("() => parseFloat(getComputedStyle(document.body).fontSize)")

    page.locator(".user-menu summary").click()
    page.get_by_role("link", name="Settings").click()
    choose(page, "English", "Very large", "Save")
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.goto(reverse("routines:routine_today"))

    assert page.evaluate("() => parseFloat(getComputedStyle(document.body).fontSize)") == pytest.approx(before * 1.5)
