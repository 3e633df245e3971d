"""Sheets of text cells out of a CSV file or a workbook, with a bound on everything before it is decoded.

Whoever sends a file may have made it to harm: a workbook is a ZIP of XML, and both can hold a thousand times what they
weigh. Nothing here trusts what a file says of itself.
"""

import csv
import io
import itertools
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from openpyxl import load_workbook

from stretches.catalogue.reading import FAULTS_MAX, BadCatalogueError, decoded
from stretches.exchange.cells import from_workbook

ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
"""What a spreadsheet shows where it could not work something out, in a workbook and in a CSV file that it writes."""

ROWS_MAX = 60_000
"""Of one table, with its header: 10,000 stretches have 50,000 contraindications."""
COLUMNS_MAX = 100
PARTS_MAX = 200
"""Files inside a workbook."""
UNPACKED_BYTES_MAX = 120_000_000
"""Of a workbook, all its parts together."""
SMALL_PART_BYTES_MAX = 2_000_000
"""Of a part that is neither a sheet nor the texts of the sheets."""
TIMES_PACKED_MAX = 200
"""How much larger than its file a workbook may be; 10,000 rows that repeat each other come to about 50."""
TOO_LONG = (
    f"a cell has more than {csv.field_size_limit():,} characters, far more than any text here may have."
    " Is a quotation mark missing at its end?"
)

Table = list[list[str]]
"""Rows of cells, the header first."""

_LARGE = ("xl/worksheets/", "xl/sharedStrings.xml")
_SPOILT = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, MemoryError, OSError),
    *(RuntimeError, SyntaxError, TypeError, ValueError, zipfile.BadZipFile, zlib.error),
)
"""What openpyxl raises on files that are none, as found by trying."""


def read_csv(content: bytes) -> Table:
    """One table of a CSV file, whichever of comma, semicolon and tab is between its cells."""
    text = decoded(content)
    first_line = text[:10_000].split("\n", 1)[0]
    delimiter = max(",;\t", key=first_line.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return _bounded(_trimmed(rows), "")
    except csv.Error as error:
        is_too_long = "field limit" in str(error)
        words = f"line {rows.line_num}: {TOO_LONG}" if is_too_long else f"it is not CSV: line {rows.line_num}: {error}"
        raise BadCatalogueError([words]) from error


def read_xlsx(content: bytes, *, is_header: Callable[[list[str]], bool] = bool) -> dict[str, Table]:
    """The sheets of a workbook by name; a cell with a formula is refused, what a formula gives is not known.

    Of a sheet whose first row is no header nothing else is read.
    """
    _check_parts(content)
    try:
        workbook = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheets: dict[str, Table] = {}
        formulas: list[str] = []
        for page in workbook.worksheets[:PARTS_MAX]:
            page.reset_dimensions()
            cells = page.iter_rows(max_row=ROWS_MAX + 1, max_col=COLUMNS_MAX + 1)
            before = len(formulas)
            rows = _trimmed(_texts(row, page.title, formulas) for row in cells)
            header = next(rows, [])
            if is_header(header):
                sheets[page.title] = _bounded(itertools.chain([header], rows), f"{page.title}: ")
            else:
                sheets[page.title] = [header] if header or any(rows) else []
                del formulas[before:]
    except BadCatalogueError:
        raise
    except _SPOILT as error:
        raise BadCatalogueError(["it is not a whole workbook: save it again as .xlsx, or as CSV"]) from error
    if formulas:
        raise BadCatalogueError(formulas)
    return sheets


def _check_parts(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_sizes(parts, len(content))
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_markup(archive, part)
    except BadCatalogueError:
        raise
    except _SPOILT as error:
        raise BadCatalogueError(["it is not a whole workbook: it breaks off or is damaged"]) from error


def _check_sizes(parts: list[zipfile.ZipInfo], packed: int) -> None:
    """Refuse what would unpack to too much. Reading a part stops at the size that it claims, so claims will do."""
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > PARTS_MAX:
        raise BadCatalogueError([f"it has {len(parts):,} parts inside, at most {PARTS_MAX} are allowed"])
    if unpacked > UNPACKED_BYTES_MAX or unpacked > TIMES_PACKED_MAX * packed:
        raise BadCatalogueError([f"it unpacks to {unpacked / 1_000_000:,.0f} MB, far more than it should"])
    if any(part.file_size > SMALL_PART_BYTES_MAX and not part.filename.startswith(_LARGE) for part in parts):
        raise BadCatalogueError(["it has something large inside that is no sheet: take pictures out and save it again"])
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise BadCatalogueError(["it is no workbook but another kind of ZIP file"])


def _check_markup(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Refuse XML that declares entities: they can grow without bound, or name files of ours. No workbook has any."""
    with archive.open(part) as file:
        last = b""
        while chunk := file.read(1 << 20):
            seen = last + chunk
            if b"<!DOCTYPE" in seen or b"<!ENTITY" in seen or b"\x00" in chunk:
                raise BadCatalogueError([f"its part {part.filename!a} declares what no workbook does"])
            last = chunk[-10:]


def _texts(row: Iterable[Any], title: str, formulas: list[str]) -> list[str]:
    cells = list(row)
    if len(formulas) >= FAULTS_MAX:
        raise BadCatalogueError(formulas)
    formulas += [
        f"{title} row {cell.row}: {cell.coordinate}: is a formula; put the text itself there"
        for cell in cells
        if cell.data_type == "f"
    ]
    return [_text(cell.value) for cell in cells]


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case str():
            return from_workbook(value)
        case _:
            return str(value)


def _bounded(rows: Iterable[list[str]], label: str) -> Table:
    """Take rows as long as there are not too many, without the empty ones at the end."""
    table: Table = []
    for number, row in enumerate(rows, start=1):
        if number > ROWS_MAX:
            raise BadCatalogueError([f"{label}it has more than {ROWS_MAX:,} rows"])
        if len(row) > COLUMNS_MAX:
            raise BadCatalogueError([f"{label}row {number} has more than {COLUMNS_MAX} columns"])
        if table and len(row) > len(table[0]):
            raise BadCatalogueError(
                [f"{label}row {number}: has {len(row)} cells, but there are {len(table[0])} columns"]
            )
        table.append(row)
    while table and not table[-1]:
        table.pop()
    return table


def _trimmed(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """Rows without the empty cells at the right; a cell of nothing but spaces is empty."""
    for row in rows:
        end = len(row)
        while end and not row[end - 1].strip():
            end -= 1
        yield row[:end]
