"""How a patient is doing, by measures whose numbers mean something: what is asked, and what was answered."""

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.utils import timezone
from simple_history.models import HistoricalRecords

from accounts import once
from accounts.models import Clinic, User
from accounts.models.tenancy import ClinicsQuerySet
from patients.models.records import Patient
from patients.versions import StaleEditError, as_seen

SCORE_FIELDS = ("on", "occasion", "rating", "is_entered_in_error")
ACTIVITY_FIELDS = ("activity", "rating")
ACTIVITY_MAX_LENGTH = 120
_TENTH = Decimal("0.1")


class AlreadyScoredError(Exception):
    """There is a score by this measure for the same day; ``stored`` is that one."""

    def __init__(self, stored: "OutcomeScore") -> None:
        self.stored = stored
        super().__init__(f"There is a score of this day already: {stored.words}.")


class OutcomeMeasure(models.Model):
    """A question or a few, with a scale, and how large a change has to be to mean something.

    Rows come from ``patients/data/outcome_measures.json``. With ``activities_max`` 0 a score is one whole number;
    otherwise the patient names up to so many activities, each gets a number, and the score is their mean.
    ``smallest_change`` stands only with its citation; ``code`` is the LOINC code, where there is one.
    """

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=20)
    code = models.CharField("LOINC code", max_length=12, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    instructions = models.TextField()
    activities_max = models.PositiveSmallIntegerField(default=0)
    scale_min = models.PositiveSmallIntegerField()
    scale_min_words = models.CharField(max_length=80)
    scale_max = models.PositiveSmallIntegerField()
    scale_max_words = models.CharField(max_length=80)
    is_more_better = models.BooleanField()
    smallest_change = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    smallest_change_words = models.CharField(max_length=200, blank=True)
    smallest_change_citation = models.TextField(blank=True)
    citation = models.TextField()

    class Meta:
        ordering = ("position", "slug")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scale_max__gt=models.F("scale_min")), name="outcome_measure_scale_rises"
            ),
            models.CheckConstraint(
                condition=models.Q(smallest_change__isnull=True)
                | (~models.Q(smallest_change_words="") & ~models.Q(smallest_change_citation="")),
                name="outcome_measure_smallest_change_is_cited",
            ),
            models.CheckConstraint(condition=~models.Q(citation=""), name="outcome_measure_is_cited"),
        ]

    def __str__(self) -> str:
        return self.name

    def words_of(self, value: Decimal) -> str:
        """A score by this measure in words, such as “4.3 of 10”."""
        return f"{plain(value)} of {self.scale_max}"


class Occasion(models.TextChoices):
    """Why it was asked."""

    START = "start", "Start of treatment"
    REVIEW = "review", "Review"


class OutcomeScoreQuerySet(ClinicsQuerySet["OutcomeScore"]):
    """Scores."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Scores of the patients that this person may open as a clinician."""
        return self.filter(patient__in=Patient.objects.visible_to(user))

    def with_all(self, *, clinic_id: uuid.UUID) -> Self:
        """With the measure, who recorded them, and the activities, of one clinic's scores."""
        activities = models.Prefetch("activities", OutcomeActivity.objects.filter(clinic=clinic_id))
        return self.select_related("measure", "recorded_by").prefetch_related(activities)

    def counted(self) -> Self:
        """All but those entered in error."""
        return self.exclude(is_entered_in_error=True)


@dataclasses.dataclass(frozen=True)
class Rated:
    """An activity that the patient named, and its number."""

    activity: str
    rating: int


class OutcomeScore(models.Model):
    """What a patient scored by one measure on one day. FHIR: Observation.

    ``rating`` is the score itself where the measure has no activities; otherwise it is in the rows of ``activities``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="outcome_scores")
    measure = models.ForeignKey(OutcomeMeasure, models.PROTECT, related_name="scores")
    on = models.DateField("day")
    occasion = models.CharField(max_length=6, choices=Occasion)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)
    is_entered_in_error = models.BooleanField("entered in error", default=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OutcomeScoreQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("on", "recorded_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "measure", "on"],
                condition=models.Q(is_entered_in_error=False),
                name="outcome_score_once_a_day",
            ),
            models.CheckConstraint(
                condition=models.Q(occasion__in=Occasion.values), name="outcome_score_occasion_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure.short_name} {self.words}"

    @property
    def value(self) -> Decimal | None:
        """The score: its number, or the mean of its activities to one decimal; ``None`` where neither is stored."""
        if self.rating is not None:
            return Decimal(self.rating)
        return mean([activity.rating for activity in self.activities.all()])

    @property
    def words(self) -> str:
        """The score with its scale."""
        return "no number" if self.value is None else self.measure.words_of(self.value)

    def as_seen(self) -> str:
        """What it says, summed up: another sum means that somebody changed it."""
        return as_seen([self], SCORE_FIELDS) + as_seen(self.activities.all(), ACTIVITY_FIELDS)

    def record(
        self, *, by: User, at: datetime.datetime, activities: Sequence[Rated] = (), seen: str | None = None
    ) -> None:
        """Store a new or a corrected score with its activities, in order; what it said before stays in its history.

        One that is stored already, because the same was sent twice, is left alone. Raises ``StaleEditError``
        when it says something else than was ``seen``, ``AlreadyScoredError`` when the day has another one.
        """
        with transaction.atomic():
            Patient.objects.locked(self.patient_id)
            rows = OutcomeScore.objects.select_related("measure").filter(patient=self.patient_id)
            is_new = self._state.adding
            if is_new:
                said = _said(self, activities)
                if once.stored_already(rows, self, lambda row: _said(row, row.activities.all()), said=said):
                    return
            elif seen is not None and (stored := rows.filter(pk=self.pk).first()) and stored.as_seen() != seen:
                raise StaleEditError(stored)
            same_day = OutcomeScore.objects.counted().filter(patient=self.patient_id, measure=self.measure, on=self.on)
            if not self.is_entered_in_error and (other := same_day.exclude(pk=self.pk).first()):
                raise AlreadyScoredError(other)
            if is_new:
                self.clinic_id, self.recorded_by, self.recorded_at = self.patient.clinic_id, by, at
            _save(self, by=by, at=at)
            self._record_activities(activities, by=by, at=at)

    def _record_activities(self, activities: Sequence[Rated], *, by: User, at: datetime.datetime) -> None:
        rows = {row.position: row for row in self.activities.all()}
        for position, rated in enumerate(activities, start=1):
            row = rows.pop(position, None) or OutcomeActivity(clinic_id=self.clinic_id, score=self, position=position)
            if (row.activity, row.rating) != (rated.activity, rated.rating):
                row.activity, row.rating = rated.activity, rated.rating
                _save(row, by=by, at=at)
        for row in rows.values():
            row._history_user, row._history_date = by, at
            row.delete()


class OutcomeActivity(models.Model):
    """An activity in the patient's own words, and how well it went. FHIR: Observation.component."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    score = models.ForeignKey(OutcomeScore, models.CASCADE, related_name="activities")
    position = models.PositiveSmallIntegerField()
    activity = models.CharField(max_length=ACTIVITY_MAX_LENGTH)
    rating = models.PositiveSmallIntegerField()

    history = HistoricalRecords()
    _history_user: Any
    _history_date: datetime.datetime

    objects = ClinicsQuerySet["OutcomeActivity"].as_manager()

    class Meta:
        ordering = ("position", "id")
        verbose_name_plural = "outcome activities"
        constraints = [models.UniqueConstraint(fields=["score", "position"], name="outcome_activity_position_once")]

    def __str__(self) -> str:
        return f"{self.activity} {self.rating}"


def mean(ratings: Sequence[int]) -> Decimal | None:
    """The mean to one decimal, a half rounded up; ``None`` of nothing."""
    if not ratings:
        return None
    return (Decimal(sum(ratings)) / len(ratings)).quantize(_TENTH, ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """A number without a needless decimal: “4.3”, “7”."""
    return f"{value.normalize():f}"


def _said(score: OutcomeScore, activities: "Iterable[Rated | OutcomeActivity]") -> list[object]:
    """What a score says, with its activities in order."""
    return [
        *once.saying("measure", *SCORE_FIELDS)(score),
        *(value for each in activities for value in (each.activity, each.rating)),
    ]


def _save(row: Any, *, by: User, at: datetime.datetime) -> None:
    row._history_user, row._history_date = by, at
    row.save()
