"""The patient's calendar: calendar_feed_add, calendar_feed_revoke, and calendar_feed_detail, which needs no sign-in."""

import datetime
import re
from typing import Any

import icalendar
import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from routines.models import ReminderPreference
from tests.factories import ContraindicationFactory, UserFactory
from tests.routines.reminding import DAWN, DAY, HOUR, a_patient, wishes
from tests.routines.test_reminders import complete, hold, log, make_unsafe, pause, stop

pytestmark = pytest.mark.django_db


def address_of(preference: ReminderPreference) -> str:
    return reverse("routines:calendar_feed_detail", args=[preference.open_feed()])


def read(address: str, at: datetime.datetime = DAWN) -> Any:
    """What a calendar app gets, and reads."""
    with time_machine.travel(at, tick=False):
        answer = Client().get(address)
    assert answer.status_code == 200
    return icalendar.Calendar.from_ical(answer.content)


def events(address: str, at: datetime.datetime = DAWN) -> list[Any]:
    return list(read(address, at).walk("VEVENT"))


def test_calendar_feed_detail_gives_two_weeks_of_moments() -> None:
    address = address_of(wishes(a_patient()))

    found = events(address)

    assert [event.start for event in found[:3]] == [DAWN + 2 * HOUR, DAWN + 15 * HOUR, DAWN + 2 * HOUR + DAY]
    assert len(found) == 28
    assert len({event["UID"] for event in found}) == 28
    assert {str(event["SUMMARY"]) for event in found} == {"Time for your routine"}


def test_the_same_entry_keeps_its_id() -> None:
    address = address_of(wishes(a_patient()))

    today, tomorrow = ([event["UID"] for event in events(address, at)] for at in (DAWN, DAWN + DAY))

    assert today[2:] == tomorrow[:-2]


@pytest.mark.parametrize(
    ("zone", "at", "hours"),
    [
        ("Europe/London", "2026-03-27T06:00", {8, 7}),
        ("Europe/London", "2026-10-23T06:00", {7, 8}),
        ("Australia/Sydney", "2026-04-02T06:00", {21, 22}),
    ],
)
def test_eight_stays_eight_when_clocks_change(zone: str, at: str, hours: set[int]) -> None:
    preference = wishes(a_patient(), times={"on-getting-up": "08:00"}, time_zone=zone)
    now = datetime.datetime.fromisoformat(f"{at}+00:00")

    found = events(address_of(preference), now)

    assert {event.start.astimezone(preference.zone).strftime("%H:%M") for event in found} == {"08:00"}
    assert {event.start.astimezone(datetime.UTC).hour for event in found} == hours
    days = [event.start.astimezone(preference.zone).date() for event in found]
    assert days == [days[0] + n * DAY for n in range(14)]


def test_it_says_nothing_of_health() -> None:
    patient = a_patient()
    preference = wishes(patient)
    preference.times.update(anchor="brushing my teeth")

    text = str(read(address_of(preference)).to_ical())

    for secret in (patient.full_name, patient.clinic.name, "tretch", "teeth", "getting up", patient.user.email):
        assert secret not in text


def test_who_wants_it_reads_more_but_never_the_name_of_a_stretch() -> None:
    preference = wishes(a_patient(), is_discreet=False)
    preference.times.update(anchor="brushing my teeth")

    found = events(address_of(preference))

    assert str(found[0]["SUMMARY"]) == "Time for your stretches: on getting up"
    assert str(found[0]["DESCRIPTION"]) == "Right after: brushing my teeth"
    assert "Towel" not in str([event.to_ical() for event in found])


@pytest.mark.parametrize("happens", [stop, pause, hold, complete, make_unsafe])
def test_when_nothing_may_be_shown_the_calendar_is_empty(happens: Any) -> None:
    patient = a_patient()
    address = address_of(wishes(patient))

    happens(patient)

    assert events(address) == []


def test_what_was_done_stays_in_the_calendar() -> None:
    patient = a_patient()
    address = address_of(wishes(patient))

    log(patient)

    assert len(events(address)) == 28


def test_a_part_that_became_unsafe_leaves_the_other() -> None:
    patient = a_patient(is_before_bed=False)
    address = address_of(wishes(patient))

    found = events(address)

    assert {event.start.hour for event in found} == {8}


def test_turning_reminders_off_empties_the_calendar() -> None:
    preference = wishes(a_patient())
    address = address_of(preference)

    preference.turn_off(at=DAWN)

    assert events(address) == []


def test_nobody_keeps_it() -> None:
    answer = Client().get(address_of(wishes(a_patient())))

    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.cookies == {}


def test_only_a_hash_of_the_address_is_kept() -> None:
    preference = wishes(a_patient())

    secret = preference.open_feed()

    assert len(secret) == 43 + 16  # 256 bits, and whose it is
    assert secret not in str(ReminderPreference.objects.values().get())


def test_a_new_address_takes_the_place_of_the_one_before() -> None:
    preference = wishes(a_patient())
    old, new = address_of(preference), address_of(preference)

    assert [Client().get(address).status_code for address in (old, new)] == [404, 200]


@pytest.mark.parametrize("guess", ["nonsense", "A" * 43, "é"])
def test_another_address_is_nothing(guess: str) -> None:
    wishes(a_patient()).open_feed()

    assert Client().get(f"/calendar/{guess}.ics").status_code == 404


def test_a_patient_without_a_calendar_has_none() -> None:
    wishes(a_patient())

    assert Client().get("/calendar/None.ics").status_code == 404


def test_a_closed_account_closes_the_calendar() -> None:
    patient = a_patient()
    address = address_of(wishes(patient))

    User.objects.filter(pk=patient.user_id).update(is_active=False)

    assert Client().get(address).status_code == 404


def test_a_calendar_is_only_read() -> None:
    address = address_of(wishes(a_patient()))

    assert Client().post(address).status_code == 405


def test_calendar_feed_add_shows_the_address_once(client: Client) -> None:
    patient = a_patient()
    preference = wishes(patient)
    client.force_login(patient.user)

    page = client.post(reverse("routines:calendar_feed_add", args=[preference.pk])).content.decode()
    again = client.get(reverse("routines:reminder_edit", args=[patient.pk])).content.decode()

    [address] = re.findall(r"<code>http://127\.0\.0\.1:8000(/calendar/\S+\.ics)</code>", page)
    assert len(events(address)) == 28
    assert f"webcal://127.0.0.1:8000{address}" in page
    assert "/calendar/" in again
    assert address not in again


def test_calendar_feed_revoke_closes_the_address(client: Client) -> None:
    patient = a_patient()
    preference = wishes(patient)
    address = address_of(preference)
    client.force_login(patient.user)

    answer = client.post(reverse("routines:calendar_feed_revoke", args=[preference.pk]), follow=True)

    assert b"no longer works" in answer.content
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("name", ["calendar_feed_add", "calendar_feed_revoke"])
def test_a_stranger_finds_no_calendar_to_open_or_close(client: Client, name: str) -> None:
    preference = wishes(a_patient())
    address = address_of(preference)
    path = reverse(f"routines:{name}", args=[preference.pk])

    visitor = client.post(path)
    client.force_login(a_patient().user)
    stranger = client.post(path).status_code
    client.force_login(UserFactory())
    nobody = client.post(path).status_code
    wrong_method = client.get(path).status_code

    assert visitor.status_code == 302
    assert [stranger, nobody, wrong_method] == [404, 404, 405]
    assert Client().get(address).status_code == 200


def test_two_clinics_have_two_calendars() -> None:
    first, second = a_patient(), a_patient(is_before_bed=False)
    second.user = first.user
    second.save()
    addresses = [address_of(wishes(patient)) for patient in (first, second)]
    ContraindicationFactory()

    assert [len(events(address)) for address in addresses] == [28, 14]
