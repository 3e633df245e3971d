"""A link that lets somebody in once: what an invitation of staff and one of a patient have in common."""

import datetime
import uuid
from typing import Self, TypeVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models.tenancy import ClinicsQuerySet
from accounts.tokens import hash_of

VALID_FOR = datetime.timedelta(hours=72)
Link = TypeVar("Link", bound="SingleUseLink")


class SingleUseLinkQuerySet(ClinicsQuerySet[Link]):
    """Links that let somebody in once."""

    def with_token(self, token: str) -> Self:
        """The one whose link this is: whoever holds the link is let to its page, and into the clinic that it is for."""
        from accounts import acting

        digest = hash_of(token)
        acting.unlock(self.model._base_manager.filter(token_hash=digest), secret=digest)
        return self.filter(token_hash=digest)

    def untouched(self) -> Self:
        """Those that were neither used nor withdrawn; they may be too old."""
        return self.filter(used_at__isnull=True, revoked_at__isnull=True)

    def open(self, *, at: datetime.datetime) -> Self:
        """Those that still let somebody in at a moment."""
        return self.untouched().filter(expires_at__gt=at)


class SingleUseLink(models.Model):
    """A link for one person, for ``VALID_FOR``, once. Looking at its page uses up nothing; only its hash is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(editable=False)
    used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True
        ordering = ("-created_at", "id")

    def revoke(self, *, at: datetime.datetime) -> None:
        """Withdraw it; what was used or withdrawn before stays as it is."""
        links: SingleUseLinkQuerySet[Self] = SingleUseLinkQuerySet(type(self))
        links.untouched().filter(pk=self.pk).update(revoked_at=at)
        self.refresh_from_db()
