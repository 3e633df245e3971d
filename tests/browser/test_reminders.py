"""Reminders as a patient sets them in a browser: the page, the calendar's address, off by the mail's address."""

import re

import pytest
from playwright.sync_api import expect

from routines.models import PushSubscription, ReminderPreference
from routines.reminders import off_path
from tests.routines.reminding import a_patient, wishes
from tests.routines.test_push import AUTH, ENDPOINT, KEY, P256DH

NO_PUSH_SERVICE = f"""() => {{
    // A browser's push service is on the Internet. What it would give:
    const keys = {{ p256dh: "{P256DH}", auth: "{AUTH}" }};
    const subscription = {{ toJSON: () => ({{ endpoint: "{ENDPOINT}", keys }}) }};
    const pushManager = {{ subscribe: (options) => (window.asked = options) && Promise.resolve(subscription) }};
    Object.defineProperty(navigator.serviceWorker, "getRegistration", {{
        value: () => Promise.resolve({{ pushManager }}),
    }});
}}"""


@pytest.fixture
def patient(live_server):
    return a_patient()


@pytest.fixture
def page(new_context, sign_in, patient):
    context = new_context(viewport={"width": 360, "height": 740})
    sign_in(context, patient.user)
    return context.new_page()


def test_a_patient_chooses_when(page, patient, assert_accessible, complaints):
    page.goto("/today/")
    page.get_by_role("link", name="Reminders").click()
    morning = page.get_by_role("group", name="On getting up")
    morning.get_by_label("At").fill("07:15")
    morning.get_by_label("Right after").fill("brushing my teeth")
    page.get_by_text("Quiet hours and time zone").click()
    page.get_by_label("Quiet from").fill("22:00")
    page.get_by_role("button", name="Save reminders").click()

    expect(page.get_by_text("Please fill in this end too.")).to_be_visible()
    expect(morning.get_by_label("Right after")).to_have_value("brushing my teeth")
    assert_accessible(page)
    assert all("status of 422" in complaint for complaint in complaints)  # the browser notes every 4xx of a page
    complaints.clear()

    page.get_by_label("Quiet until").fill("07:00")
    page.get_by_role("button", name="Save reminders").click()

    expect(page.get_by_text("Your reminders are saved.")).to_be_visible()
    times = ReminderPreference.objects.get().times.values_list("part_of_day", "anchor")
    assert list(times) == [("on-getting-up", "brushing my teeth"), ("before-bed", "")]
    assert_accessible(page)


def test_a_part_without_stretches_opens_when_it_is_ticked(page, patient):
    page.goto(f"/reminders/{patient.pk}/")
    midday = page.get_by_role("group", name="At midday")
    expect(midday.get_by_label("At")).to_be_hidden()

    midday.get_by_label("Remind me").check()

    expect(midday.get_by_label("At")).to_have_value("12:30")


def test_the_calendars_address_is_shown(page, patient, assert_accessible):
    wishes(patient)
    page.goto(f"/reminders/{patient.pk}/")

    page.get_by_role("button", name="Make an address").click()

    expect(page.get_by_role("heading", name="Your calendar's address")).to_be_visible()
    expect(page.locator("code")).to_have_text(re.compile(r"^http://\S+/calendar/\S{59}\.ics$"))
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 360
    assert_accessible(page)


def test_off_in_one_tap_without_signing_in(new_context, patient, assert_accessible):
    preference = wishes(patient)
    page = new_context(viewport={"width": 360, "height": 740}).new_page()
    page.goto(off_path(preference))
    assert_accessible(page)

    page.get_by_role("button", name="Turn them off").click()

    expect(page.get_by_role("heading", name="Your reminders are off")).to_be_visible()
    assert_accessible(page)
    preference.refresh_from_db()
    assert not preference.is_on


def test_a_browser_that_cannot_push_says_so(page, patient, settings):
    settings.VAPID_PRIVATE_KEY = KEY
    page.goto(f"/reminders/{patient.pk}/")

    expect(page.get_by_text("This browser cannot do that.")).to_be_visible()
    expect(page.get_by_role("button", name="Remind me on this device")).to_be_hidden()


def test_a_device_is_added_and_removed(page, patient, settings, assert_accessible):
    settings.VAPID_PRIVATE_KEY = KEY
    page.add_init_script(f"({NO_PUSH_SERVICE})()")
    page.goto(f"/reminders/{patient.pk}/")

    page.get_by_role("button", name="Remind me on this device").click()

    expect(page.get_by_text("This device will remind you.")).to_be_visible()
    assert PushSubscription.objects.get().user == patient.user
    assert_accessible(page)

    page.get_by_role("button", name="Remove").click()

    expect(page.get_by_text("That device will no longer remind you.")).to_be_visible()
    assert not PushSubscription.objects.exists()
