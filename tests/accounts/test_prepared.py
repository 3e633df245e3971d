"""What is put into SQL once answers as the query itself would, for other values, other people and other threads."""

import datetime
import gc
import uuid
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.db.models import DateTimeField, IntegerField, UUIDField
from django.db.models.query import ModelIterable
from django.utils import timezone

from accounts.models import TryCount
from accounts.prepared import Given, Prepared
from patients.current import current_conditions
from patients.models import Condition
from tests.factories import ConditionFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def since() -> Prepared[TryCount]:
    """Tries from a moment on, and at least so many."""
    moment, tries = Given("moment", DateTimeField()), Given("tries", IntegerField())
    return Prepared(lambda: TryCount.objects.filter(began_at__gte=moment, tries__gte=tries).order_by("key"))


def counted(key: str, minutes: float, tries: int) -> TryCount:
    return TryCount.objects.create(key=key, began_at=NOW + datetime.timedelta(minutes=minutes), tries=tries)


def test_it_answers_for_the_values_of_each_time(since) -> None:
    early, late, often = counted("a", 0, 1), counted("b", 5, 1), counted("c", 5, 9)

    found = [
        since.ask(moment=NOW, tries=1),
        since.ask(tries=1, moment=NOW + datetime.timedelta(minutes=1)),
        since.ask(moment=NOW, tries=2),
        since.ask(moment=NOW + datetime.timedelta(minutes=6), tries=1),
    ]

    assert found == [[early, late, often], [late, often], [often], []]


def test_it_brings_rows_along_as_the_query_does(django_assert_num_queries) -> None:
    known = [ConditionFactory() for _ in range(2)]
    ConditionFactory(code=None, free_text="A sore knee", patient=known[0].patient)
    asked = Condition.objects.current().select_related("code")

    for condition in known:
        expected = list(asked.filter(patient=condition.patient))
        with django_assert_num_queries(1):
            found = current_conditions(condition.patient)
            described = [(str(each), each.code) for each in found]

        assert found == expected
        assert described == [(str(each), each.code) for each in expected]
        assert [vars(each) | {"_state": None} for each in found] == [vars(each) | {"_state": None} for each in expected]


def test_it_reads_what_was_written_since(since) -> None:
    row = counted("a", 0, 1)
    before = since.ask(moment=NOW, tries=1)

    TryCount.objects.filter(pk=row.pk).update(tries=7)

    assert [each.tries for each in before] == [1]
    assert [each.tries for each in since.ask(moment=NOW, tries=1)] == [7]


def test_a_value_that_is_missing_or_none_is_no_answer(since) -> None:
    counted("a", 0, 1)

    with pytest.raises(KeyError, match="tries"):
        since.ask(moment=NOW)
    with pytest.raises(ValueError, match="tries is None"):
        since.ask(moment=NOW, tries=None)


def test_single_values_come_as_they_are() -> None:
    condition = ConditionFactory()
    patients = Prepared(
        lambda: Condition.objects.filter(pk=Given("pk", UUIDField())).values_list("patient_id", flat=True)
    )

    assert patients.ask(pk=condition.pk) == [condition.patient_id]
    assert patients.ask(pk=uuid.uuid4()) == []


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_over_its_own_connection(since) -> None:
    counted("a", 0, 1)
    since.ask(moment=NOW, tries=1)

    def elsewhere() -> list[str]:
        try:
            return [each.key for each in since.ask(moment=NOW, tries=1)]
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(elsewhere).result() == ["a"]


def test_who_asks_meanwhile_gets_and_gives_no_answer_of_another() -> None:
    """As two threads do, one while the other's rows are on their way; here always at the same point."""
    often, rarely = counted("a", 0, 9), counted("b", 0, 1)
    meanwhile: list[list[TryCount]] = []

    class Meanwhile(ModelIterable):
        def __iter__(self) -> Iterator[TryCount]:
            if not meanwhile:
                meanwhile.append([])
                meanwhile[0] = tries.ask(tries=1)
            yield from super().__iter__()

    def query():
        rows = TryCount.objects.filter(tries=Given("tries", IntegerField()))
        rows._iterable_class = Meanwhile
        return rows

    tries = Prepared(query)

    assert tries.ask(tries=9) == [often]
    assert meanwhile == [[rarely]]


class Moment(datetime.datetime):
    """One that can be watched."""


@pytest.mark.django_db(transaction=True)
def test_it_keeps_no_value_and_no_connection_of_who_asked_first(since) -> None:
    def elsewhere() -> list[weakref.ref]:
        moment = Moment.fromtimestamp(NOW.timestamp(), datetime.UTC)
        try:
            since.ask(moment=moment, tries=1)
            return [weakref.ref(moment), weakref.ref(connections["default"])]
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(elsewhere).result()
    gc.collect()

    assert [each() for each in first] == [None, None]
