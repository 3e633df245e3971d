"""The page of what should be put right: each kind is found, leads to its row, and costs no more for more."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from stretches import lint
from stretches.models import ConditionCode, Contraindication, Movement, MovementRule, Source, Stretch
from stretches.proposing import propose
from tests.admin_pages import admin_url
from tests.factories import ConditionCodeFactory, ContraindicationFactory, SourceFactory, StretchFactory

pytestmark = pytest.mark.django_db

URL = "admin:stretches_stretch_lint"


def found() -> dict[str, list[str]]:
    return {section.title: [each.words for each in section.findings] for section in lint.sections() if section.findings}


def drawn(**values: Any) -> Stretch:
    return StretchFactory(**{"slug": "chin-tuck"} | values)


def rule(
    condition_code: ConditionCode | None = None, source: Source | None = None, severity: str = "relative", **values: Any
) -> MovementRule:
    return MovementRule.objects.create(
        condition_code=condition_code or ConditionCodeFactory(name="Sciatica"),
        source=source or SourceFactory(),
        severity=severity,
        rationale="It loads.",
        confidence="high",
        **values,
    )


def test_what_was_well_kept_shows_nothing_but_pictures_of_nothing(admin_client: Client) -> None:
    drawn()
    (pictures,) = found().values()

    html = admin_client.get(reverse(URL)).content.decode()

    assert "chin-tuck" not in pictures
    assert "towel-hamstring-stretch" in pictures
    assert "Drawn, but no stretch has this short name" in html


def test_a_missing_contraindication_is_found_the_most_severe_first(admin_client: Client) -> None:
    stretch = drawn(name="Chin tuck")
    movement = Movement.objects.create(slug="nodding", name="Nodding")
    stretch.movements.add(movement)
    read, background = SourceFactory(), SourceFactory(verification="background")
    for name, severity, source in (("A", "relative", read), ("B", "absolute", read), ("C", "absolute", background)):
        rule(condition_code=ConditionCodeFactory(name=name), severity=severity, source=source).movements.add(movement)

    missing = found()["Movements that call for a contraindication that is missing"]
    html = admin_client.get(reverse(URL)).content.decode()

    assert missing == ["Chin tuck with C", "Chin tuck with B", "Chin tuck with A"]
    assert admin_url(Stretch, "change", stretch.pk) in html


def test_absolute_rows_on_background_knowledge_come_before_everything(admin_client: Client) -> None:
    row = ContraindicationFactory(stretch=drawn(difficulty=1), source=SourceFactory(verification="background"))
    ContraindicationFactory(stretch=row.stretch, severity="relative", source=row.source)
    ContraindicationFactory(stretch=row.stretch)
    StretchFactory(steps=" ")

    html = admin_client.get(reverse(URL)).content.decode()

    first, *others = found()
    assert first == "Absolute, on background knowledge only"
    assert found()[first] == [f"{row.stretch} with {row.condition_code}"]
    assert "Stretches without steps" in others
    assert admin_url(Contraindication, "change", row.pk) in html


@pytest.mark.parametrize(
    ("citation", "is_found"),
    [
        ("Author 1999", False),
        ("Author. Spine 2015;40:1", False),
        ("Author, no date", True),
        ("Part 12024", True),
        ("PMC20190", True),
    ],
)
def test_a_source_without_a_year(citation: str, is_found: bool) -> None:
    source = SourceFactory(citation=citation)

    assert (source.slug in found().get("Sources without a year", [])) is is_found


@pytest.mark.parametrize(("difficulty", "is_found"), [(1, False), (2, True), (3, True)])
def test_a_neighbour_that_is_not_easier(difficulty: int, is_found: bool) -> None:
    stretch = StretchFactory(difficulty=2)
    stretch.easier.add(StretchFactory(difficulty=difficulty))

    assert (str(stretch) in found().get("Neighbours that are not easier", [])) is is_found


def test_a_condition_without_a_rule_on_it_or_above() -> None:
    above = ConditionCodeFactory(name="Above")
    rule(condition_code=above)
    ConditionCodeFactory(name="Below", broader=[above])
    ConditionCodeFactory(name="Alone")
    ConditionCodeFactory(name="A group", is_selectable=False)

    assert found()["Conditions without a rule"] == ["Alone"]


def test_a_movement_that_no_rule_names() -> None:
    known, unknown, of_nothing = (Movement.objects.create(slug=slug, name=slug) for slug in ("bend", "bent", "turn"))
    drawn().movements.add(known, unknown)
    rule().movements.add(known, of_nothing)

    assert found()["Movements that no rule names"] == ["bent"]


@pytest.mark.parametrize(
    ("state", "severity", "is_found"),
    [("rejected", "absolute", True), ("rejected", "precaution", False), ("accepted", "absolute", False)],
)
def test_an_absolute_proposal_that_was_rejected(admin: User, state: str, severity: str, is_found: bool) -> None:
    stretch = drawn()
    movement = Movement.objects.create(slug="bend", name="Bend")
    stretch.movements.add(movement)
    rule(severity=severity).movements.add(movement)
    propose([stretch.pk], by=admin, at=timezone.now(), why="A rule.")
    proposal = stretch.proposals.get()
    decide = proposal.reject if state == "rejected" else proposal.accept
    decide(by=admin, at=timezone.now(), reason="A towel helps.")

    assert ("Absolute proposals that were rejected" in found()) is is_found


def test_retired_stretches_are_left_in_peace() -> None:
    ContraindicationFactory(
        stretch=StretchFactory(status="retired", steps=""), source=SourceFactory(verification="background")
    )

    assert "Stretches without steps" not in found()
    assert "Absolute, on background knowledge only" not in found()


def test_ten_more_of_everything_cost_no_more_queries(admin_client: Client) -> None:
    def more(count: int) -> None:
        for _ in range(count):
            stretch = StretchFactory(steps="", difficulty=1)
            stretch.easier.add(StretchFactory(difficulty=3))
            ContraindicationFactory(stretch=stretch, source=SourceFactory(verification="background"))
            rule(applies_to_every_stretch=True, condition_code=ConditionCodeFactory())

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(reverse(URL)).status_code == 200
        return len(captured)

    more(2)
    queries()
    before = queries()
    more(10)

    assert queries() == before


def test_only_reading(admin_client: Client) -> None:
    assert admin_client.post(reverse(URL)).status_code == 405
