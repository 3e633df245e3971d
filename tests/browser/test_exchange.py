"""A file into the catalogue, in a browser: sent, told what is wrong, shown, imported with its progress."""

from pathlib import Path

from django.contrib.auth.models import Group
from playwright.sync_api import expect

from accounts.models import CATALOGUE_ADMINS, User
from stretches.models import Source, Stretch
from tests.admin_pages import admin_url
from tests.browser.conftest import NewContext
from tests.browser.test_admin_site import look
from tests.browser.test_every_page import Check, SignIn
from tests.factories import SourceFactory
from tests.stretches.exchanging import STRETCH, table


def test_a_file_from_the_form_to_the_catalogue(
    new_context: NewContext, sign_in: SignIn, assert_accessible: Check, complaints: list[str], tmp_path: Path
) -> None:
    Group.objects.get_or_create(name=CATALOGUE_ADMINS)  # made by a migration, and gone with the test before
    SourceFactory(slug="smith-2020")
    context = new_context()
    sign_in(context, User.objects.create_superuser("operator@example.org", full_name="Olga Operator"))
    page = context.new_page()
    bad, good = tmp_path / "bad.csv", tmp_path / "good.csv"
    bad.write_bytes(table("stretches", STRETCH | {"difficulty": 9, "position": "upside down"}))
    other = {"slug": "smith-2020", "citation": "Smith, put otherwise.", "verification": "read"}
    good.write_bytes(table("stretches", *[STRETCH | {"slug": f"s-{number}"} for number in range(30)]))
    (tmp_path / "other.csv").write_bytes(table("sources", other))

    page.goto(admin_url(Source, "changelist").replace("source", "catalogueimport"))
    page.get_by_role("link", name="Export the catalogue").click()
    expect(page.get_by_role("link", name="All of it as JSON")).to_be_visible()
    look(page, assert_accessible, complaints)

    page.goto(admin_url(Source, "changelist").replace("source", "catalogueimport"))
    page.get_by_role("link", name="Add import").click()
    page.get_by_label("File").set_input_files(bad)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("cell", name="9 is not 1 to 5")).to_be_visible()
    look(page, assert_accessible, complaints)

    page.get_by_label("File").set_input_files(tmp_path / "other.csv")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("cell", name="Smith, put otherwise.")).to_be_visible()
    look(page, assert_accessible, complaints)

    page.goto("/admin/stretches/catalogueimport/add/")
    page.get_by_label("File").set_input_files(good)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("region", name="Rows, table by table").get_by_text("Stretches")).to_be_visible()
    page.get_by_role("button", name="Add what is new").click()
    expect(page.get_by_text("Done. Imported from “good.csv”")).to_be_visible(timeout=120_000)
    expect(page.get_by_role("progressbar")).to_have_count(0)  # of all lines only the last is there to see
    look(page, assert_accessible, complaints)
    page.get_by_role("link", name="What became of this file").click()
    expect(page.get_by_text("added 2 movements")).to_be_visible()
    look(page, assert_accessible, complaints)

    assert Stretch.objects.filter(status="draft").count() == 30
