"""A stretch with its dose, and the one that stands in a prescription."""

import dataclasses
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.tenancy import ClinicsQuerySet
from patients.models import Patient
from prescriptions import dosage, safety
from prescriptions.models.pause import PauseReason, StretchPause
from stretches.models import Sides, Stretch
from stretches.models.drawn import ON_A_CARD

if TYPE_CHECKING:
    from prescriptions.models.override import Override


class PartOfDay(models.TextChoices):
    """A part of the day for which stretches are prescribed, in order."""

    ON_GETTING_UP = "on-getting-up", _("on getting up")
    MIDDAY = "midday", _("at midday")
    AFTERNOON = "afternoon", _("in the afternoon")
    BEFORE_BED = "before-bed", _("before bed")

    @property
    def field(self) -> str:
        """The field of a prescribed stretch that says whether it is due then."""
        return "is_" + self.value.replace("-", "_")


PARTS_OF_DAY = {part.field: part.label for part in PartOfDay}
"""The parts of the day, in order: the field that says yes to one, and its words."""

PART_FIELDS = tuple(PARTS_OF_DAY)
DOSE_FIELDS = ("start_hold_seconds", "target_hold_seconds", "repetitions", "side", "days_per_week", *PART_FIELDS)

DoseT = TypeVar("DoseT", bound="Dose")

_DEFAULT_PARTS = {
    1: ("is_on_getting_up",),
    2: ("is_on_getting_up", "is_before_bed"),
    3: ("is_on_getting_up", "is_midday", "is_before_bed"),
    4: PART_FIELDS,
}


class Side(models.TextChoices):
    """Which side of the body; only for stretches that are done a side at a time."""

    BOTH = "both", _("Both sides")
    LEFT = "left", _("Left only")
    RIGHT = "right", _("Right only")


class Dose(models.Model):
    """How a stretch is done: what a prescription's line and a template's line have in common.

    Holds are in seconds, ``None`` for a movement without a hold. How many times a day is not stored: it is the
    number of parts of the day.
    """

    stretch = models.ForeignKey(Stretch, models.PROTECT, related_name="+")
    start_hold_seconds = models.PositiveSmallIntegerField(null=True, blank=True)
    target_hold_seconds = models.PositiveSmallIntegerField(null=True, blank=True)
    repetitions = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(dosage.REPETITIONS_MAX)]
    )
    side = models.CharField(max_length=5, choices=Side, default=Side.BOTH)
    days_per_week = models.PositiveSmallIntegerField(default=7, validators=[MinValueValidator(1), MaxValueValidator(7)])
    is_on_getting_up = models.BooleanField(PARTS_OF_DAY["is_on_getting_up"], default=False)
    is_midday = models.BooleanField(PARTS_OF_DAY["is_midday"], default=False)
    is_afternoon = models.BooleanField(PARTS_OF_DAY["is_afternoon"], default=False)
    is_before_bed = models.BooleanField(PARTS_OF_DAY["is_before_bed"], default=False)
    note = models.CharField("note to the patient", max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.stretch.name

    @classmethod
    def with_default_dose(cls, stretch: Stretch) -> Self:
        """A line, not yet stored anywhere, with the dose that the catalogue gives."""
        item = cls(
            stretch=stretch,
            repetitions=stretch.repetitions,
            days_per_week=stretch.days_per_week,
            start_hold_seconds=max(stretch.start_hold_seconds_min, 1) if stretch.has_hold else None,
            target_hold_seconds=stretch.default_hold_seconds if stretch.has_hold else None,
        )
        for part in _DEFAULT_PARTS[stretch.times_per_day]:
            setattr(item, part, True)
        return item

    def copy_as(self, kind: type[DoseT]) -> DoseT:
        """The same stretch in the same dose as a line of another kind, not yet stored: from a template, or into one."""
        return kind(stretch=self.stretch, **{name: getattr(self, name) for name in (*DOSE_FIELDS, "note")})

    @property
    def times_per_day(self) -> int:
        """How often a day: once in each of its parts of the day."""
        return sum(getattr(self, part) for part in PART_FIELDS)

    @property
    def parts_of_day(self) -> list[str]:
        """The parts of the day in words, in order."""
        return [str(words) for part, words in PARTS_OF_DAY.items() if getattr(self, part)]

    @property
    def sides_count(self) -> int:
        """How many sides each repetition is done on: 1 or 2."""
        in_turn = self.stretch.sides in {Sides.PER_SIDE, Sides.ALTERNATING}
        return 2 if in_turn and self.side == Side.BOTH else 1

    @property
    def seconds_a_day(self) -> int:
        """How long it takes on a day, in seconds, at the target hold."""
        return dosage.seconds_a_day(
            hold_seconds=self.target_hold_seconds,
            repetitions=self.repetitions,
            sides_count=self.sides_count,
            times_per_day=self.times_per_day,
        )

    @property
    def how_words(self) -> list[str]:
        """What to do each time, in short phrases."""
        times = ngettext("%(count)d time", "%(count)d times", self.repetitions) % {"count": self.repetitions}
        words = [times if self.repetitions != 1 else gettext("Once")]
        start, target = self.start_hold_seconds, self.target_hold_seconds
        if start is not None and target is not None:
            building_up = gettext("hold %(start)d seconds, building up to %(target)d seconds")
            steady = ngettext("hold %(target)d second", "hold %(target)d seconds", target)
            words.append((building_up if start < target else steady) % {"start": start, "target": target})
        if self.side != Side.BOTH:
            words.append(self.get_side_display().lower())
        elif self.stretch.sides in {Sides.PER_SIDE, Sides.ALTERNATING}:
            words.append(self.stretch.get_sides_display().lower())
        return words

    @property
    def days_words(self) -> str:
        """On how many days."""
        if self.days_per_week == 7:
            return gettext("every day")
        days = ngettext("%(count)d day a week", "%(count)d days a week", self.days_per_week)
        return days % {"count": self.days_per_week}

    @property
    def dose_words(self) -> list[str]:
        """The dose in short phrases, the same on screen, in print and in the report."""
        return [*self.how_words, ", ".join(self.parts_of_day), self.days_words]


def dose_constraints(stem: str) -> list[models.BaseConstraint]:
    """What must never be false of a dose, for the table whose constraints begin with ``stem``."""
    return [
        models.CheckConstraint(
            condition=models.Q(start_hold_seconds__isnull=True, target_hold_seconds__isnull=True)
            | models.Q(
                start_hold_seconds__gte=dosage.HOLD_SECONDS_MIN,
                target_hold_seconds__gte=models.F("start_hold_seconds"),
                target_hold_seconds__lte=dosage.HOLD_SECONDS_MAX,
            ),
            name=f"{stem}_hold_in_range",
        ),
        models.CheckConstraint(
            condition=models.Q(
                repetitions__gte=1,
                repetitions__lte=dosage.REPETITIONS_MAX,
                days_per_week__gte=1,
                days_per_week__lte=7,
            ),
            name=f"{stem}_dose_in_range",
        ),
        models.CheckConstraint(condition=models.Q(side__in=Side.values), name=f"{stem}_side_known"),
        models.CheckConstraint(
            condition=models.Q(is_on_getting_up=True)
            | models.Q(is_midday=True)
            | models.Q(is_afternoon=True)
            | models.Q(is_before_bed=True),
            name=f"{stem}_some_part_of_day",
        ),
    ]


class PrescribedStretchQuerySet(ClinicsQuerySet["PrescribedStretch"]):
    """Lines of prescriptions."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Lines in the prescriptions of the patients that this person may open as a clinician."""
        return self.filter(prescription__patient__in=Patient.objects.visible_to(user))

    def with_stretches(self) -> Self:
        """Each with all that is shown of its stretch: the picture, the source, photo and video."""
        return self.select_related("stretch__source", "stretch__adapted_from", "stretch__photo", "stretch__video")

    def with_pauses(self) -> Self:
        """Each with ``pause_reason``: why it is paused for its patient by pain, ``None`` when it is not."""
        open_pauses = (
            StretchPause.objects.open()
            .order_by()
            .filter(patient=models.OuterRef("prescription__patient"), stretch=models.OuterRef("stretch"))
        )
        return self.annotate(pause_reason=models.Subquery(open_pauses.values("reason")))

    def for_drafting(self) -> Self:
        """Each with what the draft shows of its stretch, and no more of its many columns."""
        own = (field.name for field in self.model._meta.concrete_fields)
        shown = (f"stretch__{name}" for name in (*ON_A_CARD, "sides"))
        return self.with_pauses().select_related("stretch__adapted_from").only(*own, *shown)

    def as_lines(self) -> Self:
        """With all that the safety rule, and the pages of clinicians, say of them."""
        return self.with_pauses().with_stretches()


class PrescribedStretch(Dose):
    """A stretch in a prescription, with its dose. FHIR: CarePlan.activity."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey("accounts.Clinic", models.PROTECT, related_name="+")
    prescription = models.ForeignKey("Prescription", models.CASCADE, related_name="items")
    stretch = models.ForeignKey(Stretch, models.PROTECT, related_name="prescribed")
    position = models.PositiveSmallIntegerField(default=0)

    pause_reason: str | None  # where ``with_pauses`` read it

    objects = PrescribedStretchQuerySet.as_manager()

    class Meta:
        ordering = ("position", "id")
        verbose_name_plural = "prescribed stretches"
        constraints = [
            models.UniqueConstraint(fields=["prescription", "stretch"], name="prescribed_stretch_once"),
            *dose_constraints("prescribed_stretch"),
        ]


@dataclasses.dataclass(frozen=True)
class Line:
    """A prescribed stretch with its assessment on a day, and the overrides in force that it rests on."""

    item: PrescribedStretch
    assessment: safety.Assessment
    overrides: tuple["Override", ...] = ()

    @classmethod
    def of(
        cls,
        item: PrescribedStretch,
        assessment: safety.Assessment,
        decisions: Mapping[tuple[int, uuid.UUID], "Override"],
    ) -> Self:
        """Pick from a stretch's decisions those that its issues of today rest on."""
        named = {
            decision.pk: decision
            for issue in assessment.issues
            if issue.is_overridden and issue.contraindication and issue.condition
            for decision in [decisions[issue.contraindication.pk, issue.condition.pk]]
        }
        return cls(item, assessment, tuple(named.values()))

    @property
    def is_safe(self) -> bool:
        """Whether the safety rule lets it be activated and shown."""
        return self.assessment.is_safe

    @property
    def pause_reason(self) -> PauseReason | None:
        """Why it is paused for its patient by pain, if it is; the items have to be read ``with_pauses``."""
        return PauseReason(self.item.pause_reason) if self.item.pause_reason else None

    @property
    def may_be_shown(self) -> bool:
        """Whether the patient may be shown it: it is safe, and not paused by pain."""
        return self.is_safe and self.pause_reason is None
