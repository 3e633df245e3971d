"""What a page has shown of whom: whose row was read to make it stands on record, together with the answer.

A page that shows something of a patient reads the patient's row to do so, whatever else it reads: the model (``Shown``)
notes it here. So no view has to remember to say what it shows; ``tests/permissions`` walks every address.
"""

import uuid
from collections.abc import Collection, Iterable
from contextvars import ContextVar
from typing import Any, Self

from django.db import connection, models

from audit import sqlite_triggers as sqlite

_read: ContextVar[set[uuid.UUID] | None] = ContextVar("read", default=None)


def note(patient_id: uuid.UUID) -> None:
    """Remember that a patient's row was read, if this is for a page."""
    if (read := _read.get()) is not None:
        read.add(patient_id)


class Shown(models.Model):
    """The patient, as a model: whoever reads a row to make a page shows something of it."""

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any) -> Self:
        """A row as it was read."""
        row = super().from_db(db, field_names, values, **more)
        note(row.pk)
        return row


def begin() -> set[uuid.UUID]:
    """Start to remember, for one page."""
    read: set[uuid.UUID] = set()
    _read.set(read)
    return read


def end() -> None:
    """Stop."""
    _read.set(None)


def record(patients: Iterable[uuid.UUID], *, is_list: bool) -> None:
    """Put on record that these patients were shown: an event each; for a list one a clinic, which names them all.

    Somebody's own record in a list is an event of its own. One statement on PostgreSQL.
    """
    ids = sorted(patients)
    if not ids:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT audit.record_views(%s, %s)", [ids, is_list])
            return
        keys = [each.hex for each in ids]
        cursor.execute(sqlite.VIEWS.format(ids=", ".join(["%s"] * len(keys))), [*keys, is_list])
        if is_list and cursor.rowcount < len(keys):
            cursor.execute(sqlite.LIST.format(ids=", ".join(["%s"] * len(keys))), keys)
