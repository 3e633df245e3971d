"""``python -m tests.migrations``: whether a migration lets the release before go on, and locks nothing for long.

django-migration-linter reads the SQL that PostgreSQL would be given: a column that goes or gets another name, one that
may no longer be empty, an index that is not made CONCURRENTLY. While an upgrade runs, the old code still answers; on a
table of millions of logs, a lock that is held for long stops everybody. CONTRIBUTING.md says how to do it in two steps.

``--release`` writes down all that there is now as released: that is not looked at again, for nobody may change it.
The tables that an empty SQLite file begins with are written down anew, too (``tests.structure``).
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

RELEASED = Path(__file__).with_name("migrations_released.txt")
"""What is not checked: migrations that were released. Before the first release there was no old code to break."""

EXCEPTED: dict[str, str] = {}
"""``app.name`` of a migration → why it may do what the linter objects to all the same."""


def ours() -> dict[str, Any]:
    """Every migration of ours by its name."""
    from django.apps import apps
    from django.conf import settings
    from django.db.migrations.loader import MigrationLoader

    found = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    labels = {config.label for config in apps.get_app_configs() if Path(config.path).parent == settings.BASE_DIR}
    return {f"{app}.{name}": migration for (app, name), migration in found.items() if app in labels}


def main(arguments: list[str]) -> int:
    """Check, or write down what is released; returns the exit status."""
    from tests import environment

    os.environ["TEST_DB"] = "postgres"
    environment.prepare()
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    import django

    django.setup()
    if arguments == ["--release"]:
        RELEASED.write_text("\n".join(sorted(ours())) + "\n")
        subprocess.run([sys.executable, "-m", "tests.structure"], check=True)
        return 0
    from django_migration_linter import MigrationLinter

    released = set(RELEASED.read_text().split())
    linter = MigrationLinter(no_cache=True, quiet=["ok", "ignore", "warning"])
    for name, migration in sorted(ours().items()):
        if name not in released and name not in EXCEPTED:
            linter.lint_migration(migration)
    return int(linter.has_errors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
