"""What every test runs in. pytest loads this before Django reads its settings: see addopts in pyproject.toml.

``TEST_DB=sqlite`` (the default) is a file below a temporary folder, as in a real installation: readers and writers in
several threads meet each other as they do there, which they do not in memory. ``TEST_DB=postgres`` is the server that
``DATABASE_URL`` names, or else a throw-away one. ``TEST_VAR_DIR`` names a folder that stays when the run is over, for
the next one to begin with its database: ``tests.promises.running``.

With pytest-xdist the workers inherit all this from the process that started them.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests import postgres


def prepare() -> None:
    """Set the environment that clinic.settings reads.

    Raises:
        SystemExit: ``TEST_DB`` names a database that we do not know, or PostgreSQL is wanted and nowhere to be found.
    """
    var_dir = Path(os.environ.get("TEST_VAR_DIR") or tempfile.mkdtemp(prefix="limber-test-"))
    if "TEST_VAR_DIR" not in os.environ:
        atexit.register(shutil.rmtree, var_dir, ignore_errors=True)
    (var_dir / "static").mkdir(parents=True, exist_ok=True)
    os.environ.update(
        SECRET_KEY="a key for tests only, known to everybody",
        VAR_DIR=str(var_dir),
        SITE_URL="http://127.0.0.1:8000",
        DEBUG="false",
        DEMO="false",
        REQUIRE_STAFF_MFA="false",  # tests/accounts/test_second_step.py turns it on
        LOG_LEVEL="WARNING",
    )
    match os.environ.setdefault("TEST_DB", "sqlite"):
        case "sqlite":
            os.environ["DATABASE_URL"] = f"sqlite:///{var_dir / 'limber.sqlite3'}"
        case "postgres":
            os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or postgres.start()
        case unknown:
            raise SystemExit(f"TEST_DB={unknown}: say sqlite or postgres")


if "PYTEST_XDIST_WORKER" not in os.environ:
    prepare()
