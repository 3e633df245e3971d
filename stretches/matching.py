"""A condition of a query, asked of something in memory: the same condition, so that both mean the same."""

import operator
from collections.abc import Callable, Sequence
from typing import Any, cast

from django.db.models import Q

Test = Callable[[Any], bool]

_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


def fulfils(condition: Q) -> Test:
    """Make of a condition on columns a question to anything that has them as attributes; what is unknown is not so.

    Raises:
        NotImplementedError: the condition asks for something that is not looked up here; better no answer than a
            wrong one.
    """
    tests = [
        fulfils(child) if isinstance(child, Q) else _lookup(*cast(tuple[str, Any], child))
        for child in condition.children
    ]
    if condition.connector not in (Q.AND, Q.OR):
        raise NotImplementedError(condition.connector)
    combined = _every(tests) if condition.connector == Q.AND else _some(tests)
    return (lambda row: not combined(row)) if condition.negated else combined


def _every(tests: Sequence[Test]) -> Test:
    match tests:
        case [only]:
            return only
        case [first, second]:
            return lambda row: first(row) and second(row)

    def every(row: Any) -> bool:  # a loop is twice as fast as all(): this is asked of hundreds of rows for each page
        for test in tests:  # noqa: SIM110
            if not test(row):
                return False
        return True

    return every


def _some(tests: Sequence[Test]) -> Test:
    match tests:
        case []:  # as of ``Q()``, which asks for nothing
            return lambda _: True
        case [only]:
            return only
        case [first, second]:
            return lambda row: first(row) or second(row)

    def some(row: Any) -> bool:
        for test in tests:  # noqa: SIM110
            if test(row):
                return True
        return False

    return some


def _lookup(key: str, wanted: Any) -> Test:
    column, _, lookup = key.partition("__")
    read = operator.attrgetter(column)
    if lookup == "isnull":
        return lambda row: (read(row) is None) is wanted
    if lookup == "in":
        among = frozenset(wanted) - {None}
        return lambda row: read(row) in among if among else False
    compare = _COMPARED.get(lookup or "exact")
    if compare is None or wanted is None or hasattr(wanted, "resolve_expression"):
        raise NotImplementedError(key)
    return lambda row: (value := read(row)) is not None and compare(value, wanted)
