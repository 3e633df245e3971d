"""The same world outside of pytest, for what is run by hand."""

import gc
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests import environment

if TYPE_CHECKING:
    from tests.permissions.world import World


def begin() -> None:
    """Make Django ready on a database of its own: before anything of ours is imported."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    environment.prepare()
    import django

    django.setup()


@contextmanager
def a_world() -> Iterator["World"]:
    """Migrate, build the world, and forget it in the end."""
    from django.core.management import call_command
    from django.db import transaction
    from django.test.utils import setup_test_environment

    from tests import conftest
    from tests.permissions.world import build

    conftest.pytest_configure()
    setup_test_environment()
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        world = build()
        gc.freeze()
        yield world
        transaction.set_rollback(True)
