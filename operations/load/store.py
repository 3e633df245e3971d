"""Rows, written as fast as the database takes them: COPY on PostgreSQL, many at a time elsewhere.

Foreign keys, unique and check constraints hold as for every other row; only Django's own objects are left out.
"""

import datetime
import io
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model
from psycopg2.extras import execute_values
from simple_history.utils import get_history_manager_for_model

ROWS_AT_ONCE = 20_000
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Store:
    """Collects rows by table and writes each table's in turn; whoever uses it holds a transaction."""

    def __init__(self, using: str = DEFAULT_DB_ALIAS) -> None:
        self.connection = connections[using]
        self.counts: dict[type[Model], int] = {}
        self._columns: dict[type[Model], tuple[str, ...]] = {}
        self._constant: dict[type[Model], tuple[Any, ...]] = {}
        self._copies: dict[type[Model], bool] = {}
        self._rows: dict[type[Model], list[tuple[Any, ...]]] = {}

    def add(self, model: type[Model], **values: Any) -> None:
        """Take one row. Every row of a table names the same columns, in the same order; the rest gets its default."""
        rows = self._rows.get(model)
        if rows is None:
            self._begin(model, tuple(values))
            rows = self._rows[model]
        rows.append(tuple(values.values()))
        if len(rows) >= ROWS_AT_ONCE:
            self.flush()

    def history_of(self, model: type[Model], *, at: str, by: str) -> None:
        """Note of every row of a table that it was stored: the first version, as the product itself notes it.

        ``at`` and ``by`` are the columns that say when and who.
        """
        self.flush()
        history = get_history_manager_for_model(model).model
        kept = [field.column for field in model._meta.concrete_fields]
        kept = [column for column in kept if column in {field.column for field in history._meta.concrete_fields}]
        quoted = ", ".join(map(self.connection.ops.quote_name, kept))
        with self.connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {history._meta.db_table} "  # noqa: S608 - names of our own tables and columns
                f"({quoted}, history_date, history_user_id, history_type, history_change_reason) "
                f"SELECT {quoted}, {at}, {by}, '+', NULL FROM {model._meta.db_table}"
            )
            self.counts[history] = self.counts.get(history, 0) + cursor.rowcount

    def flush(self) -> None:
        """Write what was taken so far, table by table in the order in which each was begun.

        A row comes after the one that it belongs to: the audit record looks up whose it is.
        """
        for model in self._rows:
            self._write(model)

    def _may_copy(self, model: type[Model], cursor: Any) -> bool:
        """PostgreSQL copies nothing into a table with policies for whoever they bind."""
        if model not in self._copies:
            cursor.execute("SELECT NOT row_security_active(%s::regclass)", [model._meta.db_table])
            (self._copies[model],) = cursor.fetchone()
        return self._copies[model]

    def _begin(self, model: type[Model], names: tuple[str, ...]) -> None:
        others = [
            field for field in model._meta.concrete_fields if field.column not in names and not _is_counted_up(field)
        ]
        self._columns[model] = (*names, *(field.column for field in others))
        self._constant[model] = tuple(field.get_default() for field in others)
        self._rows[model] = []

    def _write(self, model: type[Model]) -> None:
        rows, constant = self._rows[model], self._constant[model]
        if not rows:
            return
        full = [row + constant for row in rows]
        columns = ", ".join(map(self.connection.ops.quote_name, self._columns[model]))
        with self.connection.cursor() as cursor:
            if self.connection.vendor == "postgresql" and self._may_copy(model, cursor):
                text = io.StringIO("".join(_line(row) for row in full))
                cursor.copy_expert(f"COPY {model._meta.db_table} ({columns}) FROM STDIN", text)
            elif self.connection.vendor == "postgresql":
                sql = f"INSERT INTO {model._meta.db_table} ({columns}) VALUES %s"  # noqa: S608 - our own names
                execute_values(cursor.cursor, sql, full, page_size=1000)
            else:
                marks = ", ".join(["%s"] * len(self._columns[model]))
                sql = f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({marks})"  # noqa: S608 - our own names
                cursor.executemany(sql, [tuple(map(_adapted, row)) for row in full])
        self.counts[model] = self.counts.get(model, 0) + len(rows)
        rows.clear()


def _is_counted_up(field: Any) -> bool:
    """Whether the database chooses the value."""
    return bool(field.primary_key and field.get_internal_type() in {"AutoField", "BigAutoField"})


def _line(row: Sequence[Any]) -> str:
    """A row in PostgreSQL's text format."""
    return "\t".join(["\\N" if value is None else str(value).translate(_ESCAPED) for value in row]) + "\n"


def _adapted(value: Any) -> Any:
    """A value as Django itself stores it in SQLite."""
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, datetime.datetime):
        return str(value.astimezone(datetime.UTC).replace(tzinfo=None))
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value
