"""``manage.py migrate``, and then the triggers of the audit record and of the catalogue's mark."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from audit import catalogue_mark, triggers


class Command(migrate.Command):
    """Django's, around which the record is kept whole and the catalogue marked."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, and put every table on record as it is now."""
        if options["plan"] or options["check_unapplied"]:
            super().handle(*args, **options)
            return
        connection = connections[options["database"]]
        triggers.remove(connection)
        catalogue_mark.remove(connection)
        try:
            super().handle(*args, **options)
        finally:
            triggers.install(connection)
            catalogue_mark.install(connection)
