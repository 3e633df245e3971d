"""Write the library into a file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from stretches.catalogue.consistency import contradictions
from stretches.catalogue.layout import misfits
from stretches.exchange import outgoing
from stretches.exchange.columns import SHEETS
from stretches.exchange.stored import stored_catalogue


class Command(BaseCommand):
    """Export the catalogue; the same catalogue gives the same file, letter for letter."""

    help = (
        "Write the catalogue into a file: NAME.json has all of it and can be loaded by load_catalogue, NAME.xlsx has"
        f" its tables, and of CSV files {', '.join(sheet.name + '.csv' for sheet in SHEETS)} each has one."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file to write."""
        parser.add_argument("file", type=Path, help="its ending says the format: .json, .xlsx or .csv")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Write it, and say what of it could not be loaded again."""
        content = stored_catalogue()
        sheet = next((sheet for sheet in SHEETS if sheet.name == file.stem), None)
        match file.suffix:
            case ".json":
                made = outgoing.as_json(content)
            case ".xlsx":
                made = outgoing.as_xlsx(content)
            case ".csv" if sheet is not None:
                made = outgoing.as_csv(content, sheet)
            case _:
                raise CommandError(f"{file}: there is no such format. {self.help}")
        try:
            file.write_bytes(made)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}") from error
        self.stdout.write(self.style.SUCCESS(f"{file}: {len(content['stretches']):,} stretches, {len(made):,} bytes"))
        if faults := list(misfits(content)) or list(contradictions(content)):
            self.stderr.write(
                f"The catalogue contradicts itself, and load_catalogue would refuse the file: {len(faults)}"
            )
            for fault in faults:
                self.stderr.write(f"  {fault}")
