"""The pages of the second proof, from setting an app up to the next sign-in with it."""

from typing import Any

from django.contrib.auth.hashers import make_password
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts import outbox
from accounts.models import Membership, OutboxMessage, StaffInvitation, User
from tests.accounts.second_proof import code_of
from tests.browser.test_every_page import Check, examine
from tests.factories import ClinicianFactory

PASSWORD = "a long and boring password"


def address_of_invitation(user: User) -> str:
    """Let somebody manage their clinic's staff, and invite one."""
    clinic = user.memberships.get().clinic
    Membership.objects.create(user=user, clinic=clinic, role="admin")
    nora, at = "nora@example.org", timezone.now()
    StaffInvitation.by_mail(clinic, address=nora, full_name="Nora New", role="clinician", by=user, at=at)
    message = OutboxMessage.objects.get(kind="staff_invitation")
    return reverse("accounts:staff_invitation_accept", args=[outbox.token_of(message)])


def test_a_clinician_sets_up_an_app_and_signs_in_with_it(
    page: Page, transactional_db: None, settings: Any, assert_accessible: Check
) -> None:
    settings.REQUIRE_STAFF_MFA = True
    user = ClinicianFactory(password=make_password(PASSWORD))
    join = address_of_invitation(user)

    def look() -> None:
        examine(page, assert_accessible)

    def by_password() -> None:
        page.goto("/accounts/login/?next=/patients/")
        page.get_by_text("Use my password").click()
        form = page.locator("form").filter(has=page.get_by_label("Password"))
        form.get_by_label("Email").fill(user.email)
        form.get_by_label("Password").fill(PASSWORD)
        form.get_by_role("button", name="Sign in").click()

    by_password()
    expect(page.get_by_role("heading", level=1)).to_have_text("One more proof that it is you")
    look()
    page.get_by_role("link", name="Set up an app").click()
    page.get_by_text("Type a key instead").click()
    secret = page.locator(".app-key").inner_text()
    page.get_by_label("Code").fill("wrong")
    page.get_by_role("button", name="Use this app").click()
    expect(page.locator(".invalid-feedback:visible")).to_have_count(1)
    look()
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Use this app").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    look()
    recovery = page.locator(".recovery-codes li").first.inner_text()
    for name in (
        "accounts:staff_list",
        "audit:event_list",
        "accounts:staff_invitation_add",
        "accounts:second_step_detail",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_reauthenticate",
    ):
        page.goto(reverse(name))
        look()
    page.goto(join)
    look()
    page.context.clear_cookies()
    by_password()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your second proof")
    look()
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patients")
