#!/usr/bin/env python
"""Django's command line for Limber."""

import os
import sys

OWNERS = {
    "backup",
    "flush",
    "load_catalogue",
    "load_demo",
    "load_outcome_measures",
    "load_templates",
    "make_ready",
    "migrate",
    "open_clinic",
    "restore",
    "sqlflush",
    "sqlmigrate",
}
"""Commands about the whole database: with OWNER_DATABASE_URL they connect as who owns the tables."""


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    if sys.argv[1:2] and sys.argv[1] in OWNERS:
        os.environ.setdefault("AS_OWNER", "1")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
