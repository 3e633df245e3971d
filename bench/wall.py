"""What the second wall between clinics costs a page, on PostgreSQL: with it and without, in turns, in one process.

Without is the same code as a superuser, for whom no policy counts, with nothing told to the database and no transaction
round the page. With is the role of the application. Each page is asked for so often by turns that what else the machine
does meets both. Where Linux says how long a process was on a processor, the same is told in that measure, too: ours and
the server's together. It leaves out waiting, and so all that a busy machine does to the clock.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.row import Row

TURNS = 150
WARM = 15
AT_MOST = 1.1
ROLE = "limber_app"


def measure() -> list[Row]:
    """Run in a process of its own: settings are read once. The database ends with it."""
    told = {"SECRET_KEY": "bench", "DEMO": "1", "LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.run(
            [sys.executable, "-m", "bench.wall"],
            env=os.environ | told | {"VAR_DIR": folder},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    return [Row(**row) for row in json.loads(child.stdout.splitlines()[-1])]


def main() -> None:
    """Load the demo clinic, ask for its pages by turns, and print the rows as JSON on the last line."""
    from tests.postgres import start

    os.environ["DATABASE_URL"] = start()
    import django
    from django.conf import settings

    django.setup()
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.ALLOWED_HOSTS = ["testserver"]
    from django.core.management import call_command
    from django.db import connection

    from accounts import database_role

    call_command("make_ready", demo=True, stdout=sys.stderr)
    with connection.cursor() as cursor:
        database_role.make(cursor, ROLE)
        database_role.grant(cursor, ROLE)
        cursor.execute("ANALYZE")
    rows = [row for name, email, url in pages() for row in ratios_of(name, email, url)]
    print(json.dumps(rows))


def pages() -> list[tuple[str, str, str]]:
    """What to ask for: in words, as whom, and where."""
    from django.urls import reverse

    from patients.models import Patient

    patient = Patient.objects.get(user__email="margaret@riverside.example")
    clinician = "sam@riverside.example"
    return [
        ("a patient's page", clinician, patient.get_absolute_url()),
        ("the queue", clinician, reverse("attention_list")),
        ("the list of patients", clinician, reverse("patients:patient_list")),
        ("the patient's day", "margaret@riverside.example", reverse("routines:routine_today")),
    ]


def ratios_of(name: str, email: str, url: str) -> list[dict[str, Any]]:
    """How much longer a page takes with the wall: the median of each way, by the clock and on the processor."""
    from django.db import connection
    from django.test import Client

    from accounts import acting
    from accounts.models import User

    client = Client()
    client.force_login(User.objects.get(email=email))
    taken: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    is_told = acting.is_told
    for turn in range(WARM + TURNS):
        for is_walled in (turn % 2 == 0, turn % 2 == 1):
            acting.is_told = is_told if is_walled else (lambda: False)
            with connection.cursor() as cursor:
                cursor.execute(f"SET ROLE {ROLE}" if is_walled else "RESET ROLE")
            began, spent = time.perf_counter(), on_processor()
            response = client.get(url)
            seconds = time.perf_counter() - began, on_processor() - spent
            if response.status_code != 200:
                raise SystemExit(f"{url}: {response.status_code}")
            if turn >= WARM:
                taken[is_walled].append(seconds)
    acting.is_told = is_told
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    rows = []
    for place, how in enumerate(("", ", on the processor")):
        without, walled = (statistics.median(each[place] for each in taken[way]) for way in (False, True))
        if without:
            what = f"{name}: with the wall / without ({without * 1000:.1f} ms without){how}"
            rows.append({"what": what, "value": walled / without, "unit": "×", "at_most": None if how else AT_MOST})
    return rows


def on_processor() -> float:
    """Seconds that this process and the server's that answers it were on a processor so far; 0 where nobody says."""
    from django.db import connection

    told = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return time.process_time() + int(told.read_text().split()[0]) / 1e9 if told.exists() else 0.0


if __name__ == "__main__":
    main()
