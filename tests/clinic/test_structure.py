"""What an empty file is given at once is what migrations would have made of it."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from pytest_django import DjangoDbBlocker

from clinic import structure

pytestmark = pytest.mark.sqlite


@pytest.fixture
def empty(tmp_path: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[BaseDatabaseWrapper]:
    """An SQLite file with nothing in it, beside the one of the tests."""
    connections.settings["empty"] = {**connection.settings_dict, "NAME": str(tmp_path / "empty.sqlite3")}
    with django_db_blocker.unblock():
        yield connections["empty"]
        connections["empty"].close()
    del connections["empty"], connections.settings["empty"]


def told(text: str) -> Counter[str]:
    """Its statements, without the numbers of rows: those of a later migration come where there is room."""
    numbered = re.compile(r"(?<=\(|\s)\d+(?=[,)])")
    return Counter(numbered.sub("#", line) if line.startswith("INSERT") else line for line in text.splitlines())


def test_it_is_what_the_migrations_make(empty: BaseDatabaseWrapper, as_migrated: str) -> None:
    is_loaded = structure.load(empty)

    call_command("migrate", database="empty", verbosity=0)

    assert is_loaded
    assert told(structure.written(empty)) == told(as_migrated), "run python -m tests.structure"


@pytest.mark.django_db
def test_where_something_is_nothing_is_made() -> None:
    assert structure.load(connection) is False


def test_with_a_migration_that_is_not_here_nothing_is_made(empty: BaseDatabaseWrapper, tmp_path: Path) -> None:
    other = tmp_path / "structure.sql"
    other.write_text(structure.FILE.read_text().replace("'clinic', '0001_", "'clinic', '0001_another_"))

    is_loaded = structure.load(empty, other)

    assert not is_loaded
    assert empty.introspection.table_names() == []


def test_what_fails_halfway_leaves_nothing(empty: BaseDatabaseWrapper, tmp_path: Path) -> None:
    broken = tmp_path / "structure.sql"
    broken.write_text(structure.FILE.read_text() + "INSERT INTO nowhere VALUES (1);\n")

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        structure.load(empty, broken)

    empty.close()
    assert empty.introspection.table_names() == []
