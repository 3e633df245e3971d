import datetime
import re

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts import outbox
from operations.metrics import MetricsMiddleware
from operations.models import beat_of_sender
from tests.operations.test_health import without_a_database

pytestmark = pytest.mark.django_db


def ask(path="/metrics", **headers):
    middleware = MetricsMiddleware(lambda _: HttpResponse("the next one", status=404))
    return middleware(RequestFactory().get(path, headers=headers))


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = "a token"


@pytest.mark.parametrize("shown", [{}, {"Authorization": "Bearer another"}, {"Authorization": "a token"}])
def test_without_the_token_there_is_no_such_page(shown):
    assert ask(**shown).content == b"the next one"


def test_other_addresses_are_handed_on():
    assert ask("/metrics/", Authorization="Bearer a token").content == b"the next one"


def test_where_none_is_set_an_empty_one_opens_nothing(client):
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_it_says_what_waits_and_how_long_the_sender_is_silent():
    at = timezone.now()
    outbox.post("needs_you", unique_key="k", address="p@example.org", due_at=at - datetime.timedelta(minutes=1))
    beat_of_sender(at=at - datetime.timedelta(minutes=10))

    page = ask(Authorization="Bearer a token").content.decode()

    assert "limber_database_up 1.0" in page
    assert "limber_outbox_due 1.0" in page
    assert "limber_outbox_given_up 0.0" in page
    assert 600 <= float(re.search(r"limber_sender_silence_seconds ([\d.]+)", page)[1]) < 660


def test_without_a_database_it_says_that():
    with without_a_database():
        page = ask(Authorization="Bearer a token").content.decode()

    assert "limber_database_up 0.0" in page
