"""The red-flag questions: a yes stops everything of this person, and says what the catalogue says, the worst first."""

import uuid

import pytest

from accounts.models import OutboxMessage
from prescriptions.models import RoutineStop
from prescriptions.showing import State, routine_of
from routines.models import RedFlagAnswer, RedFlagScreen
from routines.screening import record_red_flags
from stretches.models import RedFlagAction, RedFlagQuestion
from tests.factories import NOON, TODAY, ClinicianFactory, PatientFactory, SourceFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def questions():
    """One of each tier, in an order that is not theirs, and one of a tier that the code does not know."""
    return {
        tier: RedFlagQuestion.objects.create(
            slug=f"rf-{tier}",
            question=f"Is it {tier}?",
            action=RedFlagAction.objects.create(tier=tier, message=f"Do what is right at {tier}."),
            source=SourceFactory(),
            position=position,
        )
        for position, tier in enumerate(["urgent", "later-added", "emergency", "same_day"])
    }


@pytest.fixture
def patient():
    clinician = ClinicianFactory()
    return PatientFactory(user=UserFactory(), clinic=clinician.memberships.get().clinic, clinician=clinician)


def answer(patient, questions, *yes, own_id=None):
    answers = {question: tier in yes for tier, question in questions.items()}
    return record_red_flags(patient, answers, id=own_id or uuid.uuid4(), answered_at=NOON, at=NOON)


def test_no_to_all_stops_nothing(patient, questions):
    screened = answer(patient, questions)

    assert screened.messages == ()
    assert RedFlagScreen.objects.get().stop is None
    assert RedFlagAnswer.objects.filter(is_yes=False).count() == 4
    assert routine_of(patient, on=TODAY).state is State.NOTHING_YET


def test_a_yes_stops_the_routine_and_tells_the_clinic(patient, questions):
    answer(patient, questions, "urgent")

    (stop,) = routine_of(patient, on=TODAY).stops
    assert (stop.tier, stop.message) == ("urgent", "Do what is right at urgent.")
    assert stop.screen.answers.get(is_yes=True).wording == "Is it urgent?"
    assert OutboxMessage.objects.get().recipient == patient.clinician


@pytest.mark.parametrize(
    ("yes", "tiers"),
    [
        (["urgent", "emergency"], ["emergency", "urgent"]),
        (["same_day", "urgent"], ["same_day", "urgent"]),
        (["urgent", "emergency", "same_day"], ["emergency", "same_day", "urgent"]),
        (["emergency", "later-added"], ["later-added", "emergency"]),
    ],
)
def test_the_worst_tier_is_told_first(patient, questions, yes, tiers):
    screened = answer(patient, questions, *yes)

    assert screened.messages == tuple(f"Do what is right at {tier}." for tier in tiers)
    assert RoutineStop.objects.get().tier == tiers[0]


def test_the_same_sent_twice_is_stored_once(patient, questions):
    own_id = uuid.uuid4()
    answer(patient, questions, "urgent", own_id=own_id)

    again = answer(patient, questions, "urgent", own_id=own_id)

    assert not again.is_new
    assert again.messages
    assert RoutineStop.objects.count() == RedFlagScreen.objects.count() == OutboxMessage.objects.count() == 1


def test_a_yes_under_an_id_that_said_no_before_stops_all_the_same(patient, questions):
    own_id = uuid.uuid4()
    answer(patient, questions, own_id=own_id)

    answer(patient, questions, "emergency", own_id=own_id)

    assert RoutineStop.objects.open().exists()


def test_a_later_no_reopens_nothing(patient, questions):
    answer(patient, questions, "emergency")

    answer(patient, questions)

    assert RoutineStop.objects.open().count() == 1


def test_a_yes_stops_the_routines_of_every_clinic_and_of_nobody_else(patient, questions):
    elsewhere = PatientFactory(user=patient.user)
    namesake = PatientFactory(clinic=patient.clinic, user=None)

    answer(patient, questions, "same_day")

    stopped = {record for record in (patient, elsewhere, namesake) if routine_of(record, on=TODAY).stops}
    assert stopped == {patient, elsewhere}


def test_who_has_no_sign_in_is_stopped_alone(questions):
    patient, other = PatientFactory(user=None), PatientFactory(user=None)

    answer(patient, questions, "same_day")

    assert routine_of(patient, on=TODAY).stops
    assert not routine_of(other, on=TODAY).stops
