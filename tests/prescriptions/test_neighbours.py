"""The safe neighbour of a stretch that is not allowed."""

import pytest

from prescriptions import safety
from prescriptions.neighbours import nearest_neighbours
from tests.factories import TODAY, ConditionFactory, ContraindicationFactory, StretchFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("difficulties", "expected"),
    [
        ([1, 2, 5], 2),
        ([2, 4], 2),  # as near: the easier first
        ([4, 5], 4),
        ([1, 4], 4),
        ([3, 1], 3),
    ],
)
def test_the_neighbour_is_the_nearest_in_difficulty_easier_first(difficulties, expected):
    condition = ConditionFactory()
    excluded = ContraindicationFactory(condition_code=condition.code, stretch__difficulty=3).stretch
    for difficulty in difficulties:
        StretchFactory(difficulty=difficulty)
    circumstances = safety.circumstances_of(condition.patient, on=TODAY)

    assert nearest_neighbours(circumstances, [excluded])[excluded.pk].difficulty == expected


def test_a_neighbour_shares_a_muscle_and_is_allowed():
    condition = ConditionFactory()
    excluded = ContraindicationFactory(condition_code=condition.code, stretch__muscles=["hamstrings", "calf"]).stretch
    StretchFactory(muscles=["neck"])
    StretchFactory(status="draft")
    ContraindicationFactory(condition_code=condition.code, stretch__muscles=["hamstrings"])
    ContraindicationFactory(condition_code=condition.code, severity="relative", stretch__muscles=["calf"])
    circumstances = safety.circumstances_of(condition.patient, on=TODAY)
    assert nearest_neighbours(circumstances, [excluded]) == {}

    cautious = ContraindicationFactory(condition_code=condition.code, severity="precaution").stretch
    assert nearest_neighbours(circumstances, [excluded]) == {excluded.pk: cautious}

    safe = StretchFactory(difficulty=5, muscles=["calf"])
    assert nearest_neighbours(circumstances, [excluded]) == {excluded.pk: safe}


def test_a_stretch_is_not_its_own_neighbour():
    condition = ConditionFactory()
    first = ContraindicationFactory(condition_code=condition.code, severity="precaution", stretch__name="A").stretch
    second = ContraindicationFactory(condition_code=condition.code, severity="precaution", stretch__name="B").stretch
    circumstances = safety.circumstances_of(condition.patient, on=TODAY)

    assert nearest_neighbours(circumstances, [first, second]) == {first.pk: second, second.pk: first}
