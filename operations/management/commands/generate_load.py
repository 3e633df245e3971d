"""``manage.py generate_load``: a large clinic group of invented people, to measure with."""

import datetime
import time
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from accounts import acting
from clinic import demo
from operations.load.people import Size, fill
from operations.load.places import DOMAIN
from patients.models import Patient
from stretches.models import Stretch


def stored_password() -> str:
    """What is stored as everybody's password: the demo's, or outside of a demo one that opens nothing."""
    return make_password(demo.PASSWORD if settings.DEMO else None)


class Command(BaseCommand):
    """Fill an empty database."""

    help = (
        "Fills a database that has no patients with clinics, patients, prescriptions and logs, all of them invented, "
        "to measure with. The same options on the same day make the same rows. With DEMO=1 everybody can sign in with "
        "the demo's password; otherwise nobody can."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the sizes."""
        parser.add_argument("--clinics", type=int, default=Size.clinics)
        parser.add_argument("--patients", type=int, default=Size.patients)
        parser.add_argument("--logs", type=int, default=Size.logs, help="of single stretches, over all patients")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--on", type=datetime.date.fromisoformat, help="the day up to which things were logged")

    def handle(self, *args: Any, clinics: int, patients: int, logs: int, seed: int, **options: Any) -> None:
        """Refuse where somebody is treated already: invented people do not belong among real ones."""
        with acting.everywhere("generate_load"):
            self._fill(Size(clinics=clinics, patients=patients, logs=logs), seed, options)

    def _fill(self, size: Size, seed: int, options: dict[str, Any]) -> None:
        if Patient.objects.exclude(clinic=demo.CLINIC_ID).exists():
            raise CommandError("There are patients in this database. Invented ones are only put into one without.")
        if not Stretch.objects.of_library().exists():
            raise CommandError("The catalogue is empty: run load_catalogue first.")
        if size.clinics < 1 or size.patients < 1 or size.logs < 0:
            raise CommandError("At least one clinic and one patient, and no negative number of logs.")
        started = time.monotonic()
        with transaction.atomic():
            counts = fill(
                size,
                seed=seed,
                on=options["on"] or timezone.localdate(),
                password=stored_password(),
                tell=lambda words: self.stdout.write(f"  {words}") if options["verbosity"] > 0 else None,
            )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        if options["verbosity"] > 0:
            for table, count in counts.items():
                self.stdout.write(f"{count:>12,}  {table}")
            self.stdout.write(self.style.SUCCESS(f"In {time.monotonic() - started:.0f} s."))
            if settings.DEMO:
                self.stdout.write(f"Sign in as clinician-1@clinic-01.{DOMAIN}, or patient-1@{DOMAIN}: {demo.PASSWORD}")
