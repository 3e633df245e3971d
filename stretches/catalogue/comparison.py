"""A checked file set against the database: what is new, what differs, what is only here."""

import dataclasses
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db import models

from stretches.catalogue.records import Record, Row, Value, Values, code_of, digest_of
from stretches.catalogue.tables import TABLES, Table
from stretches.models import Broader, Contraindication, Stretch

Keys = dict[Any, str]
"""Primary key → the key by which a file names the row."""


@dataclasses.dataclass(frozen=True)
class Difference:
    """One field that the file has otherwise."""

    field: str
    here: Value
    in_file: Value


@dataclasses.dataclass(frozen=True)
class Changed:
    """A row that differs; ``is_edited`` when somebody changed it here since it was last loaded."""

    record: Record
    pk: Any
    differences: tuple[Difference, ...]
    is_edited: bool


@dataclasses.dataclass(frozen=True)
class TableComparison:
    """What a file would do to one table. Rows that were deleted here stay so, unless what differs is written."""

    table: Table
    new: list[Record]
    changed: list[Changed]
    deleted_here: list[Record]
    same_count: int
    only_here_count: int


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What a file would do to the database; ``pks`` finds the stored rows of a model by their keys."""

    tables: list[TableComparison]
    pks: dict[type[models.Model], dict[str, Any]]

    @property
    def new_count(self) -> int:
        """Rows that only the file has."""
        return sum(len(table.new) for table in self.tables)

    @property
    def changed_count(self) -> int:
        """Rows that differ, those deleted here among them."""
        return sum(len(table.changed) + len(table.deleted_here) for table in self.tables)

    @property
    def only_here_count(self) -> int:
        """Rows that the file lacks; they are kept."""
        return sum(table.only_here_count for table in self.tables)

    @property
    def same_count(self) -> int:
        """Rows that need nothing."""
        return sum(table.same_count for table in self.tables)


@dataclasses.dataclass
class Stored:
    """A row as it is stored, in the terms of a file."""

    pk: Any
    values: Values
    loaded_digest: str


def compare(content: Row, *, restoring: bool = False) -> Comparison:
    """Read the whole catalogue, in a few queries a table, and compare.

    Unless ``restoring``, what was deleted here is also dropped where other rows of the file name it.
    """
    keys: dict[type[models.Model], Keys] = {}
    pks: dict[type[models.Model], dict[str, Any]] = {}
    deleted: dict[type[models.Model], set[str]] = defaultdict(set)
    compared = []
    for table in TABLES:
        stored = stored_rows(table, keys)
        pks[table.model] = {key: row.pk for key, row in stored.items()}
        found = list(table.records_of(content))
        deleted[table.model] = _deleted_keys(table) - set(stored)
        if not restoring:
            found = [_without(record, table, deleted) for record in found]
        compared.append(_compare_table(table, found, stored, deleted, len(keys[table.model])))
    return Comparison(compared, pks)


def _compare_table(
    table: Table,
    found: list[Record],
    stored: dict[str, Stored],
    deleted: dict[type[models.Model], set[str]],
    stored_count: int,
) -> TableComparison:
    result = TableComparison(table, [], [], [], 0, 0)
    same_count = 0
    for record in found:
        if record.key in stored:
            row = stored[record.key]
            differences = tuple(
                Difference(name, row.values[name], value)
                for name, value in record.values.items()
                if row.values[name] != value
            )
            if differences:
                is_edited = row.loaded_digest != digest_of(row.values)
                result.changed.append(Changed(record, row.pk, differences, is_edited))
            else:
                same_count += 1
        elif record.key in deleted[table.model] or record.values.get("stretch") in deleted[Stretch]:
            result.deleted_here.append(record)
        else:
            result.new.append(record)
    known = len({record.key for record in found} & set(stored))
    return dataclasses.replace(result, same_count=same_count, only_here_count=stored_count - known)


def _without(record: Record, table: Table, deleted: dict[type[models.Model], set[str]]) -> Record:
    """Drop names of rows that stay deleted, such as a neighbour."""
    values = dict(record.values)
    for name in table.many:
        gone = deleted[table.field(name).remote_field.model]
        names = values[name]
        if gone and isinstance(names, tuple):
            values[name] = tuple(key for key in names if key not in gone)
    return dataclasses.replace(record, values=values)


def _deleted_keys(table: Table) -> set[str]:
    """Keys of stretches and contraindications that somebody deleted here. Whatever else is gone comes again."""
    if table.model not in {Stretch, Contraindication}:
        return set()
    rows = table.of_library(table.model.history.filter(history_type="-"))
    return {key for key in rows.values_list(table.key, flat=True) if key}


def stored_rows(table: Table, keys: dict[type[models.Model], Keys]) -> dict[str, Stored]:
    """Read a table as a file would have it, in order, and note the keys of its rows for the tables that follow.

    A row with a key of its own comes before one whose key follows from its content; of several such rows with the
    same content each is a row.
    """
    references = {name: keys[table.field(name).remote_field.model] for name in table.references}
    columns = [*table.columns, *(f"{name}_id" for name in references)]
    digest = ["loaded_digest"] if table.columns else []
    rows = list(table.rows().order_by("pk").values("pk", table.key, *columns, *digest))
    stored: dict[str, Stored] = {}
    of_pk: dict[Any, Values] = {}
    keys[table.model] = {}
    for row in sorted(rows, key=lambda row: not row[table.key]):
        values: Values = {name: row[name] for name in table.columns}
        values.update({name: of_key[row[f"{name}_id"]] for name, of_key in references.items()})
        values.update(dict.fromkeys(table.many, ()))
        key = row[table.key] or (code_of(values, *table.key_from) if table.key_from else f"(no name) {row['pk']}")
        key = _free(key, stored)
        of_pk[row["pk"]] = values
        keys[table.model][row["pk"]] = key
        stored[key] = Stored(row["pk"], values, row.get("loaded_digest", ""))
    for name in table.many:
        _fill(of_pk, table, name, keys)
    return stored


def _free(key: str, taken: Collection[str]) -> str:
    """The key, or the first of key-2, key-3 and so on that no other row has."""
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key[:34]}-{number}"
    return free


def _fill(of_pk: dict[Any, Values], table: Table, name: str, keys: dict[type[models.Model], Keys]) -> None:
    field = table.field(name)
    through = field.remote_field.through
    owner, target = field.m2m_column_name(), field.m2m_reverse_name()
    names: dict[Any, list[str]] = defaultdict(list)
    main: dict[Any, list[str]] = defaultdict(list)
    is_main = ["is_main"] if through is Broader else []
    for owner_id, target_id, *flags in through._default_manager.values_list(owner, target, *is_main):
        if owner_id in of_pk:
            (main if any(flags) else names)[owner_id].append(keys[field.remote_field.model][target_id])
    for owner_id, values in of_pk.items():
        values[name] = (*sorted(main[owner_id]), *sorted(names[owner_id]))
