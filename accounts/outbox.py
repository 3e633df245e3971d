"""The outbox: what is to be told to somebody, written in the same transaction as what it tells of.

If the transaction is undone, nothing is told; if it is stored, ``manage.py send_due`` tells it, however often either
is killed. Nothing here sends. What a message says is decided by its composer when it is sent: a reminder of what is no
longer prescribed is dropped, and a secret link need not be stored.

``settings.OUTBOX_COMPOSERS`` names a composer for every kind by its dotted path: this app knows none of those above it.
"""

import base64
import dataclasses
import datetime
from collections.abc import Iterable, Mapping
from typing import Protocol

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.module_loading import import_string

from accounts.models import Channel, Clinic, OutboxMessage, User

_STORED_AT_ONCE = 500


@dataclasses.dataclass(frozen=True)
class Content:
    """What a message says. ``url`` is what a tap on a push notification opens; ``headers`` are those of a mail."""

    subject: str
    body: str
    url: str = ""
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


class Composer(Protocol):
    """Finds the words of a message; ``None`` when it is no longer wanted, which cancels it.

    It may be asked several times for one message, since a hand-over may fail. Then it has to say what it said before:
    the person may read the first or the last.
    """

    def __call__(self, message: OutboxMessage, /, *, at: datetime.datetime) -> Content | None:
        """Find the words for a moment."""


def composer_of(kind: str) -> Composer:
    """The composer that the settings name for a kind. Raises ``ValueError`` when there is none."""
    try:
        path = settings.OUTBOX_COMPOSERS[kind]
    except KeyError:
        raise ValueError(f"No composer for {kind!r} in OUTBOX_COMPOSERS.") from None
    composer: Composer = import_string(path)
    return composer


def draft(
    kind: str,
    *,
    unique_key: str,
    due_at: datetime.datetime,
    to: User | None = None,
    address: str = "",
    clinic: Clinic | None = None,
    path: str = "",
    channel: str = Channel.MAIL,
) -> OutboxMessage:
    """A message that is not stored yet, for ``post_many``.

    ``to`` is a person with a sign-in, ``address`` that of somebody without one (for a push: its subscription).
    ``path`` is the address of a page below ``SITE_URL``; it holds ids, never names.

    Raises:
        ValueError: no such kind or channel, nobody to send it to, or a path that leads elsewhere.
    """
    composer_of(kind)
    if channel not in Channel.values:
        raise ValueError(f"No such channel: {channel!r}.")
    if to is None and not address:
        raise ValueError("A message is for somebody.")
    if path and (not path.startswith("/") or path.startswith("//")):
        raise ValueError(f"Not a path below SITE_URL: {path!r}.")
    return OutboxMessage(
        kind=kind,
        unique_key=unique_key,
        due_at=due_at,
        recipient=to,
        address=address,
        clinic=clinic,
        path=path,
        channel=channel,
    )


def post_many(messages: Iterable[OutboxMessage]) -> int:
    """Store messages with the surrounding transaction, and return how many are new.

    One whose ``unique_key`` is stored already is left out, also when it is another transaction that is storing it now.

    Raises:
        TransactionManagementError: there is no transaction. What it tells of and the message are stored together.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("Post within the transaction of what the message tells of.")
    posted = list(messages)
    OutboxMessage.objects.bulk_create(posted, ignore_conflicts=True, batch_size=_STORED_AT_ONCE)
    ids = [message.pk for message in posted]
    batches = (ids[start : start + _STORED_AT_ONCE] for start in range(0, len(ids), _STORED_AT_ONCE))
    return sum(OutboxMessage.objects.filter(pk__in=batch).count() for batch in batches)


def post(
    kind: str,
    *,
    unique_key: str,
    due_at: datetime.datetime,
    to: User | None = None,
    address: str = "",
    clinic: Clinic | None = None,
    path: str = "",
    channel: str = Channel.MAIL,
) -> OutboxMessage | None:
    """Store one message with the surrounding transaction; ``None`` if its ``unique_key`` is stored already.

    Raises what ``draft`` and ``post_many`` raise.
    """
    message = draft(
        kind,
        unique_key=unique_key,
        due_at=due_at,
        to=to,
        address=address,
        clinic=clinic,
        path=path,
        channel=channel,
    )
    return message if post_many([message]) else None


def token_of(message: OutboxMessage) -> str:
    """A secret of 256 bits that belongs to a message, the same each time it is asked for, and stored nowhere.

    A composer puts it into a link and stores its hash. Were it drawn anew for every hand-over, a mail that arrived
    although its sender was killed would hold a link that no longer works.
    """
    digest = salted_hmac("accounts.outbox.token", str(message.pk), algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def needs_you(message: OutboxMessage, *, at: datetime.datetime) -> Content:  # noqa: ARG001 - wanted at any time
    """Tell that there is something to look at, and where. Who or what it is about stands behind the sign-in."""
    return Content(
        subject="Something needs you",
        body=f"Something in Limber needs you. Sign in to see what it is:\n\n{settings.SITE_URL}{message.path or '/'}\n",
        url=message.path or "/",
    )
