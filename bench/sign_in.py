"""Guessing at the sign-in over several workers, and whether time tells a known address from an unknown one.

``python -m bench sign_in``: three gunicorn workers and argon2 on an empty PostgreSQL, the one that ``DATABASE_URL``
names or else a throw-away one. Nobody has to believe the answers: the workers write down each look at a password.
On a machine that is busy with other things the times say nothing; the counts hold all the same.
"""

import contextlib
import http.client
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2

from bench._phone import free_port, wait_for
from bench.row import Row

GUESSES, AT_ONCE, WORKERS, PAIRS = 200, 100, 3, 200
KNOWN, PASSWORD = "known@example.org", "a long and boring password"
CHECKED, REFUSED = "are not correct", "There were many tries"
PEOPLE = """
from accounts.models import User
User.objects.create_user({email!r}, {password!r}, full_name="Known")
for number in range(60):
    User.objects.create_user(f"person{{number}}@example.org", None, full_name="Person")
"""
COUNTING = '''
"""Limber, writing down each time a password is looked at."""
import os
from django.contrib.auth.hashers import Argon2PasswordHasher
from clinic.wsgi import application
for name in ("verify", "encode"):
    def count(self, *args, _real=getattr(Argon2PasswordHasher, name), **kwargs):
        with open(os.environ["CHECKS"], "a") as file:
            file.write("x")
        return _real(self, *args, **kwargs)
    setattr(Argon2PasswordHasher, name, count)
'''


class Site:
    """A running Limber."""

    def __init__(self, port: int, environment: dict[str, str]) -> None:
        self.port, self.environment = port, environment

    @property
    def checks(self) -> int:
        """How often a password was looked at so far, as the workers count."""
        return len(Path(self.environment["CHECKS"]).read_text())

    def manage(self, *arguments: str) -> None:
        """Run a command of Limber's."""
        subprocess.run([sys.executable, "manage.py", *arguments], env=self.environment, check=True)

    def forget(self) -> None:
        """Begin counting anew."""
        with psycopg2.connect(self.environment["DATABASE_URL"]) as connection, connection.cursor() as cursor:
            cursor.execute("DELETE FROM accounts_trycount")
        connection.close()

    def post(self, path: str, origin: str, **fields: str) -> tuple[float, str]:
        """Fill in a form as a browser does; gives the seconds that the answer took, and the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Host": f"127.0.0.1:{self.port}", "X-Forwarded-For": origin}
        with contextlib.closing(connection):
            connection.request("GET", "/accounts/login/", headers=headers)
            answer = connection.getresponse()
            cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
            token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', answer.read().decode())
            assert token, "the sign-in page has no form"  # noqa: S101
            body = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **fields})
            form = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
            started = time.perf_counter()
            connection.request("POST", path, body, {**headers, **form})
            text = connection.getresponse().read().decode()
            return time.perf_counter() - started, text


def measure() -> list[Row]:
    """Guesses looked at, and the difference between the medians."""
    with site() as limber:
        rows = [*guessing(limber), *spraying(limber)]
        for what, path in (("password", "/accounts/login/"), ("code by mail", "/accounts/login/code/")):
            rows.append(Row(f"{what}: known against unknown, medians of {PAIRS} pairs", telling(limber, path), "ms", 5))
        return rows


def guessing(limber: Site) -> list[Row]:
    """200 guesses at one account at once, from as many ranges of addresses."""
    limber.forget()
    before = limber.checks

    def guess(number: int) -> str:
        return limber.post("/accounts/login/", f"10.{number}.0.1", login=KNOWN, password="wrong")[1]  # noqa: S106

    answers = at_once(guess, GUESSES)
    looked_at = sum(CHECKED in answer for answer in answers)
    refused = sum(REFUSED in answer for answer in answers)
    return [
        Row(f"{GUESSES} guesses at once: checks of a password", limber.checks - before, "checks", 10),
        Row("  of them answered as wrong", looked_at, "answers", 10),
        Row("  of them refused", refused, "answers", at_least=GUESSES - 10),
    ]


def spraying(limber: Site) -> list[Row]:
    """One password on 200 accounts at once, from one range."""
    limber.forget()
    before = limber.checks

    def spray(number: int) -> str:
        origin, email = f"203.0.113.{number}", f"person{number}@example.org"
        return limber.post("/accounts/login/", origin, login=email, password="Spring2026!")[1]  # noqa: S106

    at_once(spray, GUESSES)
    return [Row(f"one password on {GUESSES} accounts: checks", limber.checks - before, "checks", 30)]


def telling(limber: Site, path: str) -> float:
    """By how many milliseconds the median answer differs; each pair comes one right after the other, in turn first."""
    seconds: dict[bool, list[float]] = {True: [], False: []}
    for pair in range(PAIRS):
        if pair % 3 == 0:
            limber.forget()
        for known in (pair % 2 == 0, pair % 2 == 1):
            email = KNOWN if known else f"other{pair}@example.org"
            origin = f"10.{pair}.{int(known)}.1"
            took, _ = limber.post(path, origin, login=email, email=email, password="wrong")  # noqa: S106
            seconds[known].append(took)
    return 1000 * abs(statistics.median(seconds[True]) - statistics.median(seconds[False]))


def at_once(work: object, count: int) -> list[str]:
    """What each of so many calls gives."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, range(count)))  # type: ignore[arg-type]


@contextlib.contextmanager
def site() -> Iterator[Site]:
    """Limber behind gunicorn, with one known person who has a password."""
    from tests import postgres

    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        (Path(folder) / "counting.py").write_text(COUNTING)
        (Path(folder) / "checks").touch()
        environment = {
            **os.environ,
            "CHECKS": str(Path(folder) / "checks"),
            "DATABASE_URL": os.environ.get("DATABASE_URL") or postgres.start(),
            "DEBUG": "false",
            "EMAIL_URL": "dummymail://",
            "PYTHONPATH": os.pathsep.join([folder, str(Path.cwd())]),
            "SECRET_KEY": "bench",
            "SITE_URL": f"http://127.0.0.1:{port}",
            "TRUSTED_PROXY_COUNT": "1",
            "VAR_DIR": folder,
        }
        limber = Site(port, environment)
        limber.manage("migrate", "--verbosity", "0")
        limber.manage("collectstatic", "--no-input", "--verbosity", "0", "--ignore", "django_htmx")
        limber.manage("shell", "--verbosity", "0", "-c", PEOPLE.format(email=KNOWN, password=PASSWORD))
        gunicorn = [str(Path(sys.executable).with_name("gunicorn")), "counting:application", f"--workers={WORKERS}"]
        server = subprocess.Popen([*gunicorn, f"--bind=127.0.0.1:{port}", "--log-level=warning"], env=environment)
        try:
            wait_for(port)
            yield limber
        finally:
            server.terminate()
            server.wait(timeout=20)
