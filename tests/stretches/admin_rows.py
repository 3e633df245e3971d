"""Rows of every model of the catalogue, for tests of its admin."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model

from stretches.models import (
    CatalogueNote,
    CatalogueRelease,
    CatalogueText,
    ConditionCode,
    Contraindication,
    Equipment,
    Movement,
    MovementRule,
    Muscle,
    RedFlagAction,
    RedFlagQuestion,
    Source,
    Stretch,
    StretchPhoto,
    StretchVideo,
    TimingRule,
)
from tests.factories import (
    ConditionCodeFactory,
    ContraindicationFactory,
    SourceFactory,
    StretchFactory,
)

EDITED = [
    CatalogueNote,
    ConditionCode,
    Contraindication,
    Equipment,
    Movement,
    MovementRule,
    Muscle,
    RedFlagAction,
    RedFlagQuestion,
    Source,
    Stretch,
    StretchPhoto,
    StretchVideo,
    TimingRule,
]


def a_rule() -> dict[str, Any]:
    return {"condition_code": ConditionCodeFactory(), "source": SourceFactory(), "confidence": "high"}


def a_timing_rule(number: int) -> TimingRule:
    rule = TimingRule.objects.create(**a_rule(), advice="Later.")
    rule.movements.add(Movement.objects.create(slug=f"moved-{number}", name="Moved"))
    return rule


def a_red_flag_question(number: int) -> RedFlagQuestion:
    action, _ = RedFlagAction.objects.get_or_create(tier="emergency", defaults={"message": "Call."})
    return RedFlagQuestion.objects.create(slug=f"rf-{number}", question="Well?", action=action, source=SourceFactory())


def make_one(model: type[Model], number: int) -> Model:
    """A row of any model of the catalogue, different for each number."""
    makers: dict[type[Model], Callable[[], Any]] = {
        CatalogueNote: lambda: CatalogueNote.objects.create(kind="red_flag", slug=f"note-{number}", text="A note."),
        CatalogueRelease: lambda: CatalogueRelease.objects.create(version=str(number), as_of="2026-01-15"),
        CatalogueText: lambda: CatalogueText.objects.create(
            language="es", kind="rationale", key=f"key-{number}", text="Despacio."
        ),
        ConditionCode: lambda: ConditionCodeFactory(broader=[ConditionCodeFactory()]),
        Contraindication: ContraindicationFactory,
        MovementRule: lambda: MovementRule.objects.create(
            **a_rule(), severity="absolute", rationale="x", applies_to_every_stretch=True
        ),
        RedFlagAction: lambda: RedFlagAction.objects.create(tier=f"tier-{number}", message="Call."),
        RedFlagQuestion: lambda: a_red_flag_question(number),
        Source: SourceFactory,
        Stretch: lambda: ContraindicationFactory().stretch,
        StretchPhoto: lambda: StretchPhoto.objects.create(
            stretch=StretchFactory(), key=f"{number:032x}", alt="Lying, a leg up.", width=1600, height=1200
        ),
        StretchVideo: lambda: StretchVideo.objects.create(
            stretch=StretchFactory(), provider="vimeo", video_id=f"{number + 1000}"
        ),
        TimingRule: lambda: a_timing_rule(number),
    }
    maker = makers.get(model, lambda: model._default_manager.create(slug=f"word-{number}", name=f"Word {number}"))
    return maker()


def reasons() -> list[str]:
    return list(CatalogueRelease.objects.values_list("reason", flat=True))
