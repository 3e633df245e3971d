"""Short days that were written by hand, each up to the moment at which something has to be kept from a patient.

The same people, doors and looks as in ``test_random_days``; here it is sure that every such moment is met.
"""

import datetime

import pytest
import time_machine

from prescriptions.models import Prescription, StretchPause
from routines.models import Proposal
from tests.days.test_random_days import RandomDays
from tests.days.world import START, build

ANN, BOB = 0, 1
FOURTH, FIFTH, SIXTH, EIGHTH, NINTH = 3, 4, 5, 7, 8
HERNIA, LATER, SCIATICA = 0, 1, 6


@pytest.fixture
def day(db):
    """A machine that nobody drives but the test."""
    with time_machine.travel(START, tick=False):
        RandomDays.world = build()
    machine = RandomDays()
    machine.look = machine.all_is_as_it_ought_to_be
    machine.look()
    yield machine
    machine.teardown()


def hurt(day, pain, *, has_spread=False, which=0, how=("player", 0), back=0):
    day.log(number=ANN, which=which, back=back, part="on-getting-up", felt=(pain, has_spread), outcome="done", how=how)
    day.look()


@pytest.mark.parametrize(("felt", "is_paused"), [((6, False), True), ((5, False), False), ((0, True), True)])
def test_pain_pauses_a_stretch_everywhere_and_stays_in_the_queue(day, felt, is_paused):
    hurt(day, felt[0], has_spread=felt[1])

    assert StretchPause.objects.exists() is is_paused
    for decision in ("acknowledged", "snoozed", "resolved"):
        for which in range(3):
            day.decide_about_a_line(clinician=0, which=which, decision=decision)
            day.look()


def test_pain_that_has_not_settled_pauses(day):
    hurt(day, 2)
    day.time_goes_by(hours=24)

    day.answer_whether_it_settled(number=ANN, which=0, has_settled=False, door="page")

    assert StretchPause.objects.exists()
    day.look()


def test_worse_pain_than_the_clinician_saw_pauses_again(day):
    hurt(day, 6)
    day.lift_a_pause(number=ANN, which=0, door="page")
    day.look()

    hurt(day, 9)

    assert StretchPause.objects.open().exists()


def test_a_red_flag_stops_every_record_and_every_proposal(day):
    day.three_good_days(number=ANN, which=0, effort="right")
    day.look()
    assert Proposal.objects.open().exists()

    day.answer_red_flags(number=ANN, answers=(False, True), door="page")
    day.look()

    assert not Proposal.objects.open().exists()
    for which in range(3):
        day.decide(which=which, decision="accept", is_open=False, door="function")
        day.decide_about_a_line(clinician=1, which=which, decision="acknowledged")
        day.look()
    day.reopen(number=ANN, door="page")
    day.look()


@pytest.mark.parametrize("door", ["page", "function"])
def test_a_proposal_of_what_pain_paused_in_an_earlier_version_is_not_to_be_decided(day, door):
    day.three_good_days(number=ANN, which=0, effort="right")
    day.decide(which=0, decision="accept", is_open=True, door=door)
    day.look()
    day.three_good_days(number=ANN, which=0, effort="right")
    day.look()

    for which in range(4):  # lines of the version before are among them
        hurt(day, 8, which=which, back=2)

    assert not Proposal.objects.open().filter(kind="up").exists()


def test_a_condition_closes_what_is_shown_saved_and_activated(day):
    record = day.world.records[BOB]
    day.start_a_draft(number=BOB, door="page")
    day.record_a_condition(number=BOB, code=SCIATICA, ago=None, verification="confirmed", door="page")
    day.look()

    day.activate(number=BOB, door="page", is_ticked=True, meanwhile=None)
    day.add_a_stretch(number=BOB, chosen=FIFTH, which=None, door="page")
    day.add_a_stretch(number=BOB, chosen=FIFTH, which=0, door="function")
    day.override(number=BOB, chosen=FOURTH, days=5, is_tampered=False)
    day.look()
    day.override(number=BOB, chosen=FIFTH, days=5, is_tampered=True)
    day.look()

    assert Prescription.objects.in_force().get(patient=record.pk).pk == day.memory.followed[record.pk].pk
    day.activate(number=BOB, door="function", is_ticked=True, meanwhile=None)
    day.look()
    day.time_goes_by(hours=24 * 7)
    day.look()


@pytest.mark.parametrize("door", ["page", "function"])
def test_a_template_brings_nothing_unsafe(day, door):
    day.record_a_condition(number=ANN, code=HERNIA, ago=None, verification="provisional", door=door)
    day.look()

    for phase in (0, 1):
        for is_replacing in (False, True):
            day.apply_a_template(number=ANN, phase=phase, is_replacing=is_replacing, door=door)
            day.look()


def test_windows_open_and_close_on_their_day_in_each_time_zone(day):
    for number in (ANN, 2):
        for chosen in (SIXTH, EIGHTH):
            day.publish(chosen=chosen, code=LATER, severity="absolute", first=2, length=0)
        day.record_a_condition(number=number, code=LATER, ago=13, verification="confirmed", door="function")
    day.look()

    for _ in range(20):
        day.now_is.shift(datetime.timedelta(hours=12))
        day.look_at_all()
        day.look()


def test_what_is_retired_or_on_hold_is_shown_to_nobody(day):
    day.change_status(chosen=NINTH, status="retired")
    day.look()
    day.hold(number=BOB, door="page")
    day.look()

    day.resume(number=BOB, door="function")
    day.look()

    assert Prescription.objects.filter(patient=day.world.records[BOB].pk, status="on-hold").exists()
