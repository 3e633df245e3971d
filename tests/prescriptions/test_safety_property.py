"""The safety rule against a second, naive implementation over random worlds.

The second one reads plain data, walks the hierarchy by recursion, compares exact fractions of weeks and looks at each
pair on its own: slow and obvious.
"""

import dataclasses
import datetime
import os
from fractions import Fraction

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from patients.models import ClinicalStatus, Condition, VerificationStatus
from prescriptions import safety
from prescriptions.by_verdict import by_verdict
from prescriptions.neighbours import nearest_neighbours
from prescriptions.safety import Verdict
from stretches.inventory import Inventory
from stretches.models import Broader, ConditionCode, Contraindication, Muscle, Stretch
from tests.factories import (
    TODAY,
    ClinicFactory,
    ConditionCodeFactory,
    PatientFactory,
    SourceFactory,
    StretchFactory,
    UserFactory,
)

CODES, STRETCHES, MUSCLES = 6, 5, 2
WEEKS = st.none() | st.integers(0, 8)
OWNERS = st.sampled_from([None, None, None, 0, 1])


@dataclasses.dataclass(frozen=True)
class Rule:
    stretch: int
    code: int
    severity: str
    from_week: int | None
    until_week: int | None
    owner: int | None
    """Whose it is: nobody's, so everybody's, or that of the patient's clinic (0) or of another (1)."""


@dataclasses.dataclass(frozen=True)
class Recorded:
    code: int | None
    clinical_status: str
    verification_status: str
    anchor_on: datetime.date | None


@dataclasses.dataclass(frozen=True)
class World:
    edges: frozenset[tuple[int, int]]
    """(narrower, broader); a narrower code has the higher number, hence no circle."""
    stretches: tuple[tuple[str, int, frozenset[int], int | None], ...]
    """(status, difficulty, muscles, owner)"""
    rules: tuple[Rule, ...]
    conditions: tuple[Recorded, ...]


@st.composite
def rules(draw):
    from_week, until_week = draw(WEEKS), draw(WEEKS)
    if from_week is not None and until_week is not None and until_week <= from_week:
        until_week = from_week + 1
    return Rule(
        draw(st.integers(0, STRETCHES - 1)),
        draw(st.integers(0, CODES - 1)),
        draw(st.sampled_from(["absolute", "relative", "precaution"])),
        from_week,
        until_week,
        draw(OWNERS),
    )


records = st.lists(
    st.builds(
        Recorded,
        code=st.none() | st.integers(0, CODES - 1),
        clinical_status=st.sampled_from(ClinicalStatus.values),
        verification_status=st.sampled_from(VerificationStatus.values),
        anchor_on=st.none() | st.integers(-10, 70).map(lambda days: TODAY - datetime.timedelta(days=days)),
    ),
    max_size=4,
).map(tuple)

worlds = st.builds(
    World,
    edges=st.frozensets(
        st.tuples(st.integers(0, CODES - 1), st.integers(0, CODES - 1)).filter(lambda edge: edge[0] > edge[1]),
        max_size=9,
    ),
    stretches=st.tuples(
        *[
            st.tuples(
                st.sampled_from(["reviewed", "reviewed", "reviewed", "draft", "retired"]),
                st.integers(1, 5),
                st.frozensets(st.integers(0, MUSCLES - 1), max_size=MUSCLES),
                OWNERS,
            )
        ]
        * STRETCHES
    ),
    rules=st.lists(rules(), max_size=10).map(tuple),
    conditions=records,
)


# The second implementation -------------------------------------------------------------------------------------------


def counts(condition):
    return condition.clinical_status != "resolved" and condition.verification_status not in (
        "refuted",
        "entered-in-error",
    )


def is_a(world, code, other):
    return code == other or any(is_a(world, up, other) for narrower, up in world.edges if narrower == code)


def fires(world, rule, condition):
    if condition.code is None or not counts(condition) or not is_a(world, condition.code, rule.code):
        return False
    if condition.anchor_on is None or condition.anchor_on > TODAY:
        return True
    weeks = Fraction((TODAY - condition.anchor_on).days, 7)
    after_start = rule.from_week is None or weeks >= rule.from_week
    before_end = rule.until_week is None or weeks < rule.until_week
    return after_start and before_end


def naive_issues(world, stretch):
    return {
        (number, rule_number)
        for number, condition in enumerate(world.conditions)
        for rule_number, rule in enumerate(world.rules)
        if rule.stretch == stretch and rule.owner != 1 and fires(world, rule, condition)
    }


def naive_is_offerable(world, stretch):
    status, _, _, owner = world.stretches[stretch]
    return status == "reviewed" and owner != 1


def naive_verdict(world, stretch):
    severities = {world.rules[rule_number].severity for _, rule_number in naive_issues(world, stretch)}
    if not naive_is_offerable(world, stretch) or "absolute" in severities:
        return Verdict.EXCLUDED
    if "relative" in severities:
        return Verdict.NEEDS_OVERRIDE
    return Verdict.CAUTION if severities else Verdict.ALLOWED


def naive_neighbour_distance(world, stretch):
    """How far the nearest neighbour is, and whether it is harder; ``None`` where there is none."""
    _, difficulty, muscles, _ = world.stretches[stretch]
    for wanted in (Verdict.ALLOWED, Verdict.CAUTION):
        near = [
            (abs(other_difficulty - difficulty), other_difficulty > difficulty)
            for other, (_, other_difficulty, other_muscles, _) in enumerate(world.stretches)
            if other != stretch and muscles & other_muscles and naive_verdict(world, other) == wanted
        ]
        if near:
            return min(near)
    return None


# The comparison ------------------------------------------------------------------------------------------------------


@pytest.fixture
def stage(db):
    """Codes, stretches and a patient without anything that connects them."""
    patient = PatientFactory()
    return {
        "source": SourceFactory(),
        "by": UserFactory(),
        "patient": patient,
        "clinics": [patient.clinic, ClinicFactory()],
        "codes": [ConditionCodeFactory() for _ in range(CODES)],
        "stretches": [StretchFactory(muscles=[]) for _ in range(STRETCHES)],
        "muscles": [Muscle.objects.create(slug=f"muscle-{n}", name=f"Muscle {n}") for n in range(MUSCLES)],
    }


def record(recorded, patient, stage):
    """Store a patient's conditions, in their order."""
    return Condition.objects.bulk_create(
        Condition(
            clinic=patient.clinic,
            patient=patient,
            recorded_by=stage["by"],
            code=None if each.code is None else stage["codes"][each.code],
            free_text="something" if each.code is None else "",
            clinical_status=each.clinical_status,
            verification_status=each.verification_status,
            anchor_on=each.anchor_on,
        )
        for each in recorded
    )


def put_up(world, stage):
    """Store a world; returns its stored conditions and contraindications in their order."""
    codes, stretches, patient = stage["codes"], stage["stretches"], stage["patient"]
    Broader.objects.bulk_create(Broader(narrower=codes[low], broader=codes[up]) for low, up in world.edges)
    owners = {None: None, 0: stage["clinics"][0], 1: stage["clinics"][1]}
    for stretch, (status, difficulty, muscles, owner) in zip(stretches, world.stretches, strict=True):
        stretch.status, stretch.difficulty, stretch.clinic = status, difficulty, owners[owner]
        stretch.muscles.set([stage["muscles"][muscle] for muscle in muscles])
    Stretch.objects.bulk_update(stretches, ["status", "difficulty", "clinic"])
    contraindications = Contraindication.objects.bulk_create(
        Contraindication(
            clinic=owners[rule.owner],
            stretch=stretches[rule.stretch],
            condition_code=codes[rule.code],
            severity=rule.severity,
            from_week=rule.from_week,
            until_week=rule.until_week,
            rationale="Because.",
            source=stage["source"],
            confidence="high",
        )
        for rule in world.rules
    )
    conditions = record(world.conditions, patient, stage)
    return conditions, contraindications


# Making a counterexample small takes minutes, and whoever breaks the code on purpose needs none.
PHASES = [phase for phase in Phase if phase is not Phase.shrink or "MUTATION" not in os.environ]


@settings(max_examples=150, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds)
def test_the_rule_agrees_with_a_naive_second_one(world, stage):
    with transaction.atomic():
        conditions, contraindications = put_up(world, stage)
        stretches = list(Stretch.objects.all())
        numbers = {stretch.pk: number for number, stretch in enumerate(stage["stretches"])}
        circumstances = safety.circumstances_of(stage["patient"], on=TODAY)

        assessments = safety.assess(circumstances, stretches)
        neighbours = nearest_neighbours(circumstances, stretches)
        inventory = Inventory(stage["patient"].clinic_id)
        sorted_in_memory = by_verdict(circumstances, inventory)

        assert {(numbers[pk], assessment.verdict) for pk, assessment in assessments.items()} == {
            (number, naive_verdict(world, number)) for number in range(STRETCHES)
        }
        assert {
            pk: {
                (conditions.index(issue.condition), contraindications.index(issue.contraindication))
                for issue in assessment.issues
                if issue.contraindication
            }
            for pk, assessment in assessments.items()
        } == {pk: naive_issues(world, number) for pk, number in numbers.items()}
        for verdict in Verdict:
            listed = {
                numbers[stretch.pk] for stretch in safety.with_verdict(circumstances, verdict, Stretch.objects.all())
            }
            inventory_finds = {numbers[pk] for pk in inventory.ids_of(sorted_in_memory[verdict], 0, STRETCHES)}
            assert (
                listed
                == inventory_finds
                == {
                    number
                    for number in range(STRETCHES)
                    if naive_is_offerable(world, number) and naive_verdict(world, number) == verdict
                }
            )
        for stretch in stretches:
            number, neighbour = numbers[stretch.pk], neighbours.get(stretch.pk)
            difficulty = world.stretches[number][1]
            distance = neighbour and (abs(neighbour.difficulty - difficulty), neighbour.difficulty > difficulty)
            assert distance == naive_neighbour_distance(world, number)
        of_catalogue = {pk: neighbour for pk, neighbour in neighbours.items() if pk in inventory.place_of}
        assert nearest_neighbours(circumstances, stretches, inventory) == of_catalogue
        free_text = [number for number, recorded in enumerate(world.conditions) if recorded.code is None]
        assert {conditions.index(condition) for condition in circumstances.unchecked} == {
            number for number in free_text if counts(world.conditions[number])
        }
        transaction.set_rollback(True)


def test_the_comparison_is_not_idle(stage):
    """The random worlds reach every verdict; otherwise the comparison would compare nothing."""
    seen: set[Verdict] = set()

    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(world=worlds)
    def look(world):
        seen.update(naive_verdict(world, number) for number in range(STRETCHES))

    look()

    assert seen == set(Verdict)
    assert not ConditionCode.objects.filter(broader__isnull=False).exists()
