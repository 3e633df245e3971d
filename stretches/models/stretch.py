"""The stretches, and what describes them."""

import uuid
from collections.abc import Mapping
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.urls import reverse

from accounts.models import Clinic, User
from stretches.models.drawn import ON_A_CARD, Drawn
from stretches.models.ownership import OwnedQuerySet, treated_in, works_in
from stretches.models.source import Confidence, Source
from stretches.models.versions import versions
from stretches.models.words import Equipment, Movement, Muscle, Sides

HOLD_SECONDS_MAX = 180
REPETITIONS_MAX = 30
"""The longest hold, in seconds, and the most repetitions in the catalogue: what can be prescribed. Ours."""


class StretchStatus(models.TextChoices):
    """Where a stretch stands in its life. Only a reviewed one is ever offered."""

    DRAFT = "draft", "Draft"
    REVIEWED = "reviewed", "Reviewed"
    RETIRED = "retired", "Retired"


class Position(models.TextChoices):
    """The position of the body."""

    STANDING = "standing", "Standing"
    STANDING_OR_SITTING = "standing_or_sitting", "Standing or sitting"
    SITTING = "sitting", "Sitting"
    FLOOR_SITTING = "floor_sitting", "Sitting on the floor"
    LONG_SITTING = "long_sitting", "Sitting, legs straight"
    HALF_KNEELING = "half_kneeling", "Half kneeling"
    QUADRUPED = "quadruped", "Hands and knees"
    PRONE = "prone", "Lying on the front"
    SUPINE = "supine", "Lying on the back"
    SIDE_LYING = "side_lying", "Lying on the side"


class UndecidedError(Exception):
    """A stretch would be reviewed without having been published, or with a proposal that nobody has decided."""

    def __init__(self) -> None:
        super().__init__("A stretch becomes reviewed by being published, once every proposal about it is decided.")


class StretchQuerySet(OwnedQuerySet["Stretch"]):
    """Stretches of the catalogue."""

    def update(self, **values: Any) -> int:
        """Change rows, also for ``bulk_update``. Raises ``UndecidedError`` rather than call one reviewed."""
        if "status" not in values:
            return super().update(**values)
        with transaction.atomic(using=self.db):
            if values["status"] == StretchStatus.REVIEWED and self.exclude(status=StretchStatus.REVIEWED).exists():
                raise UndecidedError
            count = super().update(**values)
            self.refuse_undecided()
        return count

    def refuse_undecided(self) -> None:
        """Raise ``UndecidedError`` if any stretch is reviewed with a proposal that nobody has decided."""
        if Stretch.objects.reviewed().filter(proposals__state="open").exists():
            raise UndecidedError

    def reviewed(self) -> Self:
        """Those that may be offered, as far as the catalogue is concerned."""
        return self.filter(status=StretchStatus.REVIEWED)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those whose picture and description this person may see, of the library and of the person's own clinics.

        Who works with the catalogue sees all of them; a patient the reviewed ones, a clinic's own where it treats them.
        """
        if not isinstance(user, User):
            return self.none()
        as_patient = models.Q(treated_in(user), status=StretchStatus.REVIEWED)
        if not (user.is_staff or user.memberships.exists()):
            return self.filter(as_patient)
        return self if user.is_superuser else self.filter(as_patient | works_in(user))

    def matching(self, words: str) -> Self:
        """Those in which every word occurs, give or take a slip of the hand; ``searching`` says where."""
        from stretches.searching import stretches_meant_by  # which asks these models

        return self.filter(stretches_meant_by(words).rows)

    def for_a_card(self) -> Self:
        """With what a card shows and no more, the picture included."""
        return self.select_related("adapted_from").only(*ON_A_CARD)

    def for_display(self) -> Self:
        """Everything that a page of a stretch shows, in a constant number of queries."""
        return self.select_related("source", "adapted_from").prefetch_related("muscles", "equipment")


HOLD_FIELDS = (
    "start_hold_seconds_min",
    "start_hold_seconds_max",
    "hold_seconds_min",
    "hold_seconds_max",
    "default_hold_seconds",
)


def hold_problems(holds: Mapping[str, int]) -> dict[str, str]:
    """Say for each field of a dose what contradicts the others; nothing while one of them is missing.

    A stretch without a hold has 0 in all five.
    """
    if set(holds) != set(HOLD_FIELDS):
        return {}
    start_min, start_max, hold_min, hold_max, default = (holds[name] for name in HOLD_FIELDS)
    problems = {}
    if start_max < start_min:
        problems["start_hold_seconds_max"] = "The longest start hold is shorter than the shortest."
    if hold_max < hold_min:
        problems["hold_seconds_max"] = "The longest hold is shorter than the shortest."
    elif not hold_min <= default <= hold_max:
        problems["default_hold_seconds"] = f"The usual hold has to lie between {hold_min} and {hold_max} s."
    elif hold_max > 0 and default < max(start_min, 1):
        problems["default_hold_seconds"] = "The usual hold is shorter than the hold to start with."
    if hold_max == 0 and start_max > 0:
        problems["start_hold_seconds_max"] = "A stretch without a hold has none to start with."
    return problems


class Stretch(Drawn):
    """A catalogue entry that can be prescribed. FHIR: ActivityDefinition.

    Without a clinic it belongs to the library, which files fill; ``slug`` names it there, or in its clinic.
    Holds are in seconds; 0 as a default hold means a movement without a hold.
    """

    class SpinalLoad(models.TextChoices):
        MINIMAL = "minimal", "Minimal"
        LOW = "low", "Low"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High"

    class DoseKind(models.TextChoices):
        STATIC_HOLD = "static_hold", "Held stretch"
        ACTIVE_MOBILITY = "active_mobility", "Slow movement"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, null=True, blank=True, related_name="+")
    adapted_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="adaptations"
    )
    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=120)
    family = models.SlugField(max_length=40)
    status = models.CharField(max_length=10, choices=StretchStatus, default=StretchStatus.DRAFT)
    is_founding = models.BooleanField("from the founding patient documents", default=False)
    article_rank = models.PositiveSmallIntegerField(
        "place in the founding article, hardest first", null=True, blank=True
    )
    difficulty = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(5)], help_text="1 is the easiest, 5 the hardest."
    )
    difficulty_basis = models.CharField(max_length=120, blank=True)
    position = models.CharField(max_length=20, choices=Position)
    spinal_load = models.CharField(max_length=10, choices=SpinalLoad)
    sides = models.CharField(max_length=12, choices=Sides)
    muscles = models.ManyToManyField(Muscle, related_name="stretches")
    equipment = models.ManyToManyField(Equipment, related_name="stretches", blank=True)
    movements = models.ManyToManyField(Movement, related_name="stretches", blank=True)
    easier = models.ManyToManyField("self", symmetrical=False, related_name="harder", blank=True)
    purpose = models.TextField()
    steps = models.TextField(help_text="One step a line.")
    stop_rules = models.TextField(help_text="One a line: when the patient has to stop.")
    notes = models.TextField(blank=True)

    dose_kind = models.CharField(max_length=20, choices=DoseKind)
    start_hold_seconds_min = models.PositiveSmallIntegerField(validators=[MaxValueValidator(HOLD_SECONDS_MAX)])
    start_hold_seconds_max = models.PositiveSmallIntegerField(validators=[MaxValueValidator(HOLD_SECONDS_MAX)])
    hold_seconds_min = models.PositiveSmallIntegerField(validators=[MaxValueValidator(HOLD_SECONDS_MAX)])
    hold_seconds_max = models.PositiveSmallIntegerField(validators=[MaxValueValidator(HOLD_SECONDS_MAX)])
    default_hold_seconds = models.PositiveSmallIntegerField(validators=[MaxValueValidator(HOLD_SECONDS_MAX)])
    repetitions = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(REPETITIONS_MAX)]
    )
    repetitions_stated_in_source = models.BooleanField(default=False)
    times_per_day = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(4)])
    days_per_week = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(7)])
    routine_anchors = models.TextField(blank=True, help_text="One a line: when in the day, as the source says.")
    dose_note = models.TextField(blank=True)

    source = models.ForeignKey(Source, models.PROTECT)
    confidence = models.CharField(max_length=6, choices=Confidence)
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    is_being_published = False
    """Set by ``stretches.review.publish`` alone, which has looked."""

    objects = StretchQuerySet.as_manager()
    history = versions(m2m_fields=[muscles, equipment, movements, easier], excluded_fields=["loaded_digest"])

    class Meta:
        ordering = ("difficulty", "name", "id")
        verbose_name_plural = "stretches"
        indexes = [models.Index(fields=["difficulty", "name", "id"], name="stretch_difficulty_name_id")]
        constraints = [
            models.UniqueConstraint(
                fields=["slug"], condition=models.Q(clinic=None), name="stretch_slug_once_in_library"
            ),
            models.UniqueConstraint(fields=["clinic", "slug"], name="stretch_slug_once_in_clinic"),
            models.CheckConstraint(
                condition=models.Q(clinic=None) | models.Q(is_founding=False, loaded_digest=""),
                name="stretch_own_comes_from_no_file",
            ),
            models.CheckConstraint(
                condition=models.Q(adapted_from=None) | models.Q(clinic__isnull=False),
                name="stretch_of_library_is_not_adapted",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "reviewed", "retired"]), name="stretch_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(difficulty__gte=1, difficulty__lte=5), name="stretch_difficulty_1_to_5"
            ),
            models.CheckConstraint(
                condition=models.Q(start_hold_seconds_min__lte=models.F("start_hold_seconds_max"))
                & models.Q(hold_seconds_min__lte=models.F("hold_seconds_max")),
                name="stretch_hold_ranges_ordered",
            ),
            models.CheckConstraint(
                condition=models.Q(repetitions__gte=1, times_per_day__gte=1, times_per_day__lte=4)
                & models.Q(days_per_week__gte=1, days_per_week__lte=7),
                name="stretch_dose_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it. Raises ``UndecidedError`` for one that became reviewed otherwise than by ``review.publish``."""
        with transaction.atomic():
            if self.status == StretchStatus.REVIEWED and not self._state.adding and not self.is_being_published:
                stored = Stretch.objects.select_for_update(no_key=True).filter(pk=self.pk)
                if stored.exclude(status=StretchStatus.REVIEWED).exists():
                    raise UndecidedError
            super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """The stretch's page in the catalogue, for staff."""
        return reverse("stretches:stretch_detail", args=[self.pk])

    def clean(self) -> None:
        """Refuse holds that contradict each other, and a short name that is taken, each beside its field."""
        holds = {name: getattr(self, name) for name in HOLD_FIELDS if getattr(self, name, None) is not None}
        problems = hold_problems(holds)
        beside = Stretch.objects.filter(clinic=self.clinic_id, slug=self.slug)
        if self._state.adding and self.slug and beside.exists():
            problems["slug"] = "Another stretch has this short name: choose one of its own."
        if problems:
            raise ValidationError(problems)

    @property
    def is_of_library(self) -> bool:
        """Whether every clinic shares it."""
        return self.clinic_id is None

    @property
    def picture_slug(self) -> str:
        """By which name its picture is drawn: a clinic's own shows what it was adapted from, as long as it lies alike.

        Empty where there is none: a stretch of a clinic never takes a picture of the library by its name alone.
        """
        if self.clinic_id is None:
            return self.slug
        original = self.adapted_from
        return original.picture_slug if original and original.position == self.position else ""

    @property
    def has_hold(self) -> bool:
        """Whether the position is held; a pendulum swing, for one, is not."""
        return self.hold_seconds_max > 0

    @property
    def step_list(self) -> list[str]:
        """The steps, in order."""
        return [line.strip() for line in self.steps.splitlines() if line.strip()]

    @property
    def stop_rule_list(self) -> list[str]:
        """When the patient has to stop."""
        return [line.strip() for line in self.stop_rules.splitlines() if line.strip()]
