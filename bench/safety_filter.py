"""The safety filter against the best raw SQL that gives the same rows, at 1k, 10k and 100k stretches.

Five contraindications for each stretch over a hierarchy of 88 codes; a patient with three conditions, one of them in
the middle of its window. Every row is the library's. Both sides read the same columns of the same 24 rows, and must
name the same stretches. The
budget (design, section 9) is on what the database does; what Django adds to build the query and the objects is a
constant that stands beside it.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from bench.row import Row

SIZES = (1_000, 10_000, 100_000)
CONTRAINDICATIONS_EACH = 5
CODES = 88
PAGE = 24
ROUNDS = 60
BUDGET = 1.5


def measure() -> list[Row]:
    """Run once on SQLite and once on PostgreSQL, each in a process of its own: settings are read once."""
    rows = []
    for database in ("sqlite", "postgres"):
        with tempfile.TemporaryDirectory() as folder:
            child = subprocess.run(
                [sys.executable, "-m", "bench.safety_filter", database],
                env={
                    **os.environ,
                    "VAR_DIR": folder,
                    "SECRET_KEY": "bench",
                    "DJANGO_SETTINGS_MODULE": "clinic.settings",
                },
                stdout=subprocess.PIPE,
                check=True,
                text=True,
            )
        rows += [Row(**row) for row in json.loads(child.stdout.splitlines()[-1])]
    return rows


def main(database: str) -> None:
    """Fill a database, time both sides and print the rows as JSON on the last line."""
    if database == "postgres":
        from tests.postgres import start

        os.environ["DATABASE_URL"] = start()
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    patient = fill_codes_and_patient()
    rows, filled = [], 0
    for size in SIZES:
        fill_stretches(filled, size)
        filled = size
        rows += compare(database, size, patient)
    print(json.dumps(rows))


def fill_codes_and_patient() -> Any:
    """88 codes, each below one or two others, and a patient with three of them."""
    import datetime

    from tests.factories import ConditionCodeFactory, ConditionFactory, PatientFactory

    choose = random.Random(1)
    codes: list[Any] = []
    for number in range(CODES):
        codes.append(ConditionCodeFactory(broader=choose.sample(codes, min(len(codes), 1 + number % 2))))
    patient = PatientFactory()
    for code, weeks in ((codes[20], None), (codes[50], 8), (codes[87], 30)):
        anchor_on = weeks and patient.clinic.today() - datetime.timedelta(weeks=weeks)
        ConditionFactory(patient=patient, code=code, anchor_on=anchor_on)
    return patient


def fill_stretches(start: int, end: int) -> None:
    """Store the stretches numbered from ``start`` up to ``end``, with their contraindications."""
    from django.db import connection

    from stretches.models import ConditionCode, Contraindication, Source, Stretch
    from tests.factories import StretchFactory

    choose = random.Random(start)
    codes, source = list(ConditionCode.objects.all()), Source.objects.first()
    stretches = Stretch.objects.bulk_create(
        [
            StretchFactory.build(
                source=source, slug=f"s{n}", name=f"S {choose.random()}", difficulty=choose.randint(1, 5)
            )
            for n in range(start, end)
        ],
        batch_size=500,
    )
    Contraindication.objects.bulk_create(
        [
            Contraindication(
                stretch=stretch,
                condition_code=code,
                severity=choose.choice(["absolute", "relative", "precaution"]),
                from_week=choose.choice([None, 0, 6]),
                until_week=choose.choice([None, 12]),
                rationale="Because.",
                source=source,
                confidence="high",
            )
            for stretch in stretches
            for code in choose.sample(codes, CONTRAINDICATIONS_EACH)
        ],
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def compare(database: str, size: int, patient: Any) -> list[dict[str, Any]]:
    """Time the filter and the raw SQL in turn, and return the ratio of their medians."""
    from django.db import connection

    from prescriptions import safety
    from stretches.models import Stretch

    circumstances = safety.circumstances_of(patient, on=patient.clinic.today())
    fields = [field.column for field in Stretch._meta.concrete_fields]
    columns = ", ".join(f"s.{name}" for name in fields)
    applies, parameters = raw_applicable(circumstances)
    clinic = Stretch._meta.get_field("clinic").get_db_prep_value(patient.clinic_id, connection)
    parameters = [clinic, *parameters, clinic]
    raw = (
        f"SELECT {columns} FROM stretches_stretch s WHERE s.status = 'reviewed' AND (s.clinic_id IS NULL OR "
        "s.clinic_id = %s) AND NOT EXISTS (SELECT 1 FROM stretches_contraindication c WHERE c.stretch_id = s.id AND "
        f"({applies}) AND (c.clinic_id IS NULL OR c.clinic_id = %s)) "
        f"ORDER BY s.difficulty, s.name, s.id LIMIT {PAGE}"
    )

    page = safety.with_verdict(circumstances, safety.Verdict.ALLOWED, Stretch.objects.all())[:PAGE]
    filter_sql, filter_parameters = page.query.sql_with_params()

    def run(sql: str, parameters: Any) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return [row[fields.index("slug")] for row in cursor.fetchall()]

    sides: dict[str, Callable[[], list[str]]] = {
        "best": lambda: run(raw, parameters),
        "filter": lambda: run(filter_sql, filter_parameters),
        "django": lambda: [stretch.slug for stretch in page.all()],
    }
    if len({tuple(side()) for side in sides.values()}) > 1:
        raise SystemExit("The filter and the raw SQL name different stretches: there is nothing to compare.")
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            times[name].append(seconds(side))
    best_ms, filter_ms, django_ms = (1000 * statistics.median(times[name]) for name in sides)
    name = f"{database}, page of {PAGE} from {size:,} stretches"
    return [
        {"what": f"{name}: filter / best SQL", "value": filter_ms / best_ms, "unit": "×", "at_most": BUDGET},
        {"what": f"{name}: best SQL", "value": best_ms, "unit": "ms"},
        {"what": f"{name}: built and read by Django", "value": django_ms, "unit": "ms"},
    ]


def raw_applicable(circumstances: Any) -> tuple[str, list[Any]]:
    """The rule as one would write it by hand for exactly this patient."""
    parts: list[str] = []
    parameters: list[Any] = []
    for exposure in circumstances.exposures:
        marks = ", ".join(["%s"] * len(exposure.paths))
        part = f"c.condition_code_id IN ({marks})"
        parameters += list(exposure.paths)
        if exposure.week is not None:
            part += " AND (c.from_week IS NULL OR c.from_week <= %s) AND (c.until_week IS NULL OR c.until_week > %s)"
            parameters += [exposure.week, exposure.week]
        parts.append(f"({part})")
    return " OR ".join(parts), parameters


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(sys.argv[1])
