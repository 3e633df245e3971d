"""The patient's page about reminders: reminder_edit."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from patients.models import Patient
from routines.models import PushSubscription, ReminderPreference
from tests.factories import ClinicianFactory, UserFactory
from tests.prescriptions.paper import page_text
from tests.routines.reminding import DAWN, a_patient, wishes

pytestmark = pytest.mark.django_db
SENT = {
    "on-getting-up-wanted": "on",
    "on-getting-up-time": "07:30",
    "on-getting-up-anchor": "brushing my teeth",
    "midday-time": "12:30",
    "afternoon-time": "16:00",
    "before-bed-time": "21:00",
    "by_mail": "on",
    "is_discreet": "on",
}


@pytest.fixture
def patient() -> Patient:
    return a_patient()


@pytest.fixture
def signed_in(client: Client, patient: Patient) -> Client:
    assert patient.user
    client.force_login(patient.user)
    return client


def path_of(patient: Patient) -> str:
    return reverse("routines:reminder_edit", args=[patient.pk])


def times(patient: Patient) -> dict[str, tuple[str, str]]:
    preference = ReminderPreference.objects.get(patient=patient)
    return {each.part_of_day: (f"{each.time:%H:%M}", each.anchor) for each in preference.times.all()}


def test_reminder_edit_offers_what_is_prescribed(signed_in: Client, patient: Patient) -> None:
    answer = signed_in.get(path_of(patient))

    form = answer.context["form"]
    assert answer.status_code == 200
    assert {part.slug: (part.is_due, part.wanted.value()) for part in form.parts} == {
        "on-getting-up": (True, True),
        "midday": (False, False),
        "afternoon": (False, False),
        "before-bed": (True, True),
    }
    assert "no-store" in answer["Cache-Control"]


def test_reminder_edit_saves(signed_in: Client, patient: Patient) -> None:
    answer = signed_in.post(path_of(patient), SENT, follow=True)

    assert "Your reminders are saved." in page_text(answer.content)
    assert times(patient) == {"on-getting-up": ("07:30", "brushing my teeth")}
    assert ReminderPreference.objects.get().is_on


def test_reminder_edit_shows_what_is_saved_and_changes_it(signed_in: Client, patient: Patient) -> None:
    signed_in.post(path_of(patient), SENT)

    form = signed_in.get(path_of(patient)).context["form"]
    shown = {part.slug: (part.wanted.value(), str(part.time.value()), part.anchor.value()) for part in form.parts}
    seen = {"seen": form.initial["seen"]}
    signed_in.post(path_of(patient), {**SENT, **seen, "on-getting-up-time": "09:15", "is_discreet": ""})

    assert shown["on-getting-up"] == (True, "07:30:00", "brushing my teeth")
    assert shown["before-bed"][0] is False
    assert times(patient) == {"on-getting-up": ("09:15", "brushing my teeth")}
    assert not ReminderPreference.objects.get().is_discreet


def test_who_turned_them_off_while_the_page_was_open_is_not_told_that_they_are_saved(
    signed_in: Client, patient: Patient
) -> None:
    signed_in.post(path_of(patient), SENT)
    seen = signed_in.get(path_of(patient)).context["form"].initial["seen"]
    ReminderPreference.objects.get().turn_off(at=DAWN)

    first = signed_in.post(path_of(patient), {**SENT, "seen": seen})
    stayed_off = not ReminderPreference.objects.get().is_on
    second = signed_in.post(path_of(patient), {**SENT, "seen": first.context["form"]["seen"].value()})

    assert (first.status_code, stayed_off, second.status_code) == (409, True, 302)
    assert "Reminders: stored by now is no , you chose yes" in page_text(first.content)
    assert ReminderPreference.objects.get().is_on


def test_what_another_device_stored_first_is_not_overwritten_unseen(signed_in: Client, patient: Patient) -> None:
    seen = signed_in.get(path_of(patient)).context["form"].initial["seen"]
    signed_in.post(path_of(patient), {**SENT, "seen": seen})

    same = signed_in.post(path_of(patient), {**SENT, "seen": seen})
    other = signed_in.post(path_of(patient), {**SENT, "seen": seen, "on-getting-up-time": "09:15"})

    assert (same.status_code, other.status_code) == (302, 409)
    assert times(patient) == {"on-getting-up": ("07:30", "brushing my teeth")}


def test_saving_turns_reminders_on_again(signed_in: Client, patient: Patient) -> None:
    wishes(patient).turn_off(at=DAWN)

    page = signed_in.get(path_of(patient))
    off = page_text(page.content)
    signed_in.post(path_of(patient), {**SENT, "seen": page.context["form"].initial["seen"]})
    on = page_text(signed_in.get(path_of(patient)).content)

    assert "Your reminders are off" in off
    assert "Turn all of them off" not in off
    assert "Your reminders are off" not in on
    assert "Turn all of them off" in on


@pytest.mark.parametrize(
    ("typed", "field", "complaint"),
    [
        ({"on-getting-up-time": ""}, "on-getting-up-time", "At what time?"),
        ({"on-getting-up-time": "25:00"}, "on-getting-up-time", "Enter a valid time"),
        ({"on-getting-up-anchor": "x" * 81}, "on-getting-up-anchor", "at most 80 characters"),
        ({"quiet_since": "22:00"}, "quiet_until", "fill in this end"),
        ({"quiet_until": "07:00"}, "quiet_since", "fill in this end"),
        ({"quiet_since": "22:00", "quiet_until": "08:00"}, "on-getting-up-time", "quiet hours"),
        ({"quiet_since": "late", "quiet_until": "08:00"}, "quiet_since", "Enter a valid time"),
        ({"time_zone": "Middle/Earth"}, "time_zone", "Select a valid choice"),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_nothing_is_lost(
    signed_in: Client, patient: Patient, typed: dict[str, str], field: str, complaint: str
) -> None:
    answer = signed_in.post(path_of(patient), {**SENT, **typed})

    form = answer.context["form"]
    assert answer.status_code == 422
    assert [complaint in str(error) for error in form.errors[field]] == [True]
    assert set(form.errors) == {field}
    assert complaint in page_text(answer.content)
    assert form["on-getting-up-anchor"].value() == typed.get("on-getting-up-anchor", "brushing my teeth")
    assert not ReminderPreference.objects.exists()


@pytest.mark.parametrize(
    "garbage", [{}, {"on-getting-up-wanted": "\x00"}, {**SENT, "on-getting-up-anchor": "\x00"}, {"time_zone": "x" * 99}]
)
def test_garbage_is_no_error(signed_in: Client, patient: Patient, garbage: dict[str, str]) -> None:
    assert signed_in.post(path_of(patient), garbage).status_code in {200, 302, 422}


def test_a_stranger_finds_nothing(client: Client, patient: Patient) -> None:
    path = path_of(patient)
    visitor = client.get(path)
    answers = []
    strangers: list[Any] = [a_patient().user, ClinicianFactory(clinic=patient.clinic), UserFactory()]
    for somebody in strangers:
        client.force_login(somebody)
        answers += [client.get(path).status_code, client.post(path, SENT).status_code]

    assert visitor.url.startswith("/accounts/login/")
    assert answers == [404] * 6
    assert not ReminderPreference.objects.filter(patient=patient).exists()


def test_a_wrong_method_is_refused(signed_in: Client, patient: Patient) -> None:
    assert signed_in.delete(path_of(patient)).status_code == 405


def test_reminder_edit_takes_few_queries(signed_in: Client, patient: Patient) -> None:
    wishes(patient)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            signed_in.get(path_of(patient))
        return len(captured)

    before = queries()
    for n in range(10):
        subscription = PushSubscription(user=patient.user, endpoint=f"https://push.example/{n}", p256dh="k", auth="a")
        subscription.add(at=DAWN)

    assert queries() == before <= 12


def test_today_leads_to_the_reminders_of_each_clinic(signed_in: Client, patient: Patient) -> None:
    other = a_patient()
    Patient.objects.filter(pk=other.pk).update(user=patient.user)

    page = signed_in.get("/today/").content.decode()

    assert path_of(patient) in page
    assert path_of(other) in page


def test_a_persons_zone_is_kept(signed_in: Client, patient: Patient) -> None:
    signed_in.post(
        path_of(patient), {**SENT, "time_zone": "America/New_York", "quiet_since": "22:00", "quiet_until": "06:00"}
    )

    preference: Any = ReminderPreference.objects.get()
    assert str(preference.zone) == "America/New_York"
    assert (preference.quiet_since, preference.quiet_until) == (datetime.time(22), datetime.time(6))
