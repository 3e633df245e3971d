"""From what was logged to a proposal, and from a clinician's decision to a new version."""

import datetime

import pytest

from prescriptions.models import (
    NotAcknowledgedError,
    Prescription,
    RoutineStop,
    StretchPause,
    TransitionError,
    UnsafePrescriptionError,
)
from routines import deciding
from routines.models import Proposal
from routines.proposing import propose
from stretches.models import Stretch
from tests.factories import (
    NOON,
    TODAY,
    ClinicianFactory,
    ConditionFactory,
    ContraindicationFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SessionLogFactory,
    StretchFactory,
    StretchLogFactory,
)

pytestmark = pytest.mark.django_db

GREEN = {"pain_score": 1, "has_settled": True}
AMBER = {"pain_score": 4, "has_settled": True}
RED = {"pain_score": 7}


@pytest.fixture
def item():
    """The one line of an active prescription: hold 10 seconds, building up to 30; an easier and a harder neighbour."""
    draft = PrescriptionFactory(patient__conditions_reviewed_on=TODAY)
    item = PrescribedStretchFactory(prescription=draft, stretch__name="Chair", stretch__difficulty=3)
    item.stretch.easier.add(StretchFactory(name="Wall", difficulty=1), StretchFactory(name="Towel", difficulty=2))
    item.stretch.harder.add(StretchFactory(name="Standing", difficulty=5))
    draft.activate(by=draft.created_by, at=NOON)
    return item


def log(item, *sessions):
    """Log sessions, one a day, the latest first."""
    for back, how in enumerate(sessions):
        session = SessionLogFactory(prescription=item.prescription, on=TODAY - datetime.timedelta(days=back))
        StretchLogFactory(item=item, session=session, **how)


def proposed(item, *sessions):
    log(item, *sessions)
    return propose(item, at=NOON)


def in_force(item):
    """The stretches in force for the patient with their start holds."""
    items = Prescription.objects.in_force().get(patient=item.prescription.patient).items
    return list(items.values_list("stretch__name", "start_hold_seconds"))


@pytest.mark.parametrize(
    ("sessions", "kind", "change"),
    [
        ([GREEN] * 3, "up", "hold 15 instead of 10 seconds"),
        ([AMBER], "hold", "keep the dose"),
        ([AMBER] * 2, "easier", "Towel instead of Chair"),
        ([RED], "easier", "Towel instead of Chair"),
    ],
)
def test_a_proposal_says_what_it_changes_and_rests_on_its_logs(item, sessions, kind, change):
    proposal = proposed(item, *sessions)

    assert (proposal.kind, proposal.change_words) == (kind, change)
    assert proposal.logs.count() == len(sessions)


def test_a_step_down_names_the_rung_below(item):
    item.start_hold_seconds = 20
    item.save()

    assert proposed(item, AMBER, AMBER).to_hold_seconds == 15


def test_at_the_target_and_easy_the_harder_neighbour_is_proposed(item):
    item.start_hold_seconds = 30
    item.save()

    proposal = proposed(item, *[GREEN | {"effort": "easy", "held_seconds": 30}] * 3)

    assert proposal.to_stretch.name == "Standing"


@pytest.mark.parametrize(
    "sessions",
    [
        [],
        [GREEN] * 2,
        [GREEN | {"held_seconds": 5}] * 3,
        [GREEN | {"held_seconds": None}] * 3,
        [GREEN | {"outcome": "partly"}] * 3,
        [GREEN | {"outcome": "skipped"}] * 3,
        [{"pain_score": 1}] * 3,
    ],
)
def test_logs_that_speak_for_nothing_propose_nothing(item, sessions):
    assert proposed(item, *sessions) is None
    assert not Proposal.objects.exists()


def test_an_unsafe_neighbour_is_not_proposed(item):
    condition = ConditionFactory(patient=item.prescription.patient)
    ContraindicationFactory(stretch=item.stretch.easier.get(name="Towel"), condition_code=condition.code)

    assert proposed(item, RED).to_stretch.name == "Wall"


def test_where_no_neighbour_is_safe_nothing_is_proposed(item):
    condition = ConditionFactory(patient=item.prescription.patient)
    for easier in item.stretch.easier.all():
        ContraindicationFactory(stretch=easier, condition_code=condition.code)

    assert proposed(item, RED) is None


def test_the_same_again_is_the_same_proposal(item):
    first = proposed(item, *[GREEN] * 3)

    assert propose(item, at=NOON) == first
    assert Proposal.objects.count() == 1


def test_newer_logs_overtake_a_proposal(item):
    log(item, *[GREEN] * 3)
    up = propose(item, at=NOON)
    session = SessionLogFactory(prescription=item.prescription, on=TODAY, part_of_day="before-bed")
    StretchLogFactory(item=item, session=session, logged_at=NOON + datetime.timedelta(hours=8), **AMBER)

    hold = propose(item, at=NOON)

    up.refresh_from_db()
    assert (up.status, hold.kind) == ("superseded", "hold")


def test_accepting_a_longer_hold_puts_a_new_version_into_force(item):
    proposal = proposed(item, *[GREEN] * 3)
    clinician = item.prescription.created_by

    version = deciding.accept(proposal, by=clinician, at=NOON)

    proposal.refresh_from_db()
    assert in_force(item) == [("Chair", 15)]
    assert (version.replaces, version.activated_by) == (item.prescription, clinician)
    assert (proposal.status, proposal.decided_by) == ("accepted", clinician)


def test_the_reason_for_so_many_stretches_goes_on_to_the_new_version(item):
    proposal = proposed(item, *[GREEN] * 3)
    Prescription.objects.filter(pk=item.prescription.pk).update(count_reason="Both knees")
    PrescribedStretchFactory.create_batch(6, prescription=item.prescription)

    version = deciding.accept(proposal, by=item.prescription.created_by, at=NOON)

    assert (version.status, version.count_reason) == ("active", "Both knees")


def test_accepting_another_stretch_takes_it_in_the_old_ones_place(item):
    deciding.accept(proposed(item, RED), by=item.prescription.created_by, at=NOON)

    assert in_force(item) == [("Towel", 10)]


def test_accepting_to_keep_the_dose_leaves_the_prescription_alone(item):
    deciding.accept(proposed(item, AMBER), by=item.prescription.created_by, at=NOON)

    assert Prescription.objects.count() == 1
    assert in_force(item) == [("Chair", 10)]


def test_what_became_unsafe_since_is_not_accepted(item):
    proposal = proposed(item, RED)
    condition = ConditionFactory(patient=item.prescription.patient)
    ContraindicationFactory(stretch=proposal.to_stretch, condition_code=condition.code)

    with pytest.raises(UnsafePrescriptionError):
        deciding.accept(proposal, by=item.prescription.created_by, at=NOON)

    proposal.refresh_from_db()
    assert (proposal.status, Prescription.objects.count()) == ("open", 1)


def test_a_condition_that_is_not_safety_checked_has_to_be_acknowledged(item):
    proposal = proposed(item, *[GREEN] * 3)
    condition = ConditionFactory(patient=item.prescription.patient, code=None, free_text="Odd knee")

    with pytest.raises(NotAcknowledgedError):
        deciding.accept(proposal, by=item.prescription.created_by, at=NOON)
    deciding.accept(proposal, by=item.prescription.created_by, at=NOON, acknowledged=[condition.pk])

    assert in_force(item) == [("Chair", 15)]


def test_nothing_slips_into_a_draft_that_somebody_else_is_writing(item):
    proposal = proposed(item, *[GREEN] * 3)
    draft = item.prescription.revise(by=item.prescription.created_by)

    with pytest.raises(deciding.DraftOpenError) as error:
        deciding.accept(proposal, by=item.prescription.created_by, at=NOON)

    assert error.value.draft == draft
    assert draft.items.get().start_hold_seconds == 10


def test_changing_drafts_what_was_proposed(item):
    proposal = proposed(item, *[GREEN] * 3)

    draft = deciding.change(proposal, by=item.prescription.created_by, at=NOON)

    proposal.refresh_from_db()
    assert (draft.status, draft.items.get().start_hold_seconds) == ("draft", 15)
    assert (proposal.status, in_force(item)) == ("changed", [("Chair", 10)])


def test_what_was_declined_is_not_proposed_again_on_the_same_logs(item):
    proposal = proposed(item, *[GREEN] * 3)

    deciding.decline(proposal, by=item.prescription.created_by, at=NOON, note="Let her settle first")

    proposal.refresh_from_db()
    assert (proposal.status, proposal.decision_note) == ("declined", "Let her settle first")
    assert propose(item, at=NOON) is None


@pytest.mark.parametrize("decide", [deciding.accept, deciding.change, deciding.decline])
def test_nothing_is_decided_twice(item, decide):
    proposal = proposed(item, *[GREEN] * 3)
    deciding.decline(proposal, by=item.prescription.created_by, at=NOON)

    with pytest.raises(TransitionError):
        decide(proposal, by=item.prescription.created_by, at=NOON)


def test_a_prescription_that_is_no_longer_active_has_no_open_proposal(item):
    proposed(item, *[GREEN] * 3)

    item.prescription.complete(by=item.prescription.created_by, at=NOON)

    assert not Proposal.objects.open().exists()


def test_proposals_are_visible_to_the_clinics_clinicians_alone(item):
    proposal = proposed(item, *[GREEN] * 3)

    assert list(Proposal.objects.visible_to(ClinicianFactory(clinic=item.clinic))) == [proposal]
    assert not Proposal.objects.visible_to(ClinicianFactory()).exists()


@pytest.mark.parametrize(
    ("sessions", "paused", "is_open"),
    [
        ([GREEN] * 3, "Chair", False),
        ([GREEN] * 3, "Towel", True),
        ([RED], "Towel", False),
        ([RED], "Chair", True),
    ],
    ids=["longer, paused", "longer, another paused", "easier is paused", "easier than what is paused"],
)
def test_what_pain_has_paused_since_is_not_to_be_decided(item, sessions, paused, is_open):
    proposal = proposed(item, *sessions)
    stretch = Stretch.objects.get(name=paused)

    StretchPause.begin(item.prescription.patient, stretch, reason="pain", at=NOON)

    assert Proposal.objects.open().exists() is is_open
    if not is_open:
        with pytest.raises(TransitionError):
            deciding.accept(proposal, by=item.prescription.created_by, at=NOON)


def test_while_a_red_flag_stops_the_routine_nothing_is_to_be_decided(item):
    proposal, patient, clinician = proposed(item, *[GREEN] * 3), item.prescription.patient, item.prescription.created_by
    RoutineStop.objects.create(clinic=item.clinic, patient=patient, tier="emergency", message="Go.", stopped_at=NOON)

    with pytest.raises(TransitionError):
        deciding.accept(proposal, by=clinician, at=NOON)

    assert not Proposal.objects.open().exists()
    RoutineStop.reopen(patient, by=clinician, at=NOON, note="Seen")
    assert Proposal.objects.open().get() == proposal
