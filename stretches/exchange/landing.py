"""What a file would change, and changing it: all of it or nothing, as drafts, and nothing that nobody has seen.

A reviewed stretch that a file changes, or of which it changes a contraindication, is a draft again: what was reviewed
is not there any more. Files never delete.
"""

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from accounts.models import User
from stretches.catalogue.comparison import Comparison, Difference, TableComparison, compare
from stretches.catalogue.records import Record, Value
from stretches.catalogue.writing import BATCH, CatalogueMovedError, Step, told, writing
from stretches.exchange.incoming import Incoming
from stretches.impact import Affected, InForce, change_begins
from stretches.models import CatalogueImport, CatalogueRelease, ConditionCode, Contraindication, Stretch, StretchStatus


class ImpactMovedError(Exception):
    """More, or other, of what is prescribed becomes unsafe than somebody has seen; raised to take it back."""

    def __init__(self, affected: Affected, in_force: Sequence[InForce] = ()) -> None:
        self.affected = affected
        self.in_force = in_force
        super().__init__(str(affected))


@dataclasses.dataclass(frozen=True)
class Landed:
    """What was done."""

    release: CatalogueRelease | None
    drafted: int
    affected: Affected
    told: int

    def __str__(self) -> str:
        words = [self.release.reason if self.release else "Nothing was new."]
        if self.drafted:
            words.append(f"Drafts again, to be reviewed: {self.drafted:,}.")
        if self.affected:
            words.append(f"Prescribed stretches paused: {self.affected.lines:,}. Clinicians told: {self.told:,}.")
        return " ".join(words)


@dataclasses.dataclass(frozen=True)
class Line:
    """One field that a file has otherwise."""

    table: str
    key: str
    is_edited: bool
    difference: Difference

    @property
    def here(self) -> str:
        """The value here, in words."""
        return _in_words(self.difference.here)

    @property
    def in_file(self) -> str:
        """The value in the file, in words."""
        return _in_words(self.difference.in_file)


def _label(record: Record) -> str:
    """Name a row by what it joins, and by its key."""
    joined = [str(record.values[name]) for name in ("stretch", "condition_code") if name in record.values]
    return f"{' with '.join(joined)} ({record.key[:10]})" if joined else record.key


def _in_words(value: Value) -> str:
    match value:
        case None | "" | ():
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(value)
        case _:
            return str(value)


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a file would do."""

    incoming: Incoming
    comparison: Comparison

    @property
    def tables(self) -> list[TableComparison]:
        """The tables that it has something for."""
        return [
            each for each in self.comparison.tables if each.new or each.changed or each.deleted_here or each.same_count
        ]

    @property
    def lines(self) -> list["Line"]:
        """Every field that differs; of rows that were edited here first."""
        changed = [(table, row) for table in self.comparison.tables for row in table.changed]
        found = [
            Line(str(table.table.model._meta.verbose_name), _label(row.record), row.is_edited, each)
            for table, row in changed
            for each in row.differences
        ]
        return sorted(found, key=lambda line: not line.is_edited)

    @property
    def edited_count(self) -> int:
        """Rows that differ and were edited here since they were loaded."""
        return sum(row.is_edited for table in self.comparison.tables for row in table.changed)

    @property
    def fingerprint(self) -> str:
        """Sum up all that it would do: what somebody has seen."""
        return hashlib.sha256(json.dumps(list(_facts(self.comparison)), default=str).encode()).hexdigest()

    def summary(self, *, with_changes: bool) -> str:
        """What would be written, in words."""
        return told(self.comparison, with_changes=with_changes)


def _facts(comparison: Comparison) -> Iterator[Any]:
    for table in comparison.tables:
        yield [[record.key, record.values] for record in (*table.new, *table.deleted_here)]
        yield [[row.record.key, row.is_edited, *map(dataclasses.astuple, row.differences)] for row in table.changed]


def plan(incoming: Incoming) -> Plan:
    """Set a file against the library; what was deleted here is among what differs."""
    return Plan(incoming, compare(incoming.content, restoring=True))


def landing(
    planned: Plan,
    *,
    with_changes: bool,
    by: User | None,
    origin: str,
    at: datetime.datetime,
    seen: str = "",
    record: CatalogueImport | None = None,
) -> Generator[Step, None, Landed]:
    """Write it, a step yielded after each batch; ``with_changes`` also what differs.

    ``seen`` is the impact that somebody confirmed. Raises ``CatalogueMovedError`` if the library is not what it was
    for the plan, ``ImpactMovedError`` if the impact is another one; then, or if nobody goes on to the end, nothing is
    changed.
    """
    content = planned.incoming.content
    restores = any(table.deleted_here for table in planned.comparison.tables)
    expected = compare(content) if restores and not with_changes else planned.comparison
    with transaction.atomic():
        if record is not None and not _is_waiting(record):
            raise CatalogueMovedError
        change = change_begins(None, at=at)
        release = yield from writing(content, expected, with_changes=with_changes, by=by, origin=origin)
        drafted = _draft_again(expected, by=by, reason=origin) if with_changes else 0
        affected = change.affected() if release else Affected()
        if affected and str(affected) != seen:
            raise ImpactMovedError(affected, change.in_force())
        landed = Landed(release, drafted, affected, change.tell() if affected else 0)
        if record is not None:
            record.note_applied(str(landed), release=release, at=at)
    return landed


def _is_waiting(record: CatalogueImport) -> bool:
    """Lock an import: of two who apply it at once, the second does nothing."""
    return CatalogueImport.objects.select_for_update().waiting().filter(pk=record.pk).exists()


def impact(planned: Plan, *, with_changes: bool, at: datetime.datetime) -> tuple[Affected, Sequence[InForce]]:
    """Say what would become unsafe that is safe today, and clinic by clinic, by doing it and taking it back."""
    if not _could_matter(planned.comparison, with_changes=with_changes):
        return Affected(), ()
    try:
        with transaction.atomic():
            for _ in landing(planned, with_changes=with_changes, by=None, origin="Tried", at=at):
                pass
            transaction.set_rollback(True)
    except ImpactMovedError as error:
        return error.affected, error.in_force
    return Affected(), ()


def _could_matter(comparison: Comparison, *, with_changes: bool) -> bool:
    """Whether it touches more than new drafts: they, and what belongs to them, concern nobody yet."""
    tables = {table.table.model: table for table in comparison.tables}
    drafts = {record.key for record in tables[Stretch].new}
    if any(record.values["stretch"] not in drafts for record in tables[Contraindication].new):
        return True
    touched = (tables[model] for model in (ConditionCode, Stretch, Contraindication))
    return with_changes and any(table.changed or table.deleted_here for table in touched)


def _draft_again(comparison: Comparison, *, by: User | None, reason: str) -> int:
    """Put reviewed stretches that are not what was reviewed back to draft; returns how many."""
    tables = {table.table.model: table for table in comparison.tables}
    slugs = {changed.record.key for changed in tables[Stretch].changed}
    slugs |= {record.key for record in tables[Stretch].deleted_here}
    slugs |= {str(changed.record.values["stretch"]) for changed in tables[Contraindication].changed}
    ids = sorted(comparison.pks[Stretch][slug] for slug in slugs if slug in comparison.pks[Stretch])
    count = 0
    for start in range(0, len(ids), BATCH):
        stretches = list(Stretch.objects.reviewed().filter(pk__in=ids[start : start + BATCH]))
        for stretch in stretches:
            stretch.status = StretchStatus.DRAFT
        bulk_update_with_history(
            stretches, Stretch, ["status"], default_user=by, default_change_reason=f"draft again: {reason}"[:100]
        )
        count += len(stretches)
    return count
