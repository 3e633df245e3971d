#!/usr/bin/env python
"""Django's command line for Limber."""

import os
import sys

OWNERS = {
    "apply_erasures",
    "backup",
    "check_safety",
    "dumpdata",
    "export_catalogue",
    "export_ledger",
    "flush",
    "generate_load",
    "import_catalogue",
    "load_catalogue",
    "load_demo",
    "load_outcome_measures",
    "load_templates",
    "loaddata",
    "make_ready",
    "make_roles",
    "migrate",
    "open_clinic",
    "reproduce_reports",
    "restore",
    "seal_audit",
    "sqlflush",
    "sqlmigrate",
    "verify_audit",
}
"""Commands about the whole database: with OWNER_DATABASE_URL they connect as who owns the tables."""


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    if sys.argv[1:2] and sys.argv[1] in OWNERS:
        os.environ.setdefault("AS_OWNER", "1")
    os.environ.setdefault("STATEMENT_TIMEOUT_SECONDS", "0")  # a page has to answer, a command has to finish
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
