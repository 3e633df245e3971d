"""Why a stretch is unsafe with a condition, and the rules by which such rows are proposed."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models, transaction
from simple_history.models import HistoricalRecords

from accounts.models import User
from stretches.models.condition_code import ConditionCode
from stretches.models.source import Confidence, Source
from stretches.models.stretch import Stretch
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
        match self.from_week, self.until_week:
            case None | 0, None:
                return ""
            case None | 0, until:
                return f"until week {until}"
            case start, None:
                return f"from week {start}"
            case start, until:
                return f"weeks {start} to {until}"
        return ""

    def clean(self) -> None:
        """Refuse an end before the start, and weeks that cannot be counted from anything."""
        super().clean()
        if self.from_week is not None and self.until_week is not None and self.until_week <= self.from_week:
            raise ValidationError({"until_week": "The end has to come after the start."})
        codes = ConditionCode.objects.filter(pk__in=[getattr(self, "condition_code_id", None)])
        if self.has_window and codes.filter(window_anchor="").exists():
            name = "from_week" if self.from_week is not None else "until_week"
            raise ValidationError({name: "This condition has no day from which weeks could be counted."})


class ContraindicationQuerySet(models.QuerySet["Contraindication"]):
    """Contraindications."""

    def visible_to(self, user: User) -> Self:
        """Those of the stretches that this person may see."""
        return self.filter(stretch__in=Stretch.objects.visible_to(user).order_by().values("pk"))


class Contraindication(Window):
    """Why a stretch is unsafe with a condition. FHIR: ClinicalUseDefinition."""

    class Origin(models.TextChoices):
        FOUNDING_DOCUMENT = "founding-document", "Founding patient document"
        RULE = "rule", "Movement rule"
        AUTHOR = "author", "Written by an admin"

    code = models.CharField(max_length=40, unique=True, null=True, blank=True, editable=False)
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
    history = HistoricalRecords(excluded_fields=["loaded_digest"])

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
        ]

    def __str__(self) -> str:
        return f"{self.stretch} with {self.condition_code}: {self.get_severity_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store under the stretch's lock, so that an activation at the same moment sees it or waits for it."""
        with transaction.atomic():
            Stretch.objects.select_for_update(no_key=True).get(pk=self.stretch_id)
            super().save(*args, **kwargs)


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
