"""Who published, regraded or retired a stretch, when and why: written once, never changed."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from stretches.models.stretch import Stretch


class StretchDecisionQuerySet(models.QuerySet["StretchDecision"]):
    """Decisions."""

    def publications(self) -> Self:
        """Those by which a stretch became reviewed."""
        return self.filter(kind=StretchDecision.Kind.PUBLISHED)


class StretchDecision(models.Model):
    """One decision about a stretch, with whom it concerned at that moment.

    ``prescriptions``, ``patients`` and ``clinics`` count those in force that had the stretch; ``paused_lines`` the
    prescribed stretches that became unsafe by it. Nobody in ``decided_by``: a file was loaded.
    """

    class Kind(models.TextChoices):
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"
        DRAFTED = "drafted", "Taken back to draft"
        REOPENED = "reopened", "Back to draft: something new to decide"
        REGRADED = "regraded", "Regraded"

    stretch = models.ForeignKey(Stretch, models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=10, choices=Kind)
    what = models.CharField(max_length=300, blank=True)
    why = models.TextField(max_length=1000)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now, editable=False)
    prescriptions = models.PositiveIntegerField(default=0)
    patients = models.PositiveIntegerField(default=0)
    clinics = models.PositiveIntegerField(default=0)
    paused_lines = models.PositiveIntegerField(default=0)

    objects = StretchDecisionQuerySet.as_manager()

    class Meta:
        ordering = ("-decided_at", "-id")
        indexes = [models.Index(fields=["stretch", "-decided_at"], name="stretch_decision_latest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["published", "retired", "drafted", "reopened", "regraded"]),
                name="stretch_decision_kind_known",
            ),
            models.CheckConstraint(condition=~models.Q(why=""), name="stretch_decision_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.stretch}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write it once."""
        if not self._state.adding:
            raise TypeError("A decision is not changed afterwards.")
        super().save(*args, **kwargs)
