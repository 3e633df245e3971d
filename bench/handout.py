"""The handout as a PDF: two pages with pictures, from a prescription that is read to the bytes (design, section 9).

In one process with the demo clinic on SQLite. The floor is the same typesetter on a page with one word.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from bench.row import Row

ROUNDS = 30
BUDGET_MS = 50


def measure() -> list[Row]:
    """Run in a process of its own: settings are read once."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "VAR_DIR": folder, "SECRET_KEY": "bench", "DEMO": "1", "DEBUG": "false"}
        environment.pop("DATABASE_URL", None)
        environment["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
        command = [sys.executable, "-m", "bench.handout"]
        child = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
    return [Row(**row) for row in json.loads(child.stdout.splitlines()[-1])]


def main() -> None:
    """Load the demo, typeset, and print the rows as JSON on the last line."""
    import django

    django.setup()
    import typst
    from django.core.management import call_command

    from prescriptions.handout import handout_of, pdf_of
    from prescriptions.models import Prescription
    from prescriptions.showing import routine_from

    for command in ("migrate", "load_catalogue"):
        call_command(command, verbosity=0, stdout=sys.stderr)
    call_command("load_demo", stdout=sys.stderr)
    longest = max(Prescription.objects.in_force(), key=lambda each: each.items.count())

    def whole() -> bytes:
        prescription = Prescription.objects.for_showing().get(pk=longest.pk)
        return pdf_of(handout_of(routine_from(prescription, on=prescription.patient.clinic.today())))

    handout = handout_of(routine_from(Prescription.objects.for_showing().get(pk=longest.pk), on=longest.clinic.today()))
    floor, alone, all_of_it = (
        median_ms(work) for work in (lambda: typst.compile(b"Word"), lambda: pdf_of(handout), whole)
    )
    pages = whole().count(b"/Type /Page\n") or whole().count(b"/Type/Page")
    rows = [
        {"what": "handout, from the prescription to the PDF", "value": all_of_it, "unit": "ms", "at_most": BUDGET_MS},
        {"what": "  typesetting alone", "value": alone, "unit": "ms"},
        {"what": "  floor: one word typeset", "value": floor, "unit": "ms"},
        {"what": "  handout / floor", "value": all_of_it / floor, "unit": "×"},
        {"what": "  size", "value": len(whole()) / 1000, "unit": f"KB, {pages} pages"},
    ]
    print(json.dumps(rows))


def median_ms(work: Callable[[], object]) -> float:
    """How long a call takes, after one that warms up."""
    work()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


if __name__ == "__main__":
    main()
