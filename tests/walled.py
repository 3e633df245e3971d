"""On PostgreSQL, every request that a test makes is answered behind the second wall, as the role of the application.

What a test itself stores and looks at it does as a superuser, for whom there is no wall.
"""

import os
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

ROLE = "limber_app"
TOLD = int(os.environ["TEST_DB"] == "postgres")
"""Statements of a page by which the database is told who acts."""
FORGET = "SELECT " + ", ".join(f"set_config('limber.{name}', '', true)" for name in ("user", "clinics", "reach"))


def make_role() -> None:
    """Make it, once for a run: other processes of the same run may be at it."""
    from accounts import acting, database_role

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7)")
        try:
            database_role.make(cursor, ROLE)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(7)")
        database_role.grant(cursor, ROLE)
    acting.Transaction.opened = staticmethod(_uncounted)


def as_role(statement: str) -> None:
    """Change the role without a word to those who count statements."""
    with connection.connection.cursor() as cursor:
        cursor.execute(statement)


class AppRoleMiddleware:
    """Answers as the application's role; stands before all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        connection.ensure_connection()
        as_role(f"SET ROLE {ROLE}")
        try:
            response = self.get_response(request)
        finally:
            as_role("RESET ROLE")
        if response.streaming:
            response.streaming_content = _behind_the_wall(iter(response.streaming_content))
        return response


def _behind_the_wall(parts: Iterator[bytes]) -> Iterator[bytes]:
    while True:
        as_role(f"SET ROLE {ROLE}")
        try:
            part = next(parts)
        except StopIteration:
            return
        finally:
            as_role("RESET ROLE")
        yield part


class UncountedAtomic(transaction.Atomic):
    """The transaction of a request. Inside that of a test it is a savepoint, which nobody pays for in earnest."""

    def __enter__(self) -> Any:
        with Uncounted():
            return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with Uncounted():
            super().__exit__(kind, error, trace)
        as_role(FORGET)  # as the end of a transaction does


def _uncounted() -> UncountedAtomic:
    return UncountedAtomic(None, True, False)


class Uncounted:
    """Statements inside are not among the captured ones."""

    def __enter__(self) -> None:
        self.before = connection.force_debug_cursor
        connection.force_debug_cursor = False

    def __exit__(self, *_: object) -> None:
        connection.force_debug_cursor = self.before
