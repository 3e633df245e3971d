"""Break each clause of the safety rule, once, and see that a test fails: ``python -m tests.mutation``.

``python -m tests.mutation own`` breaks the guards of a clinic's own entries alone.
``python -m tests.mutation access`` takes out each access check instead: ``tests/permissions/access_checks.py``.
``python -m tests.mutation promises`` takes out what keeps each promise of docs/security.md: ``tests/promises/``.

Prints the table of docs/safety.md and exits 1 if a broken clause goes unnoticed. Each mutant of ``tests/clauses.py`` is
applied to a copy of the project; ``test_mutation.py`` keeps that list true to the code.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from tests.clauses import MUTANTS, OF_OWN, Mutant

ROOT = pathlib.Path(__file__).resolve().parent.parent


def survives(mutant: Mutant, copy: pathlib.Path) -> str:
    """Apply the mutant to the copy, run its tests and put the file back; returns the test that failed, or ""."""
    path = copy / mutant.path
    original = path.read_text()
    path.write_text(original.replace(mutant.old, mutant.new))
    database = "postgres" if "test_races" in mutant.tests[0] else "sqlite"
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *mutant.tests]
    try:
        done = subprocess.run(
            command,
            cwd=copy,
            env={**os.environ, "TEST_DB": database, "MUTATION": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        path.write_text(original)
    failed = [
        line.split(" - ")[0].split("::")[-1]
        for line in done.stdout.splitlines()
        if line.startswith(("FAILED", "ERROR"))
    ]
    return failed[0] if done.returncode == 1 and failed else ""


def main(mutants: Sequence[Mutant]) -> int:
    """Print a row for each mutant; 1 if one survives."""
    print("| clause | broken as | caught by |\n|---|---|---|")
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "limber"
        ignored = shutil.ignore_patterns(".venv", ".git", "var", ".*cache", ".hypothesis")
        shutil.copytree(ROOT, copy, ignore=ignored)
        for mutant in mutants:
            caught_by = survives(mutant, copy)
            survivors += not caught_by
            broken = " ".join(mutant.new.split()).replace("|", "\\|") or "(left out)"
            print(f"| {mutant.clause} | `{broken}` | {f'`{caught_by}`' if caught_by else '**nothing**'} |", flush=True)
    return 1 if survivors else 0


def main_access(only: str = "") -> int:
    """Print a row for each access check; 1 if one can be taken out unnoticed. ``only`` is part of a path."""
    from tests.permissions import alone

    alone.begin()
    from tests.permissions import removing

    return removing.main(only, *sys.argv[3:4])  # and a file to go on from


def main_promises(*asked: str) -> int:
    """Print a row for each protection; 1 if nothing notices one. Asked for: topics, parts of a promise, ``left``."""
    from tests.promises import running

    return running.main(asked)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["access", *only]:
            sys.exit(main_access(*only[:1]))
        case ["promises", *asked]:
            sys.exit(main_promises(*asked))
        case ["own", *_]:
            sys.exit(main(OF_OWN))
        case _:
            sys.exit(main(MUTANTS))
