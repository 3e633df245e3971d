"""Storing what a comparison found, in bulk and with its history."""

import dataclasses
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from accounts.models import User
from stretches.catalogue.comparison import Changed, Comparison, TableComparison, compare
from stretches.catalogue.records import Record, Row, digest_of
from stretches.catalogue.tables import Table
from stretches.models import Broader, CatalogueRelease, Stretch
from stretches.proposing import propose

BATCH = 1000
"""Rows a statement."""

Report = Callable[[str], None]
"""Told how far the writing is."""


@dataclasses.dataclass(frozen=True)
class Step:
    """How far the writing is: of one table, and of the whole file."""

    table: str
    word: str
    done: int
    total: int
    done_of_all: int = 0
    all_rows: int = 0

    def __str__(self) -> str:
        return f"{self.table}: {self.done:,} of {self.total:,} {self.word}"


Steps = Generator[Step, None, None]


class CatalogueMovedError(Exception):
    """Somebody changed the catalogue between the comparison and the writing."""


def write(content: Row, expected: Comparison, *, with_changes: bool, report: Report) -> CatalogueRelease | None:
    """Write all at once, telling of large tables how far it is; see ``writing``."""
    steps = writing(content, expected, with_changes=with_changes)
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            release: CatalogueRelease | None = end.value
            return release
        if step.total > BATCH and (step.done == step.total or step.done % (5 * BATCH) == 0):
            report(str(step))


def writing(
    content: Row, expected: Comparison, *, with_changes: bool, by: User | None = None, origin: str = "Loaded"
) -> Generator[Step, None, CatalogueRelease | None]:
    """Store the new rows, and with ``with_changes`` those that differ; all of it or nothing.

    A step is yielded after each batch, inside the transaction; whoever does not go on to the end takes all of it back.
    Every stretch is locked first, in id order: an activation at the same moment sees all that is written or waits for
    it. Nothing is written over what was not in ``expected``, the comparison that somebody looked at.
    """
    with transaction.atomic():
        list(Stretch.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        comparison = compare(content, restoring=with_changes)
        if comparison != expected:
            raise CatalogueMovedError
        reason = f"catalogue {content['meta']['version']}" if by is None else origin[:100]
        all_rows = comparison.new_count + (comparison.changed_count if with_changes else 0)
        done = 0
        for table in comparison.tables:
            writer = _Writer(table.table, comparison.pks, reason, by)
            created = writer.create([*table.new, *table.deleted_here] if with_changes else table.new)
            updated = writer.update(table.changed if with_changes else [])
            for steps in (created, updated):
                before = done
                for step in steps:
                    done = before + step.done
                    yield dataclasses.replace(step, done_of_all=done, all_rows=all_rows)
        release = _release(content, comparison, with_changes=with_changes, by=by, origin=origin)
        if release:  # what lacks a contraindication that the rules ask for is a draft until somebody decides
            propose(by=by, at=timezone.now(), why=f"Loaded: {reason}")
        return release


def _release(
    content: Row, comparison: Comparison, *, with_changes: bool, by: User | None, origin: str
) -> CatalogueRelease | None:
    """Note the load; also when nothing but the file's own name or status is new and no row differs."""
    meta = content["meta"]
    names = ("title", "version", "as_of", "icd10cm_release", "status")
    latest = CatalogueRelease.objects.of_library().first()
    is_renamed = latest is None or any(str(getattr(latest, name)) != meta[name] for name in names)
    is_in_step = with_changes or not comparison.changed_count
    has_written = comparison.new_count or (with_changes and comparison.changed_count)
    if not has_written and not (is_renamed and is_in_step):
        return None
    reason = f"{origin}: {told(comparison, with_changes=with_changes)}."
    release = CatalogueRelease(reason=reason, released_by=by, **{name: meta[name] for name in names})
    release.put_out()
    return release


def told(comparison: Comparison, *, with_changes: bool) -> str:
    """Say in words what was written, such as “added 45 stretches, 830 contraindications; changed 1 source”."""
    added = [_counted(len(each.new), each) for each in comparison.tables if each.new]
    changed = [_counted(len(each.changed), each) for each in comparison.tables if each.changed and with_changes]
    restored = [_counted(len(each.deleted_here), each) for each in comparison.tables if each.deleted_here]
    words = []
    if added:
        words.append(f"added {', '.join(added)}")
    if changed:
        words.append(f"changed {', '.join(changed)}")
    if restored and with_changes:
        words.append(f"added again {', '.join(restored)}")
    if words and comparison.changed_count and not with_changes:
        words.append(f"left alone {comparison.changed_count:,} that differ")
    return "; ".join(words) or "the same rows under another name or status"


def _counted(count: int, each: TableComparison) -> str:
    return f"{count:,} {each.table.name if count != 1 else each.table.model._meta.verbose_name}"


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


class _Writer:
    """Writes one table. ``pks`` grows by what it creates, for the tables that follow."""

    def __init__(
        self, table: Table, pks: dict[type[models.Model], dict[str, Any]], reason: str, by: User | None
    ) -> None:
        self.table = table
        self.pks = pks
        self.noted = {"default_change_reason": reason, "default_user": by}

    @property
    def _has_history(self) -> bool:
        return hasattr(self.table.model, "history")

    def create(self, found: list[Record]) -> Steps:
        """Store new rows."""
        done = 0
        for batch in _batches(found):
            rows = [self._row(record) for record in batch]
            if self._has_history:
                stored = bulk_create_with_history(rows, self.table.model, **self.noted)
            else:
                stored = self.table.model._default_manager.bulk_create(rows)
            for record, row in zip(batch, stored, strict=True):
                self.pks[self.table.model][record.key] = row.pk
            done += len(batch)
            yield Step(self.table.name, "added", done, len(found))
        for name in self.table.many:
            self._link(name, found)
        self._note_links([self.pks[self.table.model][record.key] for record in found])

    def update(self, changed: list[Changed]) -> Steps:
        """Make rows as the file has them."""
        done = 0
        linked = set(self.table.many)
        for batch in _batches(changed):
            differing = {difference.field for each in batch for difference in each.differences}
            manager = self.table.model._default_manager
            rows = manager.select_for_update(no_key=True).in_bulk([each.pk for each in batch])
            for each in batch:
                row = rows[each.pk]
                for difference in each.differences:
                    if difference.field not in linked:
                        attribute, value = self._attribute(difference.field, each.record)
                        setattr(row, attribute, value)
                row.loaded_digest = digest_of(each.record.values)  # type: ignore[attr-defined]
            columns = [*sorted(differing - linked), "loaded_digest"]
            if self._has_history:
                bulk_update_with_history(list(rows.values()), self.table.model, columns, **self.noted)
            else:
                manager.bulk_update(list(rows.values()), columns)
            done += len(batch)
            yield Step(self.table.name, "changed", done, len(changed))
        for name in self.table.many:
            relinked = [each for each in changed if any(difference.field == name for difference in each.differences)]
            self._unlink(name, [each.pk for each in relinked])
            self._link(name, [each.record for each in relinked])
        self._note_links([each.pk for each in changed])

    def _attribute(self, name: str, record: Record) -> tuple[str, Any]:
        if name in self.table.references:
            model = self.table.field(name).remote_field.model
            return f"{name}_id", self.pks[model][str(record.values[name])]
        return name, record.values[name]

    def _row(self, record: Record) -> Any:
        attributes = dict(self._attribute(name, record) for name in (*self.table.columns, *self.table.references))
        digest = {"loaded_digest": digest_of(record.values)} if self.table.columns else {}
        return self.table.model(**{self.table.key: record.key}, **attributes, **digest, **record.initial)

    def _link(self, name: str, found: list[Record]) -> None:
        """Store a many-to-many field."""
        field = self.table.field(name)
        through = field.remote_field.through
        owners, targets = self.pks[self.table.model], self.pks[field.remote_field.model]
        owner, target = field.m2m_column_name(), field.m2m_reverse_name()
        links = []
        for record in found:
            names = record.values[name]
            for place, key in enumerate(names if isinstance(names, tuple) else ()):
                extra = {"is_main": place == 0} if through is Broader else {}
                links.append(through(**{owner: owners[record.key], target: targets[key]}, **extra))
        if through is Broader:
            bulk_create_with_history(links, Broader, batch_size=BATCH, **self.noted)
        else:
            through._default_manager.bulk_create(links, batch_size=BATCH)

    def _unlink(self, name: str, owner_pks: list[Any]) -> None:
        field = self.table.field(name)
        for batch in _batches(owner_pks):
            field.remote_field.through._default_manager.filter(**{f"{field.m2m_column_name()}__in": batch}).delete()

    def _note_links(self, owner_pks: list[Any]) -> None:
        """Add the many-to-many fields to the history rows just written: the bulk functions leave them out."""
        if not self._has_history or not hasattr(self.table.model.history.model, "_history_m2m_fields"):  # type: ignore[attr-defined]
            return
        history = self.table.model.history.model  # type: ignore[attr-defined]
        for batch in _batches(owner_pks):
            rows = history.objects.filter(id__in=batch).order_by("history_id")
            latest = dict(rows.values_list("id", "history_id"))
            for field in history._history_m2m_fields:
                of_history = getattr(history, field.name).model
                owner = field.m2m_column_name()
                links = field.remote_field.through._default_manager.filter(**{f"{owner}__in": batch}).values()
                noted = [of_history(history_id=latest[link[owner]], **link) for link in links]
                of_history.objects.bulk_create(noted, batch_size=BATCH)
