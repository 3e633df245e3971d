"""The door for logs: what is stored, what is refused, what pauses a stretch, and what a second sending changes."""

import datetime
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accounts.models import OutboxMessage
from prescriptions.models import StretchPause
from routines.models import Proposal, SessionLog, StretchLog
from routines.recording import EndedError, RefusedError, Said, Status, answer_settled, record_stretch
from tests.factories import (
    NOON,
    TODAY,
    ClinicianFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)
UP, BED = "on-getting-up", "before-bed"


@pytest.fixture
def item():
    """One stretch, on getting up, prescribed a month ago by the clinician who treats the patient."""
    return prescribed()


def prescribed(**kwargs):
    clinician = ClinicianFactory()
    patient = PatientFactory(
        clinic=clinician.memberships.get().clinic,
        clinician=clinician,
        user=UserFactory(),
        conditions_reviewed_on=TODAY - 30 * DAY,
    )
    draft = PrescriptionFactory(patient=patient, created_by=clinician)
    item = PrescribedStretchFactory(prescription=draft, **kwargs)
    draft.activate(by=clinician, at=NOON - 30 * DAY)
    return item


def say(item, *, at=NOON, prescription=None, of=None, **kwargs):
    said = {
        "id": uuid.uuid4(),
        "item": of or item.pk,
        "on": TODAY,
        "part_of_day": UP,
        "outcome": "done",
        "logged_at": at,
    } | kwargs
    prescription = prescription or item.prescription
    return record_stretch(prescription, Said(**said), by=item.prescription.patient.user, at=at)


def past_words(log, field):
    return list(log.history.order_by("history_id").values_list(field, flat=True))


def test_what_was_done_is_stored_in_its_session(item):
    recorded = say(item, held_seconds=20, pain_score=2, effort="right", note="Left is stiff")

    session = SessionLog.objects.get()
    log = session.stretch_logs.get()
    assert recorded.status is Status.STORED
    assert not recorded.is_paused
    assert (session.prescription, session.on, session.part_of_day) == (item.prescription, TODAY, UP)
    assert (log.item, log.stretch, log.held_seconds, log.pain_score) == (item, item.stretch, 20, 2)
    assert (log.effort, log.note, log.clinic) == ("right", "Left is stiff", item.clinic)


def test_the_same_sent_twice_is_known(item):
    own_id = uuid.uuid4()
    say(item, id=own_id, pain_score=2)

    again = say(item, id=own_id, pain_score=2, at=NOON + MINUTE)

    assert again.status is Status.KNOWN
    assert StretchLog.objects.get().pk == own_id
    assert past_words(again.log, "pain_score") == [2]


@pytest.mark.parametrize("has_the_same_id", [True, False])
def test_another_word_is_a_correction_and_the_earlier_is_kept(item, has_the_same_id):
    first = say(item, pain_score=2)

    second = say(item, pain_score=4, at=NOON + MINUTE, **({"id": first.log.pk} if has_the_same_id else {}))

    assert second.status is Status.CORRECTED
    assert StretchLog.objects.get().pain_score == 4
    assert past_words(second.log, "pain_score") == [2, 4]
    assert second.log.history.latest().history_user == item.prescription.patient.user


def test_a_queue_sent_again_does_not_undo_a_correction(item):
    first = {"id": uuid.uuid4(), "pain_score": 2, "logged_at": NOON}
    say(item, **first)
    say(item, **{**first, "pain_score": 4, "logged_at": NOON + MINUTE}, at=NOON + MINUTE)

    again = say(item, **first, at=NOON + 2 * MINUTE)

    assert again.status is Status.KNOWN
    assert StretchLog.objects.get().pain_score == 4


def test_what_was_said_earlier_and_arrives_later_is_kept_but_does_not_stand(item):
    say(item, pain_score=4, logged_at=NOON)

    late = say(item, pain_score=1, logged_at=NOON - MINUTE)

    assert StretchLog.objects.get().pain_score == 4
    assert past_words(late.log, "pain_score") == [4, 1, 4]


def test_a_device_whose_clock_is_ahead_does_not_stand_against_later_corrections(item):
    say(item, pain_score=4, logged_at=NOON + 90 * DAY)

    say(item, pain_score=1, at=NOON + MINUTE)

    assert StretchLog.objects.get().pain_score == 1


def test_two_parts_of_a_day_are_two_sessions(item):
    item.is_before_bed = True
    item.save()

    say(item)
    say(item, part_of_day=BED)

    assert SessionLog.objects.count() == StretchLog.objects.count() == 2


def test_an_id_that_is_taken_makes_a_log_of_its_own(item):
    stranger = say(prescribed())

    recorded = say(item, id=stranger.log.pk)

    assert recorded.status is Status.STORED
    assert recorded.log.pk != stranger.log.pk
    assert StretchLog.objects.count() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"on": TODAY + DAY}, "on"),
        ({"on": TODAY - 15 * DAY}, "on"),
        ({"on": TODAY - 31 * DAY}, "on"),
        ({"part_of_day": BED}, "part_of_day"),
        ({"of": uuid.UUID(int=7)}, "item"),
    ],
)
def test_what_cannot_be_is_refused(item, wrong, field):
    with pytest.raises(RefusedError) as refusal:
        say(item, **wrong)

    assert list(refusal.value.errors) == [field]
    assert not SessionLog.objects.exists()


def test_the_oldest_day_that_is_taken(item):
    assert say(item, on=TODAY - 14 * DAY).status is Status.STORED


def test_a_day_before_the_prescription_is_refused():
    item = prescribed()
    item.prescription.activated_at = NOON - DAY
    item.prescription.save()

    assert say(item, on=TODAY - DAY).status is Status.STORED
    with pytest.raises(RefusedError, match="did not have these stretches"):
        say(item, on=TODAY - 2 * DAY)


def test_tomorrow_begins_at_the_clinics_midnight(item):
    item.clinic.time_zone = "Pacific/Auckland"
    item.clinic.save()

    assert say(item, on=TODAY + DAY, at=NOON).status is Status.STORED  # it is 1 in the morning there


@pytest.mark.parametrize("whose", ["somebody else's", "of another prescription"])
def test_a_line_of_another_prescription_is_refused(item, whose):
    other = prescribed()
    if whose == "of another prescription":
        other.prescription.patient = item.prescription.patient
        other.prescription.status = "completed"
        other.prescription.save()

    with pytest.raises(RefusedError):
        say(other, prescription=item.prescription)

    assert not StretchLog.objects.exists()


@pytest.mark.parametrize("end", ["complete", "revoke"])
def test_what_was_done_before_the_end_is_stored_and_after_it_refused(item, end):
    reason = {"reason": "Moved away"} if end == "revoke" else {}
    getattr(item.prescription, end)(by=item.prescription.created_by, at=NOON, **reason)
    later = NOON + 2 * DAY

    assert say(item, on=TODAY - DAY, at=later).status is Status.STORED
    assert say(item, on=TODAY, logged_at=NOON - MINUTE, at=later).status is Status.STORED
    with pytest.raises(EndedError):
        say(item, on=TODAY, logged_at=NOON + MINUTE, at=later)
    with pytest.raises(EndedError):
        say(item, on=TODAY + DAY, logged_at=NOON - MINUTE, at=later)


def test_what_was_done_while_on_hold_is_stored(item):
    item.prescription.hold(by=item.prescription.created_by, at=NOON, reason="Flare-up")

    assert say(item).status is Status.STORED


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"pain_score": 5}, None),
        ({"pain_score": 6}, "pain"),
        ({"pain_score": 10, "outcome": "skipped", "skip_reason": "pain"}, "pain"),
        ({"pain_score": 0, "has_spread": True}, "spreading"),
        ({"has_spread": True}, "spreading"),
        ({"pain_score": 9, "has_spread": True}, "spreading"),
        ({}, None),
    ],
)
def test_red_pauses_the_stretch_at_once_and_tells_the_clinician_once(item, said, reason):
    recorded = say(item, **said)
    say(item, id=recorded.log.pk, **said)

    pauses = list(StretchPause.objects.open().values_list("stretch", "reason"))
    assert pauses == ([(item.stretch_id, reason)] if reason else [])
    assert recorded.is_paused == bool(reason)
    assert (recorded.log.pause is not None) == bool(reason)
    told = list(OutboxMessage.objects.values_list("kind", "recipient", "path"))
    patient = item.prescription.patient
    assert told == ([("needs_you", patient.clinician_id, f"/patients/{patient.pk}/")] if reason else [])


def test_without_a_clinician_every_clinician_of_the_clinic_is_told(item):
    patient = item.prescription.patient
    colleague = ClinicianFactory(clinic=item.clinic)
    ClinicianFactory()
    patient.clinician = None
    patient.save()

    say(item, pain_score=7)

    told = set(OutboxMessage.objects.values_list("recipient", flat=True))
    assert told == {item.prescription.created_by_id, colleague.pk}


def test_a_clinician_who_left_is_not_the_only_one_told(item):
    left = ClinicianFactory()
    item.prescription.patient.clinician = left
    item.prescription.patient.save()

    say(item, pain_score=7)

    assert [message.recipient for message in OutboxMessage.objects.all()] == [item.prescription.created_by]


def test_correcting_a_typing_error_does_not_lift_the_pause(item):
    say(item, pain_score=9)

    corrected = say(item, pain_score=0, at=NOON + MINUTE)

    assert corrected.log.pain_score == 0
    assert corrected.is_paused


def test_a_note_added_after_the_pause_was_lifted_does_not_pause_again(item):
    log = say(item, pain_score=7).log
    log.pause.lift(by=item.prescription.created_by, at=NOON + MINUTE)

    noted = say(item, pain_score=7, note="Better since", at=NOON + 2 * MINUTE)
    worse = say(item, pain_score=7, has_spread=True, at=NOON + 3 * MINUTE)

    assert not noted.is_paused
    assert worse.is_paused


def test_pain_that_rises_from_week_to_week_pauses(item):
    for weeks_ago, pain in ((2, 1), (1, 2), (0, 3)):
        for days in (2, 1, 0):
            ago = (weeks_ago * 7 + days) * DAY
            assert not StretchPause.objects.exists()
            say(item, on=TODAY - ago, pain_score=pain, at=NOON - ago)

    assert StretchPause.objects.get().reason == "rising"


def test_what_a_clinician_has_looked_at_does_not_count_as_rising_again(item):
    test_pain_that_rises_from_week_to_week_pauses(item)
    StretchPause.objects.get().lift(by=item.prescription.created_by, at=NOON)

    recorded = say(item, on=TODAY + DAY, pain_score=4, at=NOON + DAY)

    assert not recorded.is_paused


def test_a_log_brings_the_proposals_up_to_date(item):
    for days in (2, 1, 0):
        say(item, on=TODAY - days * DAY, pain_score=0, held_seconds=10)

    assert Proposal.objects.open().get().kind == "up"


# The next morning -----------------------------------------------------------------------------------------------------


def settle(log, has_settled, at=NOON + DAY):
    return answer_settled(log, has_settled, by=log.session.patient.user, at=at)


def test_what_settled_is_stored(item):
    log = say(item, pain_score=3).log

    answered = settle(log, has_settled=True)

    log.refresh_from_db()
    assert answered.status is Status.STORED
    assert (log.has_settled, log.settled_answered_at) == (True, NOON + DAY)
    assert not answered.is_paused


def test_what_did_not_settle_pauses_and_a_correction_does_not_lift(item):
    log = say(item, pain_score=1).log

    answered = settle(log, has_settled=False)
    corrected = settle(log, has_settled=True, at=NOON + DAY + MINUTE)

    assert StretchPause.objects.get().reason == "not-settled"
    assert answered.is_paused
    assert corrected.is_paused
    assert corrected.status is Status.CORRECTED
    assert past_words(log, "has_settled")[-1] is True
    assert False in past_words(log, "has_settled")
    assert OutboxMessage.objects.count() == 1


def test_the_same_answer_twice_is_known(item):
    log = say(item, pain_score=3).log
    settle(log, has_settled=False)

    again = settle(log, has_settled=False, at=NOON + DAY + MINUTE)

    assert again.status is Status.KNOWN
    assert OutboxMessage.objects.count() == 1


def test_one_answer_counts_for_every_session_of_the_day_with_pain(item):
    item.is_before_bed = item.is_midday = True
    item.save()
    log = say(item, pain_score=3).log
    say(item, pain_score=2, part_of_day=BED)
    say(item, pain_score=0, part_of_day="midday")

    settle(log, has_settled=True)

    assert dict(StretchLog.objects.values_list("pain_score", "has_settled")) == {3: True, 2: True, 0: None}


@pytest.mark.parametrize("days", [0, 15])
def test_settling_is_answered_the_next_morning_or_a_little_later(item, days):
    log = say(item, pain_score=3).log

    with pytest.raises(RefusedError):
        settle(log, has_settled=True, at=NOON + days * DAY)


# At once --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_twenty_identical_posts_make_one_row(item):
    say(PrescribedStretchFactory(prescription=item.prescription))  # so that the session is there: it is no lock
    own_id = uuid.uuid4()
    at_once = threading.Barrier(20)

    def post() -> Status:
        try:
            connection.ensure_connection()
            at_once.wait(timeout=60)
            return say(item, id=own_id, pain_score=8).status
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        done = [pool.submit(post) for _ in range(20)]
        statuses = [future.result(timeout=60) for future in done]

    assert (statuses.count(Status.STORED), statuses.count(Status.KNOWN)) == (1, 19)
    assert StretchLog.objects.filter(item=item).count() == SessionLog.objects.count() == 1
    assert StretchPause.objects.count() == OutboxMessage.objects.count() == 1


@pytest.mark.parametrize(("corrected", "is_paused"), [({"pain_score": 9}, True), ({"note": "Left"}, False)])
def test_more_pain_than_was_seen_when_the_pause_was_lifted_pauses_again(item, corrected, is_paused):
    say(item, pain_score=6)
    StretchPause.objects.get().lift(by=item.prescription.created_by, at=NOON)

    recorded = say(item, at=NOON + MINUTE, **{"pain_score": 6} | corrected)

    assert recorded.status is Status.CORRECTED
    assert recorded.is_paused is is_paused
