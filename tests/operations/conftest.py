"""A PostgreSQL of a test's own, with people in it: to be stopped, locked, filled up, backed up and lost."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from prescriptions.models import Prescription
from tests.factories import PatientFactory, PrescribedStretchFactory, PrescriptionFactory, UserFactory
from tests.postgres import Cluster

# As it is in earnest, but for the waiting: what is acknowledged outlives a crash of the server, not of the machine.
EARNEST = "-c listen_addresses='' -c fsync=off -c wal_level=replica -c max_wal_senders=4"


@dataclass
class World:
    """A cluster, and one patient in it with two stretches for today."""

    cluster: Cluster
    prescription: Prescription
    cookie: str
    today: str

    @property
    def url(self) -> str:
        return self.cluster.url


@contextlib.contextmanager
def pointed_at(cluster: Cluster, **login: Any) -> Iterator[None]:
    """Let this process's models mean another server."""
    own = dict(connection.settings_dict)
    connection.close()
    given = {"USER": "postgres", "NAME": "postgres", **login}
    connection.settings_dict.update(HOST=str(cluster.home), PORT="", **given)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(own)


def copy_database(cluster: Cluster) -> None:
    """Fill a server with what the test database holds: migrating takes ten times as long."""
    own: dict[str, Any] = connection.settings_dict
    where = {"PGHOST": own["HOST"] or own["OPTIONS"].get("host", ""), "PGPORT": str(own["PORT"]), "PGUSER": own["USER"]}
    login = {**os.environ, **where, "PGPASSWORD": own["PASSWORD"], "PGDATABASE": own["NAME"]}
    roles = [str(cluster.binaries / "pg_dumpall"), "--roles-only"]  # which belong to a server, and grants name them
    psql = [str(cluster.binaries / "psql"), "-q", "-o", os.devnull, "-U", "postgres", "-h", str(cluster.home)]
    for command, stop in ((roles, "off"), ([str(cluster.binaries / "pg_dump")], "on")):
        dump = subprocess.run(command, env=login, check=True, capture_output=True).stdout
        subprocess.run([*psql, "-v", f"ON_ERROR_STOP={stop}"], input=dump, check=True, capture_output=True)


OWNER = {"USER": "limber_owner", "NAME": "limber", "OPTIONS": {"options": "-c limber.reach=all"}}
"""Who backs up in earnest: no superuser, and behind the wall between clinics as everybody (``clinic.settings``)."""


def copy_database_to_owner(cluster: Cluster) -> None:
    """The same into a database that ``roles.sh`` made, as its owner, who is no superuser."""
    secrets = cluster.home / "secrets"
    secrets.mkdir()
    for role in ("owner", "app", "replication"):
        (secrets / f"{role}_password").write_text(f"only for tests: {role}\n")
    where = {"PGHOST": str(cluster.home), "PGUSER": "postgres", "SECRETS": str(secrets), "PGDATA": ""}
    path = f"{cluster.binaries}:{os.environ['PATH']}"
    roles = settings.BASE_DIR / "operations/containers/roles.sh"
    for _ in range(2):  # it may be run again
        subprocess.run(["sh", str(roles)], env={**os.environ, **where, "PATH": path}, check=True)
    own: dict[str, Any] = connection.settings_dict
    server = ["-h", own["HOST"] or own["OPTIONS"].get("host", ""), "-p", str(own["PORT"] or 5432), "-U", own["USER"]]
    dump = [str(cluster.binaries / "pg_dump"), *server, "--no-owner", "--no-privileges", own["NAME"]]
    psql = [str(cluster.binaries / "psql"), "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=on"]
    content = subprocess.run(dump, env={**os.environ, "PGPASSWORD": own["PASSWORD"]}, check=True, capture_output=True)
    login = [*psql, "-h", str(cluster.home), "-U", "limber_owner", "limber"]
    subprocess.run(login, input=content.stdout.replace(b"CREATE SCHEMA public;", b""), check=True, capture_output=True)


def prescribe() -> Prescription:
    """Give somebody two stretches for today."""
    draft = PrescriptionFactory(patient=PatientFactory(user=UserFactory(email="patient@example.org")))
    for position, name in enumerate(("Towel", "Wall")):
        PrescribedStretchFactory(prescription=draft, position=position, stretch__name=name)
    draft.activate(by=draft.created_by, at=timezone.now())
    return draft


def cookie_of(user) -> str:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    cluster = Cluster(EARNEST)
    cluster.start()
    try:
        with django_db_blocker.unblock():
            copy_database(cluster)
            with pointed_at(cluster):
                prescription = prescribe()
                cookie = cookie_of(prescription.patient.user)
                today = prescription.patient.clinic.today().isoformat()
        yield World(cluster, prescription, cookie, today)
    finally:
        cluster.stop()
