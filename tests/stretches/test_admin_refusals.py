from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stretches.models import (
    Broader,
    CatalogueImport,
    ConditionCode,
    Contraindication,
    Movement,
    MovementRule,
    Muscle,
    Stretch,
)
from tests.admin_pages import admin_url, errors_of, form_of, send
from tests.factories import (
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PrescribedStretchFactory,
    StretchFactory,
    UserFactory,
)
from tests.stretches.admin_rows import EDITED, make_one, reasons

pytestmark = pytest.mark.django_db


# Who only reads -------------------------------------------------------------------------------------------------------
def test_who_may_only_look_opens_no_page_that_writes(client: Client) -> None:
    """An operator may give somebody the right to look and no more: our own pages ask as Django's do."""
    stretch, sent = StretchFactory(), CatalogueImport.objects.create(file_name="a.json", uploaded_at=timezone.now())
    reader = UserFactory(is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename__in=["view_stretch", "view_catalogueimport"]))
    client.force_login(reader)
    writing = {
        "lint": reverse("admin:stretches_stretch_lint"),
        "review": reverse("admin:stretches_stretch_review", args=[stretch.pk]),
        "export": reverse("admin:stretches_catalogueimport_export"),
        "import": admin_url(CatalogueImport, "add"),
        "an import": admin_url(CatalogueImport, "change", sent.pk),
    }

    assert client.get(admin_url(Stretch, "change", stretch.pk)).status_code == 200
    assert {name: client.get(url).status_code for name, url in writing.items()} == dict.fromkeys(writing, 403)


# Bad input ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "value", "beside", "words"),
    [
        ("difficulty", "9", "difficulty", "less than or equal to 5"),
        ("difficulty", "0", "difficulty", "greater than or equal to 1"),
        ("difficulty", "hard", "difficulty", "Enter a whole number"),
        ("difficulty", "9" * 30, "difficulty", "less than or equal to 5"),
        ("difficulty", "", "difficulty", "required"),
        ("hold_seconds_min", "90", "hold_seconds_max", "The longest hold is shorter than the shortest."),
        ("start_hold_seconds_min", "25", "start_hold_seconds_max", "The longest start hold is shorter"),
        ("default_hold_seconds", "61", "default_hold_seconds", "has to lie between 30 and 60 s"),
        ("hold_seconds_max", "181", "hold_seconds_max", "less than or equal to 180"),
        ("repetitions", "0", "repetitions", "greater than or equal to 1"),
        ("times_per_day", "5", "times_per_day", "less than or equal to 4"),
        ("days_per_week", "8", "days_per_week", "less than or equal to 7"),
        ("name", "x" * 121, "name", "at most 120 characters"),
        ("name", "A\x00B", "name", "Null characters are not allowed"),
        ("steps", "", "steps", "required"),
        ("muscles", [], "muscles", "required"),
        ("source", "999999", "source", "not one of the available choices"),
        ("source", "x", "source", "not one of the available choices"),
        ("source", "9" * 30, "source", "not one of the available choices"),
        ("easier", ["x"], "easier", "is not a valid UUID"),
        ("easier", ["\x00"], "easier", "Null characters are not allowed"),
        ("muscles", ["x"], "muscles", "not a valid value"),
        ("article_rank", "-1", "article_rank", "greater than or equal to 0"),
    ],
)
def test_a_bad_stretch_is_told_beside_the_field(
    admin_client: Client, field: str, value: object, beside: str, words: str
) -> None:
    stretch = StretchFactory()

    response = send(admin_client, admin_url(Stretch, "change", stretch.pk), **{field: value})

    assert words in errors_of(response)[beside][0]
    assert reasons() == []


def test_a_neighbour_has_to_be_easier(admin_client: Client) -> None:
    stretch, harder = StretchFactory(difficulty=2), StretchFactory(name="Harder", difficulty=3)
    same = StretchFactory(name="Same", difficulty=2)
    same.easier.add(stretch)
    url = admin_url(Stretch, "change", stretch.pk)

    response = send(admin_client, url, easier=[str(each.pk) for each in (stretch, harder, same)])

    said = errors_of(response)["easier"]
    assert "A stretch is not easier than itself." in said
    assert "Harder is not easier: its difficulty is 3." in said
    assert "Same has this stretch among its easier ones." in said


def test_a_short_name_is_taken(admin_client: Client) -> None:
    example = StretchFactory(slug="taken")
    data = form_of(admin_client.get(admin_url(Stretch, "change", example.pk))) | {"slug": "taken"}

    response = admin_client.post(admin_url(Stretch, "add"), data)

    assert errors_of(response)["slug"] == ["Another stretch has this short name: choose one of its own."]


def test_a_short_name_says_what_it_is_and_how_it_is_written(admin_client: Client) -> None:
    empty = admin_client.get(admin_url(Stretch, "add"))

    response = admin_client.post(
        admin_url(Stretch, "add"), form_of(empty) | {"slug": "Calf stretch!", "family": "hip flexor"}
    )

    assert "It fills itself in from the name" in empty.text
    assert errors_of(response)["slug"] == ["Write it without spaces and signs, such as seated-calf-stretch."]
    assert errors_of(response)["family"] == ["Write it without spaces and signs, such as hip_flexor."]


@pytest.mark.parametrize(
    ("changes", "beside", "words"),
    [
        ({"from_week": "6", "until_week": "6"}, "until_week", "The end has to come after the start."),
        ({"from_week": "12", "until_week": "6"}, "until_week", "The end has to come after the start."),
        ({"from_week": "-1"}, "from_week", "greater than or equal to 0"),
        ({"until_week": "5201"}, "until_week", "less than or equal to 5200"),
        ({"severity": "severe"}, "severity", "not one of the available choices"),
        ({"rationale": "  "}, "rationale", "required"),
        ({"source": None}, "source", "required"),
    ],
)
@pytest.mark.parametrize("model", [Contraindication, MovementRule])
def test_a_bad_row_is_told_beside_the_field(
    admin_client: Client, model: type[Model], changes: dict[str, str | None], beside: str, words: str
) -> None:
    row: Any = make_one(model, 1)
    ConditionCode.objects.filter(pk=row.condition_code_id).update(window_anchor="onset_date")

    response = send(admin_client, admin_url(model, "change", row.pk), **changes)

    assert words in errors_of(response)[beside][0]


@pytest.mark.parametrize("model", [Contraindication, MovementRule])
def test_weeks_need_a_day_to_count_from(admin_client: Client, model: type[Model]) -> None:
    row = make_one(model, 1)

    response = send(admin_client, admin_url(model, "change", row.pk), from_week="2")

    assert errors_of(response)["from_week"] == ["This condition has no day from which weeks could be counted."]


def test_the_day_to_count_from_stays_while_weeks_are_counted(admin_client: Client) -> None:
    code = ConditionCodeFactory(window_anchor="onset_date")
    ContraindicationFactory(condition_code=code, from_week=0, until_week=6)

    response = send(admin_client, admin_url(ConditionCode, "change", code.pk), window_anchor="")

    assert errors_of(response)["window_anchor"] == ["Rows about this condition count weeks from this day."]


def test_a_rule_names_movements_or_every_stretch(admin_client: Client) -> None:
    rule = make_one(MovementRule, 1)

    response = send(admin_client, admin_url(MovementRule, "change", rule.pk), applies_to_every_stretch=None)

    assert "Choose movements" in errors_of(response)["movements"][0]


def test_a_rule_stands_once(admin_client: Client) -> None:
    rule: Any = make_one(MovementRule, 1)
    data = form_of(admin_client.get(admin_url(MovementRule, "change", rule.pk)))

    response = admin_client.post(admin_url(MovementRule, "add"), data)

    assert errors_of(response)[""] == ["This condition has a rule with the same rationale already."]


def test_a_circle_is_refused_beside_the_field(admin_client: Client) -> None:
    top = ConditionCodeFactory()
    middle = ConditionCodeFactory(broader=[top])
    bottom = ConditionCodeFactory(broader=[middle])
    url = admin_url(ConditionCode, "change", top.pk)
    row = {"broader_edges-TOTAL_FORMS": "1", "broader_edges-0-narrower": top.pk, "broader_edges-0-is_main": "on"}

    through_others = send(admin_client, url, **row, **{"broader_edges-0-broader": bottom.pk})
    through_itself = send(admin_client, url, **row, **{"broader_edges-0-broader": top.pk})

    for response in (through_others, through_itself):
        assert "would form a circle" in errors_of(response)["broader_edges-0-broader"][0]
    assert Broader.objects.count() == 2


def test_one_broader_condition_is_shown_first(admin_client: Client) -> None:
    code = ConditionCodeFactory(broader=[ConditionCodeFactory()])
    other = ConditionCodeFactory()
    added = {"TOTAL_FORMS": "2", "1-narrower": code.pk, "1-broader": other.pk, "1-is_main": "on"}
    row = {f"broader_edges-{name}": value for name, value in added.items()}

    response = send(admin_client, admin_url(ConditionCode, "change", code.pk), **row)

    assert errors_of(response)["broader_edges"] == ["Of the broader conditions exactly one is shown first."]


# Deleting -------------------------------------------------------------------------------------------------------------
def delete(client: Client, row: Model) -> Any:
    return client.post(admin_url(type(row), "delete", row.pk), {"post": "yes"})


def used_rows() -> list[tuple[Model, str, str]]:
    """Rows that are in use, by what, and what is advised."""
    prescribed = PrescribedStretchFactory().stretch
    recorded = ConditionFactory().code
    contraindicated = ContraindicationFactory().condition_code
    stretch = StretchFactory(muscles=["soleus"])
    bending = Movement.objects.create(slug="bending", name="Bending")
    stretch.movements.add(bending)
    return [
        (prescribed, "1 prescribed stretches", "Retire it instead"),
        (recorded, "1 conditions", "Untick “can be recorded for a patient”"),
        (contraindicated, "1 contraindications", "Untick “can be recorded for a patient”"),
        (stretch.source, "1 stretches", "Take it out of what uses it first."),
        (Muscle.objects.get(slug="soleus"), "1 stretches", "Take it out of what uses it first."),
        (bending, "1 stretches", "Take it out of what uses it first."),
    ]


@pytest.mark.parametrize("number", range(6))
def test_what_is_used_is_not_deleted_but_explained(admin_client: Client, number: int) -> None:
    row, used_by, advice = used_rows()[number]

    response = delete(admin_client, row)

    page = response.content.decode()
    assert response.status_code == 200
    assert used_by in page
    assert advice in page
    assert type(row)._default_manager.filter(pk=row.pk).exists()
    assert reasons() == []


@pytest.mark.parametrize("model", EDITED)
def test_what_nobody_uses_is_deleted(admin_client: Client, model: type[Model]) -> None:
    row = make_one(model, 1)

    response = delete(admin_client, row)

    assert response.status_code == 302, errors_of(response)
    assert not model._default_manager.filter(pk=row.pk).exists()
    assert reasons()[0].endswith("deleted")


def test_many_rows_are_never_deleted_at_once(admin_client: Client) -> None:
    stretch = StretchFactory()

    admin_client.post(
        admin_url(Stretch, "changelist"), {"action": "delete_selected", "_selected_action": [stretch.pk], "post": "yes"}
    )

    assert Stretch.objects.filter(pk=stretch.pk).exists()
