"""Which catalogue this is: a permissibility report names it."""

import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import User


class CatalogueRelease(models.Model):
    """A state of the catalogue: one row for each load that changed something and for each edit."""

    version = models.CharField(max_length=40, help_text="As the loaded file names itself.")
    title = models.CharField(max_length=120, blank=True)
    as_of = models.DateField()
    icd10cm_release = models.CharField("ICD-10-CM release", max_length=120, blank=True)
    status = models.TextField(help_text="What the file says of its own review.")
    reason = models.TextField(help_text="What changed.")
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    released_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ("-id",)
        get_latest_by = "id"

    def __str__(self) -> str:
        return f"{self.version} ({self.pk})"

    @classmethod
    def current_mark(cls) -> tuple[int, datetime.datetime] | None:
        """What tells this state of the catalogue from every other; ``None`` before the first: one query."""
        return cls.objects.values_list("pk", "released_at").first()

    @classmethod
    def record_edit(cls, what: str, *, by: User) -> None:
        """Note that somebody edited the catalogue; the file that it came from stays the same."""
        latest = cls.objects.first() or cls(version="0", as_of=timezone.localdate(), status="Not loaded from a file.")
        cls.objects.create(
            version=latest.version,
            title=latest.title,
            as_of=latest.as_of,
            icd10cm_release=latest.icd10cm_release,
            status=latest.status,
            reason=f"Edited: {what}",
            released_by=by,
        )
