"""Taking out one protection after the other, each in a copy of the project, and asking its tests.

The database is migrated once and copied for each, which is most of what a run would take. The tests of a topic run once
before with nothing taken out: a test that is red anyway notices nothing, and its protections are not asked about.

Each row is added to ``var/promises.md`` at once. What has a row there or in docs/security-promises.md is not left, so
that ``python -m tests.mutation promises left`` goes on where it was interrupted.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence

import psycopg2

from tests import postgres
from tests.mutation import ROOT
from tests.promises import Protection, topics

NAME, WHOLE = "test_limber_main", "limber_whole"
NOT_NEEDED = ("cacheprovider", "hypothesispytest", "faker", "playwright", "xdist")
ARGUMENTS = ["-q", "--no-header", "--tb=short", *(f"-pno:{each}" for each in NOT_NEEDED)]
MAKES_TRIGGERS = "audit/"
"""What of the audit record is made anew by each ``migrate``."""
ASKS_LITTLE = "tests/audit/test_writes.py::test_every_table_has_its_triggers"
"""A test that leaves the database as the migrations made it."""
ASKED = (ROOT / "docs/security-promises.md", ROOT / "var/promises.md")
"""Where the rows of what was taken out stand; the last one is written to."""
NOTICED = re.compile(r"^\| (.+?) \| `.*\| `test_[^`]+` \|$")
LEFT, NOTHING, RED_BEFORE, NO_END = "left", "**nothing**", "**red before**", "**did not end**"


class Runner:
    """A copy of the project, and a migrated database of either kind for it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.copy = folder / "limber"
        self.whole, self.var = folder / "whole", folder / "var"
        ignored = shutil.ignore_patterns(".venv", ".git", "var", ".*cache", ".hypothesis", "__pycache__")
        shutil.copytree(ROOT, self.copy, ignore=ignored)
        self.url, self.said = "", folder / "said"
        self.migrated: set[str] = set()
        asking = self.copy / "tests/promises/asking.py"
        self.pytest = subprocess.Popen(
            [sys.executable, "-P", asking], cwd=self.copy, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def red_before(self, protections: Iterable[Protection]) -> set[str]:
        """Run the tests of these as the code is; returns those that are red."""
        red: set[str] = set()
        for on in ("sqlite", "postgres"):
            if named := sorted({test for each in protections if each.on == on for test in each.tests}):
                self._copy_database(on)
                code, said = self.run(on, ["--reuse-db", "-ptests.promises.kept", *named])
                found = {_named(line) for line in said if line.startswith(("FAILED", "ERROR"))}
                if code not in (0, 1):  # a test that is not there, or that belongs to the other database
                    raise SystemExit("\n".join(said))
                if found:
                    print("Red before:", *said, sep="\n", file=sys.stderr)
                red |= found
        return red

    def _migrate(self, on: str) -> None:
        """Make the database that is copied for each."""
        if on == "postgres":
            self.url = postgres.start()
        self.var.mkdir(exist_ok=True)
        code, said = self.run(on, ["--create-db", "--reuse-db", ASKS_LITTLE])
        if code:
            raise SystemExit("\n".join(said))
        self.migrated.add(on)
        if on == "postgres":
            self.sql(f"ALTER DATABASE {NAME} RENAME TO {WHOLE}")
        else:
            self.var.rename(self.whole)

    def run(self, on: str, arguments: list[str]) -> tuple[int, list[str]]:
        """Ask pytest; its exit code, and what it said."""
        self.var.mkdir(exist_ok=True)
        given = {"TEST_DB": on, "MUTATION": "1", "TEST_VAR_DIR": str(self.var)}
        if on == "postgres":
            given["DATABASE_URL"] = self.url
        asked = {"environment": given, "arguments": [*ARGUMENTS, *arguments], "said": str(self.said)}
        assert self.pytest.stdin
        assert self.pytest.stdout
        self.pytest.stdin.write(json.dumps(asked) + "\n")
        self.pytest.stdin.flush()
        return int(self.pytest.stdout.readline()), self.said.read_text().splitlines()

    def close(self) -> None:
        """End the process that asks."""
        self.pytest.communicate()

    def noticed(self, protection: Protection) -> str:
        """Take it out, ask, put it back; returns the test that turned red, or "" or ``NO_END``."""
        self._copy_database(protection.on, is_anew=protection.anew)
        path = self.copy / protection.path
        original = path.read_text()
        path.write_text(original.replace(protection.old, protection.new))
        try:
            code, said = self.run(protection.on, [*_database_of(protection), "-x", *protection.tests])
        finally:
            path.write_text(original)
        print("\n".join(line for line in said if line.startswith(("E  ", "FAILED", "ERROR")))[:600], file=sys.stderr)
        red = [_named(line).split("::")[-1] for line in said if line.startswith(("FAILED", "ERROR tests"))]
        return NO_END if code < 0 else red[0] if code == 1 and red else ""

    def _copy_database(self, on: str, *, is_anew: bool = False) -> None:
        if on not in self.migrated:
            self._migrate(on)
        shutil.rmtree(self.var, ignore_errors=True)
        if on == "postgres":
            self.sql(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
            if not is_anew:
                self.sql(f"CREATE DATABASE {NAME} TEMPLATE {WHOLE}")
        elif not is_anew:
            shutil.copytree(self.whole, self.var)

    def sql(self, statement: str) -> None:
        """Say it to the server."""
        connection = psycopg2.connect(self.url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()


def _database_of(protection: Protection) -> list[str]:
    if protection.anew:
        return ["--create-db"]
    is_as_it_was = not protection.path.startswith(MAKES_TRIGGERS)
    return ["--reuse-db", *(["-ptests.promises.kept"] if is_as_it_was else [])]


def main(asked: Sequence[str]) -> int:
    """Print and keep a row for each; 1 if one was missed by every test, 2 if a test was red before."""
    verdicts = set()
    with tempfile.TemporaryDirectory(prefix="limber-promises-") as folder:
        runner = Runner(pathlib.Path(folder))
        print("| promise | taken out | noticed by |\n|---|---|---|", flush=True)
        for protections in chosen(asked):
            red = runner.red_before(protections)
            for each in protections:
                is_red = any(test.startswith(each.tests) for test in red)
                by = RED_BEFORE if is_red else runner.noticed(each) or NOTHING
                verdicts.add(by)
                _keep(f"| {each.clause} | `{_taken_out(each)}` | {by if by.startswith('*') else f'`{by}`'} |")
        runner.close()
    return 2 if RED_BEFORE in verdicts else int(not verdicts.isdisjoint({NOTHING, NO_END}))


def chosen(asked: Sequence[str], rows: Iterable[str] | None = None) -> Iterator[list[Protection]]:
    """What to take out, topic by topic: the topics that are named, in that order, or what has these words.

    ``left`` leaves out what a test noticed by one of the ``rows``.
    """
    words = [word for word in asked if word != LEFT]
    gone = noticed_in(_rows() if rows is None else rows) if LEFT in asked else set()
    every = topics()
    of_words = [each for of_topic in every.values() for each in of_topic if any(word in each.clause for word in words)]
    named = [every[word] for word in words if word in every] or ([of_words] if words else every.values())
    for protections in named:
        if left := [each for each in protections if each.clause not in gone]:
            yield left


def noticed_in(rows: Iterable[str]) -> set[str]:
    """The promises of those rows of a table that a test noticed."""
    return {found[1] for row in rows if (found := NOTICED.match(row))}


def _rows() -> list[str]:
    return [row for path in ASKED if path.exists() for row in path.read_text().splitlines()]


def _keep(row: str) -> None:
    """Print it, and add it to what an interruption leaves."""
    print(row, flush=True)
    ASKED[-1].parent.mkdir(exist_ok=True)
    with ASKED[-1].open("a") as file:
        file.write(f"{row}\n")


def _named(line: str) -> str:
    """The test that a line of pytest's summary is about."""
    return line.partition(" ")[2].split(" - ")[0]


def _taken_out(protection: Protection) -> str:
    """What was put in its place, on one line of a table."""
    words = " ".join(protection.new.split()) or f"without {' '.join(protection.old.split())}"
    return f"{protection.path}: {words[:90]}".replace("|", "\\|").replace("`", "'")
