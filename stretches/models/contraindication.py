"""Why a stretch is unsafe with a condition, and the rules by which such rows are proposed."""

import uuid
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction

from accounts.models import Clinic, User
from accounts.replica import decided_by_primary
from stretches.models.condition_code import ConditionCode, broader_by_code, paths_upward
from stretches.models.ownership import OwnedQuerySet
from stretches.models.source import Confidence, Source
from stretches.models.stretch import Stretch
from stretches.models.versions import versions
from stretches.models.words import Movement

_WINDOW_ORDERED = (
    models.Q(from_week__isnull=True)
    | models.Q(until_week__isnull=True)
    | models.Q(from_week__lt=models.F("until_week"))
)


RULE_TEXT_MAX_LENGTH = 600
"""Of what is unique with its condition: 600 characters of four bytes fit PostgreSQL's index pages (2,704 bytes)."""

WEEKS_MAX = 5200
"""A window's last week: a hundred years."""


class Severity(models.TextChoices):
    """How unsafe; what is not one of these blocks."""

    ABSOLUTE = "absolute", "Absolute: never prescribe"
    RELATIVE = "relative", "Relative: prescribe only with a recorded reason"
    PRECAUTION = "precaution", "Precaution: prescribe with advice"


def window_words(from_week: int | None, until_week: int | None) -> str:
    """A window as one reads it, such as “weeks 6 to 12”; empty where there is none."""
    match from_week, until_week:
        case None | 0, None:
            return ""
        case None | 0, until:
            return f"until week {until}"
        case start, None:
            return f"from week {start}"
        case start, until:
            return f"weeks {start} to {until}"
    return ""


class Window(models.Model):
    """Weeks after the condition's anchor date in which a row applies; both ends empty means always.

    ``from_week`` is included, ``until_week`` is not; weeks are days / 7.
    """

    from_week = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(WEEKS_MAX)], help_text="Included. Empty: from the start."
    )
    until_week = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(WEEKS_MAX)], help_text="Not included. Empty: without end."
    )

    class Meta:
        abstract = True

    @property
    def has_window(self) -> bool:
        """Whether it applies for some weeks only."""
        return self.from_week is not None or self.until_week is not None

    @property
    def window_words(self) -> str:
        """The window as one reads it, such as “weeks 6 to 12”; empty where there is none."""
        return window_words(self.from_week, self.until_week)

    def clean(self) -> None:
        """Refuse an end before the start, and weeks that cannot be counted from anything."""
        super().clean()
        if self.from_week is not None and self.until_week is not None and self.until_week <= self.from_week:
            raise ValidationError({"until_week": "The end has to come after the start."})
        codes = ConditionCode.objects.filter(pk__in=[getattr(self, "condition_code_id", None)])
        if self.has_window and codes.filter(window_anchor="").exists():
            name = "from_week" if self.from_week is not None else "until_week"
            raise ValidationError({name: "This condition has no day from which weeks could be counted."})


class ContraindicationQuerySet(OwnedQuerySet["Contraindication"]):
    """Contraindications."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The library's and those of the clinics in which this person works, about stretches that they may see."""
        rows = super().visible_to(user)
        if not isinstance(user, User) or user.is_superuser:
            return rows
        of_own = models.Q(stretch__clinic__in=decided_by_primary(Clinic.objects.employing(user)))
        return rows.filter(models.Q(stretch__clinic__isnull=True) | of_own)


class Contraindication(Window):
    """Why a stretch is unsafe with a condition. FHIR: ClinicalUseDefinition.

    Without a clinic it holds in every clinic. A clinic's own holds there only: beside the library's, of which it takes
    nothing away, for the worst row decides; about a clinic's own stretch every row is that clinic's.
    """

    class Origin(models.TextChoices):
        FOUNDING_DOCUMENT = "founding-document", "Founding patient document"
        RULE = "rule", "Movement rule"
        AUTHOR = "author", "Written by an admin"

    code = models.CharField(max_length=40, unique=True, null=True, blank=True, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, blank=True, related_name="+")
    stretch = models.ForeignKey(Stretch, models.CASCADE, related_name="contraindications")
    condition_code = models.ForeignKey(ConditionCode, models.PROTECT, related_name="contraindications")
    severity = models.CharField(max_length=10, choices=Severity)
    rationale = models.TextField()
    source = models.ForeignKey(Source, models.PROTECT)
    confidence = models.CharField(max_length=6, choices=Confidence)
    origin = models.CharField(max_length=20, choices=Origin, default=Origin.AUTHOR)
    movements = models.ManyToManyField(Movement, blank=True, related_name="+", help_text="The movements that matched.")
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    objects = ContraindicationQuerySet.as_manager()
    history = versions(m2m_fields=[movements], excluded_fields=["loaded_digest"])

    class Meta:
        ordering = ("stretch_id", "id")
        indexes = [
            models.Index(fields=["condition_code", "severity", "stretch"], name="contra_condition_severity"),
            models.Index(fields=["stretch", "severity", "condition_code"], name="contra_stretch_severity"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(severity__in=["absolute", "relative", "precaution"]),
                name="contraindication_severity_known",
            ),
            models.CheckConstraint(condition=_WINDOW_ORDERED, name="contraindication_window_ordered"),
            models.CheckConstraint(
                condition=models.Q(clinic=None) | models.Q(code=None, loaded_digest=""),
                name="contraindication_own_comes_from_no_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stretch} with {self.condition_code}: {self.get_severity_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store under the stretch's lock, so that an activation at the same moment sees it or waits for it.

        About a clinic's own stretch the row is that clinic's; raises ``ValueError`` if it is another's.
        """
        with transaction.atomic():
            Stretch.objects.select_for_update(no_key=True).get(pk=self.stretch_id)
            owner_id: uuid.UUID | None = Stretch.objects.values_list("clinic", flat=True).get(pk=self.stretch_id)
            if owner_id is not None and self.clinic_id not in (None, owner_id):
                raise ValueError("A contraindication of one clinic cannot be about a stretch of another.")
            self.clinic_id = self.clinic_id if owner_id is None else owner_id
            super().save(*args, **kwargs)

    def clean(self) -> None:
        """Refuse a row of a clinic about another's stretch, and one that says no more than the library does."""
        super().clean()
        stretch = Stretch.objects.filter(pk=self.stretch_id).first()
        if stretch is None:
            return
        self.clinic_id = self.clinic_id or stretch.clinic_id
        if stretch.clinic_id not in (None, self.clinic_id):
            raise ValidationError(
                {"stretch": "This stretch is a clinic's own. Only rows of the same clinic can be about it."}
            )
        if self.clinic_id and self._library_says_as_much():
            raise ValidationError(
                {"severity": "The library says as much already. A row of your own can only be stricter than it."}
            )

    def _library_says_as_much(self) -> bool:
        """Whether a row of the library is as severe, on this code or a broader one, whenever this one applies."""
        if not self.condition_code_id or self.severity not in Severity:
            return False
        as_severe = Severity.values[: Severity.values.index(self.severity) + 1]
        code_ids = list(paths_upward(self.condition_code_id, broader_by_code()))
        rows = Contraindication.objects.of_library().filter(
            stretch=self.stretch_id, condition_code__in=code_ids, severity__in=as_severe
        )
        return any(
            (row.from_week or 0) <= (self.from_week or 0)
            and (row.until_week is None or (self.until_week is not None and row.until_week >= self.until_week))
            for row in rows
        )


class MovementRule(Window):
    """Movement × condition code → the contraindication that a stretch with the movement should carry."""

    code = models.CharField(max_length=40, unique=True, null=True, blank=True, editable=False)
    condition_code = models.ForeignKey(ConditionCode, models.PROTECT, related_name="movement_rules")
    movements = models.ManyToManyField(Movement, blank=True, related_name="rules", help_text="Any of these.")
    applies_to_every_stretch = models.BooleanField(default=False, help_text="Whatever its movements.")
    severity = models.CharField(max_length=10, choices=Severity)
    rationale = models.TextField(max_length=RULE_TEXT_MAX_LENGTH)
    source = models.ForeignKey(Source, models.PROTECT)
    confidence = models.CharField(max_length=6, choices=Confidence)
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    history = versions(m2m_fields=[movements], excluded_fields=["loaded_digest"])

    class Meta:
        ordering = ("condition_code__name", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["condition_code", "rationale"],
                name="movement_rule_once",
                violation_error_message="This condition has a rule with the same rationale already.",
            ),
            models.CheckConstraint(
                condition=models.Q(severity__in=["absolute", "relative", "precaution"]),
                name="movement_rule_severity_known",
            ),
            models.CheckConstraint(condition=_WINDOW_ORDERED, name="movement_rule_window_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.condition_code}: {self.get_severity_display()}"
