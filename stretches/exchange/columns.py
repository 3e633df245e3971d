"""The tables of the catalogue as columns of a spreadsheet.

There is a column for each key of a file's row, ``dosage.kind`` among them; several values of a cell stand a line each.
"""

import dataclasses
import functools
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from django.db import models
from django.utils import translation

from stretches.catalogue.records import DOSE_COLUMNS, Row
from stretches.exchange.cells import neutral, plain
from stretches.models import ConditionCode, Contraindication, MovementRule, Source, Stretch

_WHOLE_NUMBER = re.compile(r"(-?\d{1,18})(?:[.,]0{1,2})?")
"""``2.0`` and ``2,0`` too, which some programs write; ``2.000`` may be two thousand."""
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Kind(Enum):
    """How a cell is written and read."""

    TEXT = "text"
    WORD = "a short name"
    CHOICE = "one of a few words"
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
    choices_of: tuple[type[models.Model], str] | None = None
    """The model and its field that say which words there are."""

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
        """A cell as the value of a row. What does not fit stays as it is: the check of the row says so.

        Spaces around what is typed count only in text, whose letters all come back.
        """
        text = plain(cell).replace("\r\n", "\n").replace("\r", "\n")
        bare = text.strip()
        if not bare and self.may_be_empty:
            return None
        match self.kind:
            case Kind.NUMBER:
                found = _WHOLE_NUMBER.fullmatch(bare)
                value: Any = int(found[1]) if found else bare
            case Kind.FLAG:
                value = _FLAGS.get(bare.lower(), bare)
            case Kind.CHOICE if self.choices_of:
                value = _words_of(*self.choices_of).get(bare.casefold(), bare)
            case Kind.LINES:
                value = [line.strip() for line in text.split("\n") if line.strip()]
            case Kind.NAMES:
                value = [name.strip() for name in re.split(r"[\n,;]", text) if name.strip()]
            case Kind.TEXT if bare:
                value = text
            case _:
                value = bare
        return value


@functools.cache
def _words_of(model: type[models.Model], name: str) -> Mapping[str, str]:
    """The value for each word that stands for it, in small letters: the value itself, or its name on the pages."""
    field: Any = model._meta.get_field(name)
    with translation.override("en"):
        names = {str(label).casefold(): value for value, label in field.flatchoices}
    return names | {value.casefold(): value for value, _ in field.flatchoices}


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


def _words(*paths: str, may_be_empty: bool = False, may_lack: bool = False) -> list[Column]:
    return _columns(*paths, kind=Kind.WORD, may_be_empty=may_be_empty, may_lack=may_lack)


def _choices(
    model: type[models.Model], *paths: str, may_be_empty: bool = False, may_lack: bool = False
) -> list[Column]:
    fields = {"dosage.kind": "dose_kind"}
    return [
        Column(path, Kind.CHOICE, may_be_empty, may_lack, choices_of=(model, fields.get(path, path))) for path in paths
    ]


_DOSE_FLAG = "repetitions_stated_in_source"
_DOSE_NUMBERS = [f"dosage.{name}" for name in DOSE_COLUMNS if name != _DOSE_FLAG]
_WEEKS = _columns("window.from_week", "window.until_week", kind=Kind.NUMBER, may_be_empty=True)

SHEETS = (
    Sheet("sources", (*_words("slug"), *_columns("citation"), *_choices(Source, "verification"))),
    Sheet(
        "conditions",
        (
            *_words("slug"),
            *_columns("name"),
            *_choices(ConditionCode, "kind"),
            *_columns("region"),
            *_choices(ConditionCode, "tier"),
            *_words("parent", may_be_empty=True),
            *_columns("additional_parents", kind=Kind.NAMES),
            *_columns("selectable", "red_flag", "non_resolving", kind=Kind.FLAG),
            *_choices(ConditionCode, "window_anchor", may_be_empty=True),
            *_columns("icd10cm", "icd10cm_categories", kind=Kind.NAMES),
            *_columns("synonyms", kind=Kind.LINES),
            *_columns("note"),
            *_words("source"),
            *_choices(ConditionCode, "confidence"),
        ),
    ),
    Sheet(
        "stretches",
        (
            *_words("slug"),
            *_columns("name"),
            *_choices(Stretch, "status", may_be_empty=True, may_lack=True),
            *_words("family"),
            *_columns("founding", kind=Kind.FLAG),
            *_columns("article_rank_hardest_first", kind=Kind.NUMBER, may_be_empty=True),
            *_columns("target_muscles", kind=Kind.LINES),
            *_choices(Stretch, "position", "spinal_load"),
            *_columns("spinal_loading_flags", "movement_flags", kind=Kind.NAMES),
            *_columns("equipment", kind=Kind.LINES),
            *_columns("difficulty", kind=Kind.NUMBER),
            *_columns("difficulty_basis"),
            *_choices(Stretch, "sides", "dosage.kind"),
            *_columns(*_DOSE_NUMBERS, kind=Kind.NUMBER),
            *_columns(f"dosage.{_DOSE_FLAG}", kind=Kind.FLAG),
            *_columns("dosage.routine_anchors", kind=Kind.LINES),
            *_columns("dosage.note"),
            *_columns("steps", kind=Kind.LINES),
            *_columns("purpose"),
            *_columns("stop_if", kind=Kind.LINES),
            *_columns("easier", kind=Kind.NAMES),
            *_columns("notes"),
            *_words("source"),
            *_choices(Stretch, "confidence"),
        ),
    ),
    Sheet(
        "contraindications",
        (
            *_words("id", may_be_empty=True, may_lack=True),
            *_words("stretch", "condition"),
            *_choices(Contraindication, "severity"),
            *_WEEKS,
            *_columns("rationale"),
            *_words("source"),
            *_choices(Contraindication, "confidence", "origin"),
            *_columns("matched_flags", kind=Kind.NAMES),
        ),
    ),
    Sheet(
        "movement_rules",
        (
            *_words("id", may_be_empty=True, may_lack=True),
            *_words("condition"),
            *_columns("any_flags", kind=Kind.NAMES),
            *_choices(MovementRule, "severity"),
            *_WEEKS,
            *_columns("rationale"),
            *_words("source"),
            *_choices(MovementRule, "confidence"),
        ),
    ),
)
"""Each after those that it refers to. ``harder`` is no column: it follows from ``easier``."""
