import io
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from prescriptions import dosage
from stretches.models import (
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
from stretches.models.stretch import HOLD_SECONDS_MAX, REPETITIONS_MAX
from tests.factories import SourceFactory, StretchFactory
from tests.stretches.catalogues import shipped, small, written

pytestmark = pytest.mark.django_db


def load(path: Path | None = None, **options: bool) -> str:
    """Run the command and give what it prints."""
    out = io.StringIO()
    call_command("load_catalogue", *filter(None, [path]), stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


@pytest.fixture
def loaded(tmp_path: Path) -> Path:
    """A small catalogue, in the database and as a file."""
    path = written(small(), tmp_path)
    load(path)
    return path


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody at a terminal."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)


# The whole file -------------------------------------------------------------------------------------------------------
def test_the_whole_file_lands() -> None:
    load()

    models = [ConditionCode, Stretch, Movement, MovementRule, Contraindication, Source, RedFlagQuestion, RedFlagAction]
    assert [model._default_manager.count() for model in models] == [88, 45, 56, 149, 830, 75, 11, 3]
    assert [model._default_manager.count() for model in (Muscle, Equipment, TimingRule)] == [42, 19, 1]
    assert Stretch.objects.filter(status="reviewed").count() == 45
    severities = {row.severity for row in Contraindication.objects.all()}
    assert {word: Contraindication.objects.filter(severity=word).count() for word in severities} == {
        "absolute": 128,
        "relative": 247,
        "precaution": 455,
    }


def test_a_stretch_lands_with_all_that_describes_it() -> None:
    load()

    towel = Stretch.objects.get(slug="towel-hamstring-stretch")
    row = next(row for row in shipped()["stretches"] if row["slug"] == towel.slug)
    assert (towel.name, towel.difficulty, towel.is_founding, towel.article_rank) == (row["name"], 2, True, 3)
    assert towel.step_list == row["steps"]
    assert towel.stop_rule_list == row["stop_if"]
    assert (towel.start_hold_seconds_min, towel.start_hold_seconds_max) == (10, 20)
    assert (towel.hold_seconds_min, towel.hold_seconds_max, towel.times_per_day) == (30, 60, 2)
    assert towel.routine_anchors.splitlines() == ["morning, on getting up", "night, before bed"]
    assert {muscle.name for muscle in towel.muscles.all()} == set(row["target_muscles"])
    assert {each.name for each in towel.equipment.all()} == set(row["equipment"])
    assert {movement.slug for movement in towel.movements.all()} == set(row["movement_flags"])
    assert {easier.slug for easier in towel.easier.all()} == set(row["easier"])
    assert {harder.slug for harder in towel.harder.all()} == set(row["harder"])
    spinal = {movement.slug for movement in towel.movements.filter(is_spinal_loading=True)}
    assert spinal == set(row["spinal_loading_flags"])


def test_a_condition_lands_below_its_broader_ones_main_one_first() -> None:
    load()

    code = ConditionCode.objects.get(slug="lumbar-disc-herniation-with-radiculopathy")
    edges = code.broader_edges.order_by("-is_main").values_list("broader__slug", "is_main")
    assert list(edges) == [("lumbar-disc-herniation", True), ("lumbar-radiculopathy", False)]
    posterior = ConditionCode.objects.get(slug="tha-posterior-approach")
    assert posterior.window_anchor == "procedure_date"
    assert not ConditionCode.objects.get(slug="medical-red-flag").is_selectable


def test_a_contraindication_lands_with_its_window_and_what_matched() -> None:
    load()

    rows = {row["id"]: row for row in shipped()["contraindications"]}
    for stored in Contraindication.objects.select_related("stretch", "condition_code", "source"):
        row = rows.pop(stored.code)
        window = row["window"] or {"from_week": None, "until_week": None}
        assert (stored.stretch.slug, stored.condition_code.slug) == (row["stretch"], row["condition"])
        assert (stored.from_week, stored.until_week) == (window["from_week"], window["until_week"])
        assert (stored.severity, stored.rationale, stored.source.slug) == (
            row["severity"],
            row["rationale"],
            row["source"],
        )
        assert (stored.confidence, stored.origin) == (row["confidence"], row["origin"])
    assert rows == {}
    founding = Contraindication.objects.get(code="ci-0035")
    row = next(row for row in shipped()["contraindications"] if row["id"] == "ci-0035")
    assert {movement.slug for movement in founding.movements.all()} == set(row["matched_flags"])


def test_a_rule_for_any_movement_applies_to_every_stretch() -> None:
    load()

    rule = MovementRule.objects.get(condition_code__slug="medical-red-flag")
    assert rule.applies_to_every_stretch
    assert not rule.movements.exists()
    assert MovementRule.objects.filter(applies_to_every_stretch=False, movements=None).count() == 0


def test_what_the_file_says_besides_lands_as_notes() -> None:
    load()

    counts = {kind: CatalogueNote.objects.filter(kind=kind).count() for kind in CatalogueNote.Kind.values}
    assert counts == {
        "disagreement": 7,
        "dosage_evidence": 4,
        "open_question": 7,
        "pain_rule": 5,
        "red_flag": 1,
        "semantics": 9,
    }
    emergency = RedFlagAction.objects.get(tier="emergency")
    assert emergency.message == shipped()["meta"]["red_flag_actions"]["emergency"]
    assert [question.slug for question in RedFlagQuestion.objects.all()][:2] == ["rf-bladder", "rf-saddle"]
    rule = TimingRule.objects.get()
    assert (rule.condition_code.slug, rule.movements.count()) == ("lumbar-disc-disorder", 3)


def test_the_release_names_the_file() -> None:
    load()

    release = CatalogueRelease.objects.get()
    meta = shipped()["meta"]
    assert (release.version, str(release.as_of), release.status) == ("0.1.1", "2026-01-15", meta["status"])
    assert (release.title, release.icd10cm_release) == (meta["title"], meta["icd10cm_release"])
    assert "45 stretches, 830 contraindications" in release.reason


def test_a_loaded_row_has_a_history_that_names_the_catalogue() -> None:
    load()

    (first,) = Stretch.objects.get(slug="chin-tuck").history.all()
    assert (first.history_type, first.history_change_reason) == ("+", "catalogue 0.1.1")
    assert first.movements.count() == Stretch.objects.get(slug="chin-tuck").movements.count() > 0
    assert Contraindication.history.filter(history_change_reason="catalogue 0.1.1").count() == 830


def test_a_file_without_open_questions_loads_too(tmp_path: Path) -> None:
    content = small()
    del content["meta"]["open_questions"]

    load(written(content, tmp_path))

    assert not CatalogueNote.objects.filter(kind="open_question").exists()
    assert Stretch.objects.count() == 3


def test_what_can_be_loaded_can_be_prescribed() -> None:
    assert (HOLD_SECONDS_MAX, REPETITIONS_MAX) == (dosage.HOLD_SECONDS_MAX, dosage.REPETITIONS_MAX)


# Again ----------------------------------------------------------------------------------------------------------------
def everything() -> dict[str, list[dict[str, object]]]:
    """Every row of the catalogue, histories and links included."""
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in all_models()}


def all_models() -> list:
    return list(apps.get_app_config("stretches").get_models(include_auto_created=True))


def test_loading_again_changes_nothing(loaded: Path) -> None:
    before = everything()

    said = load(loaded)

    assert everything() == before
    assert "Nothing to load." in said


def test_updating_from_the_same_file_changes_nothing(loaded: Path) -> None:
    before = everything()

    said = load(loaded, update=True)

    assert everything() == before
    assert "Nothing to load." in said


def test_a_new_status_of_the_same_rows_is_a_release(loaded: Path, tmp_path: Path) -> None:
    content = small()
    content["meta"]["status"] = "Signed off by a physiotherapist."

    load(written(content, tmp_path))

    assert CatalogueRelease.objects.latest().status == "Signed off by a physiotherapist."
    assert CatalogueRelease.objects.count() == 2


def test_new_rows_come_in_beside_those_that_are_here(loaded: Path, tmp_path: Path) -> None:
    content = small()
    content["stretches"].append(content["stretches"][0] | {"slug": "another", "easier": [], "harder": []})

    load(written(content, tmp_path))

    assert Stretch.objects.count() == 4
    assert CatalogueRelease.objects.latest().reason == "Loaded: added 1 stretch."


def test_rows_that_the_file_lacks_are_kept_and_counted(loaded: Path) -> None:
    StretchFactory(slug="our-own", source=Source.objects.first())

    said = load(loaded)

    assert Stretch.objects.filter(slug="our-own").exists()
    assert "1 row is not in the file and kept." in said


# Edited here ----------------------------------------------------------------------------------------------------------
def test_an_edit_survives_the_next_load(loaded: Path) -> None:
    stretch = Stretch.objects.get(slug="chair-hamstring-stretch")
    stretch.name, stretch.difficulty = "Two chairs", 5
    stretch.save()
    rule = MovementRule.objects.earliest("pk")
    rule.rationale = "Ours."
    rule.save()

    said = load(loaded)

    stretch.refresh_from_db()
    assert (stretch.name, stretch.difficulty) == ("Two chairs", 5)
    assert MovementRule.objects.count() == len(small()["movement_rules"])
    assert "2 rows differ from the file; run with --update to see and apply." in said
    assert CatalogueRelease.objects.count() == 1


def test_what_was_deleted_here_stays_deleted(loaded: Path) -> None:
    count = Contraindication.objects.count()
    Contraindication.objects.get(code="ci-0001").delete()

    said = load(loaded)

    assert Contraindication.objects.count() == count - 1
    assert "1 row differs" in said


def test_a_deleted_stretch_stays_deleted_with_what_names_it(loaded: Path) -> None:
    Stretch.objects.get(slug="seated-hamstring-stretch").delete()
    count = Contraindication.objects.count()

    load(loaded)

    assert (Stretch.objects.count(), Contraindication.objects.count()) == (2, count)


def test_a_new_row_about_a_deleted_stretch_stays_out(loaded: Path, tmp_path: Path) -> None:
    Stretch.objects.get(slug="seated-hamstring-stretch").delete()
    content = small()
    rows = content["contraindications"]
    rows.append(next(row for row in rows if row["stretch"] == "seated-hamstring-stretch") | {"id": "ci-new"})

    load(written(content, tmp_path))

    assert not Contraindication.objects.filter(code="ci-new").exists()


@pytest.mark.postgres
def test_stretches_are_locked_in_order_before_anything_is_written(loaded: Path, tmp_path: Path) -> None:
    content = small()
    content["contraindications"].append(content["contraindications"][0] | {"id": "ci-new"})

    with CaptureQueriesContext(connection) as captured:
        load(written(content, tmp_path))

    said = [query["sql"] for query in captured]
    lock = next(place for place, sql in enumerate(said) if sql.endswith("FOR NO KEY UPDATE"))
    assert said[lock].startswith('SELECT "stretches_stretch"."id" AS "pk" FROM "stretches_stretch" ORDER BY 1 ASC')
    assert not any(sql.startswith(("INSERT", "UPDATE")) for sql in said[:lock])
    assert any(sql.startswith('INSERT INTO "stretches_contraindication"') for sql in said[lock:])


def test_an_update_brings_back_what_was_deleted_here(loaded: Path) -> None:
    count = Contraindication.objects.count()
    Stretch.objects.get(slug="seated-hamstring-stretch").delete()

    said = load(loaded, update=True, interactive=False)

    assert "stretch seated-hamstring-stretch (deleted here) → added again" in said
    assert (Stretch.objects.count(), Contraindication.objects.count()) == (3, count)
    assert "1 stretch" in CatalogueRelease.objects.latest().reason


def test_an_update_shows_each_field_and_applies_it(loaded: Path) -> None:
    stretch = Stretch.objects.get(slug="chair-hamstring-stretch")
    stretch.difficulty = 5
    stretch.save()
    stretch.easier.clear()

    said = load(loaded, update=True, interactive=False)

    assert "stretch chair-hamstring-stretch (edited here since it was loaded)" in said
    assert "    difficulty: 5 → 4\n" in said
    assert "    easier: nothing → seated-hamstring-stretch\n" in said
    stretch.refresh_from_db()
    assert stretch.difficulty == 4
    assert [easier.slug for easier in stretch.easier.all()] == ["seated-hamstring-stretch"]
    latest = stretch.history.first()
    assert (latest.history_change_reason, latest.difficulty, latest.easier.count()) == ("catalogue 0.1.1", 4, 1)
    assert CatalogueRelease.objects.latest().reason == "Loaded: changed 1 stretch."


def test_a_row_that_only_the_file_changed_is_not_called_edited(loaded: Path, tmp_path: Path) -> None:
    content = small()
    content["sources"]["wilke1999"]["citation"] = "Wilke 1999, corrected"

    said = load(written(content, tmp_path), update=True, interactive=False)

    assert "source wilke1999\n" in said
    assert Source.objects.get(slug="wilke1999").citation == "Wilke 1999, corrected"


def test_an_update_moves_a_contraindication_to_another_condition(loaded: Path, tmp_path: Path) -> None:
    content = small()
    row = next(row for row in content["contraindications"] if row["id"] == "ci-0001")
    row.update(condition="pregnancy", window={"anchor": "lmp_date", "from_week": 12, "until_week": None})

    load(written(content, tmp_path), update=True, interactive=False)

    stored = Contraindication.objects.get(code="ci-0001")
    assert (stored.condition_code.slug, stored.from_week, stored.until_week) == ("pregnancy", 12, None)


def test_an_update_rearranges_the_hierarchy(loaded: Path, tmp_path: Path) -> None:
    content = small()
    row = next(row for row in content["conditions"] if row["slug"] == "lumbar-disc-herniation-with-radiculopathy")
    row.update(parent="lumbar-radiculopathy", additional_parents=[])

    load(written(content, tmp_path), update=True, interactive=False)

    edges = ConditionCode.objects.get(slug=row["slug"]).broader_edges
    assert list(edges.values_list("broader__slug", "is_main")) == [("lumbar-radiculopathy", True)]


def test_an_update_does_not_bring_a_retired_stretch_back(loaded: Path) -> None:
    Stretch.objects.filter(slug="chair-hamstring-stretch").update(status="retired", difficulty=5)

    load(loaded, update=True, interactive=False)

    stretch = Stretch.objects.get(slug="chair-hamstring-stretch")
    assert (stretch.status, stretch.difficulty) == ("retired", 4)


def test_without_a_terminal_an_update_applies_nothing(loaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    Stretch.objects.filter(slug="chair-hamstring-stretch").update(difficulty=5)
    before = everything()

    with pytest.raises(CommandError, match=r"there is no terminal to ask\. Add --no-input"):
        load(loaded, update=True)

    assert everything() == before


@pytest.mark.parametrize(("answer", "difficulty"), [("y", 4), ("YES", 4), ("n", 5), ("", 5), ("perhaps", 5)])
@pytest.mark.usefixtures("terminal")
def test_an_update_asks_first(loaded: Path, monkeypatch: pytest.MonkeyPatch, answer: str, difficulty: int) -> None:
    monkeypatch.setattr("builtins.input", lambda _: answer)
    Stretch.objects.filter(slug="chair-hamstring-stretch").update(difficulty=5)

    load(loaded, update=True)

    assert Stretch.objects.get(slug="chair-hamstring-stretch").difficulty == difficulty


@pytest.mark.usefixtures("terminal")
def test_what_was_edited_while_somebody_thought_is_not_overwritten(
    loaded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def edited_meanwhile(_: str) -> str:
        Stretch.objects.filter(slug="chair-hamstring-stretch").update(difficulty=3)
        return "y"

    monkeypatch.setattr("builtins.input", edited_meanwhile)
    Stretch.objects.filter(slug="chair-hamstring-stretch").update(difficulty=5)

    with pytest.raises(CommandError, match="edited at this moment"):
        load(loaded, update=True)

    assert Stretch.objects.get(slug="chair-hamstring-stretch").difficulty == 3


def test_a_clash_with_a_row_of_another_name_changes_nothing(loaded: Path, tmp_path: Path) -> None:
    rules = MovementRule.objects.order_by("pk")
    content = small()
    added = {"condition": rules[0].condition_code.slug, "rationale": "Taken by an edit here."}
    content["movement_rules"].append(content["movement_rules"][0] | added)
    MovementRule.objects.filter(pk=rules[0].pk).update(rationale=added["rationale"])
    before = CatalogueRelease.objects.count()

    with pytest.raises(CommandError, match="The database refused"):
        load(written(content, tmp_path))

    assert CatalogueRelease.objects.count() == before


def test_a_source_of_the_same_name_is_taken_for_the_files(tmp_path: Path) -> None:
    SourceFactory(slug="wilke1999", citation="Ours", verification="read")

    said = load(written(small(), tmp_path))

    assert Source.objects.get(slug="wilke1999").citation == "Ours"
    assert "1 row differs" in said
