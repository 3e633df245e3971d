"""One world for all of these tests: every request in it is undone."""

import gc
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.permissions.world import World, build


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    logging.disable(logging.ERROR)  # thousands of refusals, each with its line
    with django_db_blocker.unblock(), transaction.atomic():
        there = build()
        gc.freeze()  # what is there now stays: nobody has to look through it after every few requests
        yield there
        gc.unfreeze()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)
