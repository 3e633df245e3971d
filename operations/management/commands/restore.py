"""``manage.py restore``: a backup, brought back into an empty place."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from operations.backup.errors import BackupError
from operations.backup.place import chosen, place
from operations.backup.restoring import LATEST, Wanted, restore


class Command(BaseCommand):
    help = "Restores a backup into an empty place, counts its rows, and erases again what was erased since."
    requires_system_checks = []  # the database of this installation may be gone

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", nargs="?", default=LATEST, help="its name or path (the newest)")
        parser.add_argument("--into", type=Path, required=True, help="an empty folder: gets database/ and media/")
        parser.add_argument(
            "--until",
            default=LATEST,
            help="latest: every change there is; backup: as it was then; or a moment, 2026-11-21 09:30:00+00",
        )
        parser.add_argument("--as", dest="account", default="postgres", help="who runs the server, for root (postgres)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore it."""
        try:
            root, key = place()
            wanted = Wanted(
                chosen(root, options["backup"]), options["into"].resolve(), options["until"], options["account"]
            )
            manifest = restore(wanted, key, at=timezone.now(), say=self.stdout.write)
        except BackupError as error:
            raise CommandError(f"ALARM: {error}") from error
        self.stdout.write(f"Backup {manifest.id} is restored into {wanted.into}.")
