"""The safety rule, clause by clause. The random comparison with a second implementation: test_safety_property.py."""

import datetime

import pytest

from patients.models import ClinicalStatus, RecordProblem, VerificationStatus
from prescriptions import safety
from prescriptions.neighbours import nearest_neighbours
from prescriptions.safety import Verdict
from stretches.models import Stretch
from tests.factories import (
    TODAY,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    SourceFactory,
    StretchFactory,
)

pytestmark = pytest.mark.django_db


def verdict(patient, stretch, *, on=TODAY):
    """The verdict, after checking that list and explanation say the same."""
    circumstances = safety.circumstances_of(patient, on=on)
    explained = safety.assess(circumstances, [stretch])[stretch.pk].verdict
    listed = [v for v in Verdict if safety.with_verdict(circumstances, v, Stretch.objects.filter(pk=stretch.pk))]
    assert listed == [explained]
    return explained


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        ("absolute", Verdict.EXCLUDED),
        ("relative", Verdict.NEEDS_OVERRIDE),
        ("precaution", Verdict.CAUTION),
        ("a severity added later", Verdict.EXCLUDED),
        ("", Verdict.EXCLUDED),
    ],
)
def test_severity_decides(severity, expected):
    assert safety.verdict_of(severity) == expected


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ([], Verdict.ALLOWED),
        (["precaution"], Verdict.CAUTION),
        (["precaution", "relative"], Verdict.NEEDS_OVERRIDE),
        (["precaution", "absolute", "relative"], Verdict.EXCLUDED),
        (["absolute", "precaution"], Verdict.EXCLUDED),
    ],
)
def test_worst_wins(severities, expected):
    stretch = StretchFactory()
    patient = PatientFactory()
    for severity in severities:
        condition = ConditionFactory(patient=patient)
        ContraindicationFactory(stretch=stretch, condition_code=condition.code, severity=severity)

    assert verdict(patient, stretch) == expected


@pytest.mark.parametrize("clinical_status", ClinicalStatus.values)
@pytest.mark.parametrize("verification_status", VerificationStatus.values)
def test_all_statuses_count_but_the_settled_ones(clinical_status, verification_status):
    condition = ConditionFactory(clinical_status=clinical_status, verification_status=verification_status)
    contraindication = ContraindicationFactory(condition_code=condition.code)

    counts = verdict(condition.patient, contraindication.stretch) == Verdict.EXCLUDED

    settled = clinical_status == "resolved" or verification_status in {"refuted", "entered-in-error"}
    assert counts is not settled
    assert condition.is_current is counts


def test_a_contraindication_covers_everything_narrower_along_every_path():
    disc, nerve = ConditionCodeFactory(name="Disc herniation"), ConditionCodeFactory(name="Radiculopathy")
    both = ConditionCodeFactory(name="Herniation with radiculopathy", broader=[disc, nerve])
    deeper = ConditionCodeFactory(name="With foot drop", broader=[both])
    from_disc = ContraindicationFactory(condition_code=disc)
    from_nerve = ContraindicationFactory(condition_code=nerve, severity="precaution")
    condition = ConditionFactory(code=deeper)

    assert verdict(condition.patient, from_disc.stretch) == Verdict.EXCLUDED
    assert verdict(condition.patient, from_nerve.stretch) == Verdict.CAUTION


def test_a_contraindication_covers_neither_broader_codes_nor_siblings():
    parent = ConditionCodeFactory()
    contraindication = ContraindicationFactory(condition_code=ConditionCodeFactory(broader=[parent]))
    sibling = ConditionCodeFactory(broader=[parent])

    assert verdict(ConditionFactory(code=parent).patient, contraindication.stretch) == Verdict.ALLOWED
    assert verdict(ConditionFactory(code=sibling).patient, contraindication.stretch) == Verdict.ALLOWED


def test_the_path_up_the_hierarchy_is_named():
    top = ConditionCodeFactory(name="Disc disorder")
    middle = ConditionCodeFactory(name="Disc herniation", broader=[top])
    condition = ConditionFactory(code=ConditionCodeFactory(name="With radiculopathy", broader=[middle]))
    source = SourceFactory(citation="Wilke HJ et al. Spine 1999;24:755-762")
    contraindication = ContraindicationFactory(condition_code=top, rationale="Bending loads the disc.", source=source)
    circumstances = safety.circumstances_of(condition.patient, on=TODAY)

    (issue,) = safety.assess(circumstances, [contraindication.stretch])[contraindication.stretch.pk].issues

    assert [code.name for code in issue.path] == ["With radiculopathy", "Disc herniation", "Disc disorder"]
    assert (issue.condition, issue.contraindication) == (condition, contraindication)
    assert (issue.rationale, issue.citation) == ("Bending loads the disc.", "Wilke HJ et al. Spine 1999;24:755-762")
    assert not issue.is_date_missing


def test_a_circle_in_the_hierarchy_errs_towards_excluding():
    one, other = ConditionCodeFactory(), ConditionCodeFactory()
    one.broader.add(other)
    other.broader.add(one)
    contraindication = ContraindicationFactory(condition_code=one)

    assert verdict(ConditionFactory(code=other).patient, contraindication.stretch) == Verdict.EXCLUDED


@pytest.mark.parametrize(
    ("from_week", "until_week", "days", "applies"),
    [
        (6, 12, 6 * 7 - 1, False),
        (6, 12, 6 * 7, True),
        (6, 12, 12 * 7 - 1, True),
        (6, 12, 12 * 7, False),
        (0, 6, 0, True),
        (None, 6, 0, True),
        (None, 6, 41, True),
        (None, 6, 42, False),
        (12, None, 83, False),
        (12, None, 84, True),
        (12, None, 9000, True),
        (None, None, 0, True),
        (None, None, 9000, True),
        (6, 12, None, True),
        (6, None, None, True),
        (None, 6, None, True),
        (6, 12, -1, True),
        (0, 1, -400, True),
    ],
)
def test_windows_count_whole_weeks_and_an_unknown_date_opens_all(from_week, until_week, days, applies):
    anchor_on = None if days is None else TODAY - datetime.timedelta(days=days)
    condition = ConditionFactory(anchor_on=anchor_on)
    contraindication = ContraindicationFactory(
        condition_code=condition.code, from_week=from_week, until_week=until_week
    )

    assert (verdict(condition.patient, contraindication.stretch) == Verdict.EXCLUDED) is applies


@pytest.mark.parametrize("anchor_on", [None, TODAY + datetime.timedelta(days=1)])
def test_a_missing_or_future_date_is_flagged(anchor_on):
    code = ConditionCodeFactory(window_anchor="procedure_date")
    condition = ConditionFactory(code=code, anchor_on=anchor_on)
    contraindication = ContraindicationFactory(condition_code=code, from_week=2, until_week=6)
    circumstances = safety.circumstances_of(condition.patient, on=TODAY)

    (issue,) = safety.assess(circumstances, [contraindication.stretch])[contraindication.stretch.pk].issues

    assert issue.is_date_missing
    assert circumstances.undated == (condition,)


def test_each_condition_counts_with_its_own_date():
    code = ConditionCodeFactory()
    patient = PatientFactory()
    ConditionFactory(patient=patient, code=code, anchor_on=TODAY - datetime.timedelta(weeks=30))
    recent = ConditionFactory(patient=patient, code=code, anchor_on=TODAY - datetime.timedelta(weeks=1))
    contraindication = ContraindicationFactory(condition_code=code, from_week=0, until_week=6)
    circumstances = safety.circumstances_of(patient, on=TODAY)

    assessment = safety.assess(circumstances, [contraindication.stretch])[contraindication.stretch.pk]

    assert [issue.condition for issue in assessment.issues] == [recent]


@pytest.mark.parametrize(
    ("reviewed_days_ago", "problem"),
    [
        (None, RecordProblem.NEVER_REVIEWED),
        (0, None),
        (90, None),
        (91, RecordProblem.REVIEW_OVERDUE),
        (-1, RecordProblem.REVIEWED_IN_FUTURE),
    ],
)
def test_unreviewed_conditions_stop_prescribing(reviewed_days_ago, problem):
    reviewed_on = None if reviewed_days_ago is None else TODAY - datetime.timedelta(days=reviewed_days_ago)
    patient = PatientFactory(conditions_reviewed_on=reviewed_on)

    circumstances = safety.circumstances_of(patient, on=TODAY)

    assert circumstances.record_problem == problem
    assert circumstances.may_prescribe is (problem is None)


def test_the_limit_of_a_review_is_the_clinics():
    patient = PatientFactory(clinic__review_limit_days=10, conditions_reviewed_on=TODAY - datetime.timedelta(days=11))

    assert safety.circumstances_of(patient, on=TODAY).record_problem == RecordProblem.REVIEW_OVERDUE


def test_a_free_text_condition_is_unchecked_until_it_is_settled():
    condition = ConditionFactory(code=None, free_text="Scheuermann's disease")
    ConditionFactory(patient=condition.patient, code=None, free_text="gout", clinical_status="resolved")

    assert safety.circumstances_of(condition.patient, on=TODAY).unchecked == (condition,)


@pytest.mark.parametrize(("status", "offered"), [("draft", False), ("reviewed", True), ("retired", False)])
def test_only_a_reviewed_stretch_is_offered(status, offered):
    stretch = StretchFactory(status=status)
    circumstances = safety.circumstances_of(PatientFactory(), on=TODAY)

    listed = {v for v in Verdict if safety.with_verdict(circumstances, v, Stretch.objects.all())}
    assessment = safety.assess(circumstances, [stretch])[stretch.pk]

    assert listed == ({Verdict.ALLOWED} if offered else set())
    assert assessment.is_safe is offered


@pytest.mark.parametrize(
    ("severity", "is_covered", "is_safe"),
    [
        ("absolute", False, False),
        ("absolute", True, False),
        ("relative", False, False),
        ("relative", True, True),
        ("precaution", False, True),
    ],
)
def test_an_override_lifts_only_what_is_relative(severity, is_covered, is_safe):
    condition = ConditionFactory()
    contraindication = ContraindicationFactory(condition_code=condition.code, severity=severity)
    stretch = contraindication.stretch
    covered = {stretch.pk: {(contraindication.pk, condition.pk)}} if is_covered else {}
    circumstances = safety.circumstances_of(condition.patient, on=TODAY)

    assert safety.assess(circumstances, [stretch], covered=covered)[stretch.pk].is_safe is is_safe


def test_an_override_for_another_condition_or_contraindication_does_not_cover():
    condition = ConditionFactory()
    named = ContraindicationFactory(condition_code=condition.code, severity="relative")
    ContraindicationFactory(stretch=named.stretch, condition_code=condition.code, severity="relative")
    covered = {named.stretch.pk: {(named.pk, condition.pk)}}
    circumstances = safety.circumstances_of(condition.patient, on=TODAY)

    assessment = safety.assess(circumstances, [named.stretch], covered=covered)[named.stretch.pk]

    assert [issue.is_overridden for issue in assessment.issues].count(True) == 1
    assert not assessment.is_safe


def test_another_patients_conditions_do_not_count():
    condition = ConditionFactory()
    contraindication = ContraindicationFactory(condition_code=condition.code)

    assert verdict(PatientFactory(), contraindication.stretch) == Verdict.ALLOWED


# Cost ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 12])
def test_queries_do_not_grow_with_rows(rows, django_assert_num_queries):
    patient = PatientFactory()
    stretches = []
    for _ in range(rows):
        condition = ConditionFactory(patient=patient)
        stretches.append(ContraindicationFactory(condition_code=condition.code).stretch)
    StretchFactory()

    with django_assert_num_queries(2):
        circumstances = safety.circumstances_of(patient, on=TODAY)
    with django_assert_num_queries(1):
        safety.assess(circumstances, stretches)
    with django_assert_num_queries(2):
        nearest_neighbours(circumstances, stretches)
