"""Guessing ends soon, one after the other or all at once; whoever is meant by it still comes in by a code by mail.

Over several workers, with the hash that is used in earnest: ``python -m bench sign_in``.
"""

import datetime
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import limits
from accounts.models import Session, TryCount, User
from tests.accounts.second_proof import PASSWORD, by_mail, by_password, code_of, who, with_app, with_password
from tests.factories import ClinicianFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
LOGIN, CODE = "/accounts/login/", "/accounts/login/code/"
MINUTE = datetime.timedelta(minutes=1)
NOT_CORRECT, TOO_MANY = "are not correct", "There were many tries"


def guess(user: User | str, password: str = "wrong", *, of: Client | None = None, **more: Any) -> str:
    """Try a password, and say what came of it."""
    email = user if isinstance(user, str) else user.email
    client = of or Client()
    text = client.post(LOGIN, {"login": email, "password": password}, **more).content.decode()
    return next((each for each in (NOT_CORRECT, TOO_MANY) if each in text), "in")


def later(duration: datetime.timedelta) -> None:
    for count in TryCount.objects.all():
        count.began_at -= duration
        count.save()


# Passwords ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("known", [True, False])
def test_after_five_wrong_guesses_nothing_is_looked_at_for_a_while(known: bool) -> None:
    user = with_password(UserFactory())
    email = user.email if known else "nobody@example.org"

    answers = [guess(email) for _ in range(7)]

    assert answers == [NOT_CORRECT] * 5 + [TOO_MANY] * 2
    assert guess(email, PASSWORD) == TOO_MANY
    later(5 * MINUTE)
    assert guess(email, PASSWORD) == ("in" if known else NOT_CORRECT)


def test_an_address_counts_as_one_however_it_is_written() -> None:
    user = with_password(UserFactory())

    answers = [guess(written) for written in (user.email, user.email.upper(), f" {user.email} ") * 2]

    assert answers == [NOT_CORRECT] * 5 + [TOO_MANY]


@pytest.mark.parametrize("slots", [limits.password_slots, limits.mail_slots])
def test_whoever_counts_counts_one_address_as_one(slots: Any) -> None:
    """The sign-in tidies what was typed besides; what is counted does not rest on that."""
    assert slots(" Ada@Example.org ", "203.0.113.1") == slots("ada@example.org", "203.0.113.9")


def test_more_than_thirty_a_day_are_refused_however_slowly() -> None:
    user = with_password(UserFactory())
    day = limits.password_slots(user.email, "127.0.0.1")[1]
    TryCount.objects.create(key=day.key, began_at=timezone.now() - 20 * limits.HOUR, tries=30)

    assert guess(user, PASSWORD) == TOO_MANY


def test_the_right_password_uses_up_nothing() -> None:
    user = with_password(UserFactory())

    assert [guess(user, PASSWORD) for _ in range(12)] == ["in"] * 12


def test_one_password_tried_on_many_is_stopped_where_it_comes_from() -> None:
    users = [with_password(UserFactory()) for _ in range(35)]

    sprayed = [guess(user, REMOTE_ADDR=f"203.0.113.{number}") for number, user in enumerate(users)]

    assert sprayed == [NOT_CORRECT] * 30 + [TOO_MANY] * 5
    assert guess(users[-1], PASSWORD, REMOTE_ADDR="203.0.112.9") == "in"


@pytest.mark.parametrize(
    ("address", "range_of_it"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("unix:", "unix:"),
    ],
)
def test_a_range_is_what_one_attacker_is_likely_to_have(address: str, range_of_it: str) -> None:
    assert limits.address_range(address) == range_of_it


@pytest.mark.parametrize(("proxies", "stopped"), [(1, False), (0, True)])
def test_behind_a_proxy_the_address_is_the_one_that_it_names(settings: Any, proxies: int, stopped: bool) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    for number in range(30):
        guess(f"{number}@example.org", HTTP_X_FORWARDED_FOR="198.51.100.1, 203.0.113.1")

    last = guess("last@example.org", HTTP_X_FORWARDED_FOR="203.0.113.1, 192.0.2.1")

    assert (last == TOO_MANY) is stopped


@pytest.mark.parametrize("page", ["/accounts/password/change/", "/accounts/reauthenticate/"])
def test_guesses_by_whoever_sits_at_an_open_screen_count_too(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are counted as those at the sign-in, beside how often such a page is sent in at all."""
    for what in ("password change", "still you"):
        monkeypatch.setitem(limits.COSTLY, what, limits.Limit(100, MINUTE))
    client = Client()
    client.force_login(with_password(UserFactory()))
    new = {"password1": "another boring password", "password2": "another boring password"}

    for _ in range(5):
        client.post(page, {"oldpassword": "wrong", "password": "wrong", **new})
    last = client.post(page, {"oldpassword": PASSWORD, "password": PASSWORD, **new})

    assert last.status_code == 200
    assert TOO_MANY in last.content.decode()
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_five_are_looked_at() -> None:
    user = with_password(UserFactory())
    together = threading.Barrier(40)

    def once(number: int) -> str:
        together.wait()
        try:
            return guess(user, REMOTE_ADDR=f"203.0.{number}.1")
        finally:
            connection.close()

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(once, range(40)))

    assert answers.count(NOT_CORRECT) == 5
    assert answers.count(TOO_MANY) == 35


EACH = {
    "password": (lambda: limits.password_slots("a@example.org", "203.0.113.1"), [(5, 300), (30, 86400)]),
    "password from": (lambda: limits.password_slots("a@example.org", "203.0.113.1")[2:], [(30, 600), (300, 86400)]),
    "mail": (lambda: limits.mail_slots("a@example.org", "203.0.113.1"), [(3, 60), (10, 3600)]),
    "mail to and from": (lambda: limits.mail_slots("a@example.org", "203.0.113.1")[2:], [(60, 3600), (60, 600)]),
    "second step": (lambda: limits.second_step_slots(1), [(5, 300), (30, 86400)]),
    "mailed code": (lambda: limits.mailed_code_slots("code", "session"), [(3, 86400)]),
    "mailed code used": (lambda: limits.mailed_code_use("code", "session"), [(1, 86400)]),
}
"""What is counted, and what docs/security-identity.md says of it: so many within so many seconds."""


@pytest.mark.parametrize("kind", EACH)
def test_each_count_ends_where_it_is_promised(kind: str) -> None:
    slots_of, promised = EACH[kind]
    at = timezone.now()

    for slot, (most, seconds) in zip(slots_of(), promised, strict=False):
        TryCount.objects.create(key=slot.key, began_at=at, tries=most - 1)
        taken = [limits.take([slot], at=at + datetime.timedelta(seconds=after)) for after in (0, 0, seconds - 1)]
        again = limits.take([slot], at=at + datetime.timedelta(seconds=seconds))

        assert (taken, again) == ([True, False, False], True), (most, seconds)


# The way that stays open ----------------------------------------------------------------------------------------------
def test_who_is_attacked_comes_in_by_a_code(client: Client) -> None:
    user = with_password(UserFactory())
    for number in range(40):
        guess(user, REMOTE_ADDR=f"198.51.{number}.1")
    for number in range(20):
        Client().post(CODE, {"email": user.email}, REMOTE_ADDR=f"198.51.{number}.1")

    by_mail(client, user)

    assert who(client) == str(user.pk)


def test_wrong_codes_of_a_stranger_close_nobodys_way(client: Client) -> None:
    user, stranger = UserFactory(), Client()
    stranger.post(CODE, {"email": user.email}, REMOTE_ADDR="203.0.113.1")
    for _ in range(10):
        stranger.post(f"{CODE}confirm/", {"code": "BBBB-BBBB"}, REMOTE_ADDR="203.0.113.1")

    by_mail(client, user)

    assert who(client) == str(user.pk)


@pytest.mark.parametrize("known", [True, False])
def test_a_mailbox_is_not_filled(known: bool) -> None:
    email = UserFactory().email if known else "nobody@example.org"

    texts = [Client().post(CODE, {"email": email}, follow=True).content.decode() for _ in range(5)]

    assert ["We sent several mails" in text for text in texts] == [False] * 3 + [True] * 2
    assert len(mail.outbox) == 3


# Codes ----------------------------------------------------------------------------------------------------------------
def test_a_mailed_code_stands_three_guesses_and_works_once(client: Client) -> None:
    expected, session = "BCDF-GHJK", "a session"

    guesses = [limits.take(limits.mailed_code_slots(expected, session), at=timezone.now()) for _ in range(4)]
    uses = [limits.take(limits.mailed_code_use(expected, session), at=timezone.now()) for _ in range(2)]

    assert guesses == [True, True, True, False]
    assert uses == [True, False]


def test_guesses_at_one_code_in_copies_of_a_session_count_together(client: Client) -> None:
    user = UserFactory()
    client.post(CODE, {"email": user.email})
    before = client.session.items()
    code = re.search(r"^    (\S+)$", str(mail.outbox[0].body), re.MULTILINE)
    assert code is not None

    for _ in range(3):  # as if all had been sent before the first was answered
        client.post(f"{CODE}confirm/", {"code": "BBBB-BBBB"})
        session = client.session
        session.update(before)
        session.save()
    client.post(f"{CODE}confirm/", {"code": code[1]})

    assert who(client) is None


def test_a_code_in_a_copy_of_a_session_works_once(client: Client) -> None:
    client.post(CODE, {"email": UserFactory().email})
    code = re.search(r"^    (\S+)$", str(mail.outbox[0].body), re.MULTILINE)
    assert code is not None
    before = Session.objects.get(pk=client.session.session_key)
    late = Client()
    late.cookies["sessionid"] = before.session_key

    client.post(f"{CODE}confirm/", {"code": code[1]})
    before.save(force_insert=not Session.objects.filter(pk=before.pk).exists())  # as another worker had read it
    late.post(f"{CODE}confirm/", {"code": code[1]})

    assert who(client) is not None
    assert who(late) is None


def test_guesses_at_an_apps_code_end_too(client: Client) -> None:
    user = with_app(with_password(ClinicianFactory()))
    by_password(client, user)

    for _ in range(5):
        client.post("/accounts/second-step/sign-in/", {"code": "wrong"})
    last = client.post("/accounts/second-step/sign-in/", {"code": code_of()})

    assert TOO_MANY in last.content.decode()
    assert who(client) is None


# The same answer ------------------------------------------------------------------------------------------------------
def shorn(response: Any, email: str) -> str:
    """A page without what differs in every one."""
    text = response.content.decode().replace(email, "ADDRESS")
    return re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": |nonce=)"\w+"', "", text)


@pytest.mark.parametrize("place", [LOGIN, CODE, "/accounts/password/reset/"])
@pytest.mark.parametrize("person", [lambda: with_password(UserFactory()), UserFactory, ClinicianFactory, "inactive"])
def test_nothing_tells_a_known_address_from_an_unknown_one(place: str, person: Any) -> None:
    known = UserFactory(is_active=False) if person == "inactive" else person()

    def answers(email: str) -> list[Any]:
        client, found = Client(), []
        for _ in range(6):
            response = client.post(place, {"login": email, "email": email, "password": "wrong"}, follow=True)
            found.append((response.status_code, response.redirect_chain, shorn(response, email)))
        return found

    assert answers(known.email) == answers("nobody@example.org")


# What is kept ---------------------------------------------------------------------------------------------------------
def test_what_is_counted_names_nobody_and_is_forgotten() -> None:
    patient = PatientFactory(user=with_password(UserFactory()))
    guess(patient.user)
    kept = " ".join(f"{count} {count.key}" for count in TryCount.objects.all())

    limits.forget(at=timezone.now() + limits.DAY + MINUTE)

    assert patient.user.email not in kept
    assert "127.0.0" not in kept
    assert not TryCount.objects.exists()


def test_none_is_taken_where_one_has_no_more() -> None:
    at = timezone.now()
    full, free = limits.password_slots("a@example.org", "203.0.113.1")[0], limits.mailed_code_use("code", "session")[0]
    for _ in range(full.most):
        limits.take([full], at=at)

    assert limits.take([full, free], at=at) is False
    assert limits.take([free], at=at) is True
