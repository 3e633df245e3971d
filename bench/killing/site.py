"""Limber on PostgreSQL as in earnest, to be killed: gunicorn and its workers, the server and its children.

Pages connect as the application's role: the second wall stands, and the audit record is written.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench._phone import free_port, wait_for
from tests.postgres import Cluster

WORKERS = 3
ROLE = "limber_app"
SERVED = """
import django
from django.conf import settings
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django.setup()
from clinic.wsgi import application
"""
PEOPLE = """
import datetime, json, sys
from django.test import Client
from django.utils import timezone
from tests.factories import (
    ClinicFactory, ClinicianFactory, PatientFactory, PrescribedStretchFactory, PrescriptionFactory, StretchFactory,
    UserFactory,
)
at = timezone.now() - datetime.timedelta(days=20)
clinic = ClinicFactory(time_zone="Etc/UTC")
clinician = ClinicianFactory(clinic=clinic)
stretches = [StretchFactory() for _ in range(4)]
def cookie_of(user):
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value
def prescribed(user):
    patient = PatientFactory(clinic=clinic, user=user, conditions_reviewed_on=at.date())
    draft = PrescriptionFactory(patient=patient, created_by=clinician)
    lines = [
        PrescribedStretchFactory(
            prescription=draft, stretch=stretch, position=n, is_midday=True, is_afternoon=True, is_before_bed=True
        )
        for n, stretch in enumerate(stretches)
    ]
    draft.activate(by=clinician, at=at)
    return {"prescription": str(draft.pk), "items": [str(line.pk) for line in lines]}
phones = []
for _ in range(PHONES):
    user = UserFactory()
    phones.append({**prescribed(user), "cookie": cookie_of(user)})
revised = [prescribed(None)["prescription"] for _ in range(REVISED)]
out = {"phones": phones, "clinician": cookie_of(clinician), "revised": revised, "today": str(timezone.now().date())}
print("\\n" + json.dumps(out))
"""


class Site:
    """A cluster and gunicorn, which die and come back."""

    def __init__(self, *, is_durable: bool) -> None:
        setting = "on" if is_durable else "off"
        self.cluster = Cluster(
            f"-c listen_addresses='' -c fsync={setting} -c synchronous_commit={setting} -c max_wal_size=4GB"
            + ("" if is_durable else " -c wal_writer_delay=10s")
        )
        self.folder = Path(tempfile.mkdtemp(prefix="limber-kill-"))
        (self.folder / "served.py").write_text(SERVED)
        self.port = free_port()
        self.web: subprocess.Popen[bytes] | None = None
        self.environment = {
            **os.environ,
            "DATABASE_URL": self.cluster.url.replace("postgres@", f"{ROLE}@", 1),
            "OWNER_DATABASE_URL": self.cluster.url,
            "DEBUG": "false",
            "DEMO": "false",
            "DJANGO_SETTINGS_MODULE": "clinic.settings",
            "EMAIL_URL": "dummymail://",
            "LOG_LEVEL": "ERROR",
            "PYTHONPATH": os.pathsep.join([str(self.folder), str(Path.cwd())]),
            "REQUIRE_STAFF_MFA": "false",
            "SECRET_KEY": "bench",
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "VAR_DIR": str(self.folder),
        }
        (self.folder / "static").mkdir()

    def begin(self, *, phones: int, revised: int) -> dict[str, Any]:
        """Start both, with people; gives what there is to write about."""
        self.cluster.start()
        manage = [sys.executable, "manage.py"]
        for command in ("migrate", "make_roles"):
            subprocess.run([*manage, command, "--verbosity", "0"], env=self.environment, check=True)
        people = PEOPLE.replace("PHONES", str(phones)).replace("REVISED", str(revised))
        made = subprocess.run(
            [*manage, "shell", "--verbosity", "0", "-c", people],
            env=self.environment | {"DATABASE_URL": self.cluster.url},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.start_web()
        world: dict[str, Any] = json.loads(made.stdout.splitlines()[-1])
        return world

    def start_web(self) -> None:
        """Start gunicorn, and return when it listens."""
        gunicorn = [str(Path(sys.executable).with_name("gunicorn")), "served:application", f"--workers={WORKERS}"]
        log = (self.folder / "web.log").open("ab")
        self.web = subprocess.Popen(
            [*gunicorn, f"--bind=127.0.0.1:{self.port}", "--log-level=critical", "--backlog=64"],
            env=self.environment,
            start_new_session=True,
            stdout=log,
            stderr=log,
        )
        wait_for(self.port, 60)

    def kill(self, kind: str, dice: random.Random) -> None:
        """Kill -9 all of the web, one of its workers, all of PostgreSQL, or one of its connections; and start again."""
        match kind:
            case "web":
                assert self.web  # noqa: S101 - it runs
                os.killpg(self.web.pid, signal.SIGKILL)
                self.web.wait()
                self.start_web()
            case "worker":
                assert self.web  # noqa: S101 - it runs
                self._kill_one(children_of(self.web.pid), dice)
            case "connection":
                self._kill_one([pid for pid in children_of(self.cluster.pid) if is_connection(pid)], dice)
            case _:
                everyone = [self.cluster.pid, *children_of(self.cluster.pid)]
                for pid in everyone:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                wait_until_gone(everyone)
                # Where nobody buries the dead, as in many containers, their number still looks taken.
                for lock in (self.cluster.home / "data/postmaster.pid", self.cluster.home / ".s.PGSQL.5432.lock"):
                    lock.unlink(missing_ok=True)
                self.cluster.start()

    def _kill_one(self, pids: list[int], dice: random.Random) -> None:
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(dice.choice(sorted(pids)), signal.SIGKILL)

    def end(self) -> None:
        """Stop both."""
        if self.web and self.web.poll() is None:
            os.killpg(self.web.pid, signal.SIGKILL)
            self.web.wait()
        self.cluster.stop()


def children_of(parent: int) -> list[int]:
    """The processes that another one started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            pid, rest = stat.read_text().split(" ", 1)
            if int(rest.rpartition(")")[2].split()[1]) == parent:
                found.append(int(pid))
    return found


def is_connection(pid: int) -> bool:
    """Whether this process of PostgreSQL's serves somebody."""
    with contextlib.suppress(OSError):
        return f"postgres: {ROLE} postgres".encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def wait_until_gone(pids: list[int]) -> None:
    """Return when none of them runs: a server that starts sooner would find the shared memory of the dead one."""
    until = time.monotonic() + 60
    while time.monotonic() < until and any(is_running(pid) for pid in pids):
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    """Whether it does; who is dead and not yet buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
