"""Installing and upgrading in one command."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import connections

from patients.models import OutcomeMeasure, Patient
from prescriptions.models import Template
from stretches.models import Stretch

pytestmark = pytest.mark.django_db


def test_it_loads_what_limber_ships_and_a_second_time_nothing():
    first, second = io.StringIO(), io.StringIO()

    call_command("make_ready", stdout=first, stderr=first)
    call_command("make_ready", stdout=second, stderr=second)

    assert (Stretch.objects.count(), Patient.objects.count()) == (45, 0)
    assert Template.objects.count() >= 6
    assert OutcomeMeasure.objects.count() >= 2
    assert "Nothing to load." in second.getvalue()


@pytest.mark.postgres
def test_a_server_that_is_too_old_is_told_apart_before_anything_is_done(monkeypatch):
    monkeypatch.setitem(connections["default"].__dict__, "pg_version", 140_011)

    with pytest.raises(SystemCheckError, match="PostgreSQL 14 is too old: Limber needs 15 or newer"):
        call_command("make_ready", stdout=io.StringIO(), stderr=io.StringIO())

    assert not OutcomeMeasure.objects.exists()


def test_the_demo_comes_only_where_it_may(settings):
    settings.DEMO = settings.DEBUG = False

    with pytest.raises(CommandError):
        call_command("make_ready", demo=True, stdout=io.StringIO(), stderr=io.StringIO())

    assert not Patient.objects.exists()
