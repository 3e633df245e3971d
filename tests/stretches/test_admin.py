import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from stretches.models import (
    Broader,
    CatalogueNote,
    CatalogueRelease,
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
    TimingRule,
)
from tests.admin_pages import admin_url, errors_of, form_of, send
from tests.factories import (
    AdminFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    SourceFactory,
    StretchFactory,
    UserFactory,
)
from tests.stretches.catalogues import small, written

pytestmark = pytest.mark.django_db

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
    TimingRule,
]


@pytest.fixture
def admin() -> User:
    """Somebody who edits the catalogue."""
    admin = AdminFactory()
    admin.let_edit_catalogue()
    return admin


@pytest.fixture
def admin_client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


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
        ConditionCode: lambda: ConditionCodeFactory(broader=[ConditionCodeFactory()]),
        Contraindication: ContraindicationFactory,
        MovementRule: lambda: MovementRule.objects.create(
            **a_rule(), severity="absolute", rationale="x", applies_to_every_stretch=True
        ),
        RedFlagAction: lambda: RedFlagAction.objects.create(tier=f"tier-{number}", message="Call."),
        RedFlagQuestion: lambda: a_red_flag_question(number),
        Source: SourceFactory,
        Stretch: lambda: ContraindicationFactory().stretch,
        TimingRule: lambda: a_timing_rule(number),
    }
    maker = makers.get(model, lambda: model._default_manager.create(slug=f"word-{number}", name=f"Word {number}"))
    return maker()


def reasons() -> list[str]:
    return list(CatalogueRelease.objects.values_list("reason", flat=True))


# Who may ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("model", [*EDITED, CatalogueRelease])
def test_every_page_works_for_an_admin(admin_client: Client, model: type[Model]) -> None:
    row = make_one(model, 1)
    addresses = [
        admin_url(model, "changelist"),
        admin_url(model, "change", row.pk),
        admin_url(model, "history", row.pk),
    ]
    if model in EDITED:
        addresses += [admin_url(model, "add"), admin_url(model, "delete", row.pk)]

    answers = {address: admin_client.get(address).status_code for address in addresses}
    searched = admin_client.get(admin_url(model, "changelist"), {"q": "one two"}).status_code

    assert set(answers.values()) == {200}, answers
    assert searched == 200


@pytest.mark.parametrize("model", [*EDITED, CatalogueRelease])
@pytest.mark.parametrize("page", ["changelist", "add", "change", "delete", "history"])
def test_others_are_turned_away(client: Client, model: type[Model], page: str) -> None:
    row = make_one(model, 1)
    url = admin_url(model, page, *([row.pk] if page not in {"changelist", "add"} else []))
    answers = []

    for person in (None, PatientFactory(user=UserFactory()).user, ClinicianFactory(), AdminFactory()):
        if person:
            client.force_login(person)
        answers += [client.get(url).status_code, client.post(url, {"post": "yes"}).status_code]

    # To the sign-in: a visitor, a patient, a clinician. An admin without the group stands before a closed door.
    assert answers == [302, 302, 302, 302, 302, 302, 403, 403]
    assert type(row)._default_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("page", ["add", "change", "delete"])
def test_nobody_edits_a_release(page: str) -> None:
    release = make_one(CatalogueRelease, 1)
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    url = admin_url(CatalogueRelease, page, *([release.pk] if page != "add" else []))

    assert client.post(url, {"post": "yes"}).status_code == 403


def test_patients_are_not_in_the_admin(admin_client: Client) -> None:
    client = Client()
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    page = client.get(reverse("admin:index")).content.decode()

    assert "/admin/stretches/stretch/" in page
    assert "/admin/patients/" not in page
    assert "/admin/prescriptions/" not in page


# How much it costs ----------------------------------------------------------------------------------------------------
def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("model", [*EDITED, CatalogueRelease])
def test_ten_more_rows_cost_a_list_no_more_queries(admin_client: Client, model: type[Model]) -> None:
    make_one(model, 0)
    make_one(model, 1)
    url = admin_url(model, "changelist")
    queries_of(admin_client, url)
    before = queries_of(admin_client, url)

    for number in range(2, 12):
        make_one(model, number)

    assert queries_of(admin_client, url) == before


def test_ten_more_contraindications_cost_a_stretch_no_more_queries(admin_client: Client) -> None:
    stretch = ContraindicationFactory().stretch
    url = admin_url(Stretch, "change", stretch.pk)
    queries_of(admin_client, url)
    before = queries_of(admin_client, url)

    for _ in range(10):
        ContraindicationFactory(stretch=stretch)

    assert queries_of(admin_client, url) == before


# Saving ---------------------------------------------------------------------------------------------------------------
def test_an_edit_is_a_release_by_whoever_made_it(admin: User, admin_client: Client) -> None:
    make_one(CatalogueRelease, 7)
    stretch = StretchFactory(name="Towel stretch")

    response = send(admin_client, admin_url(Stretch, "change", stretch.pk), difficulty="4", notes="Slowly.")

    assert response.status_code == 302, errors_of(response)
    stretch.refresh_from_db()
    assert (stretch.difficulty, stretch.notes) == (4, "Slowly.")
    release = CatalogueRelease.objects.latest()
    assert release.reason == "Edited: stretch “Towel stretch”: Changed Notes and Difficulty."
    assert (release.version, release.released_by) == ("7", admin)
    assert stretch.history.first().history_user == admin


def test_saving_without_a_change_is_no_release(admin_client: Client, tmp_path: Any) -> None:
    path = written(small(), tmp_path)
    call_command("load_catalogue", path, stdout=io.StringIO())
    before = reasons()

    for model in (Stretch, Contraindication, ConditionCode, MovementRule, TimingRule, RedFlagAction, CatalogueNote):
        for row in model._default_manager.order_by("pk")[:3]:
            response = send(admin_client, admin_url(model, "change", row.pk))
            assert response.status_code == 302, errors_of(response)

    assert reasons() == before
    out = io.StringIO()
    call_command("load_catalogue", path, stdout=out)
    assert "differ" not in out.getvalue().splitlines()[-1]


def test_an_edit_in_the_admin_survives_the_next_load(admin_client: Client, tmp_path: Any) -> None:
    path = written(small(), tmp_path)
    call_command("load_catalogue", path, stdout=io.StringIO())
    row = Contraindication.objects.earliest("pk")
    send(admin_client, admin_url(Contraindication, "change", row.pk), rationale="Ours.\nTwo lines.")
    out = io.StringIO()

    call_command("load_catalogue", path, stdout=out)

    row.refresh_from_db()
    assert row.rationale == "Ours.\nTwo lines."
    assert "1 row differs" in out.getvalue()


@pytest.mark.parametrize("model", [Equipment, Movement, Muscle, Source, RedFlagAction, CatalogueNote])
def test_a_row_is_added(admin_client: Client, model: type[Model]) -> None:
    data = {"slug": "new", "tier": "new", "name": "New", "message": "Call.", "text": "A note.", "kind": "red_flag"}
    data |= {"citation": "Author 2026", "verification": "read"}

    response = send(admin_client, admin_url(model, "add"), **data)

    assert response.status_code == 302, errors_of(response)
    assert model._default_manager.count() == 1
    assert reasons()[0].endswith("added")


def test_a_stretch_is_added_with_a_contraindication(admin_client: Client) -> None:
    example = StretchFactory()
    data = form_of(admin_client.get(admin_url(Stretch, "change", example.pk)))
    code = ConditionCodeFactory(window_anchor="onset_date")
    added = {
        "condition_code": code.pk,
        "severity": "relative",
        "from_week": "0",
        "until_week": "6",
        "rationale": "Too early.",
        "source": example.source_id,
        "confidence": "low",
    }
    data |= {f"contraindications-0-{name}": value for name, value in added.items()}
    data |= {"name": "New", "slug": "new", "contraindications-TOTAL_FORMS": "1"}

    response = admin_client.post(admin_url(Stretch, "add"), data)

    assert response.status_code == 302, errors_of(response)
    row = Contraindication.objects.get()
    assert (row.stretch.slug, row.severity, row.origin) == ("new", "relative", "author")
    assert row.stretch.status == example.status
    assert reasons() == ["Edited: stretch “New” added"]


def test_a_condition_is_added_below_another(admin_client: Client) -> None:
    example = ConditionCodeFactory()
    data = form_of(admin_client.get(admin_url(ConditionCode, "change", example.pk)))
    data |= {"name": "New", "slug": "new", "broader_edges-TOTAL_FORMS": "1"}
    data |= {"broader_edges-0-broader": example.pk, "broader_edges-0-is_main": "on"}

    response = admin_client.post(admin_url(ConditionCode, "add"), data)

    assert response.status_code == 302, errors_of(response)
    assert list(ConditionCode.objects.get(slug="new").broader.all()) == [example]


@pytest.mark.parametrize(("action", "status"), [("mark_reviewed", "reviewed"), ("retire", "retired")])
def test_many_stretches_change_their_status_at_once(admin_client: Client, action: str, status: str) -> None:
    stretches = [StretchFactory(status="draft", name=f"Draft {number}") for number in range(3)]
    chosen = [str(stretch.pk) for stretch in stretches[:2]]

    admin_client.post(admin_url(Stretch, "changelist"), {"action": action, "_selected_action": chosen})

    found = sorted(Stretch.objects.values_list("name", "status"))
    assert found == [("Draft 0", status), ("Draft 1", status), ("Draft 2", "draft")]
    (reason,) = reasons()
    assert "“Draft 0”" in reason
    assert "Draft 2" not in reason


# Who was faster -------------------------------------------------------------------------------------------------------
def test_what_somebody_else_saved_is_not_overwritten_unseen(admin_client: Client) -> None:
    stretch = StretchFactory(name="Towel stretch", difficulty=2)
    url = admin_url(Stretch, "change", stretch.pk)
    mine = form_of(admin_client.get(url)) | {"difficulty": "4"}
    Stretch.objects.filter(pk=stretch.pk).update(difficulty=3, position="prone")

    refused = admin_client.post(url, mine)
    again = admin_client.post(url, form_of(refused))

    (words,) = errors_of(refused)[""]
    assert "Somebody else saved this while you were editing" in words
    assert "Difficulty: 3" in words
    assert "Position: Lying on the front" in words
    assert form_of(refused)["difficulty"] == "4"
    assert again.status_code == 302
    stretch.refresh_from_db()
    assert (stretch.difficulty, stretch.position) == (4, "supine")


def test_a_link_that_somebody_else_added_is_not_taken_away_unseen(admin_client: Client) -> None:
    stretch = StretchFactory()
    url = admin_url(Stretch, "change", stretch.pk)
    mine = form_of(admin_client.get(url)) | {"difficulty": "4"}
    stretch.movements.add(Movement.objects.create(slug="bending", name="Bending"))

    refused = admin_client.post(url, mine)

    assert "Movements: Bending" in errors_of(refused)[""][0]
    assert stretch.movements.count() == 1


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
        ("status", "published", "status", "not one of the available choices"),
        ("name", "x" * 121, "name", "at most 120 characters"),
        ("name", "A\x00B", "name", "Null characters are not allowed"),
        ("steps", "", "steps", "required"),
        ("muscles", [], "muscles", "required"),
        ("source", "999999", "source", "not one of the available choices"),
        ("source", "x", "source", "not one of the available choices"),
        ("source", "9" * 30, "source", "not one of the available choices"),
        ("easier", ["x", "\x00"], "easier", "is not a valid UUID"),
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

    assert errors_of(response)["slug"] == ["Stretch with this Slug already exists."]


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
        (prescribed, "1 prescribed stretches", "Set its status to “Retired” instead"),
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


# History --------------------------------------------------------------------------------------------------------------
def test_an_old_version_is_shown_and_cannot_be_posted_to(admin_client: Client) -> None:
    stretch = StretchFactory(difficulty=2)
    first = stretch.history.first()
    url = reverse("admin:stretches_stretch_simple_history", args=[stretch.pk, first.history_id])

    assert admin_client.get(url).status_code == 200
    assert admin_client.post(url, {"difficulty": "1"}).status_code == 403


@pytest.mark.parametrize("address", ["abc", "00000000-0000-0000-0000-000000000000", "1"])
@pytest.mark.parametrize("model", EDITED)
def test_a_row_that_is_not_there_is_no_error(admin_client: Client, model: type[Model], address: str) -> None:
    pages = [admin_url(model, page, address) for page in ("change", "delete")]

    assert {admin_client.get(page).status_code for page in pages} == {302}
