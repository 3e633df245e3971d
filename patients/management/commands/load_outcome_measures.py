"""``manage.py load_outcome_measures``: the outcome measures, as the file that comes with Limber has them."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from patients import measures


class Command(BaseCommand):
    """Load the outcome measures."""

    help = "Loads the outcome measures; a second time changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take another file."""
        parser.add_argument("file", nargs="?", type=Path, default=measures.MEASURES)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Say what is new."""
        try:
            loaded = measures.load(file)
        except measures.MeasuresError as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        self.stdout.write(f"Outcome measures: {loaded.new} new, {loaded.changed} changed, {loaded.same} the same.")
