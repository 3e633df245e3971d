"""Files that were made to harm, or are no catalogue: each gets a plain answer beside the field and changes nothing."""

import io
import json
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from stretches.catalogue.reading import FAULTS_MAX, BadCatalogueError
from stretches.exchange import incoming
from stretches.exchange import spreadsheets as limits
from stretches.models import CatalogueImport, Movement
from tests.factories import ConditionCodeFactory, SourceFactory
from tests.stretches.exchanging import CONDITION, SOURCE, STRETCH, as_bytes, counts, header, repacked, table, workbook

pytestmark = pytest.mark.django_db

SHEET_START = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
SHEET_END = b"</sheetData></worksheet>"


def good_workbook() -> bytes:
    return workbook(sources=[list(SOURCE), list(SOURCE.values())])


def bomb() -> bytes:
    """A small ZIP that unpacks to far more than a workbook does."""
    return repacked(good_workbook(), sheet1=SHEET_START + b" " * 60_000_000 + SHEET_END)


def with_entities() -> bytes:
    """A billion laughs."""
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 10))
    kind = b'<!DOCTYPE worksheet [<!ENTITY l0 "ha">' + laughs + b"]>"
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row>'
    return repacked(good_workbook(), sheet1=kind + SHEET_START + row + SHEET_END)


def with_a_file_of_ours() -> bytes:
    kind = b'<!DOCTYPE worksheet [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    return repacked(good_workbook(), sheet1=kind + SHEET_START + b'<row><c t="str"><v>&f;</v></c></row>' + SHEET_END)


def far_away() -> bytes:
    """One cell in the last row and beyond the last column that there is."""
    row = b'<row r="1048576"><c r="ZZZZ1048576" t="str"><v>x</v></c></row>'
    return repacked(good_workbook(), sheet1=SHEET_START + row + SHEET_END)


def deep_markup() -> bytes:
    row = b'<row r="1">' + b"<c>" * 50_000 + b"</c>" * 50_000 + b"</row>"
    return repacked(good_workbook(), sheet1=SHEET_START + row + SHEET_END)


def many_parts() -> bytes:
    return repacked(good_workbook(), **{f"part{number}": b"x" for number in range(300)})


def other_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    return file.getvalue()


def circle(*names: str) -> bytes:
    """Conditions each of which is a kind of the next, the last of the first."""
    SourceFactory(slug="smith-2020")
    above = [*names[1:], names[0]]
    return table(
        "conditions", *[CONDITION | {"slug": name, "parent": parent} for name, parent in zip(names, above, strict=True)]
    )


def circle_with_what_is_here() -> bytes:
    SourceFactory(slug="smith-2020")
    ConditionCodeFactory(slug="here", broader=[top := ConditionCodeFactory(slug="top")])
    return table("conditions", CONDITION | {"slug": top.slug, "name": top.name, "parent": "here"})


FREE: dict[str, Any] = {"primaryMuscles": [], "instructions": []}

HOSTILE: list[tuple[str, Callable[[], bytes], str]] = [
    ("an empty file", lambda: b"", "The submitted file is empty"),
    ("only spaces", lambda: b" \n ", "it is empty"),
    ("a ZIP bomb", bomb, "far more than it should"),
    ("XML that grows", with_entities, "declares what no workbook does"),
    ("XML that reads our files", with_a_file_of_ours, "declares what no workbook does"),
    ("deep XML", deep_markup, "it has no rows"),
    ("a cell far away", far_away, "it is not a whole workbook"),
    ("300 parts", many_parts, " parts inside, at most 200"),
    ("another ZIP", other_zip, "another kind of ZIP file"),
    ("a workbook cut off", lambda: good_workbook()[:900], "breaks off or is damaged"),
    ("a damaged workbook", lambda: good_workbook().replace(b"PK\x01\x02", b"PK\x01\x09"), "breaks off or is damaged"),
    ("a sheet cut off", lambda: repacked(good_workbook(), sheet1=SHEET_START + b"<row><c"), "not a whole workbook"),
    ("an old workbook", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "an old or a locked workbook"),
    ("a formula", lambda: workbook(sources=[list(SOURCE), ["=1+1", "x", "read"]]), "A2: is a formula"),
    ("EPS", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "names no columns of the catalogue"),
    (
        "a picture that is a ZIP too",
        lambda: b"\x89PNG\r\n\x1a\n" + good_workbook(),
        "it is a picture, not a table",
    ),
    ("a photo", lambda: b"\xff\xd8\xff\xe0" + bytes(99), "choose what the export gave, or save the spreadsheet as"),
    ("PDF that is a ZIP too", lambda: b"%PDF-1.7\n%\xe2\xe3\n" + good_workbook(), "it is a PDF, not a table of the"),
    (
        "Latin 1",
        lambda: table("sources", SOURCE | {"citation": "Müller"}).decode().encode("latin-1"),
        "save the spreadsheet as CSV UTF-8 or as .xlsx",
    ),
    ("UTF-16", lambda: table("sources", SOURCE).decode().encode("utf-16"), "its letters are not stored as UTF-8"),
    ("NUL", lambda: table("sources", SOURCE | {"citation": "a\x00b"}), "has a NUL byte"),
    ("a NUL among columns", lambda: b"slug\x00,citation,verification\n", "slug: no column has this name"),
    ("a million columns", lambda: b",".join([b"slug"] * 1_000_000), "has more than 100 columns"),
    ("a million cells", lambda: table("sources", SOURCE) + b"," * 999_999 + b"x\n", "has more than 100 columns"),
    (
        "a huge cell",
        lambda: table("sources", SOURCE | {"citation": "x" * 200_000}),
        "a cell has more than 131,072",
    ),
    ("an open quote", lambda: b'slug,citation,verification\nx,"y', "it is not CSV"),
    ("too many rows", lambda: b"slug,citation,verification\n" + b"x,y,read\n" * 60_001, "more than 60,000 rows"),
    ("columns twice", lambda: table("sources", columns=[*header("sources"), "slug"]) + b"a,b,read,c\n", "slug: stands"),
    ("a row twice", lambda: table("sources", SOURCE, SOURCE), "stands there twice"),
    ("deep JSON", lambda: b"[" * 200_000, "it is nested too deeply"),
    ("a deep object", lambda: b'{"a":' * 100_000, "it is nested too deeply"),
    ("a key twice", lambda: b'{"meta": {}, "meta": {}}', "occurs twice"),
    ("no number", lambda: b'{"meta": NaN}', "NaN is not a number"),
    ("a number without end", lambda: b'{"meta": ' + b"9" * 5000 + b"}", "it is not JSON"),
    ("half a JSON", lambda: b'{"meta": {', "it is not JSON: line 1"),
    ("other JSON", lambda: b'{"hello": "world"}', "none of its keys is one of a catalogue"),
    ("a list of nothing", lambda: b"[]", "a list where an object was expected"),
    ("no exercise", lambda: as_bytes([FREE, 7]), "name: is missing"),
    ("a circle", lambda: circle("a", "b", "c"), "the hierarchy has a circle: a → b → c → a"),
    ("a circle of one", lambda: circle("a"), "the hierarchy has a circle: a → a"),
    ("a circle with what is here", circle_with_what_is_here, "the hierarchy has a circle"),
]


@pytest.mark.parametrize(("make", "answer"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_a_hostile_file_gets_an_answer_and_changes_nothing(
    make: Callable[[], bytes], answer: str, admin_client: Client
) -> None:
    content = make()
    before = counts()
    tracemalloc.start()
    started = time.process_time()

    response = admin_client.post(
        "/admin/stretches/catalogueimport/add/", {"file": SimpleUploadedFile("catalogue.xlsx", content)}
    )

    seconds, memory = time.process_time() - started, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    form = response.context["form"]
    assert any(
        answer in words
        for words in (
            *form.errors["file"],
            *(fault.words for fault in form.problems),
            *(f"{fault.column}: {fault.words}" for fault in form.problems),
        )
    ), (form.errors, [vars(fault) for fault in form.problems][:5])
    assert counts() == before
    assert not CatalogueImport.objects.exists()
    assert memory < 200_000_000
    assert seconds < 30  # not how fast it is: that it ends


def test_a_file_of_100_mb_is_not_even_read(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "BYTES_MAX", 1000)

    response = admin_client.post(
        "/admin/stretches/catalogueimport/add/", {"file": SimpleUploadedFile("a.json", b"[" * 1001)}
    )

    assert response.context["form"].errors["file"] == ["It is larger than 0 MB. Nothing was changed."]
    with pytest.raises(BadCatalogueError, match="it is larger than 0 MB"):
        incoming.read(b"[" * 1001)


def test_a_part_that_claims_to_be_smaller_than_it_is() -> None:
    content = good_workbook()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lying = content.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))

    with pytest.raises(BadCatalogueError, match="it breaks off or is damaged"):
        limits.read_xlsx(lying)


@pytest.mark.parametrize(
    ("change", "place", "column", "words"),
    [
        ({"name": ""}, "row 2", "name", "is empty"),
        ({"dosage.repetitions": "many"}, "row 2", "dosage.repetitions", '"many" is not a whole number'),
        ({"dosage.repetitions": " "}, "row 2", "dosage.repetitions", "is empty"),
        ({"dosage.repetitions": "2,000"}, "row 2", "dosage.repetitions", '"2,000" is not a whole number'),
        ({"dosage.repetitions": "3-May"}, "row 2", "dosage.repetitions", '"3-May" is a date or a time of day'),
        ({"dosage.repetitions": "3 reps"}, "row 2", "dosage.repetitions", '"3 reps" is not a whole number'),
        ({"position": " "}, "row 2", "position", "is empty"),
        ({"position": "Über\x1b"}, "row 2", "position", '"Über\\u001b" is none of standing, '),
        ({"founding": ""}, "row 2", "founding", "is empty"),
        ({"source": ""}, "row 2", "source", "is empty"),
        ({"name": "Bend "}, "row 2", "name", '"Bend " starts or ends with a space'),
        ({"founding": "perhaps"}, "row 2", "founding", '"perhaps" is neither true nor false'),
        ({"source": "nobody"}, "row 2", "source", '"nobody" is not a source in this file'),
        ({"easier": "nowhere"}, "row 2", "easier", '"nowhere" is not a stretch in this file'),
        ({"dosage.default_hold_seconds": 90}, "row 2", "dosage.default_hold_seconds", "The usual hold has to lie"),
        ({"slug": "a b"}, "row 2", "slug", '"a b" is not made of letters'),
        ({"target_muscles": ""}, "row 2", "target_muscles", "is empty"),
        ({"notes": "a\x1bb"}, "row 2", "notes", "has a control character"),
    ],
)
def test_a_fault_is_told_by_row_and_column(
    change: dict[str, Any], place: str, column: str, words: str, admin_client: Client
) -> None:
    SourceFactory(slug="smith-2020")

    response = admin_client.post(
        "/admin/stretches/catalogueimport/add/",
        {"file": SimpleUploadedFile("a.csv", table("stretches", STRETCH | change, STRETCH | {"slug": "another"}))},
    )

    (fault,) = response.context["form"].problems
    assert (fault.place, fault.column) == (place, column)
    assert words in fault.words


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ("end-range", '"end-range" is no movement of the library. Did you mean "end_range"?'),
        ("end_rnage", '"end_rnage" is no movement of the library. Did you mean "end_range"?'),
        ("flying", '"flying" is no movement of the library. A new one is added under Movements first.'),
        ("end_range", ""),
    ],
)
def test_a_movement_that_nobody_knows_is_a_fault_where_there_are_some(flags: str, words: str) -> None:
    SourceFactory(slug="smith-2020")
    Movement.objects.create(slug="end_range", name="End range")
    content = table("stretches", STRETCH | {"movement_flags": flags})

    with pytest.raises(BadCatalogueError) if words else nullcontext() as refused:
        incoming.read(content)

    if refused:
        assert f"row 2: movement_flags: {words}" in refused.value.problems


def test_what_was_wrong_before_is_not_the_files_fault() -> None:
    source = SourceFactory(slug="smith-2020")
    ConditionCodeFactory(slug="one", source=source, broader=[two := ConditionCodeFactory(slug="two", source=source)])
    two.broader_edges.create(broader_id=two.narrower_edges.get().narrower_id)

    found = incoming.read(table("sources", SOURCE | {"slug": "new"}))

    assert json.dumps(list(found.content["sources"])) == '["new"]'


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(",".join(header("stretches")).encode() + b"\nx,x" * 20_000, id="rows"),
        pytest.param(as_bytes({"stretches": [{}] * 20_000}), id="objects"),
        pytest.param(as_bytes([FREE] * 20_000), id="exercises"),
    ],
)
def test_reading_stops_where_nobody_reads_on(content: bytes) -> None:
    with pytest.raises(BadCatalogueError) as refused:
        incoming.read(content)

    assert 1 < len(refused.value.problems) < FAULTS_MAX + 100


def test_a_sheet_is_refused_at_its_first_row_beyond_the_columns() -> None:
    content = workbook(sources=[list(SOURCE), [*SOURCE.values(), "x"], [*SOURCE.values(), "x"]])

    with pytest.raises(BadCatalogueError) as refused:
        incoming.read(content)

    width = len(SOURCE)
    assert refused.value.problems == [f"sources: row 2: has {width + 1} cells, but there are {width} columns"]
