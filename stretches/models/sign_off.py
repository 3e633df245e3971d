"""Who answers for a contraindication: a physiotherapist by name, for what it says at that moment."""

import datetime
from collections.abc import Collection, Iterable
from typing import Any, Self

from django.conf import settings
from django.db import models

from accounts.models import User
from stretches.models.condition_code import ConditionCode
from stretches.models.contraindication import Contraindication
from stretches.models.stretch import Stretch

_SAID = ("stretch", "condition_code", "severity", "from_week", "until_week", "rationale")
"""What a signature stands under, besides the citation."""


class SignOffQuerySet(models.QuerySet["SignOff"]):
    """Signatures."""

    def holding(self) -> Self:
        """Those under what the contraindication still says: of one that says something else nobody has signed that."""
        same = models.Q(citation=models.F("contraindication__source__citation"))
        for name in _SAID:
            there = f"contraindication__{name}"
            both_empty = models.Q(**{f"{name}__isnull": True, f"{there}__isnull": True})
            same &= models.Q(**{name: models.F(there)}) | both_empty
        return self.filter(same)

    def under(self, contraindications: Collection[int]) -> dict[int, str]:
        """Who signed each of these, the latest first; those that nobody signed are left out: one query."""
        rows = self.holding().filter(contraindication__in=contraindications).order_by("signed_at", "pk")
        return {row.contraindication_id: str(row) for row in rows}


class SignOff(models.Model):
    """A signature under a contraindication, with what it said: written once, never changed."""

    contraindication = models.ForeignKey(Contraindication, models.CASCADE, related_name="sign_offs")
    stretch = models.ForeignKey(Stretch, models.CASCADE, related_name="+")
    condition_code = models.ForeignKey(ConditionCode, models.CASCADE, related_name="+")
    severity = models.CharField(max_length=10)
    from_week = models.PositiveSmallIntegerField(null=True, blank=True)
    until_week = models.PositiveSmallIntegerField(null=True, blank=True)
    rationale = models.TextField()
    citation = models.TextField()
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=150)
    registration = models.CharField(max_length=120)
    signed_at = models.DateTimeField()

    objects = SignOffQuerySet.as_manager()

    class Meta:
        ordering = ("-signed_at", "-id")
        verbose_name = "sign-off"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(registration=""), name="sign_off_names_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.registration}, {self.signed_at:%-d %B %Y}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write it once."""
        if not self._state.adding:
            raise TypeError("A signature is not changed afterwards.")
        super().save(*args, **kwargs)

    @classmethod
    def sign(
        cls, rows: Iterable[Contraindication], *, by: User, registration: str, at: datetime.datetime
    ) -> list["SignOff"]:
        """Sign these as they are now, but for those that this person has signed so; the latest signature counts."""
        rows = list(rows)
        own = cls.objects.holding().filter(
            contraindication__in=[row.pk for row in rows], signed_by=by, registration=registration
        )
        signed = set(own.values_list("contraindication", flat=True))
        return SignOff.objects.bulk_create(
            SignOff(
                contraindication=row,
                citation=row.source.citation,
                signed_by=by,
                name=by.full_name or by.email,
                registration=registration,
                signed_at=at,
                **{name: getattr(row, name) for name in _SAID},
            )
            for row in rows
            if row.pk not in signed
        )
