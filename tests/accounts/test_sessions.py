"""A sign-in ends: after a while without anything done, and after a while in all."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Session
from accounts.sessions import SIGNED_IN_AT
from tests.factories import AdminFactory, ClinicianFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db

MINUTE, HOUR = datetime.timedelta(minutes=1), datetime.timedelta(hours=1)
SECOND = datetime.timedelta(seconds=1)
PAGE = "/accounts/password/change/"


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def a_patient():
    return PatientFactory(user=UserFactory()).user


def is_in(client, **headers):
    return client.get(PAGE, headers=headers).status_code in {200, 302} and "_auth_user_id" in client.session


def was_idle(duration):
    Session.objects.update(seen_at=timezone.now() - duration)


@pytest.mark.parametrize(
    ("person", "idle", "stays"),
    [
        (a_patient, 59 * MINUTE, True),
        (a_patient, 60 * MINUTE, False),
        (ClinicianFactory, 14 * MINUTE, True),
        (ClinicianFactory, 15 * MINUTE, False),
        (AdminFactory, 15 * MINUTE, False),
        (lambda: UserFactory(is_superuser=True), 15 * MINUTE, False),
    ],
)
def test_it_ends_when_nothing_is_done(person, idle, stays):
    client = signed_in(person())

    was_idle(idle)

    assert is_in(client) is stays


@pytest.mark.postgres
@pytest.mark.parametrize("key", [r"aaaaaaaa\000", "' OR 1=1 --", "a" * 500])
def test_a_cookie_that_can_be_no_key_is_nobodys(client, key):
    # As it comes over the wire, where a zero byte is written in digits: a newer Python lets no program write one.
    response = client.get(reverse("patients:patient_list"), headers={"cookie": f'sessionid="{key}"'})

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize(("left", "stays"), [(MINUTE, True), (-SECOND, False)])
def test_it_ends_on_the_date_that_is_stored_with_it(left, stays):
    client = signed_in(ClinicianFactory())

    Session.objects.update(expire_date=timezone.now() + left)

    assert is_in(client) is stays


@pytest.mark.parametrize(
    ("person", "age", "stays"),
    [
        (a_patient, 24 * HOUR - MINUTE, True),
        (a_patient, 24 * HOUR, False),
        (ClinicianFactory, 12 * HOUR - MINUTE, True),
        (ClinicianFactory, 12 * HOUR, False),
    ],
)
def test_it_ends_however_busy_somebody_is(person, age, stays):
    client = signed_in(person())
    session = client.session
    session[SIGNED_IN_AT] = (timezone.now() - age).isoformat()
    session.save()

    assert is_in(client) is stays


def test_doing_something_keeps_it_alive():
    client = signed_in(ClinicianFactory())
    for _ in range(3):
        was_idle(10 * MINUTE)
        assert is_in(client)

    assert timezone.now() - Session.objects.get().seen_at < MINUTE


def test_what_a_page_asks_for_on_its_own_keeps_nothing_alive():
    client = signed_in(ClinicianFactory())
    was_idle(10 * MINUTE)

    assert is_in(client, **{"X-Limber-Background": "yes"})

    assert timezone.now() - Session.objects.get().seen_at >= 10 * MINUTE


def test_a_page_soon_after_another_writes_nothing():
    client = signed_in(ClinicianFactory())
    was_idle(30 * SECOND)
    before = Session.objects.get().seen_at

    is_in(client)

    assert Session.objects.get().seen_at == before


def test_a_session_knows_whose_it_is():
    user = ClinicianFactory()

    signed_in(user)

    assert Session.objects.get().user == user


def test_whose_time_is_up_signs_in_again_and_goes_on():
    patient = PatientFactory(user=UserFactory())
    client = signed_in(patient.user)
    was_idle(2 * HOUR)

    response = client.get("/today/")

    assert response.url == reverse("account_login") + "?next=/today/"
