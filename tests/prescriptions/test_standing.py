"""What the tables say of a page of stretches in one statement: the same as the explanation of each."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prescriptions import safety
from prescriptions.advising import Advice, standing
from prescriptions.by_verdict import by_verdict
from prescriptions.safety import Verdict
from stretches.inventory import Inventory
from stretches.models import Stretch
from tests.factories import TODAY, ClinicFactory, ConditionFactory, ContraindicationFactory, StretchFactory

pytestmark = pytest.mark.django_db


def test_every_stretch_stands_where_its_explanation_says():
    patient = ConditionFactory().patient
    conditions = [patient.conditions.get(), ConditionFactory(patient=patient, anchor_on=None)]
    stretches = [StretchFactory() for _ in range(8)]
    for number, severity in enumerate(["precaution", "relative", "absolute", "precaution", "relative"]):
        for condition in conditions[: 1 + number % 2]:
            ContraindicationFactory(
                stretch=stretches[number], condition_code=condition.code, severity=severity, until_week=number
            )
    ContraindicationFactory(stretch=stretches[1], condition_code=conditions[1].code, severity="precaution")
    ContraindicationFactory(stretch=stretches[5], condition_code=conditions[1].code, clinic=ClinicFactory())
    circumstances = safety.circumstances_of(patient, on=TODAY)

    with CaptureQueriesContext(connection) as queries:
        found = standing(circumstances, [stretch.pk for stretch in stretches])

    assessments = safety.assess(circumstances, stretches)
    assert len(queries) == 1
    assert {pk: stands.verdict for pk, stands in found.items()} == {
        pk: assessment.verdict for pk, assessment in assessments.items()
    }
    assert set(Verdict) == {stands.verdict for stands in found.values()}
    for pk, assessment in assessments.items():
        assert sorted(found[pk].advice, key=str) == sorted(
            (
                Advice(
                    issue.rationale,
                    str(issue.condition),
                    issue.contraindication.window_words,
                    issue.is_date_missing,
                    issue.citation,
                )
                for issue in assessment.issues
            ),
            key=str,
        )


def test_what_may_not_be_offered_stands_nowhere():
    patient = ConditionFactory().patient
    draft, retired = StretchFactory(status="draft"), StretchFactory(status="retired")
    own, others = StretchFactory(clinic=patient.clinic), StretchFactory(clinic=ClinicFactory())
    circumstances = safety.circumstances_of(patient, on=TODAY)

    found = standing(circumstances, [draft.pk, retired.pk, own.pk, others.pk])

    assert list(found) == [own.pk]
    assert standing(circumstances, []) == {}


def test_what_is_kept_for_some_weeks_is_not_said_of_others():
    """All ways of asking keep the rule as put together: each is asked for everybody here, twice."""
    first = ConditionFactory(anchor_on=TODAY - datetime.timedelta(weeks=2))
    code, clinic = first.code, first.patient.clinic
    dates = [TODAY - datetime.timedelta(weeks=6), None, TODAY - datetime.timedelta(weeks=5)]
    later = [ConditionFactory(code=code, anchor_on=each, patient__clinic=clinic) for each in dates]
    stretch = ContraindicationFactory(condition_code=code, severity="absolute", until_week=6).stretch
    inventory = Inventory(None)
    place = 1 << inventory.place_of[stretch.pk]

    for condition, expected in [*zip([first, *later], "eaee", strict=True)] * 2:
        circumstances = safety.circumstances_of(condition.patient, on=TODAY)
        listed = [each for each in Verdict if safety.with_verdict(circumstances, each, Stretch.objects.all())]
        in_memory = [each for each, places in by_verdict(circumstances, inventory).items() if places & place]
        stands = [each.verdict for each in standing(circumstances, [stretch.pk]).values()]

        assert listed == in_memory == stands == [{"e": Verdict.EXCLUDED, "a": Verdict.ALLOWED}[expected]]
