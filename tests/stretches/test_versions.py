"""Every version is kept: what changed, who did it, why, and in which release."""

import importlib
import io
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.models import Model
from django.test import Client

from accounts.models import User
from stretches.models import (
    Broader,
    CatalogueRelease,
    ConditionCode,
    Contraindication,
    Movement,
    MovementRule,
    Stretch,
)
from tests.admin_pages import admin_url, errors_of, form_of, send
from tests.factories import ConditionCodeFactory
from tests.stretches.admin_rows import make_one
from tests.stretches.catalogues import small, written

pytestmark = pytest.mark.django_db

VERSIONED: list[Any] = [Stretch, Contraindication, ConditionCode, Broader, MovementRule]
WHY = "_impact_why"


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Stretch, {"notes": "Slowly."}),
        (Contraindication, {"rationale": "Other words."}),
        (ConditionCode, {"note": "Seldom."}),
        (MovementRule, {"rationale": "Other words."}),
    ],
)
def test_a_change_asks_why_and_its_version_says_so(
    admin: User, admin_client: Client, model: type[Model], change: dict[str, str]
) -> None:
    row: Any = make_one(model, 1)
    url = admin_url(model, "change", row.pk)

    refused = send(admin_client, url, **change, **{WHY: " "})
    stored = send(admin_client, url, **change, **{WHY: "A reader wrote to us.\nTwice."})

    assert errors_of(refused) == {WHY: ["Say why: it is kept with this version."]}
    assert [form_of(refused)[name] for name in change] == list(change.values())
    assert stored.status_code == 302, errors_of(stored)
    version = row.history.first()
    assert (version.history_user, version.release) == (admin, CatalogueRelease.objects.latest())
    assert version.history_change_reason.splitlines() == ["A reader wrote to us.", "Twice."]
    page = admin_client.get(admin_url(model, "history", row.pk)).content.decode()
    assert "A reader wrote to us." in page
    assert f"→ {next(iter(change.values()))}" in page


def test_a_place_in_the_hierarchy_asks_why_and_is_kept(admin_client: Client) -> None:
    code, above = ConditionCodeFactory(name="Narrow"), ConditionCodeFactory(name="Above it")
    url = admin_url(ConditionCode, "change", code.pk)
    edge = {"broader_edges-TOTAL_FORMS": "1", "broader_edges-0-broader": above.pk, "broader_edges-0-is_main": "on"}

    refused = send(admin_client, url, **edge, **{WHY: ""})
    stored = send(admin_client, url, **edge, **{WHY: "ICD says so."})
    page = admin_client.get(admin_url(ConditionCode, "history", code.pk)).content.decode()

    assert errors_of(refused)["broader_edges"] == ["Say below why: it is kept with this version."]
    assert stored.status_code == 302, errors_of(stored)
    (version,) = Broader.history.all()
    assert (version.history_change_reason, version.release) == ("ICD says so.", CatalogueRelease.objects.latest())
    assert page.index("What it is a kind of") < page.index("Above it") < page.rindex("ICD says so.")


def test_a_movement_that_a_rule_loses_is_a_version(admin_client: Client) -> None:
    rule = MovementRule.objects.get(pk=make_one(MovementRule, 1).pk)
    moved = Movement.objects.create(slug="bending", name="Bending")
    send(admin_client, admin_url(MovementRule, "change", rule.pk), applies_to_every_stretch=None, movements=[moved.pk])

    page = admin_client.get(admin_url(MovementRule, "history", rule.pk)).content.decode()

    assert "Bending" in page


def test_each_row_that_a_file_brings_is_a_version_of_its_release(tmp_path: Any) -> None:
    call_command("load_catalogue", written(small(), tmp_path), stdout=io.StringIO())
    release = CatalogueRelease.objects.get()

    for model in VERSIONED:
        kept = model.history.filter(release=release, history_type="+")
        assert sorted(kept.values_list("id", flat=True)) == sorted(model.objects.values_list("id", flat=True))
        assert model.objects.exists()


def test_what_is_there_already_begins_with_a_version_of_the_first_release(tmp_path: Any) -> None:
    """As the migration finds it: codes, edges and rules without versions, the other versions without releases."""
    call_command("load_catalogue", written(small(), tmp_path), stdout=io.StringIO())
    release = CatalogueRelease.objects.get()
    for begun in (ConditionCode, Broader, MovementRule):
        begun.history.all().delete()
    for known in (Stretch, Contraindication):
        known.history.update(release=None)

    importlib.import_module("stretches.migrations.0011_versions_of_what_is_there").begin(apps, None)

    for model in VERSIONED:
        assert model.history.filter(release=release).count() == model.objects.count() > 0
    rule = MovementRule.objects.filter(movements__isnull=False).first()
    assert rule is not None
    assert [link.movement for link in rule.history.get().movements.all()] == list(rule.movements.all())
