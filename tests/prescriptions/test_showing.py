"""The show door: what may be shown of a prescription on a day."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prescriptions.models import Override, Prescription, RoutineStop, StretchPause
from prescriptions.showing import State, TimingAdvice, routine_from, routine_of
from stretches.models import Movement, TimingRule
from tests.factories import (
    NOON,
    TODAY,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SourceFactory,
    StretchFactory,
)

pytestmark = pytest.mark.django_db

WEEK = datetime.timedelta(weeks=1)


@pytest.fixture
def active():
    """An active prescription of two stretches, Alpha and Beta."""
    draft = PrescriptionFactory(patient__conditions_reviewed_on=TODAY)
    for position, name in enumerate(["Alpha", "Beta"]):
        PrescribedStretchFactory(prescription=draft, stretch__name=name, position=position)
    draft.activate(by=draft.created_by, at=NOON)
    return draft


def as_shown(prescription):
    return Prescription.objects.for_showing().get(pk=prescription.pk)


def names(routine):
    return [shown.item.stretch.name for shown in routine.stretches]


def shown_and_paused(prescription, on=TODAY):
    routine = routine_of(prescription.patient, on=on)
    return names(routine), list(routine.paused)


def contraindicate(prescription, severity="absolute", **kwargs):
    """Give the patient a condition with which Beta has a contraindication; ``anchor_on`` is the condition's."""
    condition = ConditionFactory(patient=prescription.patient, anchor_on=kwargs.pop("anchor_on", None))
    beta = prescription.items.get(stretch__name="Beta").stretch
    return ContraindicationFactory(stretch=beta, condition_code=condition.code, severity=severity, **kwargs)


def override(prescription, *, expires_on):
    line = prescription.lines_on(TODAY)[1]
    Override(
        clinic=prescription.clinic,
        patient=prescription.patient,
        prescription=prescription,
        stretch=line.item.stretch,
        reason="adapted",
        expires_on=expires_on,
        decided_by=prescription.created_by,
    ).record(line.assessment)


def test_what_is_safe_is_shown_in_order(active):
    active.items.filter(stretch__name="Alpha").update(position=5)

    assert shown_and_paused(active) == (["Beta", "Alpha"], [])


@pytest.mark.parametrize(("severity", "is_shown"), [("absolute", False), ("relative", False), ("precaution", True)])
def test_what_became_unsafe_is_paused_by_name(active, severity, is_shown):
    contraindicate(active, severity)

    expected = (["Alpha", "Beta"], []) if is_shown else (["Alpha"], ["Beta"])
    assert shown_and_paused(active) == expected


def test_a_caution_is_shown_with_its_advice_once(active):
    contraindicate(active, "precaution", rationale="Keep the back straight.")
    contraindicate(active, "precaution", rationale="Keep the back straight.")
    contraindicate(active, "precaution", rationale="Move slowly.")

    alpha, beta = routine_of(active.patient, on=TODAY).stretches

    assert alpha.advice == ()
    assert sorted(beta.advice) == ["Keep the back straight.", "Move slowly."]


def test_what_was_overridden_is_shown_until_the_override_expires(active):
    contraindicate(active, "relative")
    override(active, expires_on=TODAY + WEEK)

    assert shown_and_paused(active, TODAY + WEEK) == (["Alpha", "Beta"], [])
    assert shown_and_paused(active, TODAY + WEEK + datetime.timedelta(days=1)) == (["Alpha"], ["Beta"])


def test_the_reason_for_an_override_is_no_advice(active):
    contraindicate(active, "relative")
    override(active, expires_on=TODAY)

    assert routine_of(active.patient, on=TODAY).stretches[1].advice == ()


def test_a_window_that_opens_later_pauses_from_that_day(active):
    contraindicate(active, from_week=6, anchor_on=TODAY - 5 * WEEK)

    assert shown_and_paused(active, TODAY + WEEK - datetime.timedelta(days=1)) == (["Alpha", "Beta"], [])
    assert shown_and_paused(active, TODAY + WEEK) == (["Alpha"], ["Beta"])


def test_a_retired_stretch_is_paused(active):
    stretch = active.items.get(stretch__name="Beta").stretch
    stretch.status = "retired"
    stretch.save()

    assert shown_and_paused(active) == (["Alpha"], ["Beta"])


def test_what_is_active_goes_on_being_shown_when_a_review_is_due(active):
    active.patient.conditions_reviewed_on = None
    active.patient.save()

    assert shown_and_paused(active) == (["Alpha", "Beta"], [])


def test_a_draft_shows_nothing_while_the_conditions_were_never_reviewed():
    item = PrescribedStretchFactory(prescription__patient__conditions_reviewed_on=None, stretch__name="Alpha")

    routine = routine_from(as_shown(item.prescription), on=TODAY)

    assert (routine.state, routine.stretches, routine.paused) == (State.DRAFT, (), ("Alpha",))


def test_a_draft_is_nothing_to_the_patient():
    item = PrescribedStretchFactory()

    assert routine_of(item.prescription.patient, on=TODAY).state is State.NOTHING_YET


def test_on_hold_shows_no_stretch(active):
    active.hold(by=active.created_by, at=NOON, reason="Fell on the stairs")

    routine = routine_of(active.patient, on=TODAY)

    assert (routine.state, routine.stretches, routine.paused) == (State.ON_HOLD, (), ())


@pytest.mark.parametrize("ending", ["complete", "revoke"])
def test_what_has_ended_is_nothing_to_the_patient(active, ending):
    reason = {"reason": "Moved away"} if ending == "revoke" else {}
    getattr(active, ending)(by=active.created_by, at=NOON, **reason)

    assert routine_of(active.patient, on=TODAY).state is State.NOTHING_YET
    assert routine_from(as_shown(active), on=TODAY).state is State.ENDED


def test_a_patient_sees_no_other_patients_prescription(active):
    assert routine_of(PatientFactory(clinic=active.clinic), on=TODAY).prescription is None


def timing_rule(code, *movements):
    rule = TimingRule.objects.create(
        condition_code=code, advice="Wait half an hour after getting up.", source=SourceFactory(), confidence="high"
    )
    rule.movements.set(movements)


def move(prescription, name, movement):
    prescription.items.get(stretch__name=name).stretch.movements.add(movement)


@pytest.fixture
def bending():
    return Movement.objects.create(slug="bending", name="Bending")


def test_timing_advice_follows_the_hierarchy_and_names_what_it_is_about(active, bending):
    disc = ConditionCodeFactory()
    herniation = ConditionCodeFactory(broader=[disc])
    ConditionFactory(patient=active.patient, code=herniation)
    timing_rule(disc, bending, Movement.objects.create(slug="twisting", name="Twisting"))
    move(active, "Beta", bending)

    routine = routine_of(active.patient, on=TODAY)

    assert routine.timing == (TimingAdvice("Wait half an hour after getting up.", ("Beta",)),)


def test_timing_advice_needs_the_condition_and_the_movement(active, bending):
    disc = ConditionCodeFactory()
    herniation = ConditionCodeFactory(broader=[disc])
    timing_rule(herniation, bending)
    ConditionFactory(patient=active.patient, code=disc)  # broader than the rule's
    move(active, "Beta", bending)
    other = Movement.objects.create(slug="reaching", name="Reaching")
    timing_rule(disc, other)

    assert routine_of(active.patient, on=TODAY).timing == ()


def test_timing_advice_is_not_given_for_what_is_paused(active, bending):
    contraindicate(active)
    timing_rule(active.patient.conditions.get().code, bending)
    move(active, "Beta", bending)

    assert routine_of(active.patient, on=TODAY).timing == ()


def test_parts_of_the_day_introduce_a_stretch_once(active):
    active.items.filter(stretch__name="Beta").update(is_on_getting_up=False, is_before_bed=True)
    active.items.filter(stretch__name="Alpha").update(is_before_bed=True)

    parts = routine_of(active.patient, on=TODAY).parts

    assert [(part.slug, part.words, names(part)) for part in parts] == [
        ("on-getting-up", "on getting up", ["Alpha"]),
        ("before-bed", "before bed", ["Alpha", "Beta"]),
    ]
    assert [[shown.item.stretch.name for shown in part.introduced] for part in parts] == [["Alpha"], ["Beta"]]


def test_minutes_count_what_is_shown_only(active):
    # Each: (30 + 5) s × 3 repetitions × 2 sides, once a day: 210 s.
    assert routine_of(active.patient, on=TODAY).minutes_a_day == 7

    contraindicate(active)

    active.items.filter(stretch__name="Alpha").update(is_before_bed=True)
    routine = routine_of(active.patient, on=TODAY)
    assert (routine.minutes_a_day, [part.minutes for part in routine.parts]) == (7, [4, 4])


def test_ten_more_stretches_and_conditions_cost_no_more_queries(active):
    contraindicate(active, "precaution")
    with CaptureQueriesContext(connection) as few:
        routine_of(active.patient, on=TODAY)
    for _ in range(10):
        stretch = StretchFactory()
        PrescribedStretchFactory(prescription=active, stretch=stretch)
        condition = ConditionFactory(patient=active.patient)
        ContraindicationFactory(stretch=stretch, condition_code=condition.code, severity="precaution")

    with CaptureQueriesContext(connection) as many:
        routine = routine_of(Prescription.objects.for_showing().get(pk=active.pk).patient, on=TODAY)

    assert len(routine.stretches) == 12
    assert len(many) - 1 == len(few) <= 10


def test_a_stretch_that_is_paused_by_pain_is_only_named(active):
    beta = active.items.get(stretch__name="Beta").stretch

    pause = StretchPause.begin(active.patient, beta, reason="pain", at=NOON)

    assert shown_and_paused(active) == (["Alpha"], ["Beta"])
    assert StretchPause.begin(active.patient, beta, reason="spreading", at=NOON) == pause


def test_a_lifted_pause_shows_the_stretch_again(active):
    beta = active.items.get(stretch__name="Beta").stretch
    pause = StretchPause.begin(active.patient, beta, reason="pain", at=NOON)

    pause.lift(by=active.created_by, at=NOON, note="Too deep a bend; shown how")

    assert shown_and_paused(active) == (["Alpha", "Beta"], [])


def test_another_patients_pause_hides_nothing(active):
    beta = active.items.get(stretch__name="Beta").stretch

    StretchPause.begin(PatientFactory(clinic=active.clinic), beta, reason="pain", at=NOON)

    assert shown_and_paused(active) == (["Alpha", "Beta"], [])


def test_a_red_flag_stops_everything_until_a_clinician_reopens(active):
    stop = RoutineStop.objects.create(
        clinic=active.clinic, patient=active.patient, tier="emergency", message="Call now.", stopped_at=NOON
    )

    stopped = routine_of(active.patient, on=TODAY)
    RoutineStop.reopen(active.patient, by=active.created_by, at=NOON, note="Seen in hospital, all clear")

    assert (stopped.state, stopped.stretches, stopped.paused, stopped.stops) == (State.STOPPED, (), (), (stop,))
    assert shown_and_paused(active) == (["Alpha", "Beta"], [])


def test_a_stop_is_shown_also_when_nothing_is_prescribed():
    patient = PatientFactory()
    RoutineStop.objects.create(clinic=patient.clinic, patient=patient, tier="urgent", message="See a doctor.")

    assert routine_of(patient, on=TODAY).state is State.STOPPED
