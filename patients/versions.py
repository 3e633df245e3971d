"""What a record said before, and whether a page that was opened a while ago still says what is stored."""

import dataclasses
import datetime
import hashlib
from collections.abc import Collection, Iterable
from typing import Any

from django.db import models


class StaleEditError(Exception):
    """Somebody else changed the row since its page was opened; ``stored`` is the row as it is now."""

    def __init__(self, stored: models.Model) -> None:
        self.stored = stored
        super().__init__("Somebody else changed this since you opened it. Nothing is saved yet.")


def as_seen(rows: Iterable[models.Model], fields: Collection[str]) -> str:
    """Sum up what these rows say in these fields; another sum means that somebody changed one of them."""
    said = [[str(row.pk), *(str(row.serializable_value(name)) for name in fields)] for row in rows]
    return hashlib.sha256(repr(sorted(said)).encode()).hexdigest()[:16]


@dataclasses.dataclass(frozen=True)
class Change:
    """One field that differs, in words."""

    field: str
    before: str
    after: str


@dataclasses.dataclass(frozen=True)
class Version:
    """One time that a row was stored: by whom, when, and what that changed."""

    by: object
    at: datetime.datetime
    changes: tuple[Change, ...]
    is_first: bool


def differences(before: Any, after: Any, fields: Collection[str]) -> tuple[Change, ...]:
    """What two versions of a row say differently."""
    return tuple(
        Change(_label(after, name), _words(before, name), _words(after, name))
        for name in fields
        if getattr(before, name) != getattr(after, name)
    )


def versions_of(row: Any, fields: Collection[str], *, related: Collection[str] = ()) -> list[Version]:
    """Every stored version, the newest first: one query. ``related`` are foreign keys among the fields."""
    stored = list(row.history.select_related("history_user", *related).order_by("-history_date", "-history_id"))
    return [
        Version(
            by=version.history_user,
            at=version.history_date,
            changes=differences(before, version, fields) if before else (),
            is_first=before is None,
        )
        for version, before in zip(stored, [*stored[1:], None], strict=True)
    ]


def _label(row: Any, name: str) -> str:
    return str(row._meta.get_field(name).verbose_name)


def _words(row: Any, name: str) -> str:
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    return f"{value.day} {value:%B %Y}" if isinstance(value, datetime.date) else str(value or "nothing")
