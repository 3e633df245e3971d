"""``manage.py make_roles``: the role as which pages connect, with the rights that it needs and no others."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from accounts import database_role


class Command(BaseCommand):
    """Run as the owner, again after every migration; ``make_ready`` does."""

    help = "Makes the role of DATABASE_URL, unless it is there, and grants it the rows of every table (PostgreSQL)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make and grant; nothing where pages connect as the owner, which is for trying Limber."""
        application, owner = settings.APPLICATION_DATABASE, settings.OWNER_DATABASE
        if connection.vendor != "postgresql" or application["USER"] == owner["USER"]:
            if options["verbosity"]:
                self.stdout.write("Nothing to do: pages connect as the owner of the database.")
            return
        with connection.cursor() as cursor:
            database_role.make(cursor, application["USER"], application["PASSWORD"])
            database_role.grant(cursor, application["USER"])
        if options["verbosity"]:
            self.stdout.write(f"{application['USER']} reads and writes rows, and owns nothing.")
