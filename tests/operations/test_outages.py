"""A database that is away for a while: what reads may go on, what writes says "later", and all comes back by itself."""

import contextlib
import http.client
import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, InternalError, OperationalError, connection
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from accounts.outages import is_outage
from tests.operations.conftest import prescribe

RECOVERED_WITHIN_SECONDS = 10


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


class Site:
    """Limber behind gunicorn, and one patient's phone."""

    def __init__(self, world, port):
        self.world, self.port = world, port

    def ask(self, path, fields=None, accept="application/json") -> Answer:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Host": "127.0.0.1:8000", "Cookie": f"{self.world.cookie}; csrftoken={'a' * 32}", "Accept": accept}
        body = None
        if fields is not None:
            body = urllib.parse.urlencode(fields)
            headers |= {"X-CSRFToken": "a" * 32, "Content-Type": "application/x-www-form-urlencoded"}
        with contextlib.closing(link):
            link.request("GET" if fields is None else "POST", path, body, headers)
            answer = link.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode())

    def read(self, **accept) -> Answer:
        return self.ask("/today/", **accept) if accept else self.ask("/today/routine.json")

    def log(self, pain_score: int) -> Answer:
        prescription = self.world.prescription
        fields = {
            "id": str(uuid.uuid4()),
            "item": self.item,
            "on": self.world.today,
            "part_of_day": "on-getting-up",
            "outcome": "done",
            "pain_score": pain_score,
            "logged_at": timezone.now().isoformat(),
        }
        return self.ask(f"/today/{prescription.pk}/log/", fields)

    item = ""


@pytest.fixture(scope="module")
def site(world) -> Iterator[Site]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    environment = {
        **os.environ,
        "DATABASE_URL": world.url,
        "STATEMENT_TIMEOUT_SECONDS": "1",
        "LOCK_TIMEOUT_SECONDS": "1",
        "PYTHONPATH": str(settings.BASE_DIR),
    }
    gunicorn = [str(Path(sys.executable).with_name("gunicorn")), "tests.operations.serving:application", "--workers=2"]
    process = subprocess.Popen(
        [*gunicorn, f"--bind=127.0.0.1:{port}", "--log-level=warning"], env=environment, stderr=subprocess.PIPE
    )
    limber = Site(world, port)
    try:
        wait_until(lambda: limber.read().status == 200, seconds=30)
        limber.item = json.loads(limber.read().text)["routines"][0]["parts"][0]["stretches"][0]["item"]
        yield limber
    finally:
        process.terminate()
        process.communicate(timeout=20)


def wait_until(holds: Callable[[], bool], seconds: float) -> float:
    """Seconds until something holds."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if holds():
                return time.monotonic() - started
    pytest.fail(f"not within {seconds} s")


def signs_out(answer: Answer) -> bool:
    """Whether a phone would delete what it keeps to send later."""
    return "Clear-Site-Data" in answer.headers or "sessionid" in answer.headers.get("Set-Cookie", "")


# Ways to be away, each ended at the end -------------------------------------------------------------------------------
def tell(world, *statements: str) -> None:
    with contextlib.closing(psycopg2.connect(world.url)) as link:
        link.autocommit = True
        with link.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


@contextlib.contextmanager
def gone(world):
    world.cluster.stop("immediate")
    try:
        yield
    finally:
        world.cluster.start()


@contextlib.contextmanager
def restarted(world):
    """The workers' connections are dead; nobody tells them."""
    world.cluster.stop("immediate")
    world.cluster.start()
    yield


@contextlib.contextmanager
def read_only(world):
    tell(world, "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
    try:
        yield
    finally:
        tell(world, "ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()")


@contextlib.contextmanager
def locked(world):
    with contextlib.closing(psycopg2.connect(world.url)) as link, link.cursor() as cursor:
        cursor.execute("LOCK TABLE routines_stretchlog IN SHARE MODE")
        yield


@contextlib.contextmanager
def triggered(world, what: str):
    """Let writing a log fail as the database itself would let it fail."""
    tell(
        world,
        f"CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {what}; RETURN NEW; END $$",
        "CREATE TRIGGER fault BEFORE INSERT OR UPDATE ON routines_stretchlog FOR EACH ROW EXECUTE FUNCTION fault()",
    )
    try:
        yield
    finally:
        tell(world, "DROP TRIGGER fault ON routines_stretchlog", "DROP FUNCTION fault()")


def slow(world):
    return triggered(world, "PERFORM pg_sleep(20)")


def full(world):
    return triggered(world, "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'")


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fault", "reading", "writing"),
    [
        (gone, 503, 503),
        (restarted, 200, 200),
        (read_only, 503, 503),  # who looked cannot be put on record: the phone shows what it has kept
        (locked, 200, 503),
        (slow, 200, 503),
        (full, 200, 503),
    ],
)
def test_reading_goes_on_and_nothing_claims_to_be_stored(site, world, fault, reading, writing) -> None:
    tell(world, "DELETE FROM routines_stretchlog", "UPDATE accounts_session SET seen_at = now() - interval '2 minutes'")

    with fault(world):
        read, page, wrote = site.read(), site.read(accept="text/html"), site.log(1)

    recovered = wait_until(lambda: site.log(2).status == 200, RECOVERED_WITHIN_SECONDS)
    assert (read.status, page.status, wrote.status) == (reading, reading, writing)
    assert [each.headers.get("Retry-After") for each in (read, wrote) if each.status == 503] == ["10"] * (
        (reading == 503) + (writing == 503)
    )
    assert not any(signs_out(each) for each in (read, page, wrote))
    assert recovered < RECOVERED_WITHIN_SECONDS
    stored = json.loads(site.read().text)["routines"][0]["parts"][0]["stretches"][0]["logged"]
    assert stored["pain_score"] == 2


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_page_of_an_outage_needs_no_database_and_says_what_to_do(site, world) -> None:
    with gone(world):
        asked = site.ask("/today/", accept="text/html")
        sent = site.ask(f"/today/{world.prescription.pk}/log/", {"outcome": "done"}, accept="text/html")

    assert (asked.status, sent.status) == (503, 503)
    assert "This usually passes within a minute" in asked.text
    assert "do not count on what you just sent being stored" in sent.text
    wait_until(lambda: site.read().status == 200, RECOVERED_WITHIN_SECONDS)


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["locked", "read-only"])
def test_sqlite_says_later_too(client, tmp_path, fault) -> None:
    prescription = prescribe()
    item = prescription.items.first()
    client.force_login(prescription.patient.user)
    client.raise_request_exception = False
    connection.cursor().execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(connection.settings_dict["NAME"])
    if fault == "locked":
        other.execute("BEGIN IMMEDIATE")
    else:
        connection.cursor().execute("PRAGMA query_only = 1")

    fields = {
        "item": item.pk,
        "on": prescription.patient.clinic.today(),
        "part_of_day": "on-getting-up",
        "outcome": "done",
        "note": "a long note " * 80,
    }
    answer = client.post(f"/today/{prescription.pk}/log/", fields, headers={"Accept": "application/json"})
    read = client.get("/today/")

    other.rollback()
    other.close()
    connection.cursor().execute("PRAGMA query_only = 0")
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "10")
    assert read.status_code == 200
    assert (
        client.post(f"/today/{prescription.pk}/log/", fields, headers={"Accept": "application/json"}).status_code == 200
    )


def broken_by(cause: Exception) -> Exception:
    error = TransactionManagementError("You can't execute queries until the end of the 'atomic' block.")
    error.__cause__ = cause
    return error


def sqlite_error(name: str) -> Exception:
    error = OperationalError(name)
    error.__cause__ = type("Cause", (Exception,), {"sqlite_errorname": name})()
    return error


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (OperationalError("server closed the connection"), True),
        (sqlite_error("SQLITE_BUSY"), True),
        (sqlite_error("SQLITE_ERROR"), False),  # no such table
        (InternalError("something else"), False),
        (DatabaseError("something else"), False),
        (broken_by(OperationalError("the connection was lost in between")), True),
        (broken_by(IntegrityError("twice")), False),
        (OSError(28, "No space left on device"), True),
        (OSError(2, "No such file"), False),
        (ValueError("a mistake of ours"), False),
        (None, False),
    ],
)
def test_only_what_passes_by_itself_is_an_outage(error, passes) -> None:
    assert is_outage(error) is passes
