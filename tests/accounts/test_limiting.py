"""How often somebody may do what costs much is counted by the database: it holds over several workers, all at once."""

import datetime
import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import limits
from accounts.limits import COSTLY, MINUTE, Limit, wait_for
from accounts.models import TryCount
from tests.accounts.second_proof import with_password
from tests.factories import PatientFactory, UserFactory
from tests.wall.tables import rows_of

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture(autouse=True)
def three_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COSTLY, "pdf", Limit(3, MINUTE))


def waits(*seconds: float, whose: str = "ada") -> list[int]:
    return [wait_for("pdf", whose, at=NOW + datetime.timedelta(seconds=each)) for each in seconds]


def test_each_person_has_so_many_in_a_while_and_is_told_how_long_to_wait() -> None:
    assert waits(0, 1, 2, 3, 59.5) == [0, 0, 0, 57, 1]
    assert waits(3, whose="eva") == [0]
    assert waits(60, 61, 62, 63) == [0, 0, 0, 57]


def test_what_is_refused_keeps_nobody_out_for_longer() -> None:
    waits(*range(40))

    assert waits(60) == [0]


def test_what_was_counted_before_costs_one_statement(django_assert_num_queries) -> None:
    waits(0)

    with django_assert_num_queries(1):
        waits(1)


def test_what_is_counted_names_nobody() -> None:
    waits(0, whose="ada@example.org")

    assert "ada" not in str(list(TryCount.objects.values()))


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_over_several_workers_so_many_are_let_through() -> None:
    together = threading.Barrier(12)

    def once(_: int) -> int:
        together.wait()
        try:
            return waits(0)[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(once, range(12)))

    assert answers.count(0) == 3


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_several_who_wait_for_the_last_one_it_is_given_to_one() -> None:
    waits(0, 0)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    other = connection.copy()
    other.set_autocommit(False)

    def once(_: int) -> int:
        try:
            return waits(0)[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        with other.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {TryCount._meta.db_table} FOR UPDATE")
        answers = [pool.submit(once, number) for number in range(3)]
        while rows_of(waiting) != [(3,)] and not any(answer.done() for answer in answers):
            wait(answers, timeout=0.02)
        other.rollback()
        other.close()

    assert [answer.result() for answer in answers].count(0) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_fails_stays_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COSTLY, "own data", Limit(3, MINUTE))
    user = PatientFactory(user=UserFactory()).user
    client = Client(raise_request_exception=False)
    client.force_login(user)
    with connection.cursor() as cursor:  # so that what the page reads is not there
        cursor.execute("ALTER TABLE patients_condition RENAME TO patients_condition_away")

    try:
        answers = [client.get(reverse("own_everything_json")).status_code for _ in range(5)]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE patients_condition_away RENAME TO patients_condition")

    assert answers == [500, 500, 500, 429, 429]


# allauth's own limits, which it counts in each worker's memory --------------------------------------------------------
def as_another_worker(client: Client) -> Client:
    """What the next worker knows of the tries before: what is in the database."""
    cache.clear()
    return client


def test_links_to_a_new_password_are_counted_over_workers() -> None:
    user = UserFactory()

    pages = [
        as_another_worker(Client()).post("/accounts/password/reset/", {"email": user.email}, follow=True)
        for _ in range(5)
    ]

    assert len(mail.outbox) == 3
    assert "We sent several mails already" in pages[-1].content.decode()


def test_showing_oneself_again_is_counted_over_workers(client: Client) -> None:
    client.force_login(with_password(UserFactory()))
    path = "/accounts/reauthenticate/"

    answers = [as_another_worker(client).post(path, {"password": "wrong"}).status_code for _ in range(12)]

    assert answers[-2:] == [429, 429]
    assert set(answers[:10]) == {200}


def test_a_new_password_is_counted_over_workers(client: Client) -> None:
    client.force_login(with_password(UserFactory()))
    sent = {"oldpassword": "wrong", "password1": "another boring one", "password2": "another boring one"}

    answers = [as_another_worker(client).post("/accounts/password/change/", sent) for _ in range(6)]

    assert answers[-1].status_code == 429


def test_passkeys_are_counted_over_workers() -> None:
    path = "/accounts/passkeys/sign-in/"
    most = COSTLY["passkey"].most

    answers = [as_another_worker(Client()).post(path, {"credential": "{}"}).status_code for _ in range(most + 1)]

    assert answers[-1] == 429
    assert 429 not in answers[:most]


def test_who_is_not_signed_in_counts_by_the_range_that_they_come_from() -> None:
    path = "/accounts/passkeys/sign-in/"
    for number in range(COSTLY["passkey"].most):
        Client().post(path, {"credential": "{}"}, REMOTE_ADDR=f"203.0.113.{number}")

    near = Client().post(path, {"credential": "{}"}, REMOTE_ADDR="203.0.113.200")
    far = Client().post(path, {"credential": "{}"}, REMOTE_ADDR="203.0.112.1")

    assert (near.status_code, far.status_code != 429) == (429, True)
    assert limits.address_range("203.0.113.200") == "203.0.113.0/24"
