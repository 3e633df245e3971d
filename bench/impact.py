"""A change of the catalogue, reflected in a million prescribed stretches by one statement, on PostgreSQL.

Against asking the safety rule patient by patient, timed on some of them, on which both have to agree. The statement is
timed three times, and the fastest counts: the others say what else the machine did. What PostgreSQL says of its plan is
kept in ``bench/results/impact.plan.txt``.
"""

import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.row import Row

AT = datetime.datetime(2026, 1, 15, 12, tzinfo=datetime.UTC)
SAMPLE = 200
ROUNDS = 3
BUDGET_SECONDS = 5
KEPT = Path(__file__).parent / "results" / "impact.plan.txt"


def measure() -> list[Row]:
    """Run in a process of its own: settings are read once. The database ends with it."""
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.run(
            [sys.executable, "-m", "bench.impact"],
            env={**os.environ, "VAR_DIR": folder, "SECRET_KEY": "bench", "DJANGO_SETTINGS_MODULE": "clinic.settings"},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    return [Row(**row) for row in json.loads(child.stdout.splitlines()[-1])]


def main() -> None:
    """Fill a database, make a change, and print the rows as JSON on the last line."""
    from tests.postgres import start

    os.environ["DATABASE_URL"] = start()
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from bench._many_patients import fill
    from prescriptions import impact

    call_command("migrate", verbosity=0)
    call_command("load_catalogue", stdout=sys.stderr)
    with connection.cursor() as cursor:
        fill(cursor)
    lines = impact.lines_in_force()
    count = lines.count()
    change_seconds, affected = fastest(change_one_stretch)
    everybody_seconds, unsafe = fastest(lambda: sum(impact.count_by_clinic(lines, at=AT).values()))
    keep_plan(count, unsafe)
    each_seconds = one_by_one() * count
    ratio = each_seconds / everybody_seconds
    budget = {"unit": "s", "at_most": BUDGET_SECONDS}
    rows = [
        {"what": f"what is unsafe among {count:,} lines: one statement", "value": everybody_seconds, **budget},
        {"what": f"{unsafe:,} of them are; line by line / one statement", "value": ratio, "unit": "×", "at_least": 20},
        {"what": f"one contraindication more: {affected}, counted before and after", "value": change_seconds, **budget},
    ]
    print(json.dumps(rows))


def change_one_stretch() -> Any:
    """Publish an absolute contraindication of the stretch that most do, as the admin does, and count what it pauses."""
    from django.db import transaction
    from django.db.models import Count

    from prescriptions.knowledge import CatalogueChange
    from stretches.models import ConditionCode, Contraindication, Source, Stretch

    stretch = Stretch.objects.order_by().annotate(used=Count("prescribed")).latest("used")
    with transaction.atomic():
        change = CatalogueChange([stretch.pk], at=AT)
        source = Source.objects.earliest("pk")
        Contraindication(
            stretch=stretch,
            condition_code=ConditionCode.objects.get(slug="hypertension"),
            severity="absolute",
            rationale="Measured.",
            source=source,
            confidence="low",
        ).save()
        affected = change.affected()
        transaction.set_rollback(True)  # so that the next round changes the same
    return f"{affected.lines:,} lines at {affected.clinics} clinics"


def one_by_one() -> float:
    """Seconds that a line takes when each patient is asked about; both ways have to agree."""
    from prescriptions import impact
    from prescriptions.models import Prescription
    from prescriptions.models.prescription import IN_FORCE

    in_force = Prescription.objects.order_by("pk").filter(status__in=IN_FORCE)
    sample = list(in_force.select_related("patient__clinic")[:SAMPLE])
    each_seconds, asked = seconds(
        lambda: [line for one in sample for line in one.lines_on(one.patient.clinic.today(AT))]
    )
    at_once = impact.unsafe_among(impact.lines_in_force().filter(prescription__in=sample), at=AT)
    if {line.item.pk for line in asked if not line.is_safe} != set(at_once.values_list("pk", flat=True)):
        raise SystemExit("One by one and at once, other lines are unsafe: there is nothing to compare.")
    return each_seconds / len(asked)


def keep_plan(count: int, unsafe: int) -> None:
    """Write down how PostgreSQL went about it."""
    from django.db import connection

    from prescriptions import impact

    sql, parameters = impact.statement(impact.COUNTED, impact.lines_in_force(), at=AT)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", parameters)
        plan = "\n".join(line for (line,) in cursor.fetchall())
    KEPT.parent.mkdir(exist_ok=True)
    head = (
        f"EXPLAIN (ANALYZE, BUFFERS) of prescriptions.impact.count_by_clinic: {unsafe:,} of {count:,} lines are unsafe."
    )
    KEPT.write_text(f"{head}\nWritten by `./limber bench impact`.\n\n{plan}\n")


def fastest(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the fastest of some calls, and what the last returned."""
    rounds = [seconds(work) for _ in range(ROUNDS)]
    print("rounds:", ", ".join(f"{taken:.2f} s" for taken, _ in rounds), "load:", os.getloadavg(), file=sys.stderr)
    return min(taken for taken, _ in rounds), rounds[-1][1]


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """How long one call takes, and what it returns."""
    started = time.perf_counter()
    found = work()
    return time.perf_counter() - started, found


if __name__ == "__main__":
    main()
