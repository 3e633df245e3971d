"""What goes out comes in again: the whole catalogue, its tables, each text in a cell."""

import csv
import io
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from stretches.catalogue.tables import TABLES
from stretches.exchange import incoming, outgoing
from stretches.exchange.cells import for_workbook, from_workbook, neutral, plain
from stretches.exchange.columns import SHEETS
from stretches.exchange.landing import landing, plan
from stretches.exchange.spreadsheets import read_csv, read_xlsx
from stretches.exchange.stored import stored_catalogue
from stretches.models import (
    Broader,
    CatalogueNote,
    CatalogueRelease,
    Contraindication,
    Movement,
    MovementRule,
    Muscle,
    Stretch,
)
from tests.factories import ClinicFactory, ContraindicationFactory, SourceFactory, StretchFactory
from tests.stretches.exchanging import SOURCE, STRETCH, counts, land, table

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", " =1", "＝1", "'=1", "''x", "'plain", "_x000D_", "a_x0041_"]


# Cells ----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_starts_a_formula_and_every_letter_comes_back(text: str) -> None:
    cell = neutral(text)

    assert cell[0] not in "=+-@\t\r＝"
    assert plain(cell) == text
    assert from_workbook(for_workbook(text)) == text


@given(st.text(st.characters(exclude_categories=["Cs"])))
@settings(max_examples=60)
def test_any_text_comes_back(text: str) -> None:
    assert plain(neutral(text)) == text
    assert from_workbook(for_workbook(text)) == text


def test_an_apostrophe_that_somebody_typed_stays() -> None:
    assert [plain(cell) for cell in ("'tis", "'=x", "=x")] == ["'tis", "=x", "=x"]


# Tables ---------------------------------------------------------------------------------------------------------------
def content_with(citations: list[str]) -> dict[str, Any]:
    rows = {f"s-{place}": {"citation": text, "verification": "read"} for place, text in enumerate(citations)}
    return {"sources": rows, **{sheet.name: [] for sheet in SHEETS if sheet.name != "sources"}}


def test_texts_like_formulas_through_a_csv_file_and_a_workbook() -> None:
    content = content_with(FORMULAS)

    as_csv = outgoing.as_csv(content, SHEETS[0])
    as_xlsx = outgoing.as_xlsx(content)

    cells = [row[1] for row in read_csv(as_csv)[1:]]
    assert [plain(cell) for cell in cells] == FORMULAS
    assert [plain(row[1]) for row in read_xlsx(as_xlsx)["sources"][1:]] == FORMULAS
    assert {cell.data_type for row in load_workbook(io.BytesIO(as_xlsx))["sources"] for cell in row} == {"s"}
    assert not any(cell[0] in "=+-@\t\r" for row in csv.reader(io.StringIO(as_csv.decode("utf-8-sig"))) for cell in row)


def test_the_same_content_is_the_same_bytes_on_another_day() -> None:
    content = content_with(["Smith A. Backs.", "Müller B. Nacken."])
    made = [outgoing.as_json, outgoing.as_xlsx, *(partial(outgoing.as_csv, sheet=sheet) for sheet in SHEETS)]

    with time_machine.travel("2026-01-02 03:04:05Z", tick=False):
        first = [each(content) for each in made]
    with time_machine.travel("2027-06-07 08:09:10Z", tick=False):
        second = [each(content) for each in made]

    assert [one == other for one, other in zip(first, second, strict=True)] == [True] * len(made)
    assert read_xlsx(second[1])["sources"][2] == ["s-1", "Müller B. Nacken.", "read"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_file_as_spreadsheets_write_it_elsewhere(delimiter: str) -> None:
    assert read_csv(table("sources", SOURCE, delimiter=delimiter))[1] == list(SOURCE.values())


# The whole catalogue --------------------------------------------------------------------------------------------------
def wipe() -> None:
    """Delete the catalogue with its history, as on a new database."""
    history = [each.model.history.model for each in TABLES if hasattr(each.model, "history")]
    history.append(Broader.history.model)
    for model in (Broader, *(each.model for each in reversed(TABLES)), *history, CatalogueRelease):
        model._default_manager.all().delete()


@pytest.mark.django_db
def test_export_wipe_import_gives_the_same_catalogue_letter_for_letter(tmp_path: Path) -> None:
    call_command("load_catalogue", verbosity=0, stdout=io.StringIO())
    Stretch.objects.filter(slug="chin-tuck").update(status="retired")
    Stretch.objects.filter(slug="prone-on-elbows").update(status="draft")
    Contraindication.objects.filter(code="ci-0001").update(code=None)  # as one written in the admin
    Movement.objects.create(slug="unused", name="Used by none", is_spinal_loading=True)
    Muscle.objects.filter(slug="hamstrings").update(name="The hamstrings")
    MovementRule.objects.filter(pk=MovementRule.objects.earliest("pk").pk).update(rationale="Edited since.")
    CatalogueNote.objects.filter(pk=CatalogueNote.objects.earliest("pk").pk).update(text="Edited since.")
    first, second = tmp_path / "first.json", tmp_path / "second.json"

    call_command("export_catalogue", first, stdout=io.StringIO(), stderr=(complaints := io.StringIO()))
    planned = plan(incoming.read(first.read_bytes()))
    before, workbook = counts(), outgoing.as_xlsx(stored_catalogue())
    wipe()
    call_command("load_catalogue", first, stdout=io.StringIO())
    call_command("export_catalogue", second, stdout=io.StringIO())

    assert complaints.getvalue() == ""
    assert (planned.comparison.new_count, planned.lines) == (0, [])  # nor does it differ from what it came from
    assert second.read_bytes() == first.read_bytes()
    assert outgoing.as_xlsx(stored_catalogue()) == workbook
    assert counts() == before
    assert Stretch.objects.get(slug="chin-tuck").status == "retired"
    assert Muscle.objects.get(slug="hamstrings").name == "The hamstrings"
    for planned in (plan(incoming.read(outgoing.as_xlsx(stored_catalogue()))), *_tables()):
        assert (planned.comparison.new_count, planned.lines) == (0, [])


def _tables() -> list[Any]:
    content = stored_catalogue()
    return [plan(incoming.read(outgoing.as_csv(content, sheet))) for sheet in SHEETS]


@pytest.mark.django_db
def test_a_clinics_own_entries_are_neither_taken_out_nor_touched() -> None:
    clinic = ClinicFactory()
    SourceFactory(slug="smith-2020")
    own = StretchFactory(slug="new-stretch", clinic=clinic)
    ContraindicationFactory(stretch=own, clinic=clinic)
    before = (own.name, own.status)

    exported = stored_catalogue()
    land(table("stretches", STRETCH), with_changes=True)

    own.refresh_from_db()
    assert (exported["stretches"], exported["contraindications"]) == ([], [])
    assert (own.name, own.status) == before
    assert Stretch.objects.get(slug="new-stretch", clinic=None).status == "draft"


@pytest.mark.django_db
def test_rows_with_the_same_content_stay_as_many() -> None:
    one = ContraindicationFactory()
    for _ in range(2):
        ContraindicationFactory(stretch=one.stretch, condition_code=one.condition_code, source=one.source)
    rows = stored_catalogue()["contraindications"]

    planned = plan(incoming.read(outgoing.as_csv(stored_catalogue(), SHEETS[3])))

    assert len({row["id"] for row in rows}) == 3
    assert (planned.comparison.new_count, planned.lines) == (0, [])


@pytest.mark.django_db
def test_whoever_leaves_before_the_end_changes_nothing() -> None:
    SourceFactory(slug="smith-2020")
    before = counts()
    planned = plan(incoming.read(table("stretches", STRETCH)))

    steps = landing(planned, with_changes=False, by=None, origin="x", at=CatalogueRelease().released_at)
    begun = next(steps)
    during = Movement.objects.count()
    steps.close()

    assert (begun.done_of_all, begun.all_rows, during) == (2, 5, 2)
    assert counts() == before
    assert Movement.objects.count() == 0


# Commands -------------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_import_catalogue_shows_how_far_it_is(tmp_path: Path) -> None:
    SourceFactory(slug="smith-2020", citation="Old.")
    file, other, out, bar = tmp_path / "a.csv", tmp_path / "b.csv", io.StringIO(), io.StringIO()
    file.write_bytes(table("stretches", *[STRETCH | {"slug": f"s-{number}"} for number in range(1005)]))
    other.write_bytes(table("sources", SOURCE))

    call_command("import_catalogue", file, stdout=out, stderr=bar)
    call_command("import_catalogue", other, "--update", "--no-input", stdout=out, stderr=bar)

    assert Stretch.objects.filter(status="draft").count() == 1005
    assert f"[{'#' * 39}.] 1,004 of 1,009 rows" in bar.getvalue()
    assert f"[{'#' * 40}] 1,009 of 1,009 rows" in bar.getvalue()
    assert "source smith-2020 (edited here): citation: Old. → Smith A." in out.getvalue()


@pytest.mark.django_db
def test_commands_refuse_what_they_cannot_do(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(table("sources", SOURCE | {"verification": "heard"}))

    with pytest.raises(CommandError, match=r"row 2: verification: .heard. is none of"):
        call_command("import_catalogue", bad)
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_catalogue", tmp_path / "none.json")
    with pytest.raises(CommandError, match="there is no such format"):
        call_command("export_catalogue", tmp_path / "x.doc")
    SourceFactory(slug="smith-2020")
    bad.write_bytes(table("sources", SOURCE))
    with pytest.raises(CommandError, match="no terminal to ask"):
        call_command("import_catalogue", bad, "--update", stdout=io.StringIO())


@pytest.mark.django_db
def test_a_stretch_lands_with_all_that_belongs_to_it() -> None:
    SourceFactory(slug="smith-2020")

    land(table("stretches", STRETCH))

    stretch = Stretch.objects.get()
    assert stretch.step_list == ["Lie down.", "Lift one leg."]
    assert sorted(stretch.muscles.values_list("name", flat=True)) == ["calves", "hamstrings"]
    assert sorted(stretch.movements.values_list("slug", flat=True)) == ["end_range", "hamstring_lengthening"]
    assert stretch.repetitions_stated_in_source is True
