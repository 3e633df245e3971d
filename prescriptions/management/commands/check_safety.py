"""``manage.py check_safety``: golden patients against the safety rule and the catalogue in the database."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from prescriptions import golden_patients

HELP = """\
Run golden patients through the safety rule: invented people whose verdicts are known.

Each is recorded, asked about with the same functions as every page, and rolled back: nothing stays in the
database. Each mismatch is printed with the reasons that the rule gave. Run it after every change of the
catalogue; write your own file, starting from prescriptions/data/scenarios.json, which is checked when no
FILE is given."""

FORMAT = """\
the file (JSON):
  {"scenarios": [{
     "id": "after-hip-replacement",        names the scenario; no two alike
     "as_of": "2026-01-15",                the day on which the verdicts are asked for
     "conditions_reviewed": true,          false: nothing may be offered, so every verdict is excluded
     "patient_conditions": [
       {"condition": "tha-posterior-approach",   a code of the catalogue, or null with "text": "free text"
        "clinical_status": "active",             FHIR words; null counts in full
        "verification_status": "confirmed",      FHIR words; null counts in full
        "date": "2025-12-01"}                    onset, surgery or last period; null: unknown
     ],
     "expected": {"chair-hamstring-stretch": "excluded"},
     "expected_other": {}                  the same again, for the less important ones
  }]}

"status" may stand in for the two statuses: active, resolved, suspected, refuted, entered_in_error.
verdicts: excluded, needs_override, caution, allowed. Exit status: 0 all as expected, 1 otherwise."""


class Command(BaseCommand):
    """Compare the verdicts of golden patients with the expected ones."""

    help = HELP

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Keep the line breaks of the help: it shows the format of the file."""
        parser = super().create_parser(prog_name, subcommand, epilog=FORMAT, **kwargs)
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file."""
        parser.add_argument("file", nargs="?", type=Path, default=golden_patients.SHIPPED, metavar="FILE")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """Print each mismatch and a summary. Raises ``CommandError``, which exits 1, also on a malformed file."""
        try:
            patients = golden_patients.read(Path(file))
        except golden_patients.GoldenPatientError as error:
            raise CommandError(str(error)) from error
        mismatches = [mismatch for patient in patients for mismatch in golden_patients.mismatches(patient)]
        for mismatch in mismatches:
            self.stdout.write(f"{mismatch.patient.name}: {mismatch.stretch}")
            self.stdout.write(f"  expected {mismatch.expected}, got {mismatch.got}")
            for reason in mismatch.reasons or ("no contraindication applies",):
                self.stdout.write(f"  - {reason}")
        verdicts = sum(len(patient.expected) for patient in patients)
        summary = f"{len(patients)} scenarios, {verdicts} verdicts, {len(mismatches)} mismatches"
        if mismatches:
            raise CommandError(summary)
        self.stdout.write(self.style.SUCCESS(summary))
