"""A condition on stretches that is put together once and asked often: Django would build it anew in every place.

What it says is not decided here: ``prescriptions.safety`` hands over the rule, as the database says it.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import BooleanField, Expression, F
from django.db.models.sql.compiler import SQLCompiler

from stretches.models import Contraindication

Sql = tuple[str, list[Any]]


def where_sql(rows: models.QuerySet[Any]) -> Sql:
    """What a query of one table filters by; its columns carry the name of the table. Nothing at all is never true."""
    compiler = rows.query.get_compiler(connection=connection)
    try:
        sql, parameters = compiler.compile(rows.query.where)
    except EmptyResultSet:
        return "1 = 0", []
    return sql, list(parameters)


_RULES: OrderedDict[Hashable, Sql] = OrderedDict()
RULES_MAX = 512
"""So many conditions are kept as put together: words for the database, and no answer of its."""


def kept_sql(model: type[models.Model], condition: models.Q) -> Sql:
    """A condition on rows of the catalogue in the database's words, kept under itself: another has other words."""
    key = (connection.vendor, model, condition)
    if (known := _RULES.get(key)) is None:
        known = _RULES[key] = where_sql(model._default_manager.order_by().filter(condition))
        while len(_RULES) > RULES_MAX:
            _RULES.popitem(last=False)
    return known


class Leading(Expression):
    """Whether a stretch has a contraindication for which all of these hold. Asked row by row (EXISTS)."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, *conditions: Sql) -> None:
        super().__init__()
        self._conditions = conditions
        self._stretch: Any = F("pk")

    def get_source_expressions(self) -> list[Any]:
        """The stretch, by its id."""
        return [self._stretch]

    def set_source_expressions(self, exprs: Any) -> None:
        """Know the stretch by the name that it has in the query."""
        [self._stretch] = exprs

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        """The condition in a query; ``conditions`` carry the name of the table, which nothing around it has."""
        quote, meta = connection.ops.quote_name, Contraindication._meta
        table, column = quote(meta.db_table), quote(meta.get_field("stretch").column)
        stretch, parameters = compiler.compile(self._stretch)
        wanted = " AND ".join(f"({sql})" for sql, _ in self._conditions)
        of_conditions = [each for _, params in self._conditions for each in params]
        sql = f"EXISTS(SELECT 1 FROM {table} WHERE {table}.{column} = {stretch} AND {wanted})"  # noqa: S608 - names of columns, and what Django compiled
        return sql, [*parameters, *of_conditions]
