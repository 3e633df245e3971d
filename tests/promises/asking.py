"""Runs pytest again and again, each time in a fork of a process that has what is not ours imported already.

``tests.promises.running`` starts it in its copy of the project and writes a line for each run: what to set in the
environment, and the arguments. It answers with the exit code; what pytest said stands in the file that was named.
"""

import importlib
import json
import os
import pathlib
import signal
import sys

IMPORTED = (
    *("PIL.Image", "cryptography.fernet", "django.core.management", "django.db.models"),
    *("django.forms", "django.test.client", "django.test.utils", "django.template.engine", "django.db.migrations"),
    *("django.views.generic", "icalendar", "psycopg2", "pytest"),
    *("_pytest.assertion.rewrite", "fido2.webauthn", "openpyxl", "segno", "typst"),
)
"""Whatever of this is there; nothing that asks Django's settings or apps for anything."""


MOST_SECONDS = 900
"""A test that waits for ever notices nothing."""


def main() -> None:
    """Answer until there is nothing more to read."""
    for name in IMPORTED:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001 - it only saves time
            continue
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _run(asked["environment"], asked["arguments"], asked["said"])
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(environment: dict[str, str], arguments: list[str], said: str) -> None:
    os.environ.update(environment)
    signal.alarm(MOST_SECONDS)
    out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.path.insert(0, str(pathlib.Path.cwd()))
    import pytest

    code = pytest.main(arguments)
    sys.stdout.flush()
    os._exit(int(code))


if __name__ == "__main__":
    main()
