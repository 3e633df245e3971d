"""Passkeys: who comes in by one, who may make one, and when they go. The browser's part is in tests/browser."""

import datetime
import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts import passkeys
from accounts.models import Session, User
from accounts.sessions import SIGNED_IN_AT
from tests.accounts.passkey_device import ADD, SIGN_IN, Device, address
from tests.factories import ClinicianFactory, PatientFactory, UserFactory
from tests.walled import TOLD

pytestmark = pytest.mark.django_db

LIST = "/accounts/passkeys/"
PASSWORD = "a long and boring password"


def somebody(**fields: Any) -> User:
    user = PatientFactory(user=UserFactory(**fields)).user
    user.set_unusable_password()
    user.save()
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def with_passkey(user: User) -> Device:
    device = Device()
    device.add(signed_in(user))
    assert passkeys.has_any(user)
    return device


def came_in(client: Client, ago: datetime.timedelta) -> None:
    session = client.session
    session[SIGNED_IN_AT] = (timezone.now() - ago).isoformat()
    session.save()


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


# Coming in ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("email", ["ada@example.org", "0f0e@patient.invalid"])
def test_a_passkey_signs_in_also_who_has_no_address(client: Client, email: str) -> None:
    user = somebody(email=email)
    device = with_passkey(user)

    response = device.sign_in(client, next="/today/")

    assert (response.status_code, response["Location"]) == (302, "/today/")
    assert who(client) == str(user.pk)


@pytest.mark.parametrize(("person", "stays"), [(somebody, True), (ClinicianFactory, False)])
def test_a_sign_in_by_passkey_ends_as_every_other(client: Client, person: Any, stays: bool) -> None:
    with_passkey(person()).sign_in(client)

    Session.objects.update(seen_at=timezone.now() - datetime.timedelta(minutes=20))

    assert (client.get(LIST).status_code == 200) is stays


def test_whoever_is_inactive_stays_out(client: Client) -> None:
    user = somebody()
    device = with_passkey(user)
    User.objects.update(is_active=False)

    response = device.sign_in(client)

    assert response["Location"] == reverse("account_inactive")
    assert who(client) is None


def test_a_removed_passkey_opens_nothing(client: Client) -> None:
    user = somebody()
    device = with_passkey(user)
    mine = signed_in(user)

    mine.post(address("remove", Authenticator.objects.get().pk))

    assert words(device.sign_in(client)) == words(Device(user_handle=device.user_handle).sign_in(client))
    assert who(client) is None


def test_the_answer_is_the_same_for_who_is_known_and_who_is_not(client: Client) -> None:
    known = with_passkey(somebody()).user_handle
    unknown = with_passkey(stranger := somebody()).user_handle
    stranger.patient_records.all().delete()
    stranger.delete()

    answers = []
    for handle in (known, unknown):
        response = Device(user_handle=handle).sign_in(Client())
        answers.append((response.status_code, response["Location"], words(response.client.get(response["Location"]))))

    first, second = [
        (status, place, re.sub(r'(csrfmiddlewaretoken" value=|X-CSRFToken": |nonce=)"\w+"', "", page))
        for status, place, page in answers
    ]
    assert first == second
    assert "This passkey does not work here" in first[2]


def test_the_passkey_of_one_never_opens_what_is_of_another(client: Client) -> None:
    mine, victim = somebody(), somebody()
    device = with_passkey(mine)
    device.user_handle = with_passkey(victim).user_handle

    device.sign_in(client)

    assert who(client) is None


@pytest.mark.parametrize(
    "change",
    [{"origin": "https://evil.example"}, {"host": "evil.example"}, {"verifies": False}],
    ids=["another site", "for another site", "nobody verified"],
)
def test_a_passkey_used_elsewhere_or_by_whoever_holds_the_phone_is_refused(
    client: Client, change: dict[str, Any]
) -> None:
    device = with_passkey(somebody())
    for name, value in change.items():
        setattr(device, name, value)

    device.sign_in(client)

    assert who(client) is None


def test_an_answer_works_once(client: Client) -> None:
    device = with_passkey(somebody())
    options = client.get(SIGN_IN, headers={"Accept": "application/json"}).json()["request_options"]
    answer = {"credential": json.dumps(device.use(options))}
    client.post(SIGN_IN, answer)
    assert who(client)
    client.logout()

    client.post(SIGN_IN, answer)

    assert who(client) is None


CREDENTIAL = {"id": "AA", "rawId": "AA", "type": "public-key"}
JUNK: list[Any] = [
    None,
    1,
    [],
    {},
    "\x00",
    {"response": 1},
    {**CREDENTIAL, "response": {}},
    {**CREDENTIAL, "response": {"userHandle": "AA", "clientDataJSON": "AA"}},
    {**CREDENTIAL, "response": {"clientDataJSON": 1, "authenticatorData": 2, "signature": 3, "userHandle": 4}},
    {**CREDENTIAL, "response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "", "userHandle": ""}},
    {**CREDENTIAL, "response": {"clientDataJSON": "e30", "attestationObject": "AA"}},
    {**CREDENTIAL, "response": {"clientDataJSON": "e30", "attestationObject": "oA"}},
    {**CREDENTIAL, "response": {"clientDataJSON": "W10", "attestationObject": "gA"}},
]


@pytest.mark.parametrize("junk", [*map(json.dumps, JUNK), "", "{", "[" * 5000])
@pytest.mark.parametrize("place", [SIGN_IN, ADD, LIST + "still-you/"])
def test_what_no_browser_sends_is_no_error(place: str, junk: str) -> None:
    user = somebody()
    with_passkey(user)
    client = Client() if place == SIGN_IN else signed_in(user)
    client.get(place, headers={"Accept": "application/json"} if place == SIGN_IN else {})

    response = client.post(place, {"credential": junk}, follow=True)

    assert response.status_code == 200
    assert Authenticator.objects.count() == 1


def test_a_code_by_mail_is_enough_with_a_passkey_too(client: Client) -> None:
    user = somebody(email="ada@example.org")
    with_passkey(user)

    client.post(reverse("account_request_login_code"), {"email": user.email})
    code = re.search(r"^    (\S+)$", str(mail.outbox[0].body), re.MULTILINE)
    assert code is not None
    client.post(reverse("account_confirm_login_code"), {"code": code[1]})

    assert who(client) == str(user.pk)


def test_the_sign_in_page_offers_a_passkey_and_leads_on(client: Client) -> None:
    text = client.get(reverse("account_login"), {"next": "/today/"}).content.decode()

    form = re.search(rf'<form[^>]*action="{SIGN_IN}"[^>]*>.*?</form>', text, re.DOTALL)
    assert form is not None
    assert 'data-host="localhost" hidden>' in form[0]
    assert 'name="next" value="/today/"' in form[0]


# Making one -----------------------------------------------------------------------------------------------------------
def test_a_passkey_is_made_named_renamed_and_removed() -> None:
    client = signed_in(somebody())

    added = Device().add(client, name="Phone of Ada")
    listed = words(client.get(LIST))
    mine = Authenticator.objects.get()
    client.post(address("edit", mine.pk), {"name": "Old phone"})
    renamed = words(client.get(LIST))
    removed = client.post(address("remove", mine.pk), follow=True)

    assert added["Location"] == LIST
    assert "Phone of Ada" in listed
    assert "Old phone" in renamed
    assert "The passkey is removed." in words(removed)
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    ("browser", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/130 Mobile", "Android phone"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)", "iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Windows computer"),
        ("", "My passkey"),
    ],
)
def test_a_passkey_has_a_name_before_anybody_types_one(browser: str, name: str) -> None:
    client = Client(headers={"User-Agent": browser})
    client.force_login(somebody())

    assert f'value="{name}"' in client.get(ADD).content.decode()


def test_no_name_is_a_reason_to_refuse_what_the_phone_keeps_already() -> None:
    client = signed_in(somebody())

    Device().add(client, name="x" * 1_000_000)
    Device().add(client, name=" ")

    assert sorted(len(str(each)) for each in Authenticator.objects.all()) == [len("My passkey"), 60]


def test_what_stands_beside_a_credential_is_not_kept() -> None:
    user = somebody()

    Device().add(signed_in(user), note="\x00" * 100_000, clientExtensionResults={"more": "\x00"})

    stored = json.dumps(Authenticator.objects.get().data)
    assert len(stored) < 2000
    assert "u0000" not in stored


def test_without_verification_no_passkey_is_made() -> None:
    client = signed_in(somebody())

    response = Device(verifies=False).add(client)

    assert "This passkey does not work here" in words(response)
    assert not Authenticator.objects.exists()


def test_a_form_sent_twice_makes_one() -> None:
    client = signed_in(somebody())
    device = Device()
    credential = json.dumps(device.make(client.get(ADD).context["js_data"]["creation_options"]))

    for _ in range(2):
        client.post(ADD, {"name": "My phone", "credential": credential})

    assert Authenticator.objects.count() == 1


def test_there_are_only_so_many() -> None:
    user = somebody()
    client = signed_in(user)
    Authenticator.objects.bulk_create(
        Authenticator(user=user, type="webauthn", data={"name": "x", "credential": Device().make(options)})
        for options in [client.get(ADD).context["js_data"]["creation_options"]] * 20
    )

    response = Device().add(client)

    assert "You have very many passkeys" in words(response)
    assert Authenticator.objects.count() == 20


# Who may --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("place", [ADD, LIST, LIST + "1/edit/", LIST + "1/remove/", LIST + "still-you/"])
def test_a_visitor_is_led_to_the_sign_in(client: Client, place: str) -> None:
    for method in ("get", "post"):
        response = getattr(client, method)(place)

        assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("number", ["of another", 0, 10**30])
@pytest.mark.parametrize("page", ["edit", "remove"])
def test_a_stranger_finds_nothing(page: str, number: Any) -> None:
    with_passkey(somebody())
    if number == "of another":
        number = Authenticator.objects.get().pk
    client = signed_in(somebody())

    for method in ("get", "post"):
        assert getattr(client, method)(address(page, number), {"name": "mine"}).status_code == 404
    assert str(Authenticator.objects.get()) == "My phone"


def test_ten_more_cost_no_more_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user = somebody()
    with_passkey(user)
    client = signed_in(user)
    data = Authenticator.objects.get().data
    client.get(LIST)

    with django_assert_num_queries(3 + TOLD):
        client.get(LIST)
    Authenticator.objects.bulk_create(Authenticator(user=user, type="webauthn", data=data) for _ in range(10))
    with django_assert_num_queries(3 + TOLD):
        client.get(LIST)


@pytest.mark.parametrize("place", [ADD, "edit", "remove"])
def test_who_came_in_a_while_ago_and_has_no_password_signs_in_again(place: str) -> None:
    client = signed_in(user := somebody())
    if place != ADD:
        with_passkey(user)
        place = address(place, Authenticator.objects.get().pk)
    came_in(client, passkeys.LATELY)

    response = client.get(place, follow=True)

    assert [step for step, _ in response.redirect_chain] == [
        f"{reverse('account_logout') if place == ADD else LIST + 'still-you/'}?next={place.replace('/', '%2F')}"
    ]
    assert "Is it still you?" in words(response)
    assert "password" not in words(response.client.get(response.redirect_chain[0][0])).split("<main")[1].lower()


def test_signing_in_again_leads_back_to_making_one() -> None:
    client = signed_in(somebody(email="ada@example.org"))
    came_in(client, passkeys.LATELY)

    out = client.post(reverse("account_logout"), {"next": ADD}, follow=True)
    assert out.redirect_chain[-1][0] == f"{reverse('account_login')}?next={ADD}"
    client.post(f"{reverse('account_request_login_code')}?next={ADD}", {"email": "ada@example.org"})
    code = re.search(r"^    (\S+)$", str(mail.outbox[0].body), re.MULTILINE)
    assert code is not None
    back = client.post(reverse("account_confirm_login_code"), {"code": code[1], "next": ADD}, follow=True)

    assert back.redirect_chain == [(ADD, 302)]
    assert Device().add(client)["Location"] == LIST


def test_a_post_from_an_old_session_stores_nothing() -> None:
    client = signed_in(somebody())
    device = Device()
    credential = json.dumps(device.make(client.get(ADD).context["js_data"]["creation_options"]))
    came_in(client, passkeys.LATELY)

    client.post(ADD, {"name": "My phone", "credential": credential})

    assert not Authenticator.objects.exists()


def test_a_request_let_in_before_the_session_ended_stores_nothing(rf: RequestFactory) -> None:
    user = somebody()
    request = rf.post(ADD)
    request.user = User.objects.get(pk=user.pk)
    user.set_unusable_password()  # as an invitation does that proves the address
    user.save()
    stored = []

    def store(request: HttpRequest) -> HttpResponse:
        stored.append("a passkey")
        return HttpResponse()

    response = passkeys.one_at_a_time(store)(request)

    assert (response.status_code, stored) == (302, [])


def test_who_has_a_password_or_a_passkey_shows_that() -> None:
    user = somebody()
    device = with_passkey(user)
    user.set_password(PASSWORD)
    user.save()
    by_password, by_passkey = signed_in(user), signed_in(user)
    for client in (by_password, by_passkey):
        came_in(client, passkeys.LATELY)

    asked = by_password.get(ADD, follow=True)
    first = by_password.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": ADD})
    still_you = by_passkey.get(LIST + "still-you/")
    answer = json.dumps(device.use(still_you.context["js_data"]["request_options"]))
    second = by_passkey.post(LIST + "still-you/", {"credential": answer, "next": ADD})

    assert asked.redirect_chain[0][0].startswith(reverse("account_reauthenticate"))
    assert "Use a passkey" in words(asked)
    assert "Sign in again" in words(asked)
    assert first["Location"] == second["Location"] == ADD
    assert by_password.get(ADD).status_code == by_passkey.get(ADD).status_code == 200


def test_who_has_no_address_is_warned_before_going() -> None:
    user = somebody(email="0f0e@patient.invalid")
    with_passkey(user)
    client = signed_in(user)

    pages = [client.get(reverse("account_logout")), client.get(address("remove", Authenticator.objects.get().pk))]

    assert ["no email address of yours" in words(page) for page in pages] == [True, True]
    assert "patient.invalid" not in json.dumps(client.get(ADD).context["js_data"])


# For which site -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("site", "host"),
    [
        ("https://limber.example.org", "limber.example.org"),
        ("http://localhost:8000", "localhost"),
        ("http://127.0.0.1:8000", "localhost"),
        ("http://[::1]:8000", "localhost"),
    ],
)
def test_passkeys_are_for_the_host_of_the_site(settings: Any, site: str, host: str) -> None:
    settings.SITE_URL = site

    options = signed_in(somebody()).get(ADD, headers={"Host": "127.0.0.1"}).context["js_data"]["creation_options"]

    assert options["publicKey"]["rp"] == {"id": host, "name": "Limber"}


def test_too_many_tries_get_a_page_of_ours(client: Client) -> None:
    answers = [client.post(SIGN_IN, {"credential": "{}"}) for _ in range(31)]

    assert answers[-1].status_code == 429
    assert "Please wait a little" in words(answers[-1])


@pytest.mark.parametrize("path", ["/accounts/2fa/", "/accounts/passkeys/signup/", "/accounts/passkeys/totp/activate/"])
def test_nothing_else_of_allauth_is_open(client: Client, path: str) -> None:
    client.force_login(somebody())

    assert client.get(path).status_code == 404
