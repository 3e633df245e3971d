import contextlib
import json

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from operations import health
from tests.factories import UserFactory

HOST_OF_A_PROBE = "10.0.3.17:8000"


@contextlib.contextmanager
def without_a_database():
    """Every statement fails, as it does when the server is gone."""

    def refuse(*_):
        raise DatabaseError("the text of this error names the host")

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.django_db
def test_both_answer_a_probe_that_knows_no_host_name(settings, secure):
    settings.SECURE_SSL_REDIRECT = True
    probe = Client()

    live, ready = (probe.get(path, secure=secure, HTTP_HOST=HOST_OF_A_PROBE) for path in (health.LIVE, health.READY))

    assert (live.status_code, live.json()) == (200, {"status": "live"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


def test_live_asks_no_database():
    # without the mark, any query is an error
    assert Client().get(health.LIVE, HTTP_HOST=HOST_OF_A_PROBE).status_code == 200


@pytest.mark.django_db
def test_ready_costs_one_query_after_the_first_time(django_assert_num_queries):
    probe = Client()
    probe.get(health.READY)

    with django_assert_num_queries(1):
        probe.get(health.READY)


@pytest.mark.django_db
def test_neither_keeps_a_session_alive(django_assert_num_queries):
    client = Client()
    client.force_login(UserFactory())
    client.get(health.READY)

    with django_assert_num_queries(1):
        answer = client.get(health.READY)

    assert not answer.cookies


@pytest.mark.django_db
def test_without_a_database_it_lives_and_is_not_ready():
    with without_a_database():
        live, ready = Client().get(health.LIVE), Client().get(health.READY)

    assert live.status_code == 200
    assert (ready.status_code, ready["Retry-After"]) == (503, "5")
    assert json.loads(ready.content) == {"status": "not ready", "waiting_for": "database"}


@pytest.mark.django_db
def test_with_a_migration_to_come_it_is_not_ready():
    MigrationRecorder.Migration.objects.filter(app="operations").delete()
    probe = Client()

    answer = probe.get(health.READY)
    MigrationRecorder(connection).record_applied("operations", "0001_pulse")
    afterwards = probe.get(health.READY)

    assert (answer.status_code, answer.json()["waiting_for"]) == (503, "migrations")
    assert afterwards.status_code == 200


@pytest.mark.parametrize("path", [health.LIVE, health.READY])
def test_they_are_only_asked(path):
    assert Client().post(path).status_code == 405
