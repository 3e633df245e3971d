"""``manage.py backup``: the database and the media, sealed, read back, kept."""

import datetime
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from operations.backup.errors import BackupError
from operations.backup.keeping import Keeper
from operations.backup.place import place


class Command(BaseCommand):
    help = "Backs up database and media into BACKUP_DIR, sealed with BACKUP_KEY_FILE, and reads the backup back."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on: changes every 20 s, the whole every so often")
        parser.add_argument("--every", type=float, default=24, metavar="HOURS", help="between whole backups (24)")
        parser.add_argument("--keep", type=int, default=settings.BACKUP_KEEP, help="how many whole backups are kept")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make one, or go on making them."""
        try:
            root, key = place()
            every = datetime.timedelta(hours=options["every"])
            keeper = Keeper(root, key, options["keep"], every, self.stdout.write, self.stderr.write)
            if not options["loop"]:
                return keeper.once()
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: keeper.stopped.set())
            keeper.loop()
        except BackupError as error:
            raise CommandError(f"ALARM: {error}") from error
