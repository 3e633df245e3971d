"""Which catalogue this is: a permissibility report names it."""

import datetime
import uuid

from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from accounts import acting
from accounts.models import Clinic, User
from stretches.models.ownership import OwnedQuerySet
from stretches.models.versions import OfRelease


class CatalogueReleaseQuerySet(OwnedQuerySet["CatalogueRelease"]):
    """Releases."""


class CatalogueRelease(models.Model):
    """A state of the catalogue: one row for each load that changed something and for each edit.

    With a clinic it is an edit of what is that clinic's own: for all others nothing changed.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.CharField(max_length=40, help_text="As the loaded file names itself.")
    title = models.CharField(max_length=120, blank=True)
    as_of = models.DateField()
    icd10cm_release = models.CharField("ICD-10-CM release", max_length=120, blank=True)
    status = models.TextField(help_text="What the file says of its own review.")
    reason = models.TextField(help_text="What changed.")
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    released_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = CatalogueReleaseQuerySet.as_manager()

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
    def lock(cls) -> None:
        """Wait until whoever makes a release has ended, and keep others from it: their order is that of their commits.

        The oldest row stands for all of them. Only taken last, after whatever rows are written.
        """
        list(cls.objects.select_for_update(no_key=True).order_by("pk").values_list("pk")[:1])

    def put_out(self) -> None:
        """Store it, and note in every version that no release has yet that this is the first to have it."""
        with transaction.atomic(), acting.everywhere():  # a rule of the library made versions of clinics' own entries
            CatalogueRelease.lock()
            self.save(force_insert=True)
            for model in apps.get_app_config("stretches").get_models():
                if issubclass(model, OfRelease):
                    model._default_manager.filter(release__isnull=True).update(release=self)

    @classmethod
    def record_edit(cls, what: str, *, by: User, clinic_id: uuid.UUID | None = None) -> None:
        """Note that somebody edited the catalogue, or what is a clinic's own; the file that it came from stays."""
        latest = cls.objects.of_library().first() or cls(
            version="0", as_of=timezone.localdate(), status="Not loaded from a file."
        )
        release = cls(
            version=latest.version,
            title=latest.title,
            as_of=latest.as_of,
            icd10cm_release=latest.icd10cm_release,
            status=latest.status,
            reason=f"Edited: {what}",
            released_by=by,
            clinic_id=clinic_id,
        )
        release.put_out()
