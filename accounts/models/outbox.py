"""What is to be told to somebody: written in the transaction of what it tells of, sent afterwards by ``send_due``."""

import datetime
import uuid
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

LEASE = datetime.timedelta(minutes=5)
"""How long a message belongs to the sender that claimed it. Longer than a delivery can take: see EMAIL_TIMEOUT."""

RETRY_AFTER = tuple(datetime.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720))
"""How long to wait after the first failure, the second, and so on. Ours: a mail server is back within a day."""

MOST_ATTEMPTS = len(RETRY_AFTER) + 1


class Channel(models.TextChoices):
    """How a message travels."""

    MAIL = "mail", "Mail"
    PUSH = "push", "Web push"


def _free(at: datetime.datetime) -> models.Q:
    """Held by no sender, and not set aside until a later attempt."""
    return models.Q(claimed_until=None) | models.Q(claimed_until__lte=at)


class OutboxMessageQuerySet(models.QuerySet["OutboxMessage"]):
    """Messages."""

    def unsent(self) -> Self:
        """Those that are neither sent nor cancelled."""
        return self.filter(sent_at=None, cancelled_at=None)

    def waiting(self) -> Self:
        """Those still to be sent: neither sent nor cancelled nor given up."""
        return self.unsent().filter(attempts__lt=MOST_ATTEMPTS)

    def due(self, *, at: datetime.datetime) -> Self:
        """Those to send at a moment, which no sender holds."""
        return self.waiting().filter(_free(at), due_at__lte=at)

    def overdue(self, *, at: datetime.datetime, by: datetime.timedelta) -> Self:
        """Those that have waited so long that probably no ``send_due`` is running."""
        return self.waiting().filter(due_at__lte=at - by)

    def stuck(self, *, at: datetime.datetime) -> Self:
        """Those given up after the last attempt: somebody has to look at them."""
        return self.unsent().filter(_free(at), attempts__gte=MOST_ATTEMPTS)

    def cancel(self, *, at: datetime.datetime) -> int:
        """Take back what is not sent yet, and return how many that were."""
        return self.unsent().update(cancelled_at=at, claimed_until=None)

    def forget(self) -> int:
        """Delete what no sender has ever begun to hand over, so that its keys are free again; return how many."""
        return self.unsent().filter(handing_over_at=None).delete()[0]

    def retry(self, *, at: datetime.datetime) -> int:
        """Begin anew with what was given up, once its cause is mended."""
        return self.stuck(at=at).update(attempts=0, claimed_until=None)

    def claim(self, *, at: datetime.datetime) -> "OutboxMessage | None":
        """Take the message that has been due the longest, for ``LEASE``; ``None`` when nothing is left to send.

        What another sender is claiming at this moment is passed over, not waited for. SQLite has no such lock and
        needs none: there, one transaction writes at a time.
        """
        with transaction.atomic():
            locked = self.due(at=at).select_for_update(skip_locked=True).order_by("due_at", "id").first()
            if locked is None:
                return None
            locked.attempts += 1
            locked.claimed_until = at + LEASE
            locked.save(update_fields=["attempts", "claimed_until"])
        return self.select_related("recipient", "clinic").get(pk=locked.pk)


class OutboxMessage(models.Model):
    """One message to one person on one channel. FHIR: Communication.

    It says what it is about by ``kind`` and ``path`` only; the words are found when it is sent. ``attempts`` counts
    how often it was claimed, and so names the claim: a sender that lost its lease finds another number here.
    ``handing_over_at`` is set just before the mail server gets it and stays until we know what became of it. Set
    without ``sent_at``, it means that a sender ended in between and that nobody can know: see docs/adr/0006.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", models.CASCADE, null=True, blank=True, related_name="+")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    address = models.CharField(max_length=254, blank=True)
    channel = models.CharField(max_length=4, choices=Channel, default=Channel.MAIL)
    kind = models.SlugField(max_length=40, db_index=False)
    path = models.CharField(max_length=200, blank=True)
    unique_key = models.CharField(max_length=200, unique=True)
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    handing_over_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OutboxMessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(sent_at=None, cancelled_at=None),
                name="outbox_message_waiting",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=False) | ~models.Q(address=""), name="outbox_message_to_somebody"
            ),
            models.CheckConstraint(
                condition=models.Q(channel__in=["mail", "push"]), name="outbox_message_channel_known"
            ),
            models.CheckConstraint(
                condition=models.Q(sent_at=None) | models.Q(cancelled_at=None), name="outbox_message_sent_or_cancelled"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}, due {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def mail_address(self) -> str:
        """Where mail goes: to where the person reads mail today, or to somebody without a sign-in."""
        return self.recipient.email if self.recipient else self.address

    @property
    def is_for_nobody(self) -> bool:
        """Whether the account that it was for is closed by now."""
        return self.recipient is not None and not self.recipient.is_active

    @property
    def may_have_arrived(self) -> bool:
        """Of one that is not sent: whether a sender ended between handing it over and saying so."""
        return self.handing_over_at is not None and self.sent_at is None

    def begin_hand_over(self, *, at: datetime.datetime) -> bool:
        """Record that the next thing to happen is the hand-over, and hold the message for a whole ``LEASE`` more.

        False if another sender has taken it or sent it meanwhile, or it was cancelled: then it is not to be sent.
        """
        held = self._held().filter(claimed_until__gt=at)
        return held.update(handing_over_at=at, claimed_until=at + LEASE) == 1

    def mark_sent(self, *, at: datetime.datetime) -> None:
        """Record that it was taken, even when the lease has run out: it was."""
        OutboxMessage.objects.filter(pk=self.pk, sent_at=None).update(
            sent_at=at, cancelled_at=None, claimed_until=None, last_error=""
        )

    def cancel(self, *, at: datetime.datetime) -> None:
        """Record that it is no longer wanted."""
        self._held().update(cancelled_at=at, claimed_until=None)

    def mark_failed(self, error: str, *, at: datetime.datetime, is_refused: bool = False) -> None:
        """Set it aside until the next attempt, each time for longer; after the last one it stays for somebody to see.

        ``error`` names the kind of failure and nothing else: what a mail server says may hold an address.
        ``is_refused``: the server said no to this hand-over, as opposed to saying nothing.
        """
        wait = RETRY_AFTER[self.attempts - 1] if self.attempts < MOST_ATTEMPTS else None
        changes = {"claimed_until": at + wait if wait else None, "last_error": error[:80]}
        if is_refused and not self.may_have_arrived:
            changes["handing_over_at"] = None
        self._held().update(**changes)

    def _held(self) -> OutboxMessageQuerySet:
        """This message, while the claim on it is ours."""
        return OutboxMessage.objects.unsent().filter(pk=self.pk, attempts=self.attempts)
