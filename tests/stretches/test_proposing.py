"""What the movement rules ask for: found by comparing, stored as proposals, and decided before anything is offered."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from stretches.models import (
    AlreadyDecidedError,
    CatalogueRelease,
    Contraindication,
    ContraindicationProposal,
    Movement,
    MovementRule,
    Stretch,
    StretchDecision,
    UndecidedError,
)
from stretches.proposing import Row, gaps, propose, satisfies
from tests.factories import NOON, ConditionCodeFactory, ContraindicationFactory, SourceFactory, StretchFactory
from tests.stretches.catalogues import small, written

pytestmark = pytest.mark.django_db

OWN, ABOVE, OTHER = 1, 2, 3


def asks(severity: str, from_week: int | None = None, until_week: int | None = None, code: int = OWN) -> Row:
    return Row(code, severity, from_week, until_week)


# Which rows are enough ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rule", "rows", "is_enough"),
    [
        (asks("relative"), [], False),
        (asks("relative"), [asks("relative")], True),
        (asks("relative"), [asks("absolute")], True),
        (asks("relative"), [asks("precaution")], False),
        (asks("relative"), [asks("absolute", code=ABOVE)], True),
        (asks("relative"), [asks("absolute", code=OTHER)], False),
        (asks("relative"), [asks("relative", 0)], True),
        (asks("relative"), [asks("relative", None, 12)], False),
        (asks("relative", 0, 6), [asks("relative", None, 12)], True),
        (asks("relative", 0, 6), [asks("relative", 1, 6)], False),
        (asks("relative", 0, 6), [asks("relative", 0, 5)], False),
        (asks("relative", 0, 12), [asks("relative", 6, 12), asks("absolute", 0, 6)], True),
        (asks("relative", 0, 12), [asks("relative", 7, 12), asks("absolute", 0, 6)], False),
        (asks("relative", 0, 12), [asks("precaution", 6, 12), asks("absolute", 0, 6)], False),
        (asks("a severity added later"), [asks("relative")], False),
        (asks("precaution"), [asks("a severity added later")], False),
    ],
)
def test_a_rule_is_satisfied(rule: Row, rows: list[Row], is_enough: bool) -> None:
    assert satisfies(rule, rows, {OWN, ABOVE}) is is_enough


# What is lacking ------------------------------------------------------------------------------------------------------
@pytest.fixture
def bending() -> Movement:
    return Movement.objects.create(slug="bending", name="Bending")


@pytest.fixture
def rule(bending: Movement) -> MovementRule:
    rule = MovementRule.objects.create(
        condition_code=ConditionCodeFactory(name="Disc herniation", window_anchor="onset_date"),
        severity="absolute",
        rationale="Bending loads the disc.",
        source=SourceFactory(),
        confidence="high",
    )
    rule.movements.add(bending)
    return rule


@pytest.fixture
def stretch(bending: Movement) -> Stretch:
    stretch = StretchFactory(name="Towel stretch")
    stretch.movements.add(bending)
    return stretch


def proposals(by: User | None = None, **options: Any) -> list[ContraindicationProposal]:
    propose(by=by, at=NOON, why="It was tried.", **options)
    return list(ContraindicationProposal.objects.undecided())


def test_what_a_rule_asks_for_is_proposed_and_the_stretch_is_a_draft(stretch: Stretch, rule: MovementRule) -> None:
    StretchFactory(name="Without the movement")

    (proposal,) = proposals()

    assert (proposal.stretch, proposal.rule, proposal.state) == (stretch, rule, "open")
    assert (proposal.condition_code, proposal.severity) == (rule.condition_code, "absolute")
    assert (proposal.rationale, proposal.source) == (rule.rationale, rule.source)
    assert [movement.slug for movement in proposal.movements.all()] == ["bending"]
    assert dict(Stretch.objects.values_list("name", "status")) == {
        "Towel stretch": "draft",
        "Without the movement": "reviewed",
    }
    decision = StretchDecision.objects.get()
    assert (decision.stretch, decision.kind, decision.why) == (stretch, "reopened", "It was tried.")


def test_what_is_proposed_already_is_proposed_once(stretch: Stretch, rule: MovementRule) -> None:
    first = proposals()

    assert proposals() == first
    assert StretchDecision.objects.count() == 1


@pytest.mark.parametrize("status", ["retired", "draft without movements"])
def test_nothing_is_proposed_about(stretch: Stretch, rule: MovementRule, status: str) -> None:
    stretch.status = status.split(maxsplit=1)[0]
    stretch.save()
    if "without" in status:
        stretch.movements.clear()

    assert proposals() == []


def test_a_rule_for_every_stretch_asks_whatever_the_movements(rule: MovementRule) -> None:
    StretchFactory()
    rule.movements.clear()
    MovementRule.objects.update(applies_to_every_stretch=True)

    assert len(proposals()) == 1


def test_a_row_on_a_broader_code_is_enough(stretch: Stretch, rule: MovementRule) -> None:
    broader = ConditionCodeFactory()
    rule.condition_code.broader.add(broader)
    ContraindicationFactory(stretch=stretch, condition_code=broader)

    assert proposals() == []


def test_what_is_no_longer_called_for_is_withdrawn(stretch: Stretch, rule: MovementRule) -> None:
    (proposal,) = proposals()
    stretch.movements.clear()

    assert proposals() == []
    proposal.refresh_from_db()
    assert proposal.state == "withdrawn"


def test_a_rule_that_asks_for_something_else_asks_anew(stretch: Stretch, rule: MovementRule, admin: User) -> None:
    (first,) = proposals()
    first.reject(by=admin, at=NOON, reason="Lying down, nothing is loaded.")
    assert proposals() == []

    MovementRule.objects.update(until_week=6)
    (second,) = proposals()

    assert second.until_week == 6
    assert gaps() != []


@pytest.mark.parametrize("count", [1, 11])
def test_looking_costs_the_same_for_any_number(
    stretch: Stretch, rule: MovementRule, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count - 1):
        StretchFactory().movements.set(rule.movements.all())

    with django_assert_num_queries(7):
        assert len(gaps()) == count


# Deciding -------------------------------------------------------------------------------------------------------------
def test_accepted_it_becomes_the_contraindication(stretch: Stretch, rule: MovementRule, admin: User) -> None:
    (proposal,) = proposals()

    proposal.accept(by=admin, at=NOON)

    row = Contraindication.objects.get()
    assert (row.stretch, row.condition_code, row.severity) == (stretch, rule.condition_code, "absolute")
    assert (row.origin, row.source, row.rationale) == ("rule", rule.source, rule.rationale)
    assert [movement.slug for movement in row.movements.all()] == ["bending"]
    assert (proposal.state, proposal.decided_by, proposal.contraindication) == ("accepted", admin, row)
    assert row.history.first().history_user == admin
    assert gaps() == []


def test_changed_it_becomes_another_and_stays_settled_while_the_row_is_there(
    stretch: Stretch, rule: MovementRule, admin: User
) -> None:
    (proposal,) = proposals()
    milder: dict[str, Any] = {"severity": "relative", "from_week": None, "until_week": 6, "rationale": "Milder."}

    proposal.change(by=admin, at=NOON, reason="Supported by a towel.", **milder)

    row = Contraindication.objects.get()
    assert (row.severity, row.until_week, row.rationale, row.origin) == ("relative", 6, "Milder.", "author")
    assert gaps() == []
    row.delete()
    assert len(gaps()) == 1


def test_a_stricter_rule_changes_the_row_that_came_of_it(stretch: Stretch, rule: MovementRule, admin: User) -> None:
    MovementRule.objects.update(severity="precaution")
    proposals()[0].accept(by=admin, at=NOON)
    MovementRule.objects.update(severity="absolute")

    proposals()[0].accept(by=admin, at=NOON)

    assert Contraindication.objects.get().severity == "absolute"


def test_a_rule_accepted_at_once_leaves_the_stretch_reviewed(stretch: Stretch, rule: MovementRule, admin: User) -> None:
    assert proposals(by=admin, accepting=rule) == []

    stretch.refresh_from_db()
    assert stretch.status == "reviewed"
    assert Contraindication.objects.get().severity == "absolute"
    assert ContraindicationProposal.objects.get().decided_by == admin


def test_it_is_decided_once(stretch: Stretch, rule: MovementRule, admin: User) -> None:
    (proposal,) = proposals()
    (same,) = ContraindicationProposal.objects.all()
    proposal.accept(by=admin, at=NOON)

    with pytest.raises(AlreadyDecidedError):
        same.reject(by=admin, at=NOON, reason="No.")

    assert Contraindication.objects.count() == 1


# No way around it -----------------------------------------------------------------------------------------------------
def save(stretch: Stretch) -> None:
    stretch.status = "reviewed"
    stretch.save()


def save_one_column(stretch: Stretch) -> None:
    stretch.status = "reviewed"
    stretch.save(update_fields=["status"])


def update(stretch: Stretch) -> None:
    Stretch.objects.filter(pk=stretch.pk).update(status="reviewed")


def bulk_update(stretch: Stretch) -> None:
    stretch.status = "reviewed"
    Stretch.objects.bulk_update([stretch], ["status"])


def open_again(stretch: Stretch) -> None:
    publish_in_spite(stretch)
    ContraindicationProposal.objects.update(state="open", decided_at=None, decided_by=None)


def propose_by_hand(stretch: Stretch) -> None:
    proposal = publish_in_spite(stretch)
    proposal.pk, proposal.state, proposal.decided_at, proposal._state.adding = None, "open", None, True
    proposal.save()


def propose_many_by_hand(stretch: Stretch) -> None:
    proposal = publish_in_spite(stretch)
    proposal.pk, proposal.state, proposal.decided_at = None, "open", None
    ContraindicationProposal.objects.bulk_create([proposal])


def publish_in_spite(stretch: Stretch) -> ContraindicationProposal:
    ContraindicationProposal.objects.update(state="withdrawn", decided_at=NOON)
    stretch.status, stretch.is_being_published = "reviewed", True
    stretch.save()
    return ContraindicationProposal.objects.get()


@pytest.mark.parametrize(
    "way", [save, save_one_column, update, bulk_update, open_again, propose_by_hand, propose_many_by_hand]
)
def test_no_way_leads_around_a_decision(stretch: Stretch, rule: MovementRule, way: Any) -> None:
    proposals()
    stretch.refresh_from_db()

    with pytest.raises((UndecidedError, IntegrityError)), transaction.atomic():  # PostgreSQL may be faster
        way(stretch)

    stretch.refresh_from_db()
    assert stretch.status == "draft"


@pytest.mark.postgres
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stretches_stretch SET status = 'reviewed'",
        """
        UPDATE stretches_contraindicationproposal SET state = 'withdrawn', decided_at = now();
        UPDATE stretches_stretch SET status = 'reviewed';
        UPDATE stretches_contraindicationproposal SET state = 'open', decided_at = NULL
        """,
    ],
)
def test_the_database_knows_no_way_either(stretch: Stretch, rule: MovementRule, statement: str) -> None:
    proposals()

    with pytest.raises(IntegrityError, match="nobody has decided"), transaction.atomic():
        connection.cursor().execute(statement)

    stretch.refresh_from_db()
    assert stretch.status == "draft"


def test_the_database_wants_a_reason_to_reject(stretch: Stretch, rule: MovementRule, admin: User) -> None:
    (proposal,) = proposals()

    with pytest.raises(IntegrityError), transaction.atomic():
        proposal.reject(by=admin, at=NOON, reason="  ")


def test_a_decision_about_a_stretch_is_written_once(stretch: Stretch, rule: MovementRule) -> None:
    proposals()
    decision = StretchDecision.objects.get()
    decision.why = "For another reason."

    with pytest.raises(TypeError):
        decision.save()


# A file ---------------------------------------------------------------------------------------------------------------
def load(content: Any, folder: Path) -> str:
    out = io.StringIO()
    call_command("load_catalogue", written(content, folder), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_a_file_whose_rows_satisfy_its_rules_stays_reviewed(tmp_path: Path) -> None:
    load(small(), tmp_path)

    assert MovementRule.objects.exists()
    assert not ContraindicationProposal.objects.exists()
    assert set(Stretch.objects.values_list("status", flat=True)) == {"reviewed"}


def test_a_file_that_lacks_a_row_leaves_that_stretch_a_draft(tmp_path: Path) -> None:
    content = small()
    of_rule = {row["condition"] for row in content["movement_rules"]}
    lost = next(row for row in content["contraindications"] if row["condition"] in of_rule)
    content["contraindications"].remove(lost)

    words = load(content, tmp_path)

    proposal = ContraindicationProposal.objects.undecided().get()
    assert (proposal.stretch.slug, proposal.condition_code.slug) == (lost["stretch"], lost["condition"])
    assert list(Stretch.objects.exclude(status="reviewed")) == [proposal.stretch]
    assert "The movement rules ask for 1 contraindication more" in words
    assert CatalogueRelease.objects.count() == 1
