"""What each model lets through: no row of a stranger's, and every row of one's own."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.test import RequestFactory

from audit.models import Event
from clinic.models import ErasureRequest
from tests.factories import UserFactory
from tests.permissions.world import World
from tests.test_conventions import our_models


def narrowing_models() -> list[tuple[type[Model], str]]:
    """Models of a clinic's own with ``visible_to`` or ``own``."""
    return [
        (model, word)
        for model in our_models()
        for word in ("visible_to", "own")
        if (model, word) != (Event, "own")  # which is asked about records, not about a person
        if hasattr(model._default_manager, word) and any(field.name == "clinic" for field in model._meta.get_fields())
    ]


def too_wide(world: World) -> Iterator[str]:
    """Where somebody is let at a row that is not theirs, or nobody at one."""
    for model, word in narrowing_models():
        if model._meta.app_label == "stretches":
            continue  # the catalogue, most of which is everybody's: its own words stand for entries of a clinic's own
        for person, user in world.people.items():
            if user is None or person == "deactivated":
                continue
            rows: Any = getattr(model._default_manager, word)(user)
            clinics = set(rows.values_list("clinic", flat=True)) - {None}
            allowed = _clinics_of(world, model, person, word)
            if clinics != allowed:
                yield f"{model.__name__}.{word}, {person}: rows of {len(clinics)} clinics instead of {len(allowed)}"


def _clinics_of(world: World, model: type[Model], person: str, word: str) -> set[Any]:
    here, there = {world.clinic.pk}, {world.elsewhere.pk}
    if word == "own":
        return here if person in {"patient", "other patient"} else set()
    if model._meta.app_label in {"accounts", "audit"} or model is ErasureRequest:  # what a clinic's admin manages
        return {"admin": here, "admin elsewhere": there}.get(person, set())
    treats = {"clinician": here, "colleague": here, "clinician elsewhere": there, "clinician of both": here | there}
    return treats.get(person, set())


def rights_for_nothing(_world: World) -> Iterator[str]:
    """What the admin site lets somebody do who may open it and has no permission, down to the rows inside a page."""
    request = RequestFactory().get("/")
    request.user = UserFactory(is_staff=True)
    for model, owner in admin.site._registry.items():
        inside = [inline(model, admin.site) for inline in owner.inlines]
        for each in (owner, *inside):
            for right in ("view", "change", "delete"):
                if getattr(each, f"has_{right}_permission")(request):
                    yield f"{type(each).__name__}: {right}"
        if owner.has_add_permission(request) or any(inline.has_add_permission(request, None) for inline in inside):
            yield f"{type(owner).__name__}: add"
        if owner.has_module_permission(request):
            yield f"{type(owner).__name__}: module"
