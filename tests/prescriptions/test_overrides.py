"""Overrides: what they name, how long they hold, and what asks again."""

import datetime

import pytest

from prescriptions.models import Override
from tests.factories import (
    TODAY,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PrescribedStretchFactory,
)
from tests.prescriptions.acting import activate, contraindicate, override, safe_lines

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    """A draft with one stretch, for a patient whose conditions were reviewed on that day."""
    item = PrescribedStretchFactory(prescription__patient__conditions_reviewed_on=TODAY)
    return item.prescription


def test_an_override_names_what_fired_as_it_was_shown(draft):
    condition, contraindication = contraindicate(draft, "relative")
    _, precaution = contraindicate(draft, "precaution")

    override(draft)

    named = {row.contraindication: row for row in Override.objects.get().contraindications.all()}
    assert set(named) == {contraindication, precaution}
    assert (named[contraindication].rationale, named[contraindication].citation) == (
        contraindication.rationale,
        contraindication.source.citation,
    )
    assert (named[contraindication].condition, named[contraindication].path) == (condition, condition.code.name)


@pytest.mark.parametrize(("days", "is_safe"), [(0, True), (1, True), (2, False)])
def test_an_override_holds_until_it_expires(draft, days, is_safe):
    contraindicate(draft, "relative")
    override(draft, expires_on=TODAY + datetime.timedelta(days=1))

    assert bool(safe_lines(draft, TODAY + datetime.timedelta(days=days))) is is_safe


def test_an_override_holds_for_the_next_version_too(draft):
    contraindicate(draft, "relative")
    override(draft)
    activate(draft)

    revision = draft.revise(by=draft.created_by)
    activate(revision, replacing=draft)

    assert safe_lines(revision)


def test_a_new_contraindication_asks_again(draft):
    condition, contraindication = contraindicate(draft, "relative")
    override(draft)
    assert safe_lines(draft)

    ContraindicationFactory(
        stretch=contraindication.stretch, condition_code=condition.code, severity="relative", rationale="Another."
    )

    assert safe_lines(draft) == []


def test_the_same_contraindication_through_a_new_condition_asks_again(draft):
    condition, _ = contraindicate(draft, "relative")
    override(draft)

    ConditionFactory(patient=draft.patient, code=condition.code)

    assert safe_lines(draft) == []


@pytest.mark.parametrize(
    ("before", "after", "is_safe"),
    [("relative", "absolute", False), ("precaution", "relative", False), ("relative", "precaution", True)],
)
def test_a_regraded_contraindication_is_judged_as_it_is_now(draft, before, after, is_safe):
    _, contraindication = contraindicate(draft, before)
    override(draft)

    contraindication.severity = after
    contraindication.save()

    assert bool(safe_lines(draft)) is is_safe


def test_a_reworded_contraindication_asks_again(draft):
    _, contraindication = contraindicate(draft, "relative")
    override(draft)

    contraindication.rationale = "It did harm."
    contraindication.save()

    assert safe_lines(draft) == []


def test_a_condition_under_another_code_asks_again(draft):
    condition, _ = contraindicate(draft, "relative")
    override(draft)

    condition.code = ConditionCodeFactory(broader=[condition.code])
    condition.save()

    assert safe_lines(draft) == []


def test_an_override_is_for_its_patient_and_its_stretch(draft):
    condition, contraindication = contraindicate(draft, "relative")
    override(draft)
    other_stretch = ContraindicationFactory(condition_code=condition.code, severity="relative").stretch
    PrescribedStretchFactory(prescription=draft, stretch=other_stretch, position=1)
    other = PrescribedStretchFactory(stretch=contraindication.stretch).prescription
    ConditionFactory(patient=other.patient, code=condition.code)

    assert [item.stretch for item in safe_lines(draft)] == [contraindication.stretch]
    assert safe_lines(other) == []
