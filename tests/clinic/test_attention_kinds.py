"""For each kind of line: when it appears, and when it goes. Stopped already: red flag, pause, unsafe."""

import datetime

import pytest

from clinic.models import AttentionKind
from prescriptions.models import RoutineStop, StretchPause
from stretches.models import StretchStatus
from tests.clinic.queueing import DAY, active_line, queue_for, waiting
from tests.factories import NOON, ConditionCodeFactory, ConditionFactory, ContraindicationFactory, PatientFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient(clinic):
    return PatientFactory(clinic=clinic, full_name="Walter Brandt")


def stop(patient, *, at=NOON - DAY):
    return RoutineStop.objects.create(
        clinic=patient.clinic, patient=patient, tier="urgent", message="See a doctor.", stopped_at=at
    )


def pause(patient, stretch, *, at=NOON - DAY):
    return StretchPause.begin(patient, stretch, reason="pain", at=at)


def test_a_red_flag_waits_until_the_routine_is_reopened(clinician, patient):
    stop(patient, at=NOON - 3 * DAY)
    later = stop(patient, at=NOON - DAY)

    (line,) = waiting(clinician, AttentionKind.RED_FLAG)
    RoutineStop.reopen(patient, by=clinician, at=NOON, note="Examined.")

    assert line.subject == str(later.pk)
    assert line.age_days == 3
    assert "(2 times)" in line.reason
    assert line.detail == "Was told: See a doctor."
    assert line.act.url == f"/patients/{patient.pk}/reopen/"
    assert queue_for(clinician).waiting == []


def test_a_red_flag_waits_for_a_patient_without_a_prescription(clinician, patient):
    stop(patient)

    assert [line.patient for line in queue_for(clinician).waiting] == [patient]


def test_a_pause_waits_until_it_is_lifted(clinician, patient):
    item = active_line(clinic=patient.clinic)
    paused = pause(item.prescription.patient, item.stretch)

    (line,) = waiting(clinician, AttentionKind.PAUSE)
    paused.lift(by=clinician, at=NOON)

    assert line.reason == f"{item.stretch} is paused: it hurt too much."
    assert line.act.url == f"/stretch-pauses/{paused.pk}/lift/"
    assert line.age_days == 1
    assert waiting(clinician, AttentionKind.PAUSE) == []


@pytest.mark.parametrize("status", ["draft", "active", "on-hold", "completed", "revoked"])
def test_a_pause_waits_whatever_became_of_the_prescription(clinician, clinic, status):
    item = active_line(clinic=clinic, prescription={"status": status})
    pause(item.prescription.patient, item.stretch)

    assert len(waiting(clinician, AttentionKind.PAUSE)) == 1


def contraindicate(item, **fields):
    """A condition of the patient, and what the catalogue says against the stretch."""
    code = ConditionCodeFactory(name="Disc herniation")
    ContraindicationFactory(stretch=item.stretch, condition_code=code, **fields)
    return ConditionFactory(patient=item.prescription.patient, code=code, recorded_at=NOON - DAY)


@pytest.mark.parametrize(
    ("severity", "status", "is_unsafe"),
    [
        ("absolute", "active", True),
        ("relative", "active", True),
        ("precaution", "active", False),
        ("absolute", "on-hold", True),
        ("absolute", "draft", False),
        ("absolute", "completed", False),
        ("absolute", "revoked", False),
    ],
)
def test_what_has_become_unsafe_waits_while_it_is_in_force(clinician, clinic, severity, status, is_unsafe):
    item = active_line(clinic=clinic, days_ago=5, prescription={"status": status})
    contraindicate(item, severity=severity)

    assert bool(waiting(clinician, AttentionKind.UNSAFE)) is is_unsafe


def test_an_unsafe_line_says_why_and_since_when(clinician, clinic):
    item = active_line(clinic=clinic, days_ago=5)
    contraindicate(item)

    (line,) = waiting(clinician, AttentionKind.UNSAFE)

    assert line.reason == f"{item.stretch} is not safe today (Disc herniation): the patient no longer sees it."
    assert line.detail == "Bending forward loads the disc."
    assert line.age_days == 1
    assert line.act.is_post


def test_what_the_catalogue_made_unsafe_with_a_condition_known_before_has_no_day(clinician, clinic):
    item = active_line(clinic=clinic, days_ago=5)
    condition = contraindicate(item)
    condition.recorded_at = NOON - 6 * DAY
    condition.save()

    (line,) = waiting(clinician, AttentionKind.UNSAFE)

    assert line.since is None


def test_a_retired_stretch_is_unsafe_without_a_condition(clinician, clinic):
    item = active_line(clinic=clinic, days_ago=5)
    item.stretch.status = StretchStatus.RETIRED
    item.stretch.save()

    (line,) = waiting(clinician, AttentionKind.UNSAFE)

    assert line.since is None
    assert line.reason.startswith(f"{item.stretch} is not safe today: ")


def test_an_unsafe_line_goes_when_the_condition_is_refuted(clinician, clinic):
    condition = contraindicate(active_line(clinic=clinic))
    assert waiting(clinician, AttentionKind.UNSAFE)

    condition.verification_status = "refuted"
    condition.save()

    assert waiting(clinician, AttentionKind.UNSAFE) == []


@pytest.mark.parametrize("is_first_refuted", [True, False])
def test_another_reason_is_another_subject(clinician, clinic, is_first_refuted):
    item = active_line(clinic=clinic)
    first = contraindicate(item)
    (before,) = waiting(clinician, AttentionKind.UNSAFE)

    contraindicate(item)
    if is_first_refuted:
        first.verification_status = "refuted"
        first.save()

    (after,) = waiting(clinician, AttentionKind.UNSAFE)
    assert after.subject != before.subject


def test_the_queue_agrees_with_the_safety_rule(clinician, clinic):
    items = [active_line(clinic=clinic) for _ in range(6)]
    for item, severity in zip(items, ["absolute", "relative", "precaution"], strict=False):
        contraindicate(item, severity=severity)
    contraindicate(items[3], severity="absolute", until_week=1).code.contraindications.all()
    contraindicate(items[4], severity="absolute", from_week=0, until_week=1)
    items[4].prescription.patient.conditions.update(anchor_on=NOON.date() - datetime.timedelta(days=7))

    found = {line.patient for line in waiting(clinician, AttentionKind.UNSAFE)}

    by_the_rule = {
        item.prescription.patient
        for item in items
        if not all(line.is_safe for line in item.prescription.lines_on(NOON.date()))
    }
    assert found == by_the_rule == {items[each].prescription.patient for each in (0, 1, 3)}
