"""For each kind of line: when it appears, and when it goes. Not stopped: override, logs, review, proposal."""

import pytest
from django.utils import timezone

from clinic.models import AttentionKind
from patients.models import Patient
from patients.review import ReviewState, review_state
from prescriptions.models import (
    OverriddenContraindication,
    Override,
    PrescribedStretch,
    Prescription,
    RoutineStop,
    StretchPause,
)
from routines.models import Proposal
from tests.clinic.queueing import DAY, active_line, log, log_days, waiting
from tests.factories import (
    NOON,
    TODAY,
    ClinicianFactory,
    ConditionFactory,
    ContraindicationFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
)

pytestmark = pytest.mark.django_db


# Override -------------------------------------------------------------------------------------------------------------
def override(item, *, days, decided_at=NOON - 20 * DAY):
    """A recorded decision on the item's relative contraindication, that holds for so many days more."""
    patient = item.prescription.patient
    relative = item.stretch.contraindications.first() or ContraindicationFactory(
        stretch=item.stretch, severity="relative"
    )
    condition = patient.conditions.first() or ConditionFactory(patient=patient, code=relative.condition_code)
    decision = Override.objects.create(
        clinic=patient.clinic,
        patient=patient,
        prescription=item.prescription,
        stretch=item.stretch,
        reason="adapted",
        expires_on=TODAY + days * DAY,
        decided_by=ClinicianFactory(clinic=patient.clinic),
        decided_at=decided_at,
    )
    OverriddenContraindication.objects.create(
        clinic=patient.clinic,
        override=decision,
        contraindication=relative,
        condition=condition,
        condition_code=condition.code,
        severity="relative",
        rationale=relative.rationale,
    )
    return decision


@pytest.mark.parametrize(
    ("days", "is_ending", "is_unsafe"),
    [(-1, False, True), (0, True, False), (1, True, False), (14, True, False), (15, False, False)],
)
def test_an_override_waits_from_a_fortnight_before_until_it_ends(clinician, clinic, days, is_ending, is_unsafe):
    override(active_line(clinic=clinic), days=days)

    assert bool(waiting(clinician, AttentionKind.OVERRIDE)) is is_ending
    assert bool(waiting(clinician, AttentionKind.UNSAFE)) is is_unsafe


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "today is its last day"), (1, "tomorrow is its last day"), (5, "it holds for 5 more days")],
)
def test_an_override_says_for_how_long_it_holds(clinician, clinic, days, words):
    item = active_line(clinic=clinic)
    override(item, days=days)

    (line,) = waiting(clinician, AttentionKind.OVERRIDE)

    assert line.reason == f"The override for {item.stretch} is ending: {words}."
    assert line.act.url.endswith(f"/prescriptions/{item.prescription_id}/revise/")


def test_the_override_that_ends_first_comes_first(clinician, clinic):
    for days in (9, 2, 5):
        override(active_line(clinic=clinic), days=days)

    ranks = [line.rank for line in waiting(clinician, AttentionKind.OVERRIDE)]

    assert ranks == [2, 5, 9]


def renewed(item):
    override(item, days=40, decided_at=NOON)


def renewed_for_as_long(item):
    override(item, days=5, decided_at=NOON)


def refuted(item):
    item.prescription.patient.conditions.update(verification_status="refuted")


def reworded(item):
    item.stretch.contraindications.update(rationale="Something else by now.")


def taken_out(item):
    other = PrescribedStretchFactory().stretch
    item.prescription.items.update(stretch=other)


def held(item):
    Prescription.objects.update(status="on-hold")


@pytest.mark.parametrize(
    ("change", "lines"),
    [(renewed, 0), (renewed_for_as_long, 1), (refuted, 0), (reworded, 0), (taken_out, 0), (held, 0)],
)
def test_an_override_waits_only_while_something_active_rests_on_it(clinician, clinic, change, lines):
    item = active_line(clinic=clinic)
    override(item, days=5)
    assert len(waiting(clinician, AttentionKind.OVERRIDE)) == 1

    change(item)

    assert len(waiting(clinician, AttentionKind.OVERRIDE)) == lines


# Logs -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days_ago", "status", "is_silent"),
    [
        (0, "active", False),
        (2, "active", False),
        (3, "active", True),
        (30, "active", True),
        (3, "on-hold", False),
        (3, "draft", False),
        (3, "completed", False),
    ],
)
def test_who_logs_nothing_is_asked_about_from_the_third_day_on(clinician, clinic, days_ago, status, is_silent):
    active_line(clinic=clinic, days_ago=days_ago, prescription={"status": status})

    assert bool(waiting(clinician, AttentionKind.FIRST_WEEK)) is is_silent


def test_one_log_is_enough(clinician, clinic):
    item = active_line(clinic=clinic, days_ago=5)

    log(item, days_ago=4, outcome="skipped")

    assert waiting(clinician, AttentionKind.FIRST_WEEK) == []


def test_a_log_under_the_version_before_is_enough(clinician, clinic):
    first = active_line(clinic=clinic, days_ago=20, prescription={"status": "completed"})
    second = PrescriptionFactory(
        patient=first.prescription.patient, status="active", activated_at=NOON - 5 * DAY, replaces=first.prescription
    )
    assert len(waiting(clinician, AttentionKind.FIRST_WEEK)) == 1

    log(first, days_ago=10)

    assert waiting(clinician, AttentionKind.FIRST_WEEK) == []
    assert second.session_logs.count() == 0


def test_nobody_is_blamed_while_a_red_flag_stops_everything(clinician, clinic):
    patient = active_line(clinic=clinic, days_ago=5).prescription.patient
    RoutineStop.objects.create(clinic=clinic, patient=patient, tier="urgent", message="Stop.", stopped_at=NOON)

    assert waiting(clinician, AttentionKind.FIRST_WEEK) == []


@pytest.mark.parametrize(("phone", "url"), [("01632 960 123", "tel:01632960123"), ("+44 (0)20", "tel:+44020")])
def test_who_logs_nothing_can_be_called(clinician, clinic, phone, url):
    active_line(clinic=clinic, days_ago=5, phone=phone)

    (line,) = waiting(clinician, AttentionKind.FIRST_WEEK)

    assert line.act.url == url


@pytest.mark.parametrize("phone", ["", "ask the daughter"])
def test_without_a_number_the_patients_page_opens(clinician, clinic, phone):
    item = active_line(clinic=clinic, days_ago=5, phone=phone)

    (line,) = waiting(clinician, AttentionKind.FIRST_WEEK)

    assert line.act.url == item.prescription.patient.get_absolute_url()


@pytest.mark.parametrize(
    ("before", "lately", "is_falling"),
    [
        (7, 7, False),
        (7, 5, False),  # 71 %: not low
        (7, 4, True),  # 100 % to 57 %
        (6, 4, False),  # 86 % to 57 %: 29 points
        (6, 3, True),  # 86 % to 43 %
        (3, 1, False),  # 43 % to 14 %: 29 points
        (3, 0, True),
        (0, 0, False),
        (2, 4, False),
    ],
)
def test_adherence_falls_by_thirty_points_to_below_sixty(clinician, clinic, before, lately, is_falling):
    item = active_line(clinic=clinic, days_ago=30)
    log_days(item, *range(8, 8 + before), *range(1, 1 + lately))

    assert bool(waiting(clinician, AttentionKind.ADHERENCE)) is is_falling


def test_who_still_does_sixty_percent_is_left_alone(clinician, clinic):
    item = active_line(clinic=clinic, days_ago=30)
    log_days(item, *range(8, 15), 1, 2, 3, 4)
    assert len(waiting(clinician, AttentionKind.ADHERENCE)) == 1  # 100 % to 57 %

    log(item, days_ago=5)

    assert waiting(clinician, AttentionKind.ADHERENCE) == []  # to 64 %


def test_a_morning_too_many_does_not_make_up_for_an_evening(clinician, clinic):
    item = active_line(clinic=clinic, days_ago=30)
    PrescribedStretch.objects.filter(pk=item.pk).update(days_per_week=3)
    log_days(item, 8, 10, 12)
    for days_ago in range(1, 7):
        log(item, days_ago=days_ago)

    (line,) = waiting(clinician, AttentionKind.ADHERENCE)

    assert line.reason == "3 of 6 sessions done in the last 7 days (50 %), 6 of 6 in the 7 before (100 %)."


def test_today_counts_only_when_it_is_over(clinician, clinic):
    item = active_line(clinic=clinic, days_ago=30)
    item.days_per_week = 1
    item.save(update_fields=["days_per_week"])
    log_days(item, 8, 0)

    assert len(waiting(clinician, AttentionKind.ADHERENCE)) == 1  # of the last seven whole days none


@pytest.fixture
def falling(clinic):
    """Everything in the week before, nothing in the last."""
    item = active_line(clinic=clinic, days_ago=30)
    log_days(item, *range(8, 15))
    return item


def test_a_fall_says_how_much(clinician, falling):
    log(falling, days_ago=2)

    (line,) = waiting(clinician, AttentionKind.ADHERENCE)

    assert line.reason == "1 of 14 sessions done in the last 7 days (7 %), 14 of 14 in the 7 before (100 %)."


def test_what_was_only_skipped_was_not_done(clinician, falling):
    for days_ago in range(1, 8):
        for part in ("on-getting-up", "before-bed"):
            log(falling, days_ago=days_ago, part=part, outcome="skipped")

    assert len(waiting(clinician, AttentionKind.ADHERENCE)) == 1


def test_today_is_not_over(clinician, falling):
    log_days(falling, 0, 15)

    (line,) = waiting(clinician, AttentionKind.ADHERENCE)

    assert line.reason.startswith("0 of 14")


def held_since(item):
    prescription = item.prescription
    prescription.status = "on-hold"
    prescription.save()
    prescription.history.filter(status="on-hold").update(history_date=NOON - 8 * DAY)
    prescription.status = "active"
    prescription.save()
    prescription.history.filter(status="active").exclude(history_date__lt=NOON).update(history_date=NOON - DAY)


def paused_since(item):
    pause = StretchPause.begin(item.prescription.patient, item.stretch, reason="pain", at=NOON - 8 * DAY)
    pause.lift(by=ClinicianFactory(clinic=item.clinic), at=NOON - DAY)


def stopped_since(item):
    patient = item.prescription.patient
    RoutineStop.objects.create(
        clinic=item.clinic, patient=patient, tier="urgent", message="Stop.", stopped_at=NOON - 8 * DAY
    )
    RoutineStop.reopen(patient, by=ClinicianFactory(clinic=item.clinic), at=NOON - DAY, note="Examined.")


def stopped_now(item):
    patient = item.prescription.patient
    RoutineStop.objects.create(clinic=item.clinic, patient=patient, tier="urgent", message="Stop.", stopped_at=NOON)


def completed(item):
    Prescription.objects.update(status="completed", ended_at=NOON)


@pytest.mark.parametrize("change", [held_since, paused_since, stopped_since, stopped_now, completed, held])
def test_nobody_is_blamed_for_what_was_not_to_be_done(clinician, falling, change):
    Prescription.history.update(history_date=NOON - 30 * DAY)
    assert len(waiting(clinician, AttentionKind.ADHERENCE)) == 1

    change(falling)

    assert waiting(clinician, AttentionKind.ADHERENCE) == []


def test_both_versions_of_the_fortnight_are_added_up(clinician, clinic):
    first = active_line(clinic=clinic, days_ago=30, prescription={"status": "completed", "ended_at": NOON - 7 * DAY})
    log_days(first, *range(8, 15))
    second = PrescriptionFactory(
        patient=first.prescription.patient, status="active", activated_at=NOON - 7 * DAY, replaces=first.prescription
    )
    item = PrescribedStretchFactory(prescription=second, is_before_bed=True)
    assert len(waiting(clinician, AttentionKind.ADHERENCE)) == 1

    log_days(item, *range(1, 6))

    assert waiting(clinician, AttentionKind.ADHERENCE) == []


def test_a_fall_is_asked_about_anew_in_another_week(clinician, falling):
    (thursday,) = waiting(clinician, AttentionKind.ADHERENCE)
    (friday,) = waiting(clinician, AttentionKind.ADHERENCE, at=NOON + DAY)
    (monday,) = waiting(clinician, AttentionKind.ADHERENCE, at=NOON + 4 * DAY)

    assert thursday.subject == friday.subject != monday.subject


# Review ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("reviewed_days_ago", "words", "age_days"),
    [
        (None, "The conditions were never reviewed.", None),
        (-1, "The date of the conditions review lies in the future.", None),
        (0, None, None),
        (75, None, None),
        (76, "The review is due by 29 January 2026.", 0),
        (90, "The review is due by 15 January 2026.", 14),
        (91, "The review was due by 14 January 2026.", 1),
    ],
)
def test_a_review_waits_when_it_is_due(clinician, clinic, reviewed_days_ago, words, age_days):
    reviewed_on = None if reviewed_days_ago is None else TODAY - reviewed_days_ago * DAY
    item = active_line(clinic=clinic, conditions_reviewed_on=reviewed_on)

    lines = waiting(clinician, AttentionKind.REVIEW)

    assert [(line.reason, line.age_days) for line in lines] == ([(words, age_days)] if words else [])
    patient = Patient.objects.get(pk=item.prescription.patient_id)
    assert bool(lines) is (review_state(patient, on=TODAY) is not ReviewState.DONE)


@pytest.mark.parametrize("status", ["draft", "on-hold", "completed", "revoked"])
def test_a_review_waits_only_with_something_active(clinician, clinic, status):
    active_line(clinic=clinic, conditions_reviewed_on=None, prescription={"status": status})

    assert waiting(clinician, AttentionKind.REVIEW) == []


def test_the_limit_is_the_clinics(clinician, clinic):
    clinic.review_limit_days = 30
    clinic.save()
    active_line(clinic=clinic, conditions_reviewed_on=TODAY - 31 * DAY)

    assert len(waiting(clinician, AttentionKind.REVIEW)) == 1


def test_a_review_goes_when_it_is_attested(clinician, clinic):
    patient = active_line(clinic=clinic, conditions_reviewed_on=None).prescription.patient
    assert len(waiting(clinician, AttentionKind.REVIEW)) == 1

    patient.record_review(by=clinician, on=TODAY)

    assert waiting(clinician, AttentionKind.REVIEW) == []


# Proposal -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("status", "in_force", "lines"),
    [
        ("open", "active", 1),
        ("open", "on-hold", 0),
        ("open", "completed", 0),
        ("accepted", "active", 0),
        ("changed", "active", 0),
        ("declined", "active", 0),
        ("superseded", "active", 0),
    ],
)
def test_a_proposal_waits_until_it_is_decided(clinician, clinic, status, in_force, lines):
    item = active_line(clinic=clinic, prescription={"status": in_force})
    proposal = Proposal.objects.create(
        clinic=clinic,
        patient=item.prescription.patient,
        prescription=item.prescription,
        item=item,
        kind="up",
        from_hold_seconds=20,
        to_hold_seconds=30,
        rationale="Green three times.",
        status=status,
        proposed_at=NOON - 2 * DAY,
        **({} if status == "open" else {"decided_by": clinician, "decided_at": timezone.now()}),
    )

    found = waiting(clinician, AttentionKind.PROPOSAL)

    assert len(found) == lines
    for line in found:
        assert line.reason == f"Hold longer ({item.stretch})."
        assert line.detail == "Green three times."
        assert line.age_days == 2
        assert line.act.url == f"/proposals/{proposal.pk}/"
