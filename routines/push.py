"""How a message of the outbox reaches a phone's or a computer's screen: Web Push (RFC 8030, encrypted by RFC 8291).

It is offered when ``VAPID_PRIVATE_KEY`` is set (RFC 8292). What is sent is what the service worker shows: title, body,
url, and a tag by which a message that comes twice is shown once.
"""

import base64
import json

import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02
from pywebpush import WebPushException, webpush

from accounts.models import OutboxMessage
from accounts.outbox import Content
from accounts.sending import GoneError, NotTakenError
from routines.models import PushSubscription
from routines.reminders import LATEST

NO_LONGER_THERE = {404, 410}
"""What a push service answers when the browser has taken back its consent: RFC 8030, section 7.3."""


def public_key() -> str:
    """The key by which a browser knows us, for the page that subscribes; empty when push is not offered."""
    if not settings.VAPID_PRIVATE_KEY:
        return ""
    key = Vapid02.from_string(settings.VAPID_PRIVATE_KEY).public_key
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


class PushChannel:
    """Hands messages over to the browsers' push services."""

    def open(self) -> None:
        """Prepare. Each browser has its service, so none is reached yet."""
        self._session = requests.Session()
        self._session.max_redirects = 0  # an endpoint is where it says it is

    def deliver(self, message: OutboxMessage, content: Content) -> None:
        """Hand one over to the service of the browser whose subscription the message is for.

        Raises:
            GoneError: the browser no longer wants any; the subscription is deleted.
            NotTakenError: the service said no.
            OSError: no answer came, and nobody knows.
        """
        subscription = PushSubscription.objects.filter(pk=message.address, user=message.recipient_id).first()
        if subscription is None:
            raise GoneError
        shown = {"title": content.subject, "body": content.body, "url": content.url, "tag": message.pk.hex}
        try:
            webpush(
                {
                    "endpoint": subscription.endpoint,
                    "keys": {"p256dh": subscription.p256dh, "auth": subscription.auth},
                },
                json.dumps(shown),
                vapid_private_key=settings.VAPID_PRIVATE_KEY,
                vapid_claims={"sub": settings.VAPID_SUBJECT},
                ttl=int(LATEST.total_seconds()),
                headers={"Topic": message.pk.hex, "Urgency": "high"},
                timeout=settings.EMAIL_TIMEOUT,
                requests_session=self._session,
            )
        except WebPushException as error:
            self._explain(error, subscription)

    @staticmethod
    def _explain(error: WebPushException, subscription: PushSubscription) -> None:
        """Say what an answer means; any 2xx is a yes."""
        status = error.response.status_code if error.response is not None else None
        if status in NO_LONGER_THERE:
            subscription.delete()
            raise GoneError from error
        if status is None or status not in range(200, 300):
            raise NotTakenError(f"push service {status}") from error

    def close(self) -> None:
        """Leave."""
        self._session.close()
