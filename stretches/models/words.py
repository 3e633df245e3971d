"""What stretches are described with."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Movement(models.Model):
    """A loading pattern that stretches have, such as lumbar flexion while standing."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    is_spinal_loading = models.BooleanField("loads the spine", default=False)
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Muscle(models.Model):
    """A muscle, or group of muscles, that a stretch lengthens or moves."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=60)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Equipment(models.Model):
    """What has to be at hand."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=60)

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "equipment"

    def __str__(self) -> str:
        return self.name


class Sides(models.TextChoices):
    """Whether a stretch is done once for the body or once a side."""

    PER_SIDE = "per_side", _("Each side")
    BILATERAL = "bilateral", _("Both sides together")
    ALTERNATING = "alternating", _("Sides in turn")
    MIDLINE = "midline", _("Middle of the body")
