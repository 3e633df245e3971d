"""Where push messages of a person go."""

import datetime
import uuid
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from accounts.models import User


class PushSubscriptionQuerySet(models.QuerySet["PushSubscription"]):
    """Push subscriptions."""

    def own(self, user: User | AnonymousUser) -> Self:
        """Those of this person's own devices."""
        return self.filter(user=user) if user.is_authenticated else self.none()


class PushSubscription(models.Model):
    """A browser on a device that lets us show messages. Its maker's push service brings them.

    ``endpoint`` is an address of that service, ``p256dh`` and ``auth`` are the browser's keys (RFC 8291): what we send
    is encrypted for the browser, and the service cannot read it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_subscriptions")
    endpoint = models.CharField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PushSubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ("added_at", "id")

    def __str__(self) -> str:
        return f"{self.service}, since {self.added_at:%Y-%m-%d}"

    @property
    def service(self) -> str:
        """Whose push service it is, by host: tells a person which of their browsers this may be."""
        return urlsplit(self.endpoint).hostname or ""

    def add(self, *, at: datetime.datetime) -> None:
        """Store it. A browser has one: whoever added it there last gets the messages, and nobody before them."""
        given = {"user": self.user, "p256dh": self.p256dh, "auth": self.auth}
        PushSubscription.objects.update_or_create(
            endpoint=self.endpoint, defaults=given, create_defaults={**given, "id": self.pk, "added_at": at}
        )
