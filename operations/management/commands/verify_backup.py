"""``manage.py verify_backup``: could this be restored?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from operations.backup.checking import check
from operations.backup.errors import BackupError
from operations.backup.place import chosen, place


class Command(BaseCommand):
    help = "Reads a backup, and all that it needs beside it, to the last byte."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", nargs="?", default="latest", help="its name or path (the newest)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read it, and say so."""
        try:
            root, key = place()
            manifest = check(chosen(root, options["backup"]), key, at=timezone.now())
        except BackupError as error:
            raise CommandError(f"ALARM: {error}") from error
        self.stdout.write(
            f"Backup {manifest.id} is whole: {len(manifest.rows)} tables, {len(manifest.media)} media files."
        )
