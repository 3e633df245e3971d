"""What people type into a spreadsheet, and what a spreadsheet makes of it."""

import datetime
from typing import Any

import pytest

from stretches.catalogue.checks import shown
from stretches.catalogue.reading import BadCatalogueError
from stretches.exchange import incoming
from tests.factories import SourceFactory
from tests.stretches.exchanging import SOURCE, STRETCH, header, table, workbook

pytestmark = pytest.mark.django_db

SPACES = " \t\u00a0"


def read_stretch(**typed: Any) -> dict[str, Any]:
    """The stretch that a table gives with these cells."""
    SourceFactory(slug="smith-2020")
    (row,) = incoming.read(table("stretches", STRETCH | typed)).content["stretches"]
    return dict(row)


def as_sheet(*rows: dict[str, Any]) -> list[list[Any]]:
    return [header("stretches"), *[[row.get(column) for column in header("stretches")] for row in rows]]


# Spaces ---------------------------------------------------------------------------------------------------------------
def test_a_row_of_nothing_but_spaces_is_no_row() -> None:
    SourceFactory(slug="smith-2020")
    blank = dict.fromkeys(STRETCH, SPACES)

    in_csv = incoming.read(table("stretches", blank, STRETCH, blank)).content["stretches"]
    in_workbook = incoming.read(workbook(stretches=as_sheet(blank, STRETCH, blank))).content["stretches"]

    assert [row["slug"] for row in in_csv] == [row["slug"] for row in in_workbook] == ["new-stretch"]


def test_spaces_around_what_is_typed_do_not_matter() -> None:
    names = ["slug", "family", "position", "sides", "difficulty", "founding", "source", "movement_flags", "dosage.kind"]
    spaced = {name: f"{SPACES}{STRETCH[name]}{SPACES}" for name in names}

    row = read_stretch(**spaced, notes="  ", status=" ", article_rank_hardest_first=" ")

    assert row == incoming.read(table("stretches", STRETCH)).content["stretches"][0]


@pytest.mark.parametrize("typed", ["2.0", "2,0", "2.00", " 2 ", 2, 2.0])
def test_a_whole_number_with_a_point_is_that_number(typed: object) -> None:
    assert read_stretch(difficulty=typed)["difficulty"] == 2


# Words ----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("column", "typed", "value"),
    [
        ("position", "Lying on the back", "supine"),
        ("position", "SUPINE", "supine"),
        ("spinal_load", "Low", "low"),
        ("sides", "each side", "per_side"),
        ("confidence", "High", "high"),
    ],
)
def test_a_choice_may_be_what_the_pages_call_it(column: str, typed: str, value: str) -> None:
    assert read_stretch(**{column: typed})[column] == value


def test_the_names_of_columns_may_be_in_capitals() -> None:
    found = incoming.read(table("sources", SOURCE).replace(b"slug,citation", b"Slug, CITATION "))

    assert found.content["sources"]["smith-2020"]["citation"] == SOURCE["citation"]


# What a spreadsheet makes of it ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("made", "said"),
    [
        (datetime.datetime(2026, 5, 3), '"2026-05-03 00:00:00" is a date'),  # noqa: DTZ001 - a cell has no zone
        (datetime.time(5, 3), '"05:03:00" is a date or a time of day'),
        (None, "is empty"),
        (2.5, '"2.5" is not a whole number'),
    ],
)
def test_a_cell_that_is_no_number(made: object, said: str) -> None:
    SourceFactory(slug="smith-2020")

    with pytest.raises(BadCatalogueError, match=f"stretches row 2: difficulty: {said}"):
        incoming.read(workbook(stretches=as_sheet(STRETCH | {"difficulty": made})))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Dehnübung, 伸", '"Dehnübung, 伸"'),
        (
            "a\x1b\n\u202eb\u2028",
            '"a\\u001b\\n\\u202eb\\u2028"',
        ),  # the last but one turns the line round
        ("\udc80", '"\\udc80"'),
        ("é" * 61, f'"{"é" * 60}…'),
    ],
)
def test_a_value_is_quoted_as_it_is_but_for_what_cannot_be_seen(value: str, words: str) -> None:
    assert shown(value) == words


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?"])
def test_an_error_of_the_spreadsheet_is_a_fault_in_any_cell(error: str) -> None:
    SourceFactory(slug="smith-2020")
    rows = [STRETCH | {"notes": error}, STRETCH | {"slug": "b", "difficulty": error, "steps": error, "sides": "x"}]

    for content, place in ((table("stretches", *rows), "row"), (workbook(stretches=as_sheet(*rows)), "stretches row")):
        with pytest.raises(BadCatalogueError) as refused:
            incoming.read(content)

        said = [problem.split(":")[:2] for problem in refused.value.problems if "error of the spreadsheet" in problem]
        assert said == [[f"{place} 2", " notes"], [f"{place} 3", " difficulty"], [f"{place} 3", " steps"]]
        assert len(refused.value.problems) == 4


# Other sheets ---------------------------------------------------------------------------------------------------------
NOTES: list[list[Any]] = [["Notes", "=1+1"], ["To do", "ask Ines", "=1+1"], [None], ["#N/A"]]


def test_a_sheet_of_something_else_is_left_out_and_that_is_said() -> None:
    sources = [list(SOURCE), list(SOURCE.values())]

    found = incoming.read(workbook(Notes=NOTES, sources=sources, Later=[[None], *NOTES], Empty=[[None]]))

    assert list(found.content["sources"]) == ["smith-2020"]
    assert found.remarks == tuple(
        f"The sheet “{name}” is left out: it names no columns of the catalogue." for name in ("Notes", "Later")
    )


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        ({"Notes": NOTES}, "Notes row 1: "),
        ({"sources": [list(SOURCE), list(SOURCE.values())], "Movement rules": NOTES}, "Movement rules row 1: "),
        (
            {"sources": [list(SOURCE), list(SOURCE.values())], "more": [list(SOURCE), ["b", "B.", "read"]]},
            "more row 1: another sheet has sources already",
        ),
    ],
)
def test_a_sheet_that_was_meant_is_not_left_out(sheets: dict[str, list[list[Any]]], said: str) -> None:
    with pytest.raises(BadCatalogueError) as refused:
        incoming.read(workbook(**sheets))

    (problem,) = refused.value.problems
    assert problem.startswith(said)
