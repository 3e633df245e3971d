"""Reminders: written ahead for each local day, looked at again when they are sent, off in one tap."""

import datetime
import re
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import OutboxMessage, User
from prescriptions.models import PauseReason, RoutineStop, StretchPause
from routines import reminders
from routines.models import PushSubscription, ReminderPreference, ReminderTime, SessionLog
from tests.factories import ConditionFactory, ContraindicationFactory
from tests.routines.reminding import DAWN, DAY, HOUR, MINUTE, a_patient, planned, send, wishes
from tests.walled import TOLD

pytestmark = pytest.mark.django_db
EIGHT = DAWN + 2 * HOUR
NINE_PM = DAWN + 15 * HOUR


# Writing ahead --------------------------------------------------------------------------------------------------------
def test_today_and_tomorrow_are_written_ahead_once() -> None:
    wishes(a_patient())

    first = planned()
    again = planned(DAWN + HOUR)

    assert first == again
    assert first == [
        ("01-15 08:00", "on-getting-up"),
        ("01-15 21:00", "before-bed"),
        ("01-16 08:00", "on-getting-up"),
        ("01-16 21:00", "before-bed"),
    ]


@pytest.mark.parametrize(
    ("zone", "first"),
    [("Europe/London", "01-15 08:00"), ("America/New_York", "01-15 13:00"), ("Pacific/Auckland", "01-15 19:00")],
)
def test_a_day_is_the_patients_own(zone: str, first: str) -> None:
    wishes(a_patient(), times={"on-getting-up": "08:00"}, time_zone=zone)

    assert planned()[0] == (first, "on-getting-up")


def test_without_a_zone_of_their_own_it_is_the_clinics() -> None:
    wishes(a_patient(time_zone="Europe/Madrid"), times={"on-getting-up": "08:00"})

    assert planned()[0] == ("01-15 07:00", "on-getting-up")


@pytest.mark.parametrize("zone", ["Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Nuuk"])
def test_a_year_of_passes_writes_one_a_day(zone: str) -> None:
    preference = wishes(a_patient(time_zone=zone), times={"on-getting-up": "02:30"})

    for hours in range(0, 366 * 24, 7):
        reminders.plan(at=DAWN + hours * HOUR)

    moments = OutboxMessage.objects.order_by("due_at").values_list("due_at", flat=True)
    days = [moment.astimezone(preference.zone).date() for moment in moments]
    assert days == [days[0] + n * DAY for n in range(len(days))]
    assert len(days) >= 366


def test_hours_that_have_passed_are_not_made_up_for() -> None:
    wishes(a_patient(), at=EIGHT + HOUR)

    assert planned(EIGHT + HOUR)[0] == ("01-15 21:00", "before-bed")


def test_a_sender_that_was_away_still_reminds_if_it_is_not_too_late() -> None:
    wishes(a_patient())
    planned()

    assert send(EIGHT + 2 * HOUR).sent == 1
    assert send(NINE_PM + 4 * HOUR).sent == 0


def test_another_time_of_day_takes_the_place_of_the_one_before() -> None:
    patient = a_patient()
    wishes(patient)
    planned()

    wishes(patient, times={"before-bed": "22:00"}, at=DAWN + HOUR)

    assert planned(DAWN + HOUR) == [("01-15 22:00", "before-bed"), ("01-16 22:00", "before-bed")]


def test_a_form_sent_twice_at_once_makes_one_preference() -> None:
    patient = a_patient()
    both = [ReminderPreference(patient=patient), ReminderPreference(patient=patient)]  # neither has seen the other

    for preference in both:
        preference.set([ReminderTime(part_of_day="before-bed", time=datetime.time(21))], at=DAWN)

    assert ReminderPreference.objects.get().times.count() == 1


def test_saving_leaves_the_calendars_address_open() -> None:
    patient = a_patient()
    preference = wishes(patient)
    secret = ReminderPreference.objects.get().open_feed()

    preference.set([], at=DAWN)

    assert ReminderPreference.objects.with_feed(secret).exists()


def test_another_time_of_day_does_not_remind_twice_a_day() -> None:
    patient = a_patient()
    wishes(patient)
    send(EIGHT)

    wishes(patient, times={"on-getting-up": "10:00"}, at=EIGHT + MINUTE)

    assert send(EIGHT + 2 * HOUR).sent == 0
    assert send(EIGHT + DAY + 2 * HOUR).sent == 1


def test_who_wants_no_mail_gets_none() -> None:
    wishes(a_patient(), by_mail=False)

    assert planned() == []


def test_each_device_gets_its_own() -> None:
    patient = a_patient()
    for n in range(2):
        PushSubscription(user=patient.user, endpoint=f"https://push.example/{n}", p256dh="k", auth="a").add(at=DAWN)
    wishes(patient, times={"on-getting-up": "08:00"}, by_mail=False)

    assert planned() == [("01-15 08:00", "on-getting-up")] * 2 + [("01-16 08:00", "on-getting-up")] * 2
    assert set(OutboxMessage.objects.values_list("channel", flat=True)) == {"push"}


def test_planning_for_many_takes_as_many_queries_as_for_few() -> None:
    def queries(at: datetime.datetime) -> int:
        with CaptureQueriesContext(connection) as captured:
            reminders.plan(at=at)
        return len(captured)

    for _ in range(2):
        wishes(a_patient())
    few = queries(DAWN)
    for _ in range(10):
        wishes(a_patient())
    many = queries(DAWN)
    nothing = queries(DAWN)

    assert many <= few + 2  # more rows than SQLite takes at once
    assert nothing == 1 + 2 * TOLD  # that it is for everybody, and no longer


# Looking again --------------------------------------------------------------------------------------------------------
def test_a_reminder_says_nothing_of_health() -> None:
    patient = a_patient()
    preference = wishes(patient)
    preference.times.update(anchor="brushing my teeth")

    send(EIGHT)

    [sent] = mail.outbox
    assert (sent.subject, sent.to) == ("Time for your routine", [patient.user.email])
    said = sent.message().as_string()
    for secret in (patient.full_name, patient.clinic.name, "tretch", "teeth", "getting up"):
        assert secret not in said
    assert "http://127.0.0.1:8000/today/" in sent.body


def test_who_wants_it_reads_more() -> None:
    preference = wishes(a_patient(), is_discreet=False)
    preference.times.update(anchor="brushing my teeth")

    send(EIGHT)

    assert mail.outbox[0].subject == "Time for your stretches: on getting up"
    assert "Right after: brushing my teeth" in mail.outbox[0].body


def stop(patient: Any) -> None:
    RoutineStop.objects.create(clinic=patient.clinic, patient=patient, tier="urgent", message="Call now.")


def pause(patient: Any) -> None:
    item = patient.prescriptions.get().items.get()
    StretchPause.objects.create(
        clinic=patient.clinic, patient=patient, stretch=item.stretch, reason=PauseReason.values[0]
    )


def hold(patient: Any) -> None:
    prescription = patient.prescriptions.get()
    prescription.hold(by=prescription.created_by, at=DAWN, reason="Flare-up.")


def complete(patient: Any) -> None:
    prescription = patient.prescriptions.get()
    prescription.complete(by=prescription.created_by, at=DAWN)


def make_unsafe(patient: Any) -> None:
    condition = ConditionFactory(patient=patient)
    stretch = patient.prescriptions.get().items.get().stretch
    ContraindicationFactory(stretch=stretch, condition_code=condition.code)


def log(patient: Any) -> None:
    SessionLog.objects.create(
        clinic=patient.clinic,
        patient=patient,
        prescription=patient.prescriptions.get(),
        on=DAWN.date(),
        part_of_day="on-getting-up",
    )


def close_account(patient: Any) -> None:
    User.objects.filter(pk=patient.user_id).update(is_active=False)


def turn_off(patient: Any) -> None:
    patient.reminder_preference.turn_off(at=DAWN)


def turn_off_and_leave_what_is_written(patient: Any) -> None:
    ReminderPreference.objects.filter(patient=patient).update(is_on=False)


def take_record_away(patient: Any) -> None:
    patient.user = None
    patient.save()


@pytest.mark.parametrize(
    "happens",
    [
        stop,
        pause,
        hold,
        complete,
        make_unsafe,
        log,
        close_account,
        turn_off,
        turn_off_and_leave_what_is_written,
        take_record_away,
    ],
)
def test_what_happens_after_writing_is_looked_at_when_sending(happens: Any) -> None:
    patient = a_patient()
    wishes(patient)
    planned()

    happens(patient)

    assert send(EIGHT).sent == 0
    assert mail.outbox == []
    assert not OutboxMessage.objects.unsent().due(at=EIGHT).exists()


def test_a_part_without_stretches_is_not_reminded_of() -> None:
    wishes(a_patient(is_before_bed=False))

    assert [send(EIGHT).sent, send(NINE_PM).sent] == [1, 0]


def test_what_was_logged_in_the_morning_does_not_answer_for_the_evening() -> None:
    patient = a_patient()
    wishes(patient)
    log(patient)

    assert [send(EIGHT).sent, send(NINE_PM).sent] == [0, 1]


def test_yesterdays_log_does_not_answer_for_today() -> None:
    patient = a_patient()
    wishes(patient)
    log(patient)

    assert send(EIGHT + DAY).sent == 1


@pytest.mark.parametrize(("logged", "sent"), [(False, 1), (True, 0)])
def test_it_repeats_once_and_only_if_nothing_was_logged(logged: bool, sent: int) -> None:
    patient = a_patient()
    wishes(patient, times={"on-getting-up": "08:00"}, is_repeated=True)
    send(EIGHT)
    if logged:
        log(patient)

    assert send(EIGHT + HOUR - MINUTE).sent == 0
    assert send(EIGHT + HOUR).sent == sent
    assert [send(EIGHT + hours * HOUR).sent for hours in (2, 3, 4)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("quiet", "time", "written"),
    [
        (("22:00", "07:00"), "21:30", 2),
        (("23:00", "07:00"), "21:30", 4),
        ((None, None), "23:30", 2),  # an hour later is another day
        ((None, None), "22:30", 4),
    ],
)
def test_a_repetition_is_not_for_quiet_hours_or_another_day(quiet: Any, time: str, written: int) -> None:
    since, until = (datetime.time.fromisoformat(each) if each else None for each in quiet)
    wishes(a_patient(), times={"before-bed": time}, is_repeated=True, quiet_since=since, quiet_until=until)

    assert len(planned()) == written


def test_what_is_late_does_not_break_into_quiet_hours() -> None:
    wishes(a_patient(), quiet_since=datetime.time(22), quiet_until=datetime.time(7))
    planned()

    assert send(NINE_PM + HOUR).sent == 0


# Off in one tap -------------------------------------------------------------------------------------------------------
def off_path() -> str:
    send(EIGHT)
    [found] = re.findall(r"Turn these reminders off: http://127\.0\.0\.1:8000(\S+)", str(mail.outbox[0].body))
    return str(found)


def test_reminder_revoke_needs_no_sign_in_and_opening_it_changes_nothing(client: Client) -> None:
    preference = wishes(a_patient())
    path = off_path()

    page = client.get(path)
    preference.refresh_from_db()
    was_on = preference.is_on
    answer = client.post(path)
    preference.refresh_from_db()

    assert (page.status_code, was_on) == (200, True)
    assert (answer.status_code, preference.is_on) == (200, False)
    assert b"Your reminders are off" in answer.content
    assert send(NINE_PM).sent == 0


def test_a_mail_program_turns_it_off_with_one_click() -> None:
    preference = wishes(a_patient())
    path = off_path()

    headers = mail.outbox[0].extra_headers
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})

    assert headers["List-Unsubscribe"] == f"<http://127.0.0.1:8000{path}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    preference.refresh_from_db()
    assert (answer.status_code, preference.is_on) == (200, False)


@pytest.mark.parametrize("signature", ["", "~", "~nonsense", "~x"])
def test_an_address_that_we_did_not_make_is_nothing(client: Client, signature: str) -> None:
    preference = wishes(a_patient())
    path = f"{off_path().partition('~')[0]}{signature}/"

    answers = [client.get(path).status_code, client.post(path).status_code]

    preference.refresh_from_db()
    assert (answers, preference.is_on) == ([404, 404], True)


def test_turning_off_and_on_again_reminds_from_then_on() -> None:
    patient = a_patient()
    preference = wishes(patient)
    planned()
    preference.turn_off(at=EIGHT)
    left = OutboxMessage.objects.count()

    wishes(patient, at=EIGHT + HOUR)

    assert left == 0
    assert planned(EIGHT + HOUR)[0] == ("01-15 21:00", "before-bed")
    assert ReminderPreference.objects.get().is_on
