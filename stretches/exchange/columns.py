"""The tables of the catalogue as columns of a spreadsheet.

There is a column for each key of a file's row, ``dosage.kind`` among them; several values of a cell stand a line each.
"""

import dataclasses
import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

from stretches.catalogue.records import DOSE_COLUMNS, Row
from stretches.exchange.cells import neutral, plain

_WHOLE_NUMBER = re.compile(r"-?\d{1,18}")
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Kind(Enum):
    """How a cell is written and read."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "true or false"
    LINES = "a line each"
    NAMES = "short names, a line each or with commas between"


@dataclasses.dataclass(frozen=True)
class Column:
    """One key of a row; ``may_be_empty`` where an empty cell says that there is nothing."""

    path: str
    kind: Kind = Kind.TEXT
    may_be_empty: bool = False
    may_lack: bool = False

    def written(self, row: Row) -> str | int | bool:
        """The value of a row as a cell, with nothing in it that a spreadsheet runs."""
        value: Any = row
        for key in self.path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        match value:
            case None:
                return ""
            case bool() | int():
                return value
            case list():
                return neutral("\n".join(value))
            case _:
                return neutral(str(value))

    def read(self, cell: str) -> Any:
        """A cell as the value of a row. What does not fit stays as it is: the check of the row says so."""
        text = plain(cell).replace("\r\n", "\n").replace("\r", "\n")
        if not text and self.may_be_empty:
            return None
        match self.kind:
            case Kind.NUMBER:
                return int(text) if _WHOLE_NUMBER.fullmatch(text) else text
            case Kind.FLAG:
                return _FLAGS.get(text.strip().lower(), text)
            case Kind.LINES:
                return [line.strip() for line in text.split("\n") if line.strip()]
            case Kind.NAMES:
                return [name.strip() for name in re.split(r"[\n,;]", text) if name.strip()]
            case _:
                return text


@dataclasses.dataclass(frozen=True)
class Sheet:
    """One table: its name, which is also that of the list in a catalogue file, and its columns."""

    name: str
    columns: tuple[Column, ...]

    @property
    def paths(self) -> list[str]:
        """The header."""
        return [column.path for column in self.columns]

    @property
    def required(self) -> set[str]:
        """Columns that a file has to have."""
        return {column.path for column in self.columns if not column.may_lack}

    def rows_of(self, content: Row) -> Iterator[Row]:
        """The rows of this table in the content of a catalogue file."""
        rows = content[self.name]
        yield from ({"slug": slug, **row} for slug, row in rows.items()) if isinstance(rows, dict) else rows

    def row(self, cells: dict[str, str]) -> Row:
        """The row of a catalogue file that cells stand for, by header."""
        row: Row = {}
        for column in self.columns:
            if column.path not in cells and column.may_lack:
                continue
            value = column.read(cells.get(column.path, ""))
            if value is None and column.may_lack:
                continue
            outer, _, inner = column.path.rpartition(".")
            (row.setdefault(outer, {}) if outer else row)[inner] = value
        return row


def _columns(*paths: str, kind: Kind = Kind.TEXT, may_be_empty: bool = False, may_lack: bool = False) -> list[Column]:
    return [Column(path, kind, may_be_empty, may_lack) for path in paths]


_DOSE_FLAG = "repetitions_stated_in_source"
_DOSE_NUMBERS = [f"dosage.{name}" for name in DOSE_COLUMNS if name != _DOSE_FLAG]
_WEEKS = _columns("window.from_week", "window.until_week", kind=Kind.NUMBER, may_be_empty=True)

SHEETS = (
    Sheet("sources", tuple(_columns("slug", "citation", "verification"))),
    Sheet(
        "conditions",
        (
            *_columns("slug", "name", "kind", "region", "tier"),
            *_columns("parent", may_be_empty=True),
            *_columns("additional_parents", kind=Kind.NAMES),
            *_columns("selectable", "red_flag", "non_resolving", kind=Kind.FLAG),
            *_columns("window_anchor", may_be_empty=True),
            *_columns("icd10cm", "icd10cm_categories", kind=Kind.NAMES),
            *_columns("synonyms", kind=Kind.LINES),
            *_columns("note", "source", "confidence"),
        ),
    ),
    Sheet(
        "stretches",
        (
            *_columns("slug", "name"),
            *_columns("status", may_be_empty=True, may_lack=True),
            *_columns("family"),
            *_columns("founding", kind=Kind.FLAG),
            *_columns("article_rank_hardest_first", kind=Kind.NUMBER, may_be_empty=True),
            *_columns("target_muscles", kind=Kind.LINES),
            *_columns("position", "spinal_load"),
            *_columns("spinal_loading_flags", "movement_flags", kind=Kind.NAMES),
            *_columns("equipment", kind=Kind.LINES),
            *_columns("difficulty", kind=Kind.NUMBER),
            *_columns("difficulty_basis", "sides", "dosage.kind"),
            *_columns(*_DOSE_NUMBERS, kind=Kind.NUMBER),
            *_columns(f"dosage.{_DOSE_FLAG}", kind=Kind.FLAG),
            *_columns("dosage.routine_anchors", kind=Kind.LINES),
            *_columns("dosage.note"),
            *_columns("steps", kind=Kind.LINES),
            *_columns("purpose"),
            *_columns("stop_if", kind=Kind.LINES),
            *_columns("easier", kind=Kind.NAMES),
            *_columns("notes", "source", "confidence"),
        ),
    ),
    Sheet(
        "contraindications",
        (
            *_columns("id", may_be_empty=True, may_lack=True),
            *_columns("stretch", "condition", "severity"),
            *_WEEKS,
            *_columns("rationale", "source", "confidence", "origin"),
            *_columns("matched_flags", kind=Kind.NAMES),
        ),
    ),
    Sheet(
        "movement_rules",
        (
            *_columns("id", may_be_empty=True, may_lack=True),
            *_columns("condition"),
            *_columns("any_flags", kind=Kind.NAMES),
            *_columns("severity"),
            *_WEEKS,
            *_columns("rationale", "source", "confidence"),
        ),
    ),
)
"""Each after those that it refers to. ``harder`` is no column: it follows from ``easier``."""
