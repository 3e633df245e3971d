"""A query that is put into SQL once, and asked often: what stands before nearly every page.

Django puts each query together anew, which takes longer than the database takes to answer it. Here only the values
change; rows are read as always, along with what the query selects of others.
"""

import copy
from collections.abc import Callable
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connections, models
from django.db.models.sql.compiler import SQLCompiler

RowT = TypeVar("RowT")


class Given(models.Value):
    """A value of a prepared query that is known when it is asked, under this name.

    It stands for one value that is there: neither for ``None``, which SQL asks for in other words, nor for several.
    """

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        """Its place in the query."""
        return "%s", [self]

    def filled(self, values: dict[str, Any], connection: Any) -> Any:
        """The value, as the database takes it.

        Raises:
            ValueError: there is none.
        """
        if (value := values[self.value]) is None:
            raise ValueError(f"{self.value} is None, which a prepared query cannot ask for.")
        return self.output_field.get_db_prep_value(value, connection=connection)


class Prepared(Generic[RowT]):
    """A query with ``Given`` values in it, all else of which is the same each time, a time zone in it included."""

    def __init__(self, query: Callable[[], models.QuerySet[Any, RowT]]) -> None:
        self._query = query
        self._compiled: dict[str, tuple[SQLCompiler, str, tuple[Any, ...]]] = {}

    @cached_property
    def _unasked(self) -> models.QuerySet[Any, RowT]:
        return self._query()

    def ask(self, **values: Any) -> list[RowT]:
        """The rows for these values, by their names: one query.

        Raises:
            KeyError: a value is missing.
            ValueError: a value is ``None``.
        """
        rows = self._unasked.all()
        if rows.db not in self._compiled:
            compiler = rows.all().query.get_compiler(rows.db)  # of its own: `rows` is given the values below
            self._compiled[rows.db] = (compiler, *compiler.as_sql())
            compiler.connection = None  # the thread that came first may end, and its connection with it
        compiler, sql, places = self._compiled[rows.db]
        filled = copy.copy(compiler)
        filled.connection = connection = connections[rows.db]  # this thread's
        parameters = [place.filled(values, connection) if isinstance(place, Given) else place for place in places]
        filled.as_sql = lambda *_, **__: (sql, parameters)  # type: ignore[method-assign, assignment]
        rows.query.get_compiler = lambda *_, **__: filled  # type: ignore[method-assign]
        return list(rows)
