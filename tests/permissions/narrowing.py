"""What each model lets through: no row of a stranger's, and every row of one's own."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Model

from tests.permissions.world import World
from tests.test_conventions import our_models


def narrowing_models() -> list[tuple[type[Model], str]]:
    """Models of a clinic's own with ``visible_to`` or ``own``."""
    return [
        (model, word)
        for model in our_models()
        for word in ("visible_to", "own")
        if hasattr(model._default_manager, word) and any(field.name == "clinic" for field in model._meta.get_fields())
    ]


def too_wide(world: World) -> Iterator[str]:
    """Where somebody is let at a row that is not theirs, or nobody at one."""
    for model, word in narrowing_models():
        for person, user in world.people.items():
            if user is None or person == "deactivated":
                continue
            rows: Any = getattr(model._default_manager, word)(user)
            clinics = set(rows.values_list("clinic", flat=True)) - {None}
            allowed = _clinics_of(world, person, word)
            if clinics != allowed:
                yield f"{model.__name__}.{word}, {person}: rows of {len(clinics)} clinics instead of {len(allowed)}"


def _clinics_of(world: World, person: str, word: str) -> set[Any]:
    here, there = {world.clinic.pk}, {world.elsewhere.pk}
    if word == "own":
        return here if person in {"patient", "other patient"} else set()
    treats = {"clinician": here, "colleague": here, "clinician elsewhere": there, "clinician of both": here | there}
    return treats.get(person, set())
