"""A file on its way into the catalogue."""

import datetime
import uuid
from typing import Self

from django.conf import settings
from django.db import models

from stretches.models.release import CatalogueRelease

KEPT_FOR = datetime.timedelta(days=1)
"""How long a file waits for somebody to decide."""


class CatalogueImportQuerySet(models.QuerySet["CatalogueImport"]):
    """Imports."""

    def waiting(self) -> Self:
        """Those that nobody has decided on."""
        return self.filter(content__isnull=False)

    def forget(self, *, at: datetime.datetime) -> int:
        """Let go of files that have waited too long; returns how many."""
        old = self.waiting().filter(uploaded_at__lt=at - KEPT_FOR)
        return old.update(content=None, outcome="Left too long: nothing was changed.")


class CatalogueImport(models.Model):
    """A file that somebody sent to be imported: looked at first, then applied or left.

    ``content`` is kept for as long as there is something to decide; what became of it stays.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file_name = models.CharField("file", max_length=255)
    content = models.BinaryField(null=True, editable=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    uploaded_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True, blank=True)
    release = models.ForeignKey(CatalogueRelease, models.SET_NULL, null=True, blank=True, related_name="+")
    outcome = models.TextField(blank=True)

    objects = CatalogueImportQuerySet.as_manager()

    class Meta:
        ordering = ("-uploaded_at", "id")
        verbose_name = "import"

    def __str__(self) -> str:
        return self.file_name

    def note_applied(self, outcome: str, *, release: CatalogueRelease | None, at: datetime.datetime) -> None:
        """Note that it is done, in the same transaction as that."""
        self.content, self.outcome, self.release, self.applied_at = None, outcome, release, at
        self.save(update_fields=["content", "outcome", "release", "applied_at"])

    def note_discarded(self) -> None:
        """Note that somebody decided against it."""
        self.content, self.outcome = None, "Discarded: nothing was changed."
        self.save(update_fields=["content", "outcome"])
