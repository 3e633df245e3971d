"""Which page reads what from a replica: of catalogue and logs only, on pages that say so, and never to decide anything.

The replica here is an empty database. Whatever a page were to read of it, it would not find; so besides asking which
tables are read there, every page that may not use it has to look as it does without.
"""

import contextlib
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts import replica
from accounts.replica import JUST_WROTE, may_be_stale
from stretches.models import Stretch
from tests.factories import StretchFactory
from tests.permissions.addresses import Address, addresses, path_of
from tests.permissions.world import World, undone

pytestmark = [pytest.mark.django_db(databases=["default", replica.REPLICA]), pytest.mark.sqlite]

TABLES = re.compile(r'(?:FROM|JOIN) "(\w+)"')
READ_THERE = {
    "stretches:stretch_list",
    "stretches:stretch_detail",
    "stretches:condition_code_list",
    "stretches:condition_code_detail",
    "stretches:source_list",
    "stretches:source_detail",
    "routines:progress_detail",
    "routines:record_detail",
}
"""The only pages that read anything from a replica. Whoever adds one says here that a moment ago is soon enough."""
LOGS = {"routines_sessionlog", "routines_stretchlog"}


@pytest.fixture(scope="module", autouse=True)
def empty_replica(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[None]:
    """A second database with all tables and no row."""
    name = str(tmp_path_factory.mktemp("replica") / "replica.sqlite3")
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'")
        statements = [sql for (sql,) in cursor.fetchall()]
    with contextlib.closing(sqlite3.connect(name)) as copy, copy:
        for sql in statements:
            copy.execute(sql)
    connections.databases[replica.REPLICA] = {**connections.databases["default"], "NAME": name}
    yield
    del connections.databases[replica.REPLICA]


@pytest.fixture
def read_there(db: None, monkeypatch: Any) -> Iterator[list[str]]:
    """Every statement that the replica gets."""
    statements: list[str] = []

    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    monkeypatch.setattr(replica, "lag", replica.Lag())
    with connections[replica.REPLICA].execute_wrapper(listen):
        yield statements


def tables_in(statements: list[str]) -> set[str]:
    return {table for sql in statements for table in TABLES.findall(sql)}


def pages() -> list[Address]:
    return [address for address in addresses() if not address.is_of_admin and "rest" not in address.name]


def test_only_these_pages_read_there_and_only_these_tables(world: World, read_there: list[str]) -> None:
    read: dict[str, set[str]] = defaultdict(set)
    for address in pages():
        with undone():
            url = path_of(address, world, address.objects[0])
            for person in ("patient", "clinician", "admin"):
                read_there.clear()
                world.ask(person, "GET", url)
                read[address.name] |= tables_in(read_there)

    used = {name for name, tables in read.items() if tables}
    assert used == READ_THERE
    for name in used:
        assert all(table.startswith("stretches_") or table in LOGS for table in read[name]), (name, read[name])


@pytest.fixture
def view(world: World, read_there: list[str]) -> Any:
    """A page that says how many stretches there are."""

    @may_be_stale
    def count(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(Stretch.objects.count()))

    return count


def asked(view: Any, method: str = "GET", cookies: tuple[str, ...] = ()) -> str:
    factory = RequestFactory()
    for name in cookies:
        factory.cookies[name] = "1"
    return view(factory.generic(method, "/")).content.decode()


def test_a_marked_view_reads_there(view: Any) -> None:
    there = Stretch.objects.count()

    assert asked(view) == "0" != str(there)


def test_who_has_just_written_reads_the_primary(view: Any) -> None:
    there = str(Stretch.objects.count())

    assert asked(view, cookies=(JUST_WROTE,)) == there != "0"
    assert asked(view, "POST") == there


def test_a_replica_that_is_behind_is_not_asked(view: Any, read_there: list[str], monkeypatch: Any) -> None:
    monkeypatch.setattr(replica.Lag, "_has_caught_up", lambda *_: False)

    assert asked(view) == str(Stretch.objects.count())
    assert read_there == []


def test_a_replica_that_is_gone_is_left_alone(view: Any, monkeypatch: Any) -> None:
    tries = []

    def gone(*_: Any) -> bool:
        tries.append(1)
        raise DatabaseError("the connection was refused")

    monkeypatch.setattr(replica.Lag, "_has_caught_up", gone)

    assert {asked(view), asked(view)} == {str(Stretch.objects.count())}
    assert len(tries) == 1


@pytest.mark.parametrize("error", [DatabaseError, Http404])
def test_what_fails_there_is_answered_by_the_primary(read_there: list[str], error: type[Exception]) -> None:
    used = []

    @may_be_stale
    def view(request: HttpRequest) -> HttpResponse:
        used.append(Stretch.objects.all().db)
        if used[-1] == replica.REPLICA:
            raise error
        return HttpResponse("here")

    assert asked(view) == "here"
    assert used == [replica.REPLICA, "default"]


def test_outside_of_such_a_view_nothing_is_read_there(read_there: list[str]) -> None:
    made = StretchFactory()

    assert Stretch.objects.get(pk=made.pk) == made
    assert read_there == []


def test_sending_something_in_is_noted(client: Any, read_there: list[str]) -> None:
    response = client.post("/accounts/login/", {"login": "nobody@example.org", "password": "wrong"})

    assert response.cookies[JUST_WROTE]["max-age"] == replica.JUST_WROTE_SECONDS
    assert response.cookies[JUST_WROTE]["httponly"]
