"""How much of what was due was done: the count by hand, and 0 to 100 % whatever is thrown at it."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from prescriptions.models import PartOfDay, Prescription, RoutineStop, StretchPause
from routines.adherence import Adherence, Break, DueLine, adherence, sessions
from tests.factories import (
    NOON,
    TODAY,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SessionLogFactory,
    StretchLogFactory,
)

DAY = datetime.timedelta(days=1)
UP, BED = "on-getting-up", "before-bed"
WEEK = [TODAY + n * DAY for n in range(7)]


def daily(*parts, pauses=(), days_per_week=7):
    return DueLine(frozenset(parts), days_per_week, tuple(pauses))


def done(*days, part=UP):
    return {(TODAY + n * DAY, part) for n in days}


@pytest.mark.parametrize(
    ("lines", "logged", "breaks", "expected"),
    [
        ([daily(UP)], done(0, 1, 2), [], (3, 7)),
        ([daily(UP), daily(UP)], done(0, 1, 2), [], (3, 7)),
        ([daily(UP, BED)], done(0, 1) | done(0, part=BED), [], (3, 14)),
        ([daily(UP, days_per_week=3)], done(0, 1), [], (2, 3)),
        ([daily(UP, days_per_week=3)], done(0, 1, 2, 3, 4), [], (3, 3)),
        ([daily(UP, days_per_week=3), daily(UP, days_per_week=5)], done(0), [], (1, 5)),
        ([daily(UP)], done(0), [Break(WEEK[2], None)], (1, 2)),
        ([daily(UP)], done(0, 4), [Break(WEEK[2], WEEK[5])], (2, 4)),
        ([daily(UP, pauses=[Break(WEEK[1], None)])], done(0), [], (1, 1)),
        ([daily(UP, pauses=[Break(WEEK[1], None)]), daily(UP)], done(0), [], (1, 7)),
        ([daily(UP)], done(0, part=BED), [], (0, 7)),
        ([], done(0), [], (0, 0)),
    ],
)
def test_sessions_of_a_week(lines, logged, breaks, expected):
    counted = sessions(lines, logged, WEEK, breaks)

    assert (counted.done, counted.due) == expected


def test_a_broken_week_is_due_in_proportion():
    assert sessions([daily(UP, days_per_week=3)], set(), WEEK[:5]) == Adherence(0, 2)


def test_nothing_due_has_no_percentage():
    assert Adherence().percent is None
    assert Adherence(2, 3).percent == 66
    assert Adherence(1, 2) + Adherence(0, 2) == Adherence(1, 4)


days = st.integers(-3, 30).map(lambda n: TODAY + n * DAY)
breaks = st.builds(lambda first, n: Break(first, first + n * DAY), days, st.integers(0, 9)) | st.builds(
    Break, days, st.none()
)
lines = st.builds(
    DueLine,
    st.frozensets(st.sampled_from(PartOfDay.values), min_size=1),
    st.integers(1, 7),
    st.lists(breaks, max_size=2).map(tuple),
)


@given(
    st.lists(lines, max_size=4),
    st.sets(st.tuples(days, st.sampled_from(PartOfDay.values)), max_size=80),
    st.sets(days, max_size=28),
    st.lists(breaks, max_size=3),
)
def test_adherence_stays_within_0_to_100(lines, logged, days, breaks):
    counted = sessions(lines, logged, days, breaks)

    assert 0 <= counted.done <= counted.due
    assert counted.percent is None or 0 <= counted.percent <= 100


# From the database ----------------------------------------------------------------------------------------------------


def in_force(*, since=10, **kwargs):
    item = PrescribedStretchFactory(prescription__patient__conditions_reviewed_on=TODAY - 30 * DAY, **kwargs)
    item.prescription.activate(by=item.prescription.created_by, at=NOON - since * DAY)
    return item


def log(item, *ago, outcome="done", part=UP):
    for n in ago:
        session = SessionLogFactory(prescription=item.prescription, on=TODAY - n * DAY, part_of_day=part)
        StretchLogFactory(item=item, session=session, outcome=outcome)


def counted(item, *, since=6, until=0):
    found = adherence(Prescription.objects.all(), since=TODAY - since * DAY, until=TODAY - until * DAY)
    return found[item.prescription_id].done, found[item.prescription_id].due


@pytest.mark.django_db
def test_adherence_counts_days_with_something_done():
    item = in_force()
    log(item, 0, 1, 2, 9)
    log(item, 3, outcome="partly")
    log(item, 4, outcome="skipped")

    assert counted(item) == (4, 7)
    assert counted(item, until=1) == (3, 6)


@pytest.mark.django_db
def test_the_first_and_the_last_day_are_due_only_as_far_as_they_were_done():
    item = in_force(since=3)
    assert counted(item) == (0, 3)
    log(item, 3)

    assert counted(item) == (1, 4)

    item.prescription.complete(by=item.prescription.created_by, at=NOON)
    assert counted(item) == (1, 3)


@pytest.mark.django_db
def test_nothing_is_due_while_stopped_or_held_or_paused():
    stopped, held, paused = in_force(), in_force(), in_force()
    RoutineStop.objects.create(
        clinic=stopped.clinic,
        patient=stopped.prescription.patient,
        tier="urgent",
        message="Stop",
        stopped_at=NOON - 2 * DAY,
    )
    StretchPause.begin(paused.prescription.patient, paused.stretch, reason="pain", at=NOON - 2 * DAY)
    held.prescription.hold(by=held.prescription.created_by, at=NOON, reason="Flare-up")
    held.prescription.history.filter(status="on-hold").update(history_date=NOON - 2 * DAY)
    held.prescription.history.exclude(status="on-hold").update(history_date=NOON - 10 * DAY)

    assert [counted(each) for each in (stopped, held, paused)] == [(0, 4)] * 3


@pytest.mark.django_db
def test_a_pause_that_was_lifted_and_a_hold_that_ended_count_again():
    item = in_force()
    pause = StretchPause.begin(item.prescription.patient, item.stretch, reason="pain", at=NOON - 4 * DAY)
    pause.lift(by=item.prescription.created_by, at=NOON - 3 * DAY)

    assert counted(item) == (0, 5)


@pytest.mark.django_db
def test_a_draft_has_nothing_due_and_a_day_is_the_clinics():
    PrescriptionFactory()
    item = in_force(since=3)
    item.clinic.time_zone = "Pacific/Auckland"  # where NOON is 1 in the morning of the next day
    item.clinic.save()

    assert counted(item) == (0, 2)
    assert len(adherence(Prescription.objects.all(), since=TODAY, until=TODAY)) == 1


@pytest.mark.django_db
def test_adherence_of_ten_more_costs_no_more_queries():
    log(in_force(), 1)
    with CaptureQueriesContext(connection) as few:
        adherence(Prescription.objects.all(), since=TODAY - 6 * DAY, until=TODAY)
    for _ in range(10):
        log(in_force(), 1, 2)

    with CaptureQueriesContext(connection) as many:
        adherence(Prescription.objects.all(), since=TODAY - 6 * DAY, until=TODAY)

    assert len(few) == len(many) <= 7
