"""A replica that lags on purpose, and stops and comes back: no verdict may be stale, and no page may fail.

A primary and a replica that follows it, on this machine. Ten times the load switches: the replica follows, its replay
is paused (it goes on answering with what it has), it follows again, it is stopped. In each phase conditions are
recorded and a stretch is renamed at the primary, and after every write the pages that show a verdict are asked for, and
once more with no replica at all: both have to say the same, word for word. Pages of the catalogue may be behind by
``STALE_SECONDS``, and no more. ``REPLICA_WRITES`` is how many writes there are in each phase.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from typing import Any

from bench._cluster import DURABLE, Cluster
from bench.row import Row

SWITCHES = 10
WRITES = int(os.environ.get("REPLICA_WRITES", "10"))
PHASES = ("follows", "is paused", "follows", "is gone")
VARYING = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|X-CSRFToken": "[^"]*"|data-seconds="\d+"'
    r'|name="new_id" value="[^"]*"'
)
"""What is another each time that a page is asked for, whichever database answers."""


def measure() -> list[Row]:
    """Run in a process of its own: settings are read once."""
    with tempfile.TemporaryDirectory() as folder:
        primary = Cluster(f"{DURABLE} -c wal_level=replica -c max_wal_senders=5 -c wal_keep_size=256MB")
        environment = {
            **os.environ,
            "DATABASE_URL": primary.url,
            "DEBUG": "false",
            "DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "clinic.settings",
            "LOG_LEVEL": "CRITICAL",
            "SECRET_KEY": "bench",
            "SITE_URL": "http://localhost",
            "VAR_DIR": folder,
        }
        for command in ("migrate", "load_catalogue", "load_demo"):
            subprocess.run(
                [sys.executable, "manage.py", command], env=environment, check=True, stdout=subprocess.DEVNULL
            )
        replica = Cluster(f"{DURABLE} -c hot_standby=on", follows=primary)
        environment |= {"REPLICA_DATABASE_URL": f"{replica.url}&connect_timeout=2", "REPLICA_HOME": str(replica.home)}
        child = subprocess.Popen(
            [sys.executable, "-m", "bench.replica"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdin is not None  # noqa: S101 - both are pipes
        assert child.stdout is not None  # noqa: S101
        last = ""
        for line in child.stdout:  # it asks for the server to be stopped and started, which is not its own
            last = line
            if line.strip() in {"stop", "start"}:
                getattr(replica, line.strip())()
                child.stdin.write("done\n")
                child.stdin.flush()
        if child.wait():
            raise SystemExit("the measurement failed")
    return [Row(**row) for row in json.loads(last)]


def main() -> None:
    """Switch, write, ask, compare; print the rows as JSON on the last line."""
    import django

    django.setup()
    from django.conf import settings

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    print(json.dumps(Trial().run()))


class Trial:
    """Everybody who asks, and what was counted."""

    def __init__(self) -> None:
        from django.test import Client

        from accounts.models import User
        from patients.models import Patient
        from prescriptions.models import Prescription

        self.clinician, self.person = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
        self.sam = User.objects.get(email="sam@riverside.example")
        self.clinician.force_login(self.sam)
        self.patient = Patient.objects.get(full_name__startswith="Margaret ")
        self.person.force_login(User.objects.get(patient_records=self.patient))
        active = self.patient.prescriptions.get(status="active")
        draft = Prescription.objects.drafts().filter(patient=self.patient).first() or active.revise(by=self.sam)
        own = f"/prescriptions/{draft.pk}"
        self.verdicts = [
            (self.clinician, f"{own}/edit/"),
            (self.clinician, f"{own}/withheld/excluded/"),
            (self.clinician, f"{own}/activate/"),
            (self.clinician, f"/prescriptions/{active.pk}/"),
            (self.clinician, f"/prescriptions/{active.pk}/print/"),
            (self.clinician, f"/patients/{self.patient.pk}/"),
            (self.person, "/today/"),
        ]
        self.compared = self.stale = self.failed = self.too_old = self.browsed = self.there = 0
        self.changed: list[tuple[float, str]] = []

    def run(self) -> list[dict[str, Any]]:
        """All phases."""
        for switch in range(SWITCHES):
            phase = PHASES[switch % len(PHASES)]
            self.turn(phase)
            for number in range(WRITES):
                self.write(f"{switch}-{number}")
                self.compare()
                self.browse()
            print(f"{switch + 1}. {phase}: {self.stale} stale so far", file=sys.stderr)
        if PHASES[(SWITCHES - 1) % len(PHASES)] == "is gone":
            self.turn("follows")
        return [
            {"what": f"{SWITCHES} switches: pages with a verdict compared", "value": self.compared, "unit": "pages"},
            {"what": "  stale or unsafe", "value": self.stale, "unit": "pages", "at_most": 0},
            {"what": "  pages that failed", "value": self.failed, "unit": "pages", "at_most": 0},
            {"what": "pages of the catalogue", "value": self.browsed, "unit": "pages"},
            {"what": "  answered by the replica", "value": self.there, "unit": "pages", "at_least": 1},
            {"what": "  behind by more than may be", "value": self.too_old, "unit": "pages", "at_most": 0},
        ]

    def turn(self, phase: str) -> None:
        """Make the replica follow, pause, or go."""
        from django.db import connections

        from accounts import replica

        connections[replica.REPLICA].close()
        if phase == "is gone":
            self.ask("stop")
            return
        if phase == "follows":
            self.ask("start") if self.is_gone() else None
            self.on_replica("SELECT pg_wal_replay_resume()")
        else:
            self.on_replica("SELECT pg_wal_replay_pause()")

    def is_gone(self) -> bool:
        """Whether it does not answer."""
        from django.db import DatabaseError

        try:
            self.on_replica("SELECT 1")
        except DatabaseError:
            return True
        return False

    def on_replica(self, sql: str) -> None:
        """Say something to it, by a connection of its own."""
        from django.db import connections

        from accounts import replica

        with connections[replica.REPLICA].cursor() as cursor:
            cursor.execute(sql)

    @staticmethod
    def ask(what: str) -> None:
        """Have the server stopped or started by whose child it is."""
        print(what, flush=True)
        sys.stdin.readline()

    def write(self, mark: str) -> None:
        """Record a condition, resolve the one before, and give a stretch another name."""
        from patients.models import Condition
        from stretches.models import ConditionCode, Stretch

        codes = ConditionCode.objects.filter(is_selectable=True).order_by("slug")
        for condition in self.patient.conditions.filter(note__startswith="Trial").exclude(clinical_status="resolved"):
            condition.clinical_status = "resolved"
            condition.record(by=self.sam)
        code = codes[hash(mark) % codes.count()]
        Condition(patient=self.patient, code=code, note=f"Trial {mark}").record(by=self.sam)
        Stretch.objects.filter(slug="chin-tuck").update(name=f"Chin tuck {mark}")
        self.changed.append((time.monotonic(), mark))

    def compare(self) -> None:
        """Every page with a verdict, with the replica and without."""
        from django.db import connections

        from accounts import replica

        for client, path in self.verdicts:
            response = client.get(path)
            text = VARYING.sub("", response.content.decode())
            kept = connections.databases.pop(replica.REPLICA)
            truth = VARYING.sub("", client.get(path).content.decode())
            connections.databases[replica.REPLICA] = kept
            self.compared += 1
            self.failed += response.status_code != 200
            self.stale += text != truth

    def browse(self) -> None:
        """Look for the stretch that is being renamed: which name was found, and how old is it."""
        from django.db import connections

        from accounts import replica

        asked = 0

        def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal asked
            asked += "stretches_stretch" in sql
            return execute(sql, params, many, context)

        began = time.monotonic()
        with connections[replica.REPLICA].execute_wrapper(listen):
            response = self.clinician.get("/stretches/?q=chin+tuck")
        self.browsed += 1
        self.there += asked > 0
        self.failed += response.status_code != 200
        found = re.search(r"Chin tuck (\d+-\d+)", response.content.decode())
        older = [at for at, mark in self.changed if found is None or mark == found[1]]
        newer = [at for at, _ in self.changed if found is None or at > max(older, default=0)]
        if newer and began - min(newer) > replica.STALE_SECONDS + replica.ASKED_EVERY_SECONDS:
            self.too_old += 1


if __name__ == "__main__":
    main()
