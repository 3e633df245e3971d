"""Twenty clinics at work: 50 requests a second, for minutes, on whatever cores there are, gunicorn and PostgreSQL.

The database is made by ``generate_load`` on a PostgreSQL of its own that waits for the disk, as in earnest; or it is
the one that ``LOAD_DATABASE_URL`` names as its owner, which was filled so. Pages connect as the application's role, for
whom the second wall stands. ``LOAD_SECONDS``, ``LOAD_RATE``, ``LOAD_PATIENTS`` and
``LOAD_LOGS`` change the sizes. Who does what stands in ``bench/_day.py``, how it is measured in
``bench/_open_loop.py``. The generator works on the same cores. The floor of the same run is a page that asks the
database nothing.
"""

import collections
import contextlib
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from bench import _day, _open_loop
from bench._cluster import Cluster
from bench._open_loop import Act, Answered, Browser
from bench._phone import free_port, wait_for
from bench.row import Row

SECONDS, RATE = float(os.environ.get("LOAD_SECONDS", "180")), float(os.environ.get("LOAD_RATE", "50"))
PATIENTS, LOGS = os.environ.get("LOAD_PATIENTS", "10000"), os.environ.get("LOAD_LOGS", "1800000")
WORKERS = int(os.environ.get("LOAD_WORKERS", "4"))
WARM_SECONDS, FLOOR_SECONDS = 10, 10
ROLE = "limber_app"
P99_MS = 400
PEOPLE = "import json; from bench._day import people; print(json.dumps(people()))"
ANALYZE = "from django.db import connection; connection.cursor().execute('VACUUM ANALYZE')"


def measure() -> list[Row]:
    """Fill, serve, ask, and count."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        owner = os.environ.get("LOAD_DATABASE_URL") or filled(folder)
        environment = {
            **os.environ,
            "DATABASE_URL": owner.replace(urlsplit(owner).netloc, f"{ROLE}@", 1),
            "OWNER_DATABASE_URL": owner,
            "DEBUG": "false",
            "EMAIL_URL": "dummymail://",
            "LOG_LEVEL": "ERROR",
            "REQUIRE_STAFF_MFA": "false",  # the second proof is asked for once a session, not once a page
            "SECRET_KEY": "bench",
            "SITE_URL": f"http://127.0.0.1:{port}",
            "VAR_DIR": folder,
        }
        manage(environment, "make_roles", "--verbosity", "0")
        manage(environment, "collectstatic", "--no-input", "--verbosity", "0", "--ignore", "django_htmx")
        people = json.loads(manage(environment, "shell", "--verbosity", "0", "-c", PEOPLE).splitlines()[-1])
        with served(environment, port):
            floor = _open_loop.run(asking_nothing(), port=port, per_second=RATE, seconds=FLOOR_SECONDS)
            acts = _day.arrivals(people)
            _open_loop.run(acts, port=port, per_second=RATE / 2, seconds=WARM_SECONDS)
            answered = _open_loop.run(acts, port=port, per_second=RATE, seconds=SECONDS)
    return rows_of(answered, floor)


def filled(folder: str) -> str:
    """A PostgreSQL with the clinics in it; gives its address."""
    environment = {**os.environ, "DATABASE_URL": Cluster().url, "SECRET_KEY": "bench", "VAR_DIR": folder}
    manage(environment, "migrate", "--verbosity", "0")
    manage(environment, "load_catalogue", "--verbosity", "0")
    manage(environment, "generate_load", "--verbosity", "0", f"--patients={PATIENTS}", f"--logs={LOGS}")
    manage(environment, "shell", "--verbosity", "0", "-c", ANALYZE)
    return environment["DATABASE_URL"]


def manage(environment: dict[str, str], *arguments: str) -> str:
    """Run a command of Limber's, and give what it prints."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


@contextlib.contextmanager
def served(environment: dict[str, str], port: int) -> Iterator[None]:
    """Limber behind gunicorn."""
    gunicorn = [str(Path(sys.executable).with_name("gunicorn")), "clinic.wsgi:application", f"--workers={WORKERS}"]
    server = subprocess.Popen([*gunicorn, f"--bind=127.0.0.1:{port}", "--log-level=warning"], env=environment)
    try:
        wait_for(port)
        _open_loop.run(asking_nothing(), port=port, per_second=WORKERS, seconds=2)  # each of them has started then
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def asking_nothing() -> Iterator[Act]:
    """A page without a query, again and again."""

    def act(browser: Browser, due: float) -> None:
        browser.ask("floor", "/manifest.webmanifest", "", due=due)

    return itertools.repeat(act)


def rows_of(answered: Sequence[Answered], floor: Sequence[Answered]) -> list[Row]:
    """All requests together against the budget, then each kind."""
    where = f"{PATIENTS} patients, {LOGS} logs, {RATE:g} arrivals a second for {SECONDS:g} s"
    failed = [each for each in answered if each.status == 0 or each.status >= 500]
    refused = [each for each in answered if 400 <= each.status < 500]
    ms = [1000 * each.seconds for each in answered]
    floor_ms = [1000 * each.seconds for each in floor]
    rows = [
        Row(f"{where}: 99 of 100 answered within", percentile(ms, 99), "ms", at_most=P99_MS),
        Row("  of 1,000 answered 999 within", percentile(ms, 99.9), "ms"),
        Row("  half of them within", statistics.median(ms), "ms"),
        Row("  answered with an error of the server, or not at all", len(failed), "requests", at_most=0),
        Row("  refused (4xx)", len(refused), "requests", at_most=0),
        Row("  requests a second", len(answered) / SECONDS, "a second", at_least=RATE),
        Row("floor, a page without a query: half within", statistics.median(floor_ms), "ms"),
        Row("floor, a page without a query: 99 of 100 within", percentile(floor_ms, 99), "ms"),
        Row("median / floor's median", statistics.median(ms) / statistics.median(floor_ms), "×"),
    ]
    of_name: dict[str, list[float]] = collections.defaultdict(list)
    for each in answered:
        of_name[each.name].append(1000 * each.seconds)
    for name, times in sorted(of_name.items()):
        rows.append(Row(f"  {name}, {len(times)} times: half within", statistics.median(times), "ms"))
        rows.append(Row(f"  {name}: 99 of 100 within", percentile(times, 99), "ms"))
    wrong = collections.Counter((each.name, each.status) for each in [*failed, *refused])
    for (name, status), count in wrong.items():
        print(f"{name}: {count} times {status}")
    return rows


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that so many of a hundred do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
