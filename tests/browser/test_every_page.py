"""Every page, for everybody who may open it, in light and dark, wide and narrow: axe, the content policy, the console.

The tables below are complete: an address that stands in none of them fails. Pages are opened with the people of the
demo clinic; a page's own path must answer, not another that it leads to.
"""

import dataclasses
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Clinic, User
from clinic import demo
from patients.models import Patient
from tests.browser.conftest import NewContext
from tests.browser.examples import Arguments, member, path_of, patient, prescription_of
from tests.factories import UserFactory

SignIn = Callable[[BrowserContext, User], None]
Check = Callable[..., None]

SHARE = 6

WIDE, NARROW, NARROWEST = (1280, 900), (360, 740), (320, 740)
CONTRAST = ["color-contrast", "link-in-text-block"]
"""What depends on the colours, and so is asked again in the dark."""

SETTLED = """async () => {
    for (let quiet = 0; quiet < 3;) {
        await new Promise(drawn => requestAnimationFrame(drawn));
        const running = document.getAnimations().filter(each => each instanceof CSSTransition);
        running.forEach(each => each.finish());
        quiet = running.length ? 0 : quiet + 1;
    }
}"""

TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
    [...document.querySelectorAll("main *")].filter(each => each.getBoundingClientRect().right > innerWidth + 1)
        .map(each => each.outerHTML.slice(0, 120))"""

OF_CLINICIANS_PATIENTS: dict[str, tuple[Arguments, ...]] = {
    "patients:patient_list": ((),),
    "patients:patient_add": ((),),
    "patients:patient_detail": (("Margaret",), ("Nils",), ("Yusuf",), ("Ivy",), ("Tom",), ("Olive",)),
    "patients:patient_edit": (("Margaret",),),
    "patients:condition_add": (("Margaret",),),
    "patients:conditions_review_record": (("Margaret",), ("Nils",)),
    "patients:condition_detail": (("Margaret",),),
    "patients:condition_edit": (("Margaret",),),
    "patients:outcome_score_add": (("Margaret", "psfs"), ("Margaret", "pain-rating")),
    "patients:outcome_score_edit": (("Margaret",),),
    "routines:record_detail": (("Margaret",), ("Nils",)),
    "everything_detail": (("Margaret",),),
    "erasure_request_add": (("Margaret",),),
}
OF_CLINICIANS_DRAFTS: dict[str, tuple[Arguments, ...]] = {
    "prescriptions:prescription_edit": (("Dev",), ("Dev", "?q=nothing is called this")),
    "prescriptions:withheld_stretch_list": (("Dev", "excluded"), ("Dev", "needs_override")),
    "prescriptions:override_add": (("Dev", "chair-hamstring-stretch"),),
    "prescriptions:prescribed_stretch_edit": (("Dev",),),
    "prescriptions:prescription_activate": (("Dev",),),
}
OF_CLINICIANS_TEMPLATES: dict[str, tuple[Arguments, ...]] = {
    "prescriptions:template_list": ((),),
    "prescriptions:template_detail": (("Hamstring",), ("Ours",)),
    "prescriptions:template_add": ((),),
    "prescriptions:template_edit": (("Ours",),),
    "prescriptions:template_line_add": (("Ours",), ("Ours", "?q=nothing is called this")),
    "prescriptions:template_line_edit": (("Ours",),),
    "prescriptions:template_apply": (("Margaret",), ("Dev",), ("Nils",)),
}
OF_STAFF_CATALOGUE: dict[str, tuple[Arguments, ...]] = {
    "stretches:stretch_list": (("?q=hamstirng&muscle=hamstrings",), ("?q=nothing is called this",)),
    "stretches:stretch_detail": (("chair-hamstring-stretch",),),
    "stretches:condition_code_list": (("?q=slipped",),),
    "stretches:condition_code_detail": (("post-lumbar-discectomy",),),
    "stretches:source_list": (("?q=spine",),),
    "stretches:source_detail": (("finucane2020",),),
}
OF_CLINICIANS_PRESCRIPTIONS: dict[str, tuple[Arguments, ...]] = {
    "prescriptions:prescription_detail": (("Margaret",), ("Yusuf",), ("Ruth",), ("Dev",), ("Helen",)),
    "prescriptions:prescription_hold": (("Margaret",),),
    "prescriptions:prescription_resume": (("Ruth",),),
    "prescriptions:prescription_complete": (("Margaret",),),
    "prescriptions:prescription_revoke": (("Margaret",),),
    "prescriptions:report_detail": (("Margaret",), ("Yusuf",)),
    "prescriptions:version_list": (("Margaret",),),
    "prescriptions:prescription_print": (("Margaret",), ("Yusuf",)),
    "routines:proposal_record": (("Callum",),),
}
OF_CLINICIANS_STOPS: dict[str, tuple[Arguments, ...]] = {
    "routines:stretch_pause_lift": (("Beatrice",),),
    "routines:routine_reopen": (("Helen",),),
    "patients:patient_detail": (("Beatrice",), ("Helen",)),
}
OF_PATIENTS: dict[str, tuple[Arguments, ...]] = {
    "routines:routine_today": (("Margaret",), ("Margaret", "?still"), ("Yusuf",), ("Ruth",)),
    "routines:routine_print": (("Margaret",),),
    "routines:routine_play": (("Margaret",), ("Ruth",), ("Yusuf",)),  # its other screens: test_player_screens
    "routines:progress_detail": (("Margaret",), ("Margaret", "?weeks=12")),
    "routines:look_list": (("Margaret",),),
    "routines:reminder_edit": (("Margaret",), ("Ruth",)),
    "routines:stretch_log_record": (("Margaret",), ("Beatrice",)),
    "routines:session_log_record": (("Margaret", "on-getting-up"),),
    "routines:red_flags_record": (("Margaret",),),
    "own_everything_detail": (("Margaret",),),
    "own_erasure_request_add": (("Margaret",),),
}
OF_ADMINS: dict[str, tuple[Arguments, ...]] = {
    "erasure_request_list": ((),),
    "erasure_request_record": (("Margaret",),),
}
OF_EVERYBODY: dict[str, tuple[Arguments, ...]] = {
    "home": ((),),  # for whom no clinic knows yet
    "accounts:reading_edit": ((),),
    "account_change_password": ((),),
    "account_logout": ((),),
    "account_reauthenticate": ((),),
    "accounts:session_list": ((),),
    "mfa_list_webauthn": ((),),
    "mfa_add_webauthn": ((),),
}
OF_VISITORS: dict[str, tuple[Arguments, ...]] = {
    "accounts:reading_edit": ((),),
    "account_login": ((),),
    "patients:invitation_accept": (("Margaret",),),
    "account_request_login_code": ((),),
    "account_reset_password": ((),),
    "account_reset_password_done": ((),),
    "account_reset_password_from_key": (("1", "no-key"),),
    "account_reset_password_from_key_done": ((),),
    "account_inactive": ((),),
    "account_signup": ((),),
    "account_email_verification_sent": ((),),
}
OPENED_ELSEWHERE = {
    "attention_list": "test_queue.py, where there is something in it",
    "attention_decision_record": "test_queue.py",
    "account_confirm_login_code": "test_signing_in_with_a_code_by_mail, which asks for one",
    "account_set_password": "only for whom has none: test_signing_in_with_a_code_by_mail signs in such a person",
    "mfa_edit_webauthn": "tests/browser/test_passkeys.py, which has a device that makes one",
    "mfa_remove_webauthn": "the same",
    "mfa_reauthenticate_webauthn": "the same",
    "mfa_index": "the same address as mfa_list_webauthn",
    "accounts:second_step_detail": "tests/browser/test_second_step.py, by somebody without a second proof",
    "accounts:staff_list": "the same, as a clinic's admin",
    "accounts:staff_invitation_add": "the same",
    "audit:event_list": "the same",
    "accounts:staff_invitation_accept": "the same",
    "mfa_activate_totp": "the same",
    "mfa_authenticate": "the same, when it is there",
    "mfa_deactivate_totp": "the same",
    "mfa_generate_recovery_codes": "the same",
    "mfa_reauthenticate": "the same",
    "mfa_view_recovery_codes": "the same",
    "mfa_login_webauthn": "data, or back to the sign-in: tests/accounts/test_passkeys.py",
    "account_email": "closed: 404 for everybody, see tests/accounts",
    "routines:calendar_feed_add": "answers a button: test_reminders presses it",
    "routines:reminder_revoke": "from a mail: test_reminders reads one",
    "account_confirm_email": "no mail with such an address is sent: people come by invitation",
}
FILES = {
    "audit:event_csv",
    "everything_json",
    "everything_pdf",
    "own_everything_json",
    "own_everything_pdf",
    "accounts:session_detail",
    "routines:own_data_json",
    "routines:own_data_pdf",
    "prescriptions:handout_pdf",
    "routines:calendar_feed_detail",
    "routines:routine_data",
    "routines:routine_pdf",
    "routines:manifest",
    "routines:service_worker",
    "stretches:stretch_photo",
    "stretches:stretch_picture",
}
ONLY_POSTED = {
    "own_erasure_request_revoke",
    "accounts:draft_add",
    "accounts:draft_record",
    "accounts:session_edit",
    "accounts:session_revoke",
    "accounts:staff_invitation_revoke",
    "prescriptions:message_edit",
    "prescriptions:prescribed_stretch_add",
    "prescriptions:prescribed_stretch_move",
    "prescriptions:prescribed_stretch_remove",
    "patients:invitation_add",
    "patients:invitation_revoke",
    "prescriptions:prescription_add",
    "prescriptions:prescription_revise",
    "routines:calendar_feed_revoke",
    "routines:push_subscription_add",
    "routines:push_subscription_revoke",
    "routines:settled_record",
    "prescriptions:template_line_remove",
}
OF_ONE_SELF = {"accounts:draft_add", "accounts:draft_record", "accounts:session_edit", "accounts:session_revoke"}


@dataclasses.dataclass(frozen=True)
class Wrong:
    """A form filled in wrongly: where, by whom, what is typed, which button."""

    name: str
    arguments: Arguments
    typed: dict[str, str]
    button: str


WRONG_IN_FORMS = (
    Wrong("patients:patient_add", (), {"Date of birth": "2999-01-01"}, "Add patient"),
    Wrong("patients:patient_edit", ("Margaret",), {"Name": ""}, "Save"),
    Wrong("patients:condition_edit", ("Margaret",), {"Onset": "2999-01-01"}, "Save condition"),
    Wrong("patients:outcome_score_add", ("Margaret", "psfs"), {"Activity 4": "Dancing"}, "Save score"),
    Wrong("prescriptions:override_add", ("Dev", "chair-hamstring-stretch"), {}, "Record the reason and add"),
    Wrong("prescriptions:prescribed_stretch_edit", ("Dev",), {"Times": "0"}, "Save dose"),
    Wrong("prescriptions:template_add", (), {"Name": ""}, "Save template"),
    Wrong("prescriptions:template_edit", ("Ours",), {"For whom": ""}, "Save template"),
    Wrong("prescriptions:template_line_edit", ("Ours",), {"Times": "0"}, "Save dose"),
    Wrong("prescriptions:prescription_hold", ("Margaret",), {}, "Put on hold"),
    Wrong("prescriptions:prescription_revoke", ("Margaret",), {}, "Revoke prescription"),
    Wrong("account_change_password", (), {"Current Password": "not this one"}, "Save the new password"),
)


def addresses(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """The names of all our addresses: all but the admin site's."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}:{pattern.name}" if namespace else str(pattern.name)
        elif pattern.namespace != "admin":
            yield from addresses(pattern, pattern.namespace or namespace)


def open_page(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200, path
    assert page.url.endswith(path.replace(" ", "%20")), f"{path} leads to {page.url}"


def examine(page: Page, assert_accessible: Check) -> None:
    """Look at the page as it stands: wide and narrow, in the dark, and whether the narrowest scrolls sideways.

    The colours are the same at every width, so the dark is looked at in one.
    """
    page.wait_for_function("() => document.readyState === 'complete'")  # a link that was followed has led there
    for (width, height), schemes in ((NARROWEST, ()), (NARROW, ("light",)), (WIDE, ("light", "dark"))):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(TOO_WIDE) == [], f"{page.url} scrolls sideways at {width} px"
        for scheme in schemes:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
            page.evaluate(SETTLED)  # the other colours are there when nothing changes any more
            assert_accessible(page, rules=CONTRAST if scheme == "dark" else ())


def test_every_address_stands_in_a_table(db: None) -> None:
    pages = [
        OF_CLINICIANS_PATIENTS,
        OF_CLINICIANS_DRAFTS,
        OF_CLINICIANS_TEMPLATES,
        OF_STAFF_CATALOGUE,
        OF_CLINICIANS_PRESCRIPTIONS,
        OF_CLINICIANS_STOPS,
        OF_PATIENTS,
        OF_ADMINS,
        OF_EVERYBODY,
        OF_VISITORS,
    ]

    covered = {name for table in pages for name in table} | set(OPENED_ELSEWHERE) | FILES | ONLY_POSTED

    assert covered == set(addresses(get_resolver()))


def test_what_is_only_posted_is_no_page(db: None) -> None:
    client = Client()
    client.force_login(UserFactory())

    named = {name: {} if name in OF_ONE_SELF else {"pk": uuid.uuid4()} for name in ONLY_POSTED}
    answers = {name: client.get(reverse(name, kwargs=kwargs)).status_code for name, kwargs in named.items()}

    assert set(answers.values()) == {405}, answers


def shares(table: dict[str, tuple[Arguments, ...]]) -> list[tuple[tuple[str, Arguments], ...]]:
    """The pages of a table, a few at a time: so many as a test has time for."""
    pages = [(name, each) for name, examples in table.items() for each in examples]
    return [tuple(pages[start : start + SHARE]) for start in range(0, len(pages), SHARE)]


@pytest.mark.parametrize(
    ("pages", "who"),
    [
        pytest.param(pages, who, id=f"{words} {number}")
        for words, table, who in (
            ("clinician: patients", OF_CLINICIANS_PATIENTS, "sam"),
            ("clinician: drafts", OF_CLINICIANS_DRAFTS, "sam"),
            ("clinician: templates", OF_CLINICIANS_TEMPLATES, "sam"),
            ("staff: catalogue", OF_STAFF_CATALOGUE, "sam"),
            ("clinician: prescriptions", OF_CLINICIANS_PRESCRIPTIONS, "sam"),
            ("clinician: stops", OF_CLINICIANS_STOPS, "ines"),
            ("admin", OF_ADMINS, "morgan"),
            ("everybody", OF_EVERYBODY, ""),
            ("visitor", OF_VISITORS, None),
        )
        for number, pages in enumerate(shares(table), start=1)
    ],
)
def test_every_page(
    pages: tuple[tuple[str, Arguments], ...],
    who: str | None,
    new_context: NewContext,
    sign_in: SignIn,
    demo_clinic: Clinic,
    assert_accessible: Check,
) -> None:
    context = new_context()
    if who is not None:
        sign_in(context, member(who) if who else UserFactory(password=make_password("a password")))
    page = context.new_page()

    faults = []
    for name, arguments in pages:
        try:
            open_page(page, path_of(name, arguments))
            examine(page, assert_accessible)
        except AssertionError as fault:  # name them all at once
            faults.append(str(fault))

    assert not faults, "\n\n".join(faults)


@pytest.mark.parametrize(("language", "text_size"), [("en-gb", "normal"), ("es", "very-large")])
def test_every_page_of_a_patient(
    language: str,
    text_size: str,
    new_context: NewContext,
    sign_in: SignIn,
    demo_clinic: Clinic,
    assert_accessible: Check,
) -> None:
    for name, examples in OF_PATIENTS.items():
        for arguments in examples:
            context = new_context()
            reader = member(arguments[0].lower())
            reader.choose_reading(language=language, text_size=text_size)
            sign_in(context, reader)
            page = context.new_page()
            open_page(page, path_of(name, arguments))
            examine(page, assert_accessible)


def test_every_form_that_was_filled_in_wrongly(
    new_context: NewContext, sign_in: SignIn, demo_clinic: Clinic, assert_accessible: Check, complaints: list[str]
) -> None:
    context = new_context()
    sign_in(context, member("sam"))
    page = context.new_page()

    for wrong in WRONG_IN_FORMS:
        open_page(page, path_of(wrong.name, wrong.arguments))
        for label, text in wrong.typed.items():
            page.get_by_label(label).fill(text)
        page.get_by_role("main").get_by_role("button", name=wrong.button, exact=True).click()
        expect(page.locator(".invalid-feedback:visible").first).not_to_be_empty()
        examine(page, assert_accessible)
        for label, text in wrong.typed.items():
            if "password" not in label.lower():
                expect(page.get_by_label(label)).to_have_value(text)

    assert all("status of 422" in complaint for complaint in complaints)  # the browser notes every 4xx of a page
    complaints.clear()


def test_what_was_not_acknowledged(
    new_context: NewContext, sign_in: SignIn, demo_clinic: Clinic, assert_accessible: Check, complaints: list[str]
) -> None:
    context = new_context()
    sign_in(context, member("sam"))
    page = context.new_page()
    page.goto(patient("Tom").get_absolute_url())
    page.get_by_role("button", name="Revise the prescription").click()
    page.get_by_role("button", name="Review and activate").click()
    examine(page, assert_accessible)

    page.get_by_role("button", name="Activate prescription").click()

    expect(page.get_by_text("Tick each of them, or record it with a code.")).to_be_visible()
    examine(page, assert_accessible)
    assert all("status of 422" in complaint for complaint in complaints)
    complaints.clear()


def test_signing_in_with_a_code_by_mail(
    page: Page, demo_clinic: Clinic, assert_accessible: Check, mailoutbox: list[Any]
) -> None:
    member("margaret").set_unusable_password()
    page.goto("/accounts/login/")
    page.get_by_label("Email address").fill(f"margaret@{demo.DOMAIN}")
    page.get_by_role("button", name="Send me a code by mail").click()
    expect(page).to_have_url(re.compile(reverse("account_confirm_login_code")))
    examine(page, assert_accessible)

    page.get_by_label("Code").fill("wrong1")
    page.get_by_role("main").get_by_role("button").first.click()

    expect(page.locator(".invalid-feedback:visible").first).not_to_be_empty()
    examine(page, assert_accessible)


def test_a_wrong_password(page: Page, demo_clinic: Clinic, assert_accessible: Check) -> None:
    page.goto("/accounts/login/")
    page.get_by_text("Use my password").click()
    form = page.locator("form").filter(has=page.get_by_label("Password"))
    form.get_by_label("Email").fill(f"sam@{demo.DOMAIN}")
    form.get_by_label("Password").fill("not this one")
    form.get_by_role("button", name="Sign in").click()

    expect(page.get_by_text("not correct")).to_be_visible()
    examine(page, assert_accessible)


def test_the_error_pages(
    new_context: NewContext, sign_in: SignIn, demo_clinic: Clinic, assert_accessible: Check, complaints: list[str]
) -> None:
    context = new_context()
    sign_in(context, member("sam"))
    page = context.new_page()

    page.goto(f"/patients/{uuid.uuid4()}/")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    examine(page, assert_accessible)
    assert all("status of 404" in complaint for complaint in complaints)
    complaints.clear()


def test_words_that_were_not_stored(
    new_context: NewContext, sign_in: SignIn, demo_clinic: Clinic, assert_accessible: Check, complaints: list[str]
) -> None:
    context = new_context()
    sign_in(context, member("sam"))
    page = context.new_page()
    draft = prescription_of("Dev")
    open_page(page, path_of("prescriptions:override_add", ("Dev", "chair-hamstring-stretch")))
    page.get_by_label("What makes it acceptable").fill("First session supervised.")
    Patient.objects.filter(pk=draft.patient_id).update(conditions_reviewed_on=None)

    page.get_by_role("button", name="Record the reason and add").click()

    expect(page.get_by_label("What makes it acceptable")).to_have_value("First session supervised.")
    expect(page.get_by_label("What makes it acceptable")).not_to_be_editable()
    examine(page, assert_accessible)
    page.get_by_role("link", name="Review the conditions of").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert all("status of 409" in complaint for complaint in complaints)
    complaints.clear()
