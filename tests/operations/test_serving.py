"""The programs that an installation runs, as it runs them: on the database of this test, with real processes."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from operations.models import Pulse
from tests.accounts.postbox import database_url

pytestmark = pytest.mark.django_db(transaction=True)
PYTHON = Path(sys.executable)
PATIENCE = 60


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": database_url(), "LOG_LEVEL": "INFO", "LOG_FORMAT": "json", **more}


class Server:
    """A gunicorn with two workers on a port of its own, its log a file."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        fd = self.listener.fileno()
        with log.open("w") as written:
            self.process = subprocess.Popen(
                [PYTHON.with_name("gunicorn"), "--bind", f"fd://{fd}"],
                cwd=settings.BASE_DIR,
                env=environment(METRICS_TOKEN="a token", DEBUG="true"),  # DEBUG: no manifest of static files here
                stderr=written,
                pass_fds=[fd],
            )
        self.listener.close()

    def get(self, path: str, **headers: str) -> str:
        request = urllib.request.Request(self.address + path, headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return str(answer.read().decode())

    def lines(self) -> list[dict]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def tell(self, number: signal.Signals, until: str) -> None:
        """Send a signal, and wait until the log says that it was acted upon."""
        seen = self.log.stat().st_size
        self.process.send_signal(number)
        with self.log.open() as log:
            log.seek(seen)
            waited = threading.Event()
            for _ in range(PATIENCE * 20):
                if until in log.read():
                    return
                waited.wait(0.05)
        raise AssertionError(f"{until!r} is not in the log:\n{self.log.read_text()}")


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    server = Server(folder / "log")
    try:
        server.get("/health/ready")  # waits in the socket until a worker answers
        yield server
    finally:
        server.process.terminate()  # not killed: its workers would live on for a while, connected to the database
        server.process.wait(timeout=PATIENCE)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as server:
        yield server


def half_a_request(server: Server) -> http.client.HTTPConnection:
    """A request of which a worker has read the head, and waits for the rest."""
    connection = http.client.HTTPConnection(server.address.removeprefix("http://"), timeout=PATIENCE)
    connection.putrequest("POST", "/accounts/login/")
    connection.putheader("Content-Type", "application/x-www-form-urlencoded")
    connection.putheader("Content-Length", "20")
    connection.putheader("Expect", "100-continue")
    connection.endheaders()
    assert connection.sock.recv(100).startswith(b"HTTP/1.1 100")  # gunicorn says so when a worker has it
    return connection


def test_pages_figures_and_a_log_without_addresses(server):
    page = server.get("/accounts/login/?next=/patients/dev-patel/", **{"X-Request-ID": "from-the-proxy"})
    figures = server.get("/metrics", Authorization="Bearer a token")

    assert "<form" in page
    assert 'django_http_requests_total_by_view_transport_method_total{method="GET"' in figures
    assert 'view="account_login"' in figures
    (line,) = (line for line in server.lines() if line.get("request") == "from-the-proxy")
    assert (line["route"], line["status"]) == ("account_login", 200)
    assert "dev-patel" not in server.log.read_text()


def test_a_reload_and_a_stop_lose_no_request(server):
    begun, answers = half_a_request(server), []
    stop = threading.Event()

    def go_on_asking() -> None:
        while not stop.is_set():
            try:
                answers.append(server.get("/health/live"))
            except (OSError, http.client.HTTPException) as error:
                answers.append(repr(error))

    visitor = threading.Thread(target=go_on_asking)
    visitor.start()
    server.tell(signal.SIGHUP, until="Booting worker")
    begun.send(b"a=0123456789&b=01234")
    assert begun.getresponse().status == 403  # no CSRF token: answered all the same, by the worker that was to end
    stop.set()
    visitor.join(timeout=PATIENCE)
    last = half_a_request(server)
    server.tell(signal.SIGTERM, until="Handling signal: term")
    last.send(b"a=0123456789&b=01234")
    assert last.getresponse().status == 403
    assert server.process.wait(timeout=PATIENCE) == 0

    assert set(answers) == {'{"status": "live"}'}
    assert [line for line in server.lines() if line["level"] == "error"] == []


def test_what_a_reload_hands_on_to_new_workers_is_nothing_of_the_version_before():
    # a worker is forked from the process that has read the settings of gunicorn, with all that this has loaded
    question = "import runpy, sys; runpy.run_path('gunicorn.conf.py'); print(*sys.modules)"

    loaded = subprocess.run([PYTHON, "-c", question], cwd=settings.BASE_DIR, capture_output=True, check=True).stdout

    packages = {name.partition(".")[0] for name in loaded.decode().split()}
    assert not packages & {"django", "clinic", "operations", *settings.INSTALLED_APPS}


def test_the_worker_says_that_it_lives(tmp_path):
    began = timezone.now()

    subprocess.run(
        [PYTHON, settings.BASE_DIR / "manage.py", "send_due"], env=environment(), check=True, timeout=PATIENCE
    )

    assert Pulse.objects.get(name=Pulse.Name.SENDER).beat_at >= began
