"""``manage.py reproduce_reports``: make permissibility reports again from the catalogue that they name."""

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from prescriptions.models import PermissibilityReport
from prescriptions.reproducing import NotReproducibleError, reproduce_as_of_then


class Command(BaseCommand):
    """Compute the verdicts of stored reports anew, from the versions kept of the catalogue, and compare."""

    help = (
        "Compute every verdict of the stored permissibility reports anew, with what each says of the patient and with"
        " the catalogue as it was in the release that it names. Prints what differs. Exit status: 0 if nothing does."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the prescriptions whose reports are meant."""
        parser.add_argument(
            "prescription", nargs="*", type=uuid.UUID, help="ids of prescriptions; default: every report"
        )

    def handle(self, *args: Any, prescription: list[uuid.UUID], **options: Any) -> None:
        """Print each difference and a summary. Raises ``CommandError``, which exits 1, if there is one."""
        reports = PermissibilityReport.objects.select_related("release", "prescription__patient").order_by("made_at")
        if prescription:
            reports = reports.filter(prescription__in=prescription)
        same = differing = unknown = 0
        for report in reports.iterator():
            try:
                reproduction = reproduce_as_of_then(report)
            except NotReproducibleError as error:
                unknown += 1
                self.stdout.write(f"{report.prescription_id}: {error}")
                continue
            if not reproduction.differs:
                same += 1
                continue
            differing += 1
            for difference in (*reproduction.verdicts, *reproduction.reasons):
                self.stdout.write(
                    f"{report.prescription_id}: {difference.subject}: stored “{difference.before}”,"
                    f" computed “{difference.now}”"
                )
        summary = f"{same} reproduced exactly, {differing} differ, {unknown} name no release"
        if differing:
            raise CommandError(summary)
        self.stdout.write(self.style.SUCCESS(summary))
