"""Taking out one protection after the other, each in a copy of the project, and asking its tests.

The database is migrated once and copied for each, which is most of what a run would take. All tests run once before
with nothing taken out: a test that is red anyway notices nothing.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable

import psycopg2

from tests import postgres
from tests.mutation import ROOT
from tests.promises import Protection, topics

NAME, WHOLE = "test_limber_main", "limber_whole"
NOT_NEEDED = ("cacheprovider", "hypothesispytest", "faker", "playwright", "xdist")
ARGUMENTS = ["-q", "--no-header", "--tb=short", *(f"-pno:{each}" for each in NOT_NEEDED)]
MAKES_TRIGGERS = "audit/"
"""What of the audit record is made anew by each ``migrate``."""


class Runner:
    """A copy of the project, and a migrated database of either kind for it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.copy = folder / "limber"
        self.whole, self.var = folder / "whole", folder / "var"
        ignored = shutil.ignore_patterns(".venv", ".git", "var", ".*cache", ".hypothesis", "__pycache__")
        shutil.copytree(ROOT, self.copy, ignore=ignored)
        self.url, self.said = "", folder / "said"
        asking = self.copy / "tests/promises/asking.py"
        self.pytest = subprocess.Popen(
            [sys.executable, "-P", asking], cwd=self.copy, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def prepare(self, protections: Iterable[Protection]) -> str:
        """Run all tests as the code is; returns what was said if one is red."""
        for on in ("sqlite", "postgres"):
            named = sorted({test for each in protections if each.on == on for test in each.tests})
            if not named:
                continue
            if on == "postgres":
                self.url = postgres.start()
            code, said = self.run(on, [*named, "--create-db", "--reuse-db"])
            if code:
                return "\n".join(said)
            if on == "postgres":
                self.sql(f"ALTER DATABASE {NAME} RENAME TO {WHOLE}")
            else:
                shutil.rmtree(self.whole, ignore_errors=True)
                self.var.rename(self.whole)
        return ""

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
        """Take it out, ask, put it back; returns the test that turned red, or ""."""
        self._copy_database(protection)
        path = self.copy / protection.path
        original = path.read_text()
        path.write_text(original.replace(protection.old, protection.new))
        try:
            code, said = self.run(protection.on, [*_database_of(protection), "-x", *protection.tests])
        finally:
            path.write_text(original)
        print("\n".join(line for line in said if line.startswith(("E  ", "FAILED", "ERROR")))[:600], file=sys.stderr)
        red = [line.split(" - ")[0].split("::")[-1] for line in said if line.startswith(("FAILED", "ERROR"))]
        return red[0] if code == 1 and red else ""

    def _copy_database(self, protection: Protection) -> None:
        shutil.rmtree(self.var, ignore_errors=True)
        if protection.on == "postgres":
            self.sql(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
            if not protection.anew:
                self.sql(f"CREATE DATABASE {NAME} TEMPLATE {WHOLE}")
        elif not protection.anew:
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


def main(only: str = "") -> int:
    """Print a row for each; 1 if one was missed by every test, 2 if a test was red before."""
    chosen = {
        topic: [each for each in protections if only in ("", topic) or only in each.clause]
        for topic, protections in topics().items()
    }
    missed = 0
    with tempfile.TemporaryDirectory(prefix="limber-promises-") as folder:
        runner = Runner(pathlib.Path(folder))
        if red := runner.prepare([each for protections in chosen.values() for each in protections]):
            print(red)
            runner.close()
            return 2
        print("| promise | taken out | noticed by |\n|---|---|---|")
        for protections in chosen.values():
            for each in protections:
                by = runner.noticed(each)
                missed += not by
                print(f"| {each.clause} | `{_taken_out(each)}` | {f'`{by}`' if by else '**nothing**'} |", flush=True)
        runner.close()
    return 1 if missed else 0


def _taken_out(protection: Protection) -> str:
    """What was put in its place, on one line of a table."""
    words = " ".join(protection.new.split()) or f"without {' '.join(protection.old.split())}"
    return f"{protection.path}: {words[:90]}".replace("|", "\\|").replace("`", "'")
