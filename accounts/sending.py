"""Sends what is due in the outbox. Several senders may run at once, and each may be killed at any moment.

Claim, compose, record that the hand-over begins, hand over, record that it was taken: every record is a short
transaction of its own, and none is open while we talk to a mail server. docs/adr/0006 says what that can promise.
"""

import contextlib
import dataclasses
import datetime
import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils import translation
from django.utils.module_loading import import_string

from accounts import acting
from accounts.models import OutboxMessage
from accounts.outbox import Content, composer_of
from accounts.reading import is_known

logger = logging.getLogger(__name__)
Clock = Callable[[], datetime.datetime]


class NotTakenError(Exception):
    """Whoever should have taken a message said no. The text names the kind of refusal, never a person or an address."""


class GoneError(Exception):
    """Where a message should go is no more, and never will be again: it is cancelled."""


class Deliverer(Protocol):
    """One way for messages to leave, named for its channel in ``settings.OUTBOX_CHANNELS``."""

    def open(self) -> None:
        """Reach whoever takes the messages; raises if that cannot be done, and then nothing was handed over."""

    def deliver(self, message: OutboxMessage, content: Content) -> None:
        """Hand one over. It raises ``NotTakenError``, ``GoneError``, or anything else when the outcome is unknown."""

    def close(self) -> None:
        """Leave."""


@dataclasses.dataclass
class Tally:
    """What became of the messages of one pass."""

    sent: int = 0
    cancelled: int = 0
    failed: int = 0
    lost: int = 0
    """Claimed, and then taken over by another sender."""

    def __str__(self) -> str:
        return f"sent {self.sent}, no longer wanted {self.cancelled}, failed {self.failed}"


def _where(error: Exception) -> str:
    """The kind of an error and where it came up, without its text: that may hold a name or an address."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


class Sender:
    """Sends until nothing is due, or until it is told to stop."""

    def __init__(self, *, clock: Clock) -> None:
        self.clock = clock
        self.is_stopping = False
        self._open: dict[str, Deliverer] = {}

    def stop(self) -> None:
        """Finish the message at hand and take no other."""
        self.is_stopping = True

    def plan(self) -> None:
        """Let those who write messages ahead, such as reminders, do so. What one of them cannot do stops no other."""
        for path in settings.OUTBOX_SCHEDULERS:
            try:
                import_string(path)(at=self.clock())
            except Exception as error:  # noqa: BLE001 - what is due is sent all the same
                logger.error("Nothing was planned by %s: %s", path, _where(error))  # noqa: TRY400 - see _where

    def send_due(self) -> Tally:
        """Send all that is due. A channel that cannot be reached is left alone until the next pass."""
        tally = Tally()
        unreachable: set[str] = set()
        try:
            while not self.is_stopping:
                with acting.everywhere():
                    message = OutboxMessage.objects.exclude(channel__in=unreachable).claim(at=self.clock())
                if message is None:
                    break
                self._send(message, tally, unreachable)
        finally:
            for channel in self._open.values():
                channel.close()
            self._open.clear()
        return tally

    def _send(self, message: OutboxMessage, tally: Tally, unreachable: set[str]) -> None:
        """Take one claimed message as far as it goes."""
        if message.may_have_arrived:
            logger.warning("Message %s may have been handed over before: its sender ended in between", message.pk)
        try:
            content = None if message.is_for_nobody else self._put_into_words(message)
        except Exception as error:  # noqa: BLE001 - the sender outlives every message
            self._fail(message, _where(error), tally)
            return
        if content is None:
            with acting.everywhere():
                message.cancel(at=self.clock())
            tally.cancelled += 1
            return
        try:
            channel = self._channel(message.channel)
        except Exception as error:  # noqa: BLE001 - whatever it is, the message waits
            unreachable.add(message.channel)
            self._fail(message, _where(error), tally)
            return
        with acting.everywhere():
            is_ours = message.begin_hand_over(at=self.clock())
        if not is_ours:
            tally.lost += 1
            return
        self._hand_over(message, content, channel, tally)

    def _put_into_words(self, message: OutboxMessage) -> Content | None:
        """Write in the language that its reader chose; who has no sign-in yet, the composer knows better.

        What is read for it is its clinic's, and no other's.
        """
        chosen = message.recipient.language if message.recipient else ""
        its_clinic = acting.current().with_(let_into=(message.clinic_id,) if message.clinic_id else ())
        with acting.inside(its_clinic), translation.override(chosen if is_known(chosen) else settings.LANGUAGE_CODE):
            return composer_of(message.kind)(message, at=self.clock())

    def _hand_over(self, message: OutboxMessage, content: Content, channel: Deliverer, tally: Tally) -> None:
        """Hand one message over, and record what became of it."""
        try:
            channel.deliver(message, content)
        except GoneError:
            with acting.everywhere():
                message.cancel(at=self.clock())
            tally.cancelled += 1
        except NotTakenError as error:
            self._leave(message.channel)
            self._fail(message, str(error), tally, is_refused=True)
        except Exception as error:  # noqa: BLE001 - the sender outlives every message
            self._leave(message.channel)
            self._fail(message, _where(error), tally)
        else:
            with acting.everywhere():
                message.mark_sent(at=self.clock())
            tally.sent += 1

    def _fail(self, message: OutboxMessage, error: str, tally: Tally, *, is_refused: bool = False) -> None:
        logger.warning("Message %s was not sent, attempt %s: %s", message.pk, message.attempts, error)
        with acting.everywhere():
            message.mark_failed(error, at=self.clock(), is_refused=is_refused)
        tally.failed += 1

    def _channel(self, name: str) -> Deliverer:
        """The open channel of this name; the next message uses it again."""
        if name not in self._open:
            channel: Deliverer = import_string(settings.OUTBOX_CHANNELS[name])()
            channel.open()
            self._open[name] = channel
        return self._open[name]

    def _leave(self, name: str) -> None:
        """Begin with a new connection: after a failure, nobody knows what the old one is in the middle of."""
        if channel := self._open.pop(name, None):
            with contextlib.suppress(Exception):
                channel.close()
