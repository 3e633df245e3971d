"""Where somebody is signed in, how long for, and what was typed when it ended."""

import datetime
import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import drafts, sessions
from accounts.models import Draft, Session, User
from accounts.sessions import SIGNED_IN_AT
from patients.models import Patient
from tests.accounts.second_proof import by_password, with_password
from tests.factories import ClinicFactory, ClinicianFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
LIST, END = "/accounts/sessions/", "/accounts/sessions/end/"
LEFT, STAY, BACK = "/accounts/sessions/left/", "/accounts/sessions/stay/", "/accounts/drafts/back/"
MINUTE = datetime.timedelta(minutes=1)
BACKGROUND = {"X-Limber-Background": "1", "Accept": "application/json"}
FORM = "/patients/add/"
FROM_FORM = {"Referer": f"http://testserver{FORM}"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def a_patient() -> User:
    user: User = PatientFactory(user=UserFactory()).user
    return user


def was_idle(duration: datetime.timedelta) -> None:
    Session.objects.update(seen_at=timezone.now() - duration)


def is_in(client: Client) -> bool:
    return client.get(LIST).status_code == 200


# The list -------------------------------------------------------------------------------------------------------------
def test_session_list_names_each_device_and_no_key() -> None:
    user = with_password(a_patient())
    phone, here = Client(headers={"User-Agent": "iPhone"}), Client(headers={"User-Agent": "Windows NT"})
    for client in (phone, here):
        by_password(client, user)
    signed_in(a_patient())

    response = here.get(LIST)

    text = response.content.decode()
    assert [(row["session"].device, row["is_here"]) for row in response.context["rows"]] == [
        ("Windows computer", True),
        ("iPhone", False),
    ]
    assert not any(session.session_key in text for session in Session.objects.all())


def test_session_revoke_ends_one_or_all_others_and_nobody_elses() -> None:
    user = a_patient()
    here, phone, tablet, other = signed_in(user), signed_in(user), signed_in(user), signed_in(a_patient())
    mark = sessions.mark_of(Session.objects.get(pk=phone.session.session_key))
    of_another = sessions.mark_of(Session.objects.get(pk=other.session.session_key))

    here.post(END, {"which": of_another})
    here.post(END, {"which": mark})
    after_one = [is_in(each) for each in (here, phone, tablet, other)]
    here.post(END)
    after_all = [is_in(each) for each in (here, phone, tablet, other)]

    assert after_one == [True, False, True, True]
    assert after_all == [True, False, False, True]


@pytest.mark.parametrize("path", [LIST, END, LEFT, STAY, BACK, "/accounts/drafts/"])
def test_methods_and_visitors(client: Client, path: str) -> None:
    wrong = client.get if path not in {LIST, LEFT} else client.post
    assert wrong(path)["Location"].startswith("/accounts/login/")
    client.force_login(a_patient())

    assert wrong(path).status_code == 405


def test_ten_more_devices_cost_little(django_assert_max_num_queries: Any) -> None:
    user = a_patient()
    client = signed_in(user)
    client.get(LIST)

    with django_assert_max_num_queries(6):
        client.get(LIST)
    for _ in range(10):
        signed_in(user)
    with django_assert_max_num_queries(6):
        client.get(LIST)


# How long -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("person", "minutes"), [(a_patient, 60), (ClinicianFactory, 15)])
def test_session_detail_says_how_long_is_left_and_adds_nothing(person: Any, minutes: int) -> None:
    client = signed_in(person())
    was_idle(10 * MINUTE)

    left = [client.get(LEFT, headers=BACKGROUND).json()["seconds"] for _ in range(2)]

    assert all((minutes - 10) * 60 - 5 <= each <= (minutes - 10) * 60 for each in left)


def test_session_edit_goes_on_from_now_and_never_beyond_the_day() -> None:
    client = signed_in(ClinicianFactory())
    was_idle(14 * MINUTE)
    stayed = client.post(STAY).json()["seconds"]
    session = client.session
    session[SIGNED_IN_AT] = (timezone.now() - 12 * 60 * MINUTE + MINUTE).isoformat()
    session.save()

    assert 15 * 60 - 5 <= stayed <= 15 * 60
    assert client.post(STAY).json()["seconds"] <= 60


def test_what_is_stored_of_its_own_accord_is_no_sign_of_life() -> None:
    client = signed_in(ClinicianFactory())
    was_idle(10 * MINUTE)

    client.post(END, headers={"X-Limber-Background": "1"})  # which leaves a message in the session

    assert timezone.now() - Session.objects.get().seen_at >= 10 * MINUTE


def test_a_sign_in_page_that_was_open_for_long_begins_a_session_anew(client: Client) -> None:
    client.post("/accounts/login/code/", {"email": ClinicianFactory().email})
    code = re.search(r"^    (\S+)$", str(mail.outbox[0].body), re.MULTILINE)
    assert code is not None
    was_idle(20 * MINUTE)

    client.post("/accounts/login/code/confirm/", {"code": code[1]})

    assert is_in(client)


def test_every_page_of_somebody_knows_when_to_warn() -> None:
    assert b'data-seconds="3' in signed_in(a_patient()).get("/today/").content
    assert b'data-seconds="' not in Client().get("/accounts/login/").content


# What was typed -------------------------------------------------------------------------------------------------------
TYPED = {"full_name": "Ada Lovelace", "notes": "two\nlines", "password1": "secret", "csrfmiddlewaretoken": "x"}


def test_what_was_sent_in_too_late_waits_on_its_page_for_who_typed_it() -> None:
    user = ClinicianFactory()
    client = signed_in(user)
    was_idle(16 * MINUTE)

    refused = client.post("/patients/add/", TYPED, headers=FROM_FORM)
    kept = Draft.objects.get()
    again, other = signed_in(user), signed_in(ClinicianFactory())
    to_another = other.post(BACK, headers=FROM_FORM).json()["typed"]
    given = again.post(BACK, headers=FROM_FORM).json()["typed"]
    twice = again.post(BACK, headers=FROM_FORM).json()["typed"]

    assert refused["Location"] == f"/accounts/login/?next={FORM}"
    assert refused.cookies["limber_draft"].value == "1"
    assert not Patient.objects.exists()
    assert "Ada" not in kept.sealed
    assert (to_another, given, twice) == ([], [["full_name", "Ada Lovelace"], ["notes", "two\nlines"]], [])


def test_what_was_sent_to_a_page_that_asks_once_more_who_it_is_waits_there_but_for_passwords() -> None:
    operator = UserFactory(is_staff=True, is_superuser=True)
    client = signed_in(operator)
    session = client.session
    session[SIGNED_IN_AT] = (timezone.now() - 11 * MINUTE).isoformat()
    session.save()
    page, secret = "/admin/accounts/clinic/add/", f"/admin/accounts/user/{operator.pk}/password/"

    asked = client.post(page, {"name": "Lakeside", "password": "secret"})
    client.post(secret, {"password1": "secret", "usable_password": "true", "action": "set"})
    kept = list(Draft.objects.values_list("path", flat=True))
    on_the_way = client.post(BACK, headers={"Referer": "http://testserver/accounts/reauthenticate/"})
    given = client.post(BACK, headers={"Referer": f"http://testserver{page}"})

    assert asked["Location"].startswith("/accounts/")
    assert asked.cookies["limber_draft"].value == "1"
    assert kept == [page]
    assert (on_the_way.json()["typed"], "limber_draft" in on_the_way.cookies) == ([], False)
    assert (given.json()["typed"], given.cookies["limber_draft"].value) == ([["name", "Lakeside"]], "")


def test_draft_add_keeps_what_a_page_brings_before_the_end() -> None:
    client = signed_in(ClinicianFactory())
    was_idle(10 * MINUTE)

    assert client.post("/accounts/drafts/", TYPED, headers={**FROM_FORM, **BACKGROUND}).json() == {"kept": True}

    assert timezone.now() - Session.objects.get().seen_at >= 10 * MINUTE


@pytest.mark.parametrize(
    ("path", "typed"),
    [("/accounts/password/change/", TYPED), (FORM, {"password": "secret"}), (FORM, {"notes": "x" * 300_000})],
    ids=["where secrets are typed", "nothing but a secret", "more than anybody types"],
)
def test_what_is_not_kept(path: str, typed: dict[str, str]) -> None:
    client = signed_in(ClinicianFactory())

    response = client.post("/accounts/drafts/", typed, headers={"Referer": f"http://testserver{path}"})

    assert response.json() == {"kept": False}
    assert not Draft.objects.exists()


def test_a_day_later_it_is_forgotten() -> None:
    client = signed_in(ClinicianFactory())
    client.post("/accounts/drafts/", TYPED, headers=FROM_FORM)
    Draft.objects.update(kept_at=timezone.now() - drafts.KEPT_FOR)

    assert client.post(BACK, headers=FROM_FORM).json() == {"typed": []}


def test_what_nobody_came_back_for_is_deleted() -> None:
    signed_in(ClinicianFactory(clinic=ClinicFactory())).post("/accounts/drafts/", TYPED, headers=FROM_FORM)

    drafts.forget(at=timezone.now() + drafts.KEPT_FOR + MINUTE)

    assert not Draft.objects.exists()
