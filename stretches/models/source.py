"""Where a clinical fact comes from."""

import re

from django.db import models
from django.urls import reverse

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s“”\"<>]+")


class Confidence(models.TextChoices):
    """How sure the catalogue's authors are of a row."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"


class Source(models.Model):
    """A citation. Every clinical row names one."""

    class Verification(models.TextChoices):
        READ = "read", "Read in full"
        ABSTRACT = "abstract", "Abstract read"
        SECONDARY = "secondary", "Read in a second source"
        BACKGROUND = "background", "Background knowledge"

    slug = models.SlugField(max_length=60, unique=True)
    citation = models.TextField()
    verification = models.CharField("how far it was read", max_length=10, choices=Verification)
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ("slug",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verification__in=["read", "abstract", "secondary", "background"]),
                name="source_verification_known",
            )
        ]

    def __str__(self) -> str:
        return self.citation

    def get_absolute_url(self) -> str:
        """The source's page in the catalogue, for staff."""
        return reverse("stretches:source_detail", args=[self.slug])

    @property
    def doi(self) -> str:
        """The digital object identifier that the citation names; empty if there is none."""
        found = _DOI.search(self.citation)
        return found[0].rstrip(".,;)") if found else ""
