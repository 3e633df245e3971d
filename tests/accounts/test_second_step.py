"""Staff show two proofs before anything of a patient's; a code works once; seeds are sealed; patients show one."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import second_step
from accounts.models import Membership, Session, User
from accounts.sealing import SealedForGoodError, seal, unseal
from tests.accounts.passkey_device import Device
from tests.accounts.second_proof import (
    APP,
    HALF_A_MINUTE,
    SECRET,
    STEP,
    app_of,
    by_mail,
    by_password,
    code_of,
    who,
    with_app,
    with_password,
)
from tests.factories import AdminFactory, ClinicFactory, ClinicianFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db
OPEN_TO_ONE_PROOF = {
    "accounts:second_step_detail",
    "account_reauthenticate",
    "mfa_activate_totp",
    "mfa_add_webauthn",
}
EXAMPLES = {
    "UUIDConverter": "00000000-0000-4000-8000-000000000000",
    "IntConverter": 1,
    "SlugConverter": "x",
    "StringConverter": "x",
    "PathConverter": "1",
}


@pytest.fixture
def asked(settings: Any) -> None:
    """As in earnest: staff show a second proof."""
    settings.REQUIRE_STAFF_MFA = True


def on_one_proof(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def closed_addresses(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, str]]:
    """Name and an example of every address that needs somebody signed in, the admin site's too."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from closed_addresses(pattern, pattern.namespace or namespace)
        elif pattern.name and getattr(pattern.callback, "login_required", True):
            name = f"{namespace}:{pattern.name}" if namespace else pattern.name
            named = {key: EXAMPLES[type(kind).__name__] for key, kind in pattern.pattern.converters.items()}
            unnamed = [] if named else ["stretches"] * pattern.pattern.regex.groups
            yield name, reverse(name, args=unnamed, kwargs=named)


# What is closed -------------------------------------------------------------------------------------------------------
def test_every_address_is_closed_to_staff_on_one_proof(asked: None) -> None:
    client = on_one_proof(UserFactory(is_staff=True, is_superuser=True))
    pages = dict(closed_addresses(get_resolver()))

    answers = {name: client.get(path) for name, path in pages.items()}

    closed = {name for name, answer in answers.items() if answer.get("Location", "").startswith(f"{STEP}?next=")}
    assert len(pages) > 100
    assert set(pages) - closed == OPEN_TO_ONE_PROOF


@pytest.mark.parametrize(
    ("person", "is_let_in"),
    [
        (ClinicianFactory, False),
        (AdminFactory, False),
        (lambda: Membership.objects.create(user=UserFactory(), clinic=ClinicFactory(), role="admin").user, False),
        (lambda: UserFactory(is_superuser=True), False),
        (lambda: PatientFactory(user=UserFactory()).user, True),
    ],
    ids=["clinician", "admin", "admin of a clinic only", "superuser", "patient"],
)
def test_who_is_asked(asked: None, person: Any, is_let_in: bool) -> None:
    client = on_one_proof(person())

    response = client.get("/")

    assert response["Location"].startswith(STEP) is not is_let_in


def test_whoever_begins_to_work_here_is_asked_from_the_next_request(asked: None) -> None:
    patient = PatientFactory(user=UserFactory())
    client = on_one_proof(patient.user)
    before = client.get("/today/").status_code
    Membership.objects.create(user=patient.user, clinic=patient.clinic, role="clinician")

    after = client.get("/today/")

    assert (before, after.status_code) == (200, 302)
    assert after["Location"].startswith(STEP)


def test_a_device_is_told_where_to_go(asked: None) -> None:
    response = on_one_proof(ClinicianFactory()).get("/patients/", headers={"Accept": "application/json"})

    assert response.status_code == 401
    assert response.json() == {"sign_in": STEP}


def test_where_it_is_switched_off_nobody_is_asked(settings: Any) -> None:
    settings.REQUIRE_STAFF_MFA = False

    assert on_one_proof(ClinicianFactory()).get("/patients/").status_code == 200


def test_patients_have_no_such_page() -> None:
    client = on_one_proof(PatientFactory(user=UserFactory()).user)

    assert {client.get(path).status_code for path in (STEP, APP, f"{STEP}recovery-codes/")} == {404}


@pytest.mark.parametrize("page", ["/accounts/passkeys/add/", APP, STEP, "/accounts/reauthenticate/", f"{APP}remove/"])
def test_one_proof_neither_adds_nor_removes_another_where_there_is_one(asked: None, page: str) -> None:
    client = on_one_proof(with_app(with_password(ClinicianFactory())))

    assert client.get(page)["Location"].startswith(f"{STEP}still-you/?next=")


# Coming in ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("first", [by_password, by_mail])
def test_an_apps_code_follows_the_first_proof(asked: None, client: Client, first: Any) -> None:
    user = with_app(with_password(ClinicianFactory()))

    assert first(client, user)["Location"] == f"{STEP}sign-in/"
    assert who(client) is None
    client.post(f"{STEP}sign-in/", {"code": code_of()})

    assert client.get("/patients/").status_code == 200


def test_a_passkey_is_two_proofs_in_one(asked: None, client: Client) -> None:
    device, user = Device(), ClinicianFactory()
    device.add(on_one_proof(user))

    device.sign_in(client)

    assert client.get("/patients/").status_code == 200


def test_after_a_code_by_mail_a_passkey_is_asked_for(asked: None, client: Client) -> None:
    device, user = Device(), ClinicianFactory()
    device.add(on_one_proof(user))
    by_mail(client, user)

    asked_at = client.get("/patients/")["Location"]
    options = client.get(asked_at).context["js_data"]["request_options"]
    shown = client.post(asked_at, {"credential": json.dumps(device.use(options)), "next": "/patients/"})

    assert asked_at == "/accounts/passkeys/still-you/?next=/patients/"
    assert shown["Location"] == "/patients/"
    assert client.get("/patients/").status_code == 200


def test_a_recovery_code_does_for_a_lost_phone_once(asked: None) -> None:
    user = with_app(with_password(ClinicianFactory()))
    code = RecoveryCodes.activate(user).generate_codes()[3]

    came_in = []
    for _ in range(2):
        client = Client()
        by_password(client, user)
        client.post(f"{STEP}sign-in/", {"code": code})
        came_in.append(who(client) is not None)

    assert came_in == [True, False]


# Making one -----------------------------------------------------------------------------------------------------------
def set_up(client: Client) -> Any:
    secret = client.get(APP).context["form"].secret
    return secret, client.post(APP, {"code": code_of(secret)})


def test_an_app_is_set_up_and_opens_the_clinic_at_once(asked: None) -> None:
    user = ClinicianFactory()
    client = on_one_proof(user)

    secret, response = set_up(client)

    assert response["Location"] == f"{STEP}recovery-codes/"
    codes = client.get(f"{STEP}recovery-codes/").context["unused_codes"]
    assert len(codes) == 10
    assert client.get(f"{STEP}recovery-codes/").context["unused_codes"] == ["****"] * 10
    assert client.get("/patients/").status_code == 200
    assert second_step.use_code(user, code_of(secret), at=timezone.now()) is None  # it was used just now


def test_a_wrong_first_code_sets_nothing_up(asked: None) -> None:
    client = on_one_proof(ClinicianFactory())
    secret = client.get(APP).context["form"].secret

    response = client.post(APP, {"code": "000000" if code_of(secret) != "000000" else "000001"})

    assert "This is not the code" in response.content.decode()
    assert response.context["form"].secret == secret
    assert not Authenticator.objects.exists()


def test_a_passkey_opens_the_clinic_at_once_with_recovery_codes(asked: None) -> None:
    client = on_one_proof(ClinicianFactory())

    response = Device().add(client)

    assert response["Location"] == f"{STEP}recovery-codes/"
    assert client.get("/patients/").status_code == 200


def test_a_patients_passkey_brings_no_recovery_codes() -> None:
    response = Device().add(on_one_proof(PatientFactory(user=UserFactory()).user))

    assert response["Location"] == "/accounts/passkeys/"
    assert not Authenticator.objects.filter(type=Authenticator.Type.RECOVERY_CODES).exists()


def test_removing_the_only_proof_asks_for_another(asked: None) -> None:
    user = ClinicianFactory()
    client = on_one_proof(user)
    set_up(client)

    client.post(f"{APP}remove/")

    assert not Authenticator.objects.filter(user=user).exists()
    Session.objects.all().delete()
    assert on_one_proof(user).get("/patients/")["Location"].startswith(STEP)


def test_new_recovery_codes_end_the_old_ones() -> None:
    user = with_app(ClinicianFactory())
    old = RecoveryCodes.activate(user).generate_codes()
    client = on_one_proof(user)

    client.post(f"{STEP}recovery-codes/new/")
    page = client.get(f"{STEP}recovery-codes/")

    assert not set(old) & set(page.context["unused_codes"])
    assert second_step.use_code(user, old[0], at=timezone.now()) is None


def test_the_page_says_what_somebody_has_and_that_nobody_is_asked_where_it_is_off() -> None:
    client = on_one_proof(with_app(ClinicianFactory()))

    text = client.get(reverse("accounts:second_step_detail")).content.decode()

    assert "Remove the app" in text
    assert "REQUIRE_STAFF_MFA is off" in text


# A code works once ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("used", "then", "works"),
    [(0, 0, False), (1, 0, False), (0, -1, False), (0, 1, True), (-1, 0, True), (-2, 0, True)],
    ids=["again", "before", "two before", "the next", "after the last", "after one too old"],
)
def test_no_code_works_again_in_whatever_window(used: int, then: int, works: bool) -> None:
    user, at = with_app(ClinicianFactory()), timezone.now()
    second_step.use_code(user, code_of(at=at + used * HALF_A_MINUTE), at=at)

    again = second_step.use_code(user, code_of(at=at + then * HALF_A_MINUTE), at=at)

    assert (again is not None) is works


def test_another_worker_half_a_minute_later_refuses_it_too() -> None:
    user, at = with_app(ClinicianFactory()), timezone.now()
    code = code_of(at=at)
    assert second_step.use_code(user, code, at=at)

    assert second_step.use_code(User.objects.get(pk=user.pk), code, at=at + HALF_A_MINUTE) is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_many_at_once_one_comes_in(kind: str) -> None:
    user, at = with_app(ClinicianFactory()), timezone.now()
    code = code_of(at=at) if kind == "app" else RecoveryCodes.activate(user).generate_codes()[0]
    together = threading.Barrier(20)

    def use(_: int) -> bool:
        together.wait()
        try:
            return second_step.use_code(user, code, at=at) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(use, range(20))) == 1


@pytest.mark.parametrize("code", ["", "1234567", "१२३४५६", "\x00", "a" * 41, "- -"])
def test_what_is_no_code_is_refused_beside_the_field(client: Client, code: str) -> None:
    user = with_app(with_password(ClinicianFactory()))
    by_password(client, user)

    response = client.post(f"{STEP}sign-in/", {"code": code})

    assert response.status_code == 200
    assert response.context["form"].errors["code"]
    assert who(client) is None


# At rest --------------------------------------------------------------------------------------------------------------
def test_seeds_lie_sealed_in_the_database_and_in_the_session() -> None:
    user = with_app(ClinicianFactory())
    RecoveryCodes.activate(user)
    client = on_one_proof(ClinicianFactory())
    secret = client.get(APP).context["form"].secret

    rows = " ".join(json.dumps(row.data) for row in Authenticator.objects.all())
    sessions = " ".join(json.dumps(session.get_decoded()) for session in Session.objects.all())

    assert SECRET not in rows
    assert unseal(app_of(user).data["secret"]) == SECRET
    assert not any(code in rows for code in RecoveryCodes.activate(user).generate_codes())
    assert secret not in sessions


def test_a_new_key_in_front_seals_and_the_old_one_still_opens(settings: Any) -> None:
    settings.SEALING_KEYS = ["o" * 32]
    old = seal("seed")
    settings.SEALING_KEYS = ["n" * 32, "o" * 32]
    new = seal("seed")

    assert (unseal(old), unseal(new)) == ("seed", "seed")
    settings.SEALING_KEYS = ["n" * 32]
    assert unseal(new) == "seed"
    with pytest.raises(SealedForGoodError):
        unseal(old)


# Everything lost ------------------------------------------------------------------------------------------------------
def test_the_operator_lets_somebody_begin_anew(asked: None, capsys: pytest.CaptureFixture[str]) -> None:
    user = with_app(with_password(ClinicianFactory()))
    client = on_one_proof(user)

    call_command("forget_proofs", user.email.upper())

    assert not Authenticator.objects.exists()
    assert who(client) is None
    assert on_one_proof(user).get("/patients/")["Location"].startswith(STEP)
    assert "Done" in capsys.readouterr().out
    with pytest.raises(CommandError, match="Nobody"):
        call_command("forget_proofs", "nobody@example.org")
