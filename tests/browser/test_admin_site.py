"""Django's admin site: every page of it, and what its scripts draw, keeps what all our pages keep."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Clinic, Membership, User
from stretches.impact import change_begins
from stretches.models import Source, Stretch
from stretches.proposing import propose
from stretches.review import retire
from tests.admin_pages import admin_url
from tests.browser.conftest import NewContext
from tests.browser.test_every_page import Check, SignIn, examine, open_page

Paths = Callable[[], Iterator[str]]


@pytest.fixture
def page(new_context: NewContext, sign_in: SignIn, demo_clinic: Clinic) -> Page:
    """The browser of a superuser, with the demo clinic's people to look at."""
    context = new_context()
    sign_in(context, User.objects.create_superuser("operator@example.org", full_name="Olga Operator"))
    page: Page = context.new_page()
    return page


def models() -> list[type[Model]]:
    return list(admin.site._registry)


def fronts() -> Iterator[str]:
    yield reverse("admin:index")
    yield reverse("admin:password_change")
    yield from (reverse("admin:app_list", args=[app]) for app in ("accounts", "auth", "stretches"))


def lists() -> Iterator[str]:
    yield from (admin_url(model, "changelist") for model in models())
    yield admin_url(Stretch, "changelist") + "?_facets=True&status__exact=reviewed&q=ham&o=2.1"
    yield admin_url(Stretch, "changelist") + "?_popup=1"
    yield admin_url(User, "changelist") + "?q=nobody+is+called+this"
    yield reverse("admin:stretches_stretch_lint")


def forms_to_add() -> Iterator[str]:
    request = RequestFactory().get("/")
    request.user = User.objects.get(is_superuser=True)
    yield from (
        admin_url(model, "add") for model in models() if admin.site._registry[model].has_add_permission(request)
    )
    yield admin_url(Source, "add") + "?_popup=1"


def forms_to_change() -> Iterator[str]:
    firsts = (model._default_manager.first() for model in models())
    yield from (admin_url(type(row), "change", row.pk) for row in firsts if row is not None)


def pages_about_a_row() -> Iterator[str]:
    for model in (Stretch, Source, Clinic):
        yield admin_url(model, "history", model._default_manager.earliest("pk").pk)
    version = Stretch.history.earliest("history_id")
    yield admin_url(Stretch, "simple_history", version.id, version.history_id)
    for deletable in (Stretch, Source, Membership):
        yield admin_url(deletable, "delete", deletable._default_manager.earliest("pk").pk)


def reviews() -> Iterator[str]:
    """Of a stretch with something to decide, of a published and of a retired one."""
    waiting, published, retired = Stretch.objects.filter(contraindications__severity="absolute").distinct()[:3]
    waiting.contraindications.filter(severity="absolute").delete()
    now, by = timezone.now(), User.objects.get(email="operator@example.org")
    propose([waiting.pk], by=by, at=now, why="Something is missing.")
    retire(retired, by=by, at=now, why="A study found harm.", change=change_begins([retired.pk], at=now))
    yield from (reverse("admin:stretches_stretch_review", args=[each.pk]) for each in (waiting, published, retired))


def look(page: Page, assert_accessible: Check, complaints: list[str]) -> None:
    """Examine the page as it stands; nothing is complained about until axe comes."""
    heard = list(complaints)
    try:
        examine(page, assert_accessible)
    finally:
        complaints.clear()  # axe itself tries styles on the admin site's lists, which the policy refuses
    assert heard == [], page.url


@pytest.mark.parametrize("paths", [fronts, lists, forms_to_add, forms_to_change, pages_about_a_row, reviews])
def test_the_admin_site(paths: Paths, page: Page, assert_accessible: Check, complaints: list[str]) -> None:
    faults = []
    for path in paths():
        try:
            open_page(page, path)
            page.wait_for_load_state("networkidle")
            look(page, assert_accessible, complaints)
        except AssertionError as fault:  # name them all at once
            faults.append(str(fault))

    assert not faults, "\n\n".join(faults)


def test_a_list_to_choose_from_is_named_by_its_field(
    page: Page, assert_accessible: Check, complaints: list[str]
) -> None:
    open_page(page, admin_url(Stretch, "add"))
    page.wait_for_load_state("networkidle")

    page.get_by_role("combobox", name="Source", exact=False).click()

    expect(page.get_by_role("searchbox", name="Source:")).to_be_focused()
    expect(page.get_by_role("region", name="Source:").get_by_role("option").nth(3)).to_be_visible()
    look(page, assert_accessible, complaints)


def test_a_row_added_below_a_form_is_named_by_its_columns(
    page: Page, assert_accessible: Check, complaints: list[str]
) -> None:
    page.goto(admin_url(Stretch, "add"))

    page.get_by_role("button", name="Add another Contraindication").click()

    row = page.locator("#contraindications-0")
    for name in ("Severity", "From week", "Rationale"):
        expect(row.get_by_label(name)).to_be_visible()
    expect(row.get_by_role("combobox", name="Condition code")).to_be_visible()
    look(page, assert_accessible, complaints)


def test_a_form_of_the_admin_site_that_was_filled_in_wrongly(
    page: Page, assert_accessible: Check, complaints: list[str]
) -> None:
    page.goto(admin_url(Stretch, "add"))
    page.get_by_role("button", name="Add another Contraindication").click()

    page.get_by_role("button", name="Save", exact=True).first.click()

    expect(page.get_by_text("Please correct the errors below.")).to_be_visible()
    look(page, assert_accessible, complaints)


def test_rows_ticked_in_a_list_of_the_admin_site(page: Page, assert_accessible: Check, complaints: list[str]) -> None:
    page.goto(admin_url(Stretch, "changelist"))

    page.get_by_label("Select all objects on this page for an action").check()

    expect(page.locator(".action-counter")).to_contain_text("selected")
    look(page, assert_accessible, complaints)


def test_a_decision_about_a_proposal_and_the_question_whom_it_concerns(
    page: Page, assert_accessible: Check, complaints: list[str]
) -> None:
    page.goto(next(reviews()))

    page.locator("summary", has_text="Change or reject").first.click()
    page.get_by_role("button", name="Reject").first.click()

    expect(page.get_by_text("Say why, in words: it is recorded with your name.")).to_be_visible()
    look(page, assert_accessible, complaints)
    page.get_by_role("button", name="Retire").click()
    page.get_by_role("button", name="Retire").click()
    expect(page.get_by_text("Say why: it is recorded with your name.")).to_be_visible()
    look(page, assert_accessible, complaints)
