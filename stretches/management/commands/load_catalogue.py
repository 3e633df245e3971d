"""Load a catalogue file: new rows at once, differing ones when asked."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction
from django.utils import timezone

from stretches.catalogue.comparison import Changed, Comparison, compare
from stretches.catalogue.reading import SHIPPED, BadCatalogueError, read_catalogue
from stretches.catalogue.records import Record, Row, Value
from stretches.catalogue.texts import read_texts
from stretches.catalogue.writing import CatalogueMovedError, write
from stretches.impact import Affected, change_begins
from stretches.models import ContraindicationProposal
from stretches.wording import outdated

PROBLEMS_SHOWN = 100


class Command(BaseCommand):
    """Load a catalogue; loading it again changes nothing."""

    help = (
        "Load a catalogue file, by default the one that comes with Limber. Rows that are here already stay as they are,"
        " unless --update is given; rows that the file lacks are kept. All of the file is loaded or nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a file and whether to update."""
        parser.add_argument("file", nargs="?", type=Path, default=SHIPPED, help="JSON; default: the one shipped")
        parser.add_argument("--update", action="store_true", help="show how rows differ and make them as in the file")
        parser.add_argument(
            "--no-input", "--noinput", action="store_false", dest="interactive", help="do not ask before an update"
        )

    def handle(self, *args: Any, file: Path, update: bool, interactive: bool, **options: Any) -> None:
        """Check everything, show what would happen, ask where rows differ, and write."""
        try:
            content = read_catalogue(file)
            content.setdefault("texts", read_texts())  # an exported file brings its own
            self._load(content, with_changes=update, is_asking=interactive)
        except BadCatalogueError as error:
            raise CommandError(_refusal(file, error.problems)) from error
        except CatalogueMovedError as error:
            raise CommandError("The catalogue was edited at this moment. Nothing was changed: run it again.") from error
        except DatabaseError as error:
            raise CommandError(f"The database refused: {str(error).strip()}. Nothing was changed.") from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped. Nothing was changed.") from error

    def _load(self, content: Row, *, with_changes: bool, is_asking: bool) -> None:
        comparison = compare(content, restoring=with_changes)
        self._summarise(comparison, content)
        if with_changes and comparison.changed_count:
            self._show_differences(comparison)
            if is_asking and not self._is_confirmed():
                return
        self._write(content, comparison, with_changes=with_changes)
        if comparison.changed_count and not with_changes:
            rows = _rows(comparison.changed_count, "differs", "differ")
            self.stdout.write(f"{rows} from the file; run with --update to see and apply.")
        if old := len(outdated()):
            texts = "1 text for patients is" if old == 1 else f"{old:,} texts for patients are"
            self.stdout.write(f"{texts} out of date: the catalogue's own words are shown instead.")

    def _write(self, content: Row, comparison: Comparison, *, with_changes: bool) -> None:
        """Store it; whose patients' stretches become unsafe by it is told, with the same transaction."""
        with transaction.atomic():
            change = change_begins(None, at=timezone.now())
            release = write(content, comparison, with_changes=with_changes, report=self._progress)
            affected = change.affected() if release else Affected()
            told = change.tell() if affected else 0
        self.stdout.write(self.style.SUCCESS(release.reason) if release else "Nothing to load.")
        if waiting := ContraindicationProposal.objects.undecided().count():
            rows = "1 contraindication" if waiting == 1 else f"{waiting:,} contraindications"
            self.stdout.write(
                self.style.WARNING(f"The movement rules ask for {rows} more: their stretches are drafts until decided.")
            )
        if affected:
            words = f"{affected.lines:,}, of {affected.patients:,} patients at {affected.clinics:,} clinics"
            self.stdout.write(self.style.WARNING(f"Prescribed stretches paused: {words}. Clinicians told: {told:,}."))

    def _progress(self, words: str) -> None:
        self.stderr.write(words)

    def _summarise(self, comparison: Comparison, content: Row) -> None:
        meta = content["meta"]
        self.stdout.write(f"{meta['title']}, version {meta['version']} of {meta['as_of']}")
        for each in comparison.tables:
            differing = len(each.changed) + len(each.deleted_here)
            self.stdout.write(
                f"  {each.table.name:22} {len(each.new):7,} new {each.same_count:7,} the same"
                f" {differing:7,} differ {each.only_here_count:7,} only here"
            )
        if comparison.only_here_count:
            self.stdout.write(f"{_rows(comparison.only_here_count, 'is', 'are')} not in the file and kept.")

    def _show_differences(self, comparison: Comparison) -> None:
        for each in comparison.tables:
            what = str(each.table.model._meta.verbose_name)
            for changed in each.changed:
                self._show(f"{what} {_label(changed.record)}", changed)
            for record in each.deleted_here:
                self.stdout.write(self.style.WARNING(f"{what} {_label(record)} (deleted here) → added again"))

    def _show(self, what: str, changed: Changed) -> None:
        edited = " (edited here since it was loaded)" if changed.is_edited else ""
        self.stdout.write(self.style.WARNING(f"{what}{edited}"))
        for difference in changed.differences:
            self.stdout.write(f"    {difference.field}: {_shown(difference.here)} → {_shown(difference.in_file)}")

    def _is_confirmed(self) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Nothing was changed: there is no terminal to ask. Add --no-input to apply all of it.")
        if input("Make these rows as they are in the file? [y/N] ").strip().lower() in {"y", "yes"}:
            return True
        self.stdout.write("Nothing was changed.")
        return False


def _rows(count: int, one: str, many: str) -> str:
    return f"1 row {one}" if count == 1 else f"{count:,} rows {many}"


def _refusal(file: Path, problems: list[str]) -> str:
    lines = problems[:PROBLEMS_SHOWN]
    if len(problems) > PROBLEMS_SHOWN:
        lines.append(f"and {len(problems) - PROBLEMS_SHOWN:,} more")
    return "\n  ".join([f"{file} cannot be loaded. Nothing was changed.", *lines])


def _label(record: Record) -> str:
    """Name a row by its key, and by what it joins."""
    joined = [str(record.values[name]) for name in ("stretch", "condition_code") if name in record.values]
    return " with ".join(joined) + f" ({record.key[:10]})" if joined else record.key


def _shown(value: Value) -> str:
    match value:
        case None | "" | ():
            return "nothing"
        case tuple():
            return ", ".join(value)
        case str():
            return "“" + value.replace("\n", " / ") + "”"
        case _:
            return str(value)
