"""``manage.py verify_audit``: whether the audit record is still what was sealed."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from accounts import acting
from audit import triggers
from audit.chain import Head, verify
from clinic.privacy import ledger


class Command(BaseCommand):
    help = "Names every event of the audit record that was inserted, changed or removed since it was sealed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--head", type=Path, metavar="FILE", help="heads that were kept elsewhere, one a line")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was found; it fails if that is anything."""
        with acting.everywhere("verify_audit"):
            verdict = verify(self._heads(options["head"]), erased=ledger.erased)
            missing = triggers.stale(connection)
        faults = verdict.faults + [
            f"{table}: not all of it is put on record; run manage.py migrate" for table in missing
        ]
        for fault in faults:
            self.stdout.write(fault)
        last = verdict.last
        self.stdout.write(f"sealed {verdict.sealed}, not yet sealed {verdict.unsealed}, blanked {verdict.blanked}")
        if last:
            self.stdout.write(f"head {Head(last.sealed_at.date(), last.position, last.hash)}")
        if faults:
            raise CommandError(f"The audit record is not whole: {len(faults)} faults.")

    def _heads(self, file: Path | None) -> list[Head]:
        if file is None:
            return []
        try:
            return [Head.read(line) for line in file.read_text().splitlines() if line.strip()]
        except (OSError, ValueError) as error:
            raise CommandError(f"{file} holds no heads: a line is a day, a number and a hash.") from error
