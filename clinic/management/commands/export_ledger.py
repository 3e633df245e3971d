"""``manage.py export_ledger``: what a backup keeps beside the database."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from clinic.privacy import write_ledger


class Command(BaseCommand):
    help = "Writes the ledger of erasures to a file. It names nobody."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, nargs="?", default=settings.ERASURE_LEDGER, help="file (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write."""
        write_ledger(options["path"])
        self.stdout.write(str(options["path"]))
