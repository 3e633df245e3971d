"""Passkeys in a real browser, with a device of Chromium's own: made, used, removed, and of nobody else."""

import re
from base64 import b64encode
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import BrowserContext, CDPSession, Page, ViewportSize, expect

from accounts.models import Clinic
from patients.models import Invitation, Patient
from tests.browser.conftest import NewContext
from tests.browser.test_every_page import Check, SignIn, examine, member
from tests.factories import UserFactory

NARROW: ViewportSize = {"width": 360, "height": 740}
PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
LIST, LOGIN = "/accounts/passkeys/", "/accounts/login/"


@pytest.fixture
def newcomer(demo_clinic: Clinic) -> Patient:
    """Somebody whom the clinic has no address of."""
    return Patient.objects.create(
        clinic=demo_clinic, full_name="Walter Brandt", born_on="1950-05-04", conditions_reviewed_on=demo_clinic.today()
    )


def hold_phone(page: Page, *, credentials: list[dict[str, Any]] | None = None) -> tuple[CDPSession, str]:
    """Let this page have a phone that keeps passkeys, with what another one keeps."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    phone = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})["authenticatorId"]
    for credential in credentials or []:
        devtools.send("WebAuthn.addCredential", {"authenticatorId": phone, "credential": credential})
    return devtools, phone


def kept(devtools: CDPSession, phone: str) -> list[dict[str, Any]]:
    return devtools.send("WebAuthn.getCredentials", {"authenticatorId": phone})["credentials"]


def come_in_by_invitation(page: Page, who: Patient) -> None:
    _invitation, token = Invitation.on_paper(who, by=member("sam"), at=timezone.now())
    page.goto(reverse("patients:invitation_accept", args=[token]))
    for label, number in (("Day", "4"), ("Month", "5"), ("Year", "1950")):
        page.get_by_label(label).fill(number)
    page.get_by_role("button", name="Show my stretches").click()
    expect(page).to_have_url(re.compile("/today/$"))


def make_passkey(page: Page, name: str = "My phone") -> None:
    page.goto(f"{LIST}add/")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def sign_out(page: Page) -> None:
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def sign_in_by_passkey(page: Page) -> None:
    page.goto(LOGIN)
    page.get_by_role("button", name="Use a passkey").click()


def user_of(context: BrowserContext, page: Page) -> str:
    page.goto(LIST)
    return page.locator(".user-name").inner_text()


def test_who_came_by_invitation_comes_in_by_passkey_next_time(
    new_context: NewContext, newcomer: Patient, assert_accessible: Check
) -> None:
    page = new_context(viewport=NARROW).new_page()
    devtools, phone = hold_phone(page)
    come_in_by_invitation(page, newcomer)

    page.get_by_role("link", name="make a passkey").click()
    examine(page, assert_accessible)
    page.set_viewport_size(NARROW)
    page.get_by_label("Name").fill("Walter's phone")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("heading", name="Walter's phone")).to_be_visible()
    examine(page, assert_accessible)
    page.set_viewport_size(NARROW)
    sign_out(page)
    examine(page, assert_accessible)
    page.set_viewport_size(NARROW)
    page.get_by_role("button", name="Use a passkey").click()

    expect(page).to_have_url(re.compile("/today/$"))
    expect(page.get_by_role("heading", name="Hello Walter")).to_be_visible()
    [credential] = kept(devtools, phone)
    assert (credential["rpId"], credential["isResidentCredential"]) == ("localhost", True)
    assert "invalid" not in f"{credential.get('userName')}{credential.get('userDisplayName')}"
    newcomer.refresh_from_db()
    assert not newcomer.user.has_usable_password()


def test_a_removed_passkey_no_longer_works(
    new_context: NewContext, newcomer: Patient, assert_accessible: Check
) -> None:
    page = new_context(viewport=NARROW).new_page()
    hold_phone(page)
    come_in_by_invitation(page, newcomer)
    make_passkey(page)

    page.get_by_role("link", name="Rename").click()
    page.get_by_label("Name").fill("")
    page.get_by_role("button", name="Save the name").click()
    expect(page.locator(".invalid-feedback:visible")).not_to_be_empty()
    examine(page, assert_accessible)
    page.get_by_label("Name").fill("Old phone")
    page.get_by_role("button", name="Save the name").click()
    page.get_by_role("link", name="Remove Old phone").click()
    examine(page, assert_accessible)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    examine(page, assert_accessible)
    page.set_viewport_size(NARROW)
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_text("This passkey does not work here")).to_be_visible()
    expect(page).to_have_url(re.compile(LOGIN))
    examine(page, assert_accessible)


def test_the_passkey_of_one_opens_nothing_of_another(
    new_context: NewContext, sign_in: SignIn, newcomer: Patient
) -> None:
    stranger = UserFactory(full_name="Xaver Unbekannt")
    mine, theirs = new_context(viewport=NARROW), new_context(viewport=NARROW)
    page, other = mine.new_page(), theirs.new_page()
    hold_phone(page)
    devtools, phone = hold_phone(other)
    come_in_by_invitation(page, newcomer)
    make_passkey(page)
    sign_in(theirs, stranger)
    make_passkey(other, "Mine")
    [of_stranger] = kept(devtools, phone)
    newcomer.refresh_from_db()

    sign_out(other)
    sign_in_by_passkey(other)
    expect(other).not_to_have_url(re.compile(LOGIN))
    assert user_of(theirs, other) == "Xaver Unbekannt"
    # The same key, kept under the name of the other.
    credential = Authenticator.objects.get(user=newcomer.user).data["credential"]
    forger = new_context(viewport=NARROW).new_page()
    handle = b64encode(newcomer.user.pk.hex.encode()).decode()
    assert credential["id"] != of_stranger["credentialId"]
    hold_phone(forger, credentials=[{**of_stranger, "userHandle": handle}])
    sign_in_by_passkey(forger)

    expect(forger.get_by_text("This passkey does not work here")).to_be_visible()


def test_where_no_passkey_is_the_page_says_so_and_goes_on(
    new_context: NewContext, sign_in: SignIn, demo_clinic: Clinic, assert_accessible: Check
) -> None:
    page = new_context(viewport=NARROW).new_page()
    devtools, phone = hold_phone(page)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": phone, "isUserVerified": False})

    sign_in_by_passkey(page)

    expect(page.get_by_text("No passkey was used.")).to_be_visible(timeout=90_000)
    expect(page.get_by_role("button", name="Use a passkey")).to_be_enabled()
    examine(page, assert_accessible)
    page.get_by_label("Email address").first.fill("margaret@riverside.example")
    page.get_by_role("button", name="Send me a code by mail").click()
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()


def test_a_device_that_has_one_makes_no_second(new_context: NewContext, sign_in: SignIn, demo_clinic: Clinic) -> None:
    context = new_context(viewport=NARROW)
    sign_in(context, member("margaret"))
    page = context.new_page()
    hold_phone(page)
    make_passkey(page)

    page.goto(f"{LIST}add/")
    page.get_by_role("button", name="Make a passkey").click()

    expect(page.get_by_text("This device has a passkey for you already.")).to_be_visible()
    assert Authenticator.objects.count() == 1


@pytest.mark.parametrize("has_script", [True, False])
def test_a_browser_without_passkeys_is_offered_none(
    has_script: bool, new_context: NewContext, sign_in: SignIn, demo_clinic: Clinic, assert_accessible: Check
) -> None:
    context = new_context(viewport=NARROW, java_script_enabled=has_script)
    context.add_init_script("delete window.PublicKeyCredential")
    page = context.new_page()
    page.goto(LOGIN)
    expect(page.get_by_role("button", name="Send me a code by mail")).to_be_visible()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_hidden()
    sign_in(context, member("margaret"))
    page.goto(f"{LIST}add/")

    expect(page.get_by_role("button", name="Make a passkey")).to_be_hidden()
    expect(page.get_by_role("link", name="Back to the start")).to_be_visible()
    if has_script:
        examine(page, assert_accessible)


def test_still_you_by_passkey(
    new_context: NewContext, sign_in: SignIn, demo_clinic: Clinic, assert_accessible: Check
) -> None:
    context = new_context(viewport=NARROW)
    user = member("margaret")
    user.set_unusable_password()
    user.save()
    sign_in(context, user)
    page = context.new_page()
    hold_phone(page)
    make_passkey(page)
    page.goto(f"{LIST}still-you/?next={LIST}add/")
    examine(page, assert_accessible)

    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("heading", name="Make a passkey")).to_be_visible()
