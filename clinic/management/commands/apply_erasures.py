"""``manage.py apply_erasures``: the last step of every restore."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.privacy import reapply


class Command(BaseCommand):
    help = "Erases again what was erased after a backup was made. Run it after a restore, before anybody signs in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--ledger", type=Path, default=settings.ERASURE_LEDGER, help="file with the ledger (%(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it; twice does no harm."""
        try:
            changed = reapply(options["ledger"])
        except ValueError as error:
            raise CommandError(f"{options['ledger']}: {error}") from error
        self.stdout.write(f"records erased or removed again: {changed}")
