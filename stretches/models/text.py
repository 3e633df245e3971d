"""The catalogue in the words of patients, language by language."""

import hashlib
from collections.abc import Iterable
from typing import Self

from django.db import models


def digest_of_words(original: str) -> str:
    """Fingerprint the words of the catalogue that a text puts differently, to see when they have changed."""
    return hashlib.sha256(original.encode()).hexdigest()


class CatalogueTextQuerySet(models.QuerySet["CatalogueText"]):
    """Texts."""

    def of(self, wanted: Iterable[tuple[str, Iterable[str]]]) -> Self:
        """Texts of these kinds with these keys: one condition a kind."""
        found = models.Q(pk__in=[])
        for kind, keys in wanted:
            found |= models.Q(kind=kind, key__in=list(keys))
        return self.filter(found)


class CatalogueText(models.Model):
    """What a patient reads in place of the catalogue's own words, which are written for clinicians.

    ``key`` names what it is about: the slug of a stretch or of a red-flag question, the tier of a red-flag action,
    and for a rationale or advice on timing, which have no name, the digest of their own words. ``original_digest``
    sums up the words that it stands for: once they have changed, the text is out of date and nobody is shown it.
    Several lines, as steps, are a line each.
    """

    class Kind(models.TextChoices):
        STRETCH_NAME = "stretch-name", "Name of a stretch"
        STRETCH_PURPOSE = "stretch-purpose", "Purpose of a stretch"
        STRETCH_STEPS = "stretch-steps", "Steps of a stretch"
        STRETCH_STOP_RULES = "stretch-stop-rules", "When to stop a stretch"
        STRETCH_PICTURE = "stretch-picture", "What the picture of a stretch shows"
        RATIONALE = "rationale", "Advice on a precaution"
        TIMING_ADVICE = "timing-advice", "Advice on the time of day"
        RED_FLAG_QUESTION = "red-flag-question", "Red-flag question"
        RED_FLAG_ACTION = "red-flag-action", "What to do about a red flag"

    code = models.CharField(max_length=40, unique=True, null=True, blank=True, editable=False)
    language = models.CharField(max_length=12, help_text="A code such as es or pt-br.")
    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=80)
    text = models.TextField(max_length=5000)
    original_digest = models.CharField(max_length=64, editable=False)
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = CatalogueTextQuerySet.as_manager()

    class Meta:
        ordering = ("language", "kind", "id")
        constraints = [
            models.UniqueConstraint(fields=["language", "kind", "key"], name="catalogue_text_once"),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[
                        "stretch-name",
                        "stretch-purpose",
                        "stretch-steps",
                        "stretch-stop-rules",
                        "stretch-picture",
                        "rationale",
                        "timing-advice",
                        "red-flag-question",
                        "red-flag-action",
                    ]
                ),
                name="catalogue_text_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} in “{self.language}”: {self.text[:60]}"
