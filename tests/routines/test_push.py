"""Web push: push_subscription_add and push_subscription_revoke, and what reaches a push service."""

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from io import StringIO
from typing import Any

import http_ece
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.checks import run_checks
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import OutboxMessage
from patients.models import Patient
from routines.models import PushSubscription
from routines.push import public_key
from tests.routines.reminding import DAWN, HOUR, a_patient, send, wishes

pytestmark = pytest.mark.django_db
EIGHT = DAWN + 2 * HOUR
KEY = "MXaXqCWN0oPIb5Bsl0Nb9GEkPRBRhG3dVpLeq7pWdKI"  # of nobody: drawn for these tests
BROWSERS_KEY = ec.derive_private_key(7, ec.SECP256R1())
BROWSERS_SECRET = bytes(range(16))
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


P256DH = encoded(BROWSERS_KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
AUTH = encoded(BROWSERS_SECRET)
SENT = {"endpoint": ENDPOINT, "p256dh": P256DH, "auth": AUTH}


class Service(http.server.BaseHTTPRequestHandler):
    """A push service that answers as the test says."""

    answer = 201
    got: list[tuple[Any, bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Service.got.append((self.headers, body))
        self.send_response(Service.answer)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """What a redirect leads to. Nobody should come here."""
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    Service.answer, Service.got = 201, []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with override_settings(VAPID_PRIVATE_KEY=KEY):
            yield f"http://127.0.0.1:{server.server_port}/send/1"
        server.shutdown()


def subscribe(patient: Patient, endpoint: str = ENDPOINT) -> PushSubscription:
    PushSubscription(user=patient.user, endpoint=endpoint, p256dh=P256DH, auth=AUTH).add(at=DAWN)
    return PushSubscription.objects.get(endpoint=endpoint)


@pytest.fixture
def patient() -> Patient:
    return a_patient()


@pytest.fixture
def signed_in(client: Client, patient: Patient) -> Iterator[Client]:
    assert patient.user
    client.force_login(patient.user)
    with override_settings(VAPID_PRIVATE_KEY=KEY):
        yield client


def path_of(patient: Patient) -> str:
    return reverse("routines:push_subscription_add", args=[patient.pk])


# What reaches a push service ------------------------------------------------------------------------------------------
def test_a_reminder_reaches_the_browser_encrypted_and_neutral(service: str, patient: Patient) -> None:
    wishes(patient, by_mail=False)
    subscribe(patient, service)

    tally = send(EIGHT)

    [(headers, body)] = Service.got
    shown = json.loads(http_ece.decrypt(body, private_key=BROWSERS_KEY, auth_secret=BROWSERS_SECRET))
    row = OutboxMessage.objects.exclude(sent_at=None).get()
    assert tally.sent == 1
    assert shown == {"title": "Time for your routine", "body": "", "url": "/today/", "tag": row.pk.hex}
    assert headers["Authorization"].startswith("vapid t=")
    assert public_key() in headers["Authorization"]
    assert (headers["Topic"], headers["TTL"], headers["Urgency"]) == (row.pk.hex, "10800", "high")


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_wants_no_more_is_forgotten(service: str, patient: Patient, status: int) -> None:
    wishes(patient, by_mail=False)
    subscribe(patient, service)
    Service.answer = status

    tally = send(EIGHT)

    assert (tally.cancelled, tally.failed) == (1, 0)
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize("status", [302, 400, 429, 500])
def test_a_no_is_tried_again(service: str, patient: Patient, status: int) -> None:
    wishes(patient, by_mail=False)
    subscribe(patient, service)
    Service.answer = status

    failed = send(EIGHT).failed
    Service.answer = 204

    assert (failed, send(EIGHT + HOUR).sent) == (1, 1)
    assert PushSubscription.objects.exists()


def test_a_service_that_is_away_is_tried_again(service: str, patient: Patient) -> None:
    wishes(patient, by_mail=False)
    subscribe(patient, "http://127.0.0.1:1/nobody")

    assert send(EIGHT).failed == 1
    assert "127.0.0.1" not in OutboxMessage.objects.earliest("due_at").last_error


def test_a_device_that_was_removed_gets_nothing(service: str, patient: Patient) -> None:
    wishes(patient, by_mail=False)
    subscription = subscribe(patient, service)
    send(DAWN)
    subscription.delete()

    assert send(EIGHT).cancelled == 1
    assert Service.got == []


def test_a_device_that_somebody_else_uses_now_gets_nothing_of_the_one_before(service: str, patient: Patient) -> None:
    wishes(patient, by_mail=False)
    subscribe(patient, service)
    send(DAWN)
    subscribe(a_patient(), service)

    assert send(EIGHT).cancelled == 1
    assert Service.got == []


# Adding and removing a device -----------------------------------------------------------------------------------------
def test_push_subscription_add_reminds_on_the_device_from_now_on(signed_in: Client, patient: Patient) -> None:
    wishes(patient, by_mail=False)
    send(DAWN)

    with time_machine.travel(DAWN + HOUR, tick=False):
        answer = signed_in.post(path_of(patient), SENT, follow=True)
    send(DAWN + HOUR)

    assert b"This device will remind you." in answer.content
    assert PushSubscription.objects.get().user == patient.user
    assert set(OutboxMessage.objects.values_list("channel", flat=True)) == {"push"}


def test_the_same_browser_is_one_device(signed_in: Client, patient: Patient) -> None:
    signed_in.post(path_of(patient), SENT)
    signed_in.post(path_of(patient), {**SENT, "auth": encoded(bytes(16))})

    assert PushSubscription.objects.get().auth == encoded(bytes(16))


def test_a_browser_belongs_to_whoever_added_it_last(signed_in: Client, patient: Patient) -> None:
    subscribe(a_patient())

    signed_in.post(path_of(patient), SENT)

    assert PushSubscription.objects.get().user == patient.user


@pytest.mark.parametrize(
    "wrong",
    [
        {"endpoint": ""},
        {"endpoint": "http://fcm.googleapis.com/fcm/send/abc"},
        {"endpoint": "https://internal.example/"},
        {"endpoint": "https://127.0.0.1/"},
        {"endpoint": "https://fcm.googleapis.com.evil.example/"},
        {"endpoint": "https://evilfcm.googleapis.com/"},
        {"endpoint": "https://fcm.googleapis.com@evil.example/"},
        {"endpoint": "https://user@fcm.googleapis.com/"},
        {"endpoint": "https://fcm.googleapis.com:22/"},
        {"endpoint": "https://fcm.googleapis.com:x/"},
        {"endpoint": "https://[/"},
        {"endpoint": ENDPOINT + "x" * 1000},
        {"p256dh": "nonsense"},
        {"p256dh": encoded(b"\x04" + bytes(64))},
        {"p256dh": "é"},
        {"auth": encoded(bytes(15))},
        {"auth": "\x00"},
    ],
)
def test_what_is_no_subscription_is_refused(signed_in: Client, patient: Patient, wrong: dict[str, str]) -> None:
    answer = signed_in.post(path_of(patient), {**SENT, **wrong}, follow=True)

    assert b"This browser cannot be used for reminders." in answer.content
    assert not PushSubscription.objects.exists()


def test_push_is_not_offered_without_a_key(signed_in: Client, patient: Patient) -> None:
    page = reverse("routines:reminder_edit", args=[patient.pk])
    with_key = signed_in.get(page).content.decode()

    with override_settings(VAPID_PRIVATE_KEY=""):
        without = signed_in.get(page).content.decode()
        signed_in.post(path_of(patient), SENT)

    assert f'data-push-key="{public_key()}"' in with_key
    assert "js/reminders.js" in with_key
    assert "data-push-key" not in without
    assert not PushSubscription.objects.exists()


def test_push_subscription_revoke_removes_a_device(signed_in: Client, patient: Patient) -> None:
    subscription = subscribe(patient)

    path = reverse("routines:push_subscription_revoke", args=[patient.pk])
    answer = signed_in.post(path, {"device": subscription.pk}, follow=True)

    assert b"That device will no longer remind you." in answer.content
    assert not PushSubscription.objects.exists()


def test_a_stranger_adds_and_removes_nothing(signed_in: Client, patient: Patient) -> None:
    other = a_patient()
    subscription = subscribe(other)
    paths = [
        path_of(other),
        reverse("routines:push_subscription_revoke", args=[patient.pk]),
        reverse("routines:push_subscription_revoke", args=[other.pk]),
    ]
    sent = {**SENT, "device": subscription.pk}

    answers = [signed_in.post(path, sent).status_code for path in paths]
    wrong_method = [signed_in.get(path).status_code for path in paths]
    visitor = [Client().post(path, sent).status_code for path in paths]

    assert (answers, wrong_method, visitor) == ([404] * 3, [405] * 3, [302] * 3)
    assert PushSubscription.objects.get().user == other.user


def test_the_page_names_no_device_of_somebody_else(signed_in: Client, patient: Patient) -> None:
    subscribe(a_patient())

    page = signed_in.get(reverse("routines:reminder_edit", args=[patient.pk])).content.decode()

    assert "data-push-key" in page  # devices would be listed here
    assert "Added on" not in page


# The key --------------------------------------------------------------------------------------------------------------
def test_make_push_key_makes_a_key_that_is_taken() -> None:
    out = StringIO()
    call_command("make_push_key", stdout=out)

    with override_settings(VAPID_PRIVATE_KEY=out.getvalue().strip()):
        assert len(base64.urlsafe_b64decode(public_key() + "=")) == 65
        assert not [each for each in run_checks() if each.id == "limber.E003"]


@override_settings(VAPID_PRIVATE_KEY="nonsense")
def test_a_broken_key_stops_the_start() -> None:
    assert [each.id for each in run_checks() if each.id == "limber.E003"] == ["limber.E003"]
