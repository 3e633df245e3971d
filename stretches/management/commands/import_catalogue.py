"""Import a file as the admin site does: new stretches land as drafts."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from stretches.catalogue.reading import BadCatalogueError
from stretches.catalogue.writing import CatalogueMovedError, Step
from stretches.exchange import incoming
from stretches.exchange.landing import ImpactMovedError, Landed, Plan, impact, landing, plan

PROBLEMS_SHOWN = 100
BAR = 40
"""Letters of a full bar."""


class Command(BaseCommand):
    """Import into the catalogue; what is new comes as drafts."""

    help = (
        "Import a file into the catalogue: a catalogue as JSON, its tables as XLSX or CSV, or the JSON of"
        " free-exercise-db or wger. New stretches are drafts. What differs stays as it is, unless --update is given."
        " All of it is imported or nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a file and whether to update."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--update", action="store_true", help="show how rows differ and make them as in the file")
        parser.add_argument(
            "--no-input", "--noinput", action="store_false", dest="interactive", help="do not ask before it is done"
        )

    def handle(self, *args: Any, file: Path, update: bool, interactive: bool, **options: Any) -> None:
        """Read, show, ask where it matters, and write."""
        try:
            planned = plan(incoming.read(_content(file)))
            self._show(planned, with_changes=update)
            affected, _ = impact(planned, with_changes=update, at=timezone.now())
            if affected:
                words = f"{affected.lines:,}, of {affected.patients:,} patients at {affected.clinics:,} clinics"
                self.stdout.write(self.style.WARNING(f"Prescribed stretches that would be paused: {words}."))
            matters = affected or (update and planned.comparison.changed_count)
            if matters and interactive and not self._is_confirmed():
                self.stdout.write("Nothing was changed.")
                return
            landed = self._land(planned, with_changes=update, seen=str(affected), origin=f"Imported from “{file.name}”")
        except BadCatalogueError as error:
            raise CommandError(_refusal(file, error.problems)) from error
        except (CatalogueMovedError, ImpactMovedError) as error:
            raise CommandError("The catalogue was edited at this moment. Nothing was changed: run it again.") from error
        except DatabaseError as error:
            raise CommandError(f"The database refused: {str(error).strip()}. Nothing was changed.") from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped. Nothing was changed.") from error
        self.stdout.write(self.style.SUCCESS(str(landed)))

    def _land(self, planned: Plan, *, with_changes: bool, seen: str, origin: str) -> Landed:
        steps = landing(planned, with_changes=with_changes, by=None, origin=origin, at=timezone.now(), seen=seen)
        while True:
            try:
                self._draw(next(steps))
            except StopIteration as end:
                landed: Landed = end.value
                return landed

    def _draw(self, step: Step) -> None:
        """Draw how far it is: over the same line on a terminal, a line each into a file."""
        is_last = step.done_of_all == step.all_rows
        filled = BAR * step.done_of_all // max(step.all_rows, 1)
        line = f"[{'#' * filled}{'.' * (BAR - filled)}] {step.done_of_all:,} of {step.all_rows:,} rows"
        ending = "\n" if is_last or not self.stderr.isatty() else ""
        self.stderr.write(f"\r{line}" if self.stderr.isatty() else line, ending=ending)

    def _show(self, planned: Plan, *, with_changes: bool) -> None:
        self.stdout.write(f"{planned.incoming.kind}.")
        for each in planned.tables:
            differing = len(each.changed) + len(each.deleted_here)
            self.stdout.write(
                f"  {each.table.name:22} {len(each.new):7,} new {each.same_count:7,} the same {differing:7,} differ"
            )
        for remark in planned.incoming.remarks:
            self.stdout.write(remark)
        for line in planned.lines if with_changes else ():
            edited = " (edited here)" if line.is_edited else ""
            self.stdout.write(
                f"  {line.table} {line.key}{edited}: {line.difference.field}: {line.here} → {line.in_file}"
            )

    def _is_confirmed(self) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Nothing was changed: there is no terminal to ask. Add --no-input to do it.")
        return input("Do it? [y/N] ").strip().lower() in {"y", "yes"}


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(incoming.BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        raise BadCatalogueError([f"it cannot be read: {getattr(error, 'strerror', None) or error}"]) from error


def _refusal(file: Path, problems: list[str]) -> str:
    lines = problems[:PROBLEMS_SHOWN]
    if len(problems) > PROBLEMS_SHOWN:
        lines.append(f"and {len(problems) - PROBLEMS_SHOWN:,} more")
    return "\n  ".join([f"{file} cannot be imported. Nothing was changed.", *lines])
