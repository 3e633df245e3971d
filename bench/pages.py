"""The pages that people open most: their queries, and what they cost as patients and logs grow.

Made by ``generate_load`` on PostgreSQL, of one clinic, so that everything that is stored lies in the way: 100, 1,000
and 10,000 patients with 100 logs each, and 1,000 patients with ten times as many. Requests go through the whole of
Django in this process. Budget (design, section 9): at most 12 queries, whatever the size. The floor is the bare page.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Any

from bench._cluster import Cluster
from bench.row import Row

SIZES = ((100, 10_000), (1_000, 100_000), (10_000, 1_000_000), (1_000, 1_000_000))
QUERIES_AT_MOST = 12
ROUNDS = 7
ABOUT_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def measure() -> list[Row]:
    """Each size in a database and a process of its own: settings are read once."""
    rows = []
    wanted = int(os.environ.get("PAGES_SIZES", len(SIZES)))
    for patients, logs in SIZES[:wanted]:
        with tempfile.TemporaryDirectory() as folder:
            cluster = Cluster()
            environment = {
                **os.environ,
                "DATABASE_URL": cluster.url,
                "DEBUG": "false",
                "DEMO": "1",
                "DJANGO_SETTINGS_MODULE": "clinic.settings",
                "LOG_LEVEL": "ERROR",
                "SECRET_KEY": "bench",
                "SITE_URL": "http://localhost",
                "VAR_DIR": folder,
            }
            command = [sys.executable, "-m", "bench.pages", str(patients), str(logs)]
            child = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
            cluster.stop()
        rows += [Row(**row) for row in json.loads(child.stdout.splitlines()[-1])]
    return rows


def main(patients: int, logs: int) -> None:
    """Fill, ask for each page some times, and print the rows as JSON on the last line."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    call_command("migrate", verbosity=0)
    call_command("load_catalogue", verbosity=0, stdout=sys.stderr)
    call_command("generate_load", clinics=1, patients=patients, logs=logs, verbosity=0, stdout=sys.stderr)
    print(json.dumps(ask(f"{patients:,} patients of a clinic, {logs:,} logs")))


def ask(where: str) -> list[dict[str, Any]]:
    """Queries and milliseconds of each page."""
    from django.test import Client

    pages, staff, person = asked()
    clients = {who: Client(SERVER_NAME="localhost") for who in ("staff", "person")}
    clients["staff"].force_login(staff)
    clients["person"].force_login(person)
    rows = []
    for name, (who, path) in pages.items():
        client = clients[who]
        if client.get(path).status_code != 200:
            raise SystemExit(f"{path} does not answer with 200: there is nothing to measure")
        row: dict[str, Any] = {"what": f"{where}: {name}", "value": queries_of(client, path), "unit": "queries"}
        rows.append({**row, "at_most": QUERIES_AT_MOST})
        times = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            client.get(path)
            times.append(1000 * (time.perf_counter() - started))
        rows.append({"what": f"{where}: {name}", "value": statistics.median(times), "unit": "ms"})
    return rows


def queries_of(client: Any, path: str) -> int:
    """How many statements a page takes; where a transaction begins and ends is none."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return sum(not query["sql"].startswith(ABOUT_TRANSACTIONS) for query in captured.captured_queries)


def asked() -> tuple[dict[str, tuple[str, str]], Any, Any]:
    """Each page as who, and where; the clinician, and the patient, who has done the most."""
    from django.db.models import Count

    from accounts.models import User
    from prescriptions.models import Prescription

    active = Prescription.objects.active().annotate(sessions=Count("session_logs"))
    prescription = active.select_related("patient__user").latest("sessions")
    draft = Prescription.objects.drafts().earliest("pk")
    patient, own = f"/patients/{prescription.patient_id}/", f"/prescriptions/{prescription.pk}/"
    pages = {
        "queue": ("staff", "/queue/"),
        "queue, one's own": ("staff", "/queue/?whose=mine"),
        "patients": ("staff", "/patients/?q=ada"),
        "patient": ("staff", patient),
        "record": ("staff", f"{patient}record/"),
        "prescription": ("staff", own),
        "permissibility report": ("staff", f"{own}report/"),
        "builder": ("staff", f"/prescriptions/{draft.pk}/edit/"),
        "activation": ("staff", f"/prescriptions/{draft.pk}/activate/"),
        "handout": ("staff", f"{own}print/"),
        "catalogue": ("staff", "/stretches/"),
        "today": ("person", "/today/"),
        "today as data": ("person", "/today/routine.json"),
        "progress": ("person", "/progress/"),
        "floor: the player, which asks nothing": ("person", "/today/play/"),
    }
    staff = User.objects.filter(memberships__role="clinician").earliest("pk")
    return pages, staff, prescription.patient.user


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
