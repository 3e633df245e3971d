"""``manage.py make_ready``: a database brought up to date, with everything in it that Limber ships."""

import contextlib
import gc
from collections.abc import Iterator
from typing import Any

from django.core.checks import Tags
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from clinic import structure

STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("migrate", {"verbosity": 0}),
    ("make_roles", {"verbosity": 0}),
    ("load_catalogue", {}),
    ("load_templates", {}),
    ("load_outcome_measures", {}),
)
"""In this order: each rests on those before it, and each leaves alone what it did before."""


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    """Leave garbage lie: a quarter of the time of all migrations goes into looking for it, among 7,500 model classes.

    Django makes them anew as it goes from one state of the tables to the next. It costs 300 MB, on an empty database.
    The demo clinic, too, is a sixth of its time quicker made, and costs nothing.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Command(BaseCommand):
    """All steps in one process: starting one takes longer than most of them."""

    help = "Migrates the database and loads what Limber ships. Run it on installing and on upgrading."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether the demo clinic is wanted."""
        parser.add_argument("--demo", action="store_true", help="load the demo clinic too")

    def handle(self, *args: Any, **options: Any) -> None:
        """One after another; the first that fails ends it. Before all of them, whether the database will do."""
        self.check(tags=[Tags.database], databases=["default"])
        structure.load(connection)
        for name, arguments in STEPS:
            with uncollected() if name == "migrate" else contextlib.nullcontext():
                call_command(name, stdout=self.stdout, stderr=self.stderr, **arguments)
        if options["demo"]:
            with uncollected():
                call_command("load_demo", stdout=self.stdout, stderr=self.stderr)
