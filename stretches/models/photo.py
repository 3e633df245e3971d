"""A photo of a stretch, in addition to its drawn picture."""

from typing import Self

from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords

from accounts.models import User
from stretches.models.stretch import Stretch
from stretches.photos.files import KEY_LENGTH

ALT_MAX_LENGTH = 250


class StretchPhotoQuerySet(models.QuerySet["StretchPhoto"]):
    """Photos of stretches."""

    def visible_to(self, user: User) -> Self:
        """Those of the stretches that this person may see."""
        return self.filter(stretch__in=Stretch.objects.visible_to(user))

    def keys(self) -> set[str]:
        """By which the files of all of them are found."""
        return set(self.values_list("key", flat=True))


class StretchPhoto(models.Model):
    """The photo of a stretch: at most one. FHIR: RelatedArtifact of an ActivityDefinition.

    Its files are found by ``key``, which is random and changes with the photo. Once a photo is replaced or removed its
    files are gone: somebody may be recognised on it. Its history keeps who changed what, when.
    """

    stretch = models.OneToOneField(
        Stretch,
        models.PROTECT,
        primary_key=True,
        related_name="photo",
        error_messages={"unique": "This stretch has a photo already: change that one."},
    )
    key = models.CharField(max_length=KEY_LENGTH, unique=True, editable=False)
    alt = models.CharField(
        "what it shows",
        max_length=ALT_MAX_LENGTH,
        help_text="In one sentence, for who cannot see it: the position of the body, and what moves where.",
    )
    width = models.PositiveSmallIntegerField(editable=False)
    height = models.PositiveSmallIntegerField(editable=False)

    objects = StretchPhotoQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = "photo"
        constraints = [
            models.CheckConstraint(condition=~models.Q(alt=""), name="stretch_photo_has_words"),
            models.CheckConstraint(condition=models.Q(width__gt=0, height__gt=0), name="stretch_photo_has_size"),
        ]

    def __str__(self) -> str:
        return f"Photo of {self.stretch}"

    def address_of(self, size: str) -> str:
        """Where one of its ``SIZES`` is fetched: another address for another photo, so that it may be kept for ever."""
        return reverse("stretches:stretch_photo", args=[self.pk, self.key, size])

    @property
    def large_address(self) -> str:
        """At most 1600 pixels."""
        return self.address_of("large")

    @property
    def small_address(self) -> str:
        """At most 640 pixels."""
        return self.address_of("small")
