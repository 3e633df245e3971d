"""The doors of the safety rule on the models: activate, show, revise, resume. Save is tested with the builder."""

import datetime

import pytest

from patients.models import RecordProblem
from prescriptions import safety
from prescriptions.models import (
    NotAcknowledgedError,
    PermissibilityReport,
    Prescription,
    PrescriptionStatus,
    TransitionError,
    UnsafePrescriptionError,
)
from tests.factories import (
    NOON,
    TODAY,
    ClinicianFactory,
    ConditionFactory,
    ContraindicationFactory,
    PrescribedStretchFactory,
    StretchFactory,
)
from tests.prescriptions.acting import activate, contraindicate, override, safe_lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    """A draft with one stretch, for a patient whose conditions were reviewed on that day."""
    item = PrescribedStretchFactory(prescription__patient__conditions_reviewed_on=TODAY)
    return item.prescription


def test_a_safe_draft_is_activated_and_reported(draft):
    activate(draft)

    assert draft.status == PrescriptionStatus.ACTIVE
    assert (draft.activated_by, draft.activated_at) == (draft.created_by, NOON)
    (stretch,) = draft.report.document["stretches"]
    assert (stretch["stretch"], stretch["verdict"]) == (draft.items.get().stretch.slug, "allowed")


@pytest.mark.parametrize(
    ("severity", "overridden", "activates"),
    [
        ("absolute", False, False),
        ("absolute", True, False),
        ("relative", False, False),
        ("relative", True, True),
        ("precaution", False, True),
    ],
)
def test_activation_asks_the_rule_again(draft, severity, overridden, activates):
    contraindicate(draft, severity)
    if overridden:
        override(draft)

    if activates:
        activate(draft)
    else:
        with pytest.raises(UnsafePrescriptionError) as refusal:
            activate(draft)
        assert [issue.stretch for issue in refusal.value.issues] == [draft.items.get().stretch]

    draft.refresh_from_db()
    assert (draft.status == PrescriptionStatus.ACTIVE) is activates
    assert PermissibilityReport.objects.exists() is activates


@pytest.mark.parametrize("status", ["draft", "retired"])
def test_a_stretch_retired_since_the_draft_blocks(draft, status):
    stretch = draft.items.get().stretch
    stretch.status = status
    stretch.save()

    with pytest.raises(UnsafePrescriptionError, match="not reviewed"):
        activate(draft)


@pytest.mark.parametrize(
    ("reviewed_on", "problem"),
    [
        (None, RecordProblem.NEVER_REVIEWED),
        (TODAY - datetime.timedelta(days=91), RecordProblem.REVIEW_OVERDUE),
        (TODAY + datetime.timedelta(days=1), RecordProblem.REVIEWED_IN_FUTURE),
    ],
)
def test_unreviewed_conditions_block(draft, reviewed_on, problem):
    draft.patient.conditions_reviewed_on = reviewed_on
    draft.patient.save()

    with pytest.raises(UnsafePrescriptionError) as refusal:
        activate(draft)

    assert refusal.value.record_problem == problem


def test_a_free_text_condition_has_to_be_acknowledged(draft):
    condition = ConditionFactory(patient=draft.patient, code=None, free_text="Scheuermann's disease")

    with pytest.raises(NotAcknowledgedError, match="Scheuermann"):
        activate(draft)
    activate(draft, acknowledged={condition.pk})

    (recorded,) = draft.report.document["conditions"]
    assert (recorded["name"], recorded["is_safety_checked"], recorded["is_acknowledged"]) == (
        "Scheuermann's disease",
        False,
        True,
    )


def test_an_empty_draft_is_not_activated(draft):
    draft.items.all().delete()

    with pytest.raises(TransitionError, match="no stretch"):
        activate(draft)


def test_activating_twice_is_refused_and_changes_nothing(draft):
    activate(draft)

    with pytest.raises(TransitionError, match="no longer a draft"):
        activate(draft, replacing=draft)

    assert PermissibilityReport.objects.count() == 1


def test_a_revision_completes_the_old_prescription_when_it_is_activated(draft):
    activate(draft)

    revision = draft.revise(by=draft.created_by)
    assert [item.stretch for item in revision.items.all()] == [item.stretch for item in draft.items.all()]
    assert Prescription.objects.in_force().get() == draft
    activate(revision, replacing=draft)

    draft.refresh_from_db()
    assert (draft.status, revision.status) == ("completed", "active")
    assert revision.replaces == draft


def test_revising_twice_continues_the_same_draft(draft):
    activate(draft)

    assert draft.revise(by=draft.created_by) == draft.revise(by=draft.created_by)


def test_a_prescription_that_came_into_force_meanwhile_is_not_replaced_unseen(draft):
    other = PrescribedStretchFactory(prescription__patient=draft.patient).prescription
    activate(other)

    with pytest.raises(TransitionError, match="meantime"):
        activate(draft)

    other.refresh_from_db()
    assert other.status == "active"


def test_a_revision_passes_the_rule_again(draft):
    activate(draft)
    contraindicate(draft, "absolute")

    revision = draft.revise(by=draft.created_by)

    with pytest.raises(UnsafePrescriptionError):
        activate(revision, replacing=draft)


def test_taking_off_hold_passes_the_rule_again(draft):
    activate(draft)
    draft.hold(by=draft.created_by, at=NOON, reason="On holiday")
    contraindicate(draft, "absolute")

    with pytest.raises(UnsafePrescriptionError):
        draft.resume(by=draft.created_by, at=NOON)

    draft.refresh_from_db()
    assert draft.status == "on-hold"


def test_who_put_it_on_hold_and_took_it_off_is_kept(draft):
    activate(draft)
    colleague = ClinicianFactory(clinic=draft.clinic)

    draft.hold(by=colleague, at=NOON, reason="On holiday")
    assert (draft.held.history_user, draft.held.status_reason) == (colleague, "On holiday")
    draft.resume(by=draft.created_by, at=NOON)

    changed = [(version.status, version.history_user) for version in draft.history.order_by("history_id")][-3:]
    assert changed == [("active", draft.created_by), ("on-hold", colleague), ("active", draft.created_by)]


@pytest.mark.parametrize("severity", ["absolute", "relative"])
def test_what_becomes_unsafe_after_activation_is_no_longer_shown(draft, severity):
    activate(draft)
    assert safe_lines(draft) == list(draft.items.all())

    contraindicate(draft, severity)

    assert safe_lines(draft) == []


def test_a_window_that_opens_later_hides_the_stretch_from_that_day_on(draft):
    condition, _ = contraindicate(draft, "absolute", from_week=12, until_week=None)
    condition.anchor_on = TODAY - datetime.timedelta(weeks=11)
    condition.save()
    activate(draft)

    assert safe_lines(draft, TODAY + datetime.timedelta(days=6)) == list(draft.items.all())
    assert safe_lines(draft, TODAY + datetime.timedelta(days=7)) == []


# Cost ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 10])
def test_showing_costs_the_same_for_any_number_of_lines(draft, rows, django_assert_num_queries):
    condition = ConditionFactory(patient=draft.patient)
    for position in range(rows):
        stretch = StretchFactory()
        ContraindicationFactory(stretch=stretch, condition_code=condition.code, severity="precaution")
        PrescribedStretchFactory(prescription=draft, stretch=stretch, position=position)
    circumstances = safety.circumstances_of(draft.patient, on=TODAY)

    with django_assert_num_queries(3):
        draft.lines(circumstances)
