"""What a patient did of the routine, and how each stretch went."""

import uuid
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.models import Clinic, User
from accounts.models.tenancy import ClinicsQuerySet
from patients.models import Patient
from prescriptions.models import PartOfDay, PrescribedStretch, Prescription, StretchPause
from stretches.models import Stretch

PAIN_MAX = 10
HELD_SECONDS_MAX = 600
NOTE_MAX_LENGTH = 1000


class SessionLogQuerySet(ClinicsQuerySet["SessionLog"]):
    """Sessions."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Sessions of the patients that this person may open as a clinician."""
        return self.filter(patient__in=Patient.objects.visible_to(user))

    def own(self, user: User | AnonymousUser) -> Self:
        """This person's own sessions."""
        return self.filter(patient__in=Patient.objects.own(user))


class SessionLog(models.Model):
    """A part of the day's routine that a patient did, at least in part. FHIR: Procedure.

    There is one for a prescription, a local day of the clinic's and a part of the day: whatever a second device sends
    belongs to the same. ``on`` is the day on which it was done, not the one on which it arrived.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="session_logs")
    prescription = models.ForeignKey(Prescription, models.PROTECT, related_name="session_logs")
    on = models.DateField("day")
    part_of_day = models.CharField(max_length=14, choices=PartOfDay)
    first_logged_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SessionLogQuerySet.as_manager()

    class Meta:
        ordering = ("-on", "-first_logged_at", "id")
        indexes = [models.Index(fields=["patient", "on"], name="session_log_patient_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["prescription", "on", "part_of_day"], name="session_log_once_a_part_of_day"
            ),
            models.CheckConstraint(condition=models.Q(part_of_day__in=PartOfDay.values), name="session_log_part_known"),
        ]

    def __str__(self) -> str:
        return f"{self.on:%Y-%m-%d} {self.get_part_of_day_display()}"


class Outcome(models.TextChoices):
    """What became of a stretch in a session. FHIR: Procedure.status and its reason."""

    DONE = "done", _("Done")
    PARTLY = "partly", _("Partly done")
    SKIPPED = "skipped", _("Skipped")


DONE_AT_ALL = (Outcome.DONE, Outcome.PARTLY)
"""What counts as done: on a plot, for adherence, and for what is asked of a log."""


class SkipReason(models.TextChoices):
    """Why a stretch was skipped, or left before its end."""

    PAIN = "pain", _("It hurt")
    NO_TIME = "no-time", _("No time")
    TIRED = "tired", _("Too tired")
    UNSURE = "unsure", _("Not sure how to do it")
    OTHER = "other", _("Another reason")


class Effort(models.TextChoices):
    """How hard the patient found it."""

    EASY = "easy", _("Easy")
    RIGHT = "right", _("About right")
    HARD = "hard", _("Hard")


class StretchLogQuerySet(ClinicsQuerySet["StretchLog"]):
    """Logs of single stretches."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Logs of the patients that this person may open as a clinician."""
        return self.filter(session__patient__in=Patient.objects.visible_to(user))

    def own(self, user: User | AnonymousUser) -> Self:
        """This person's own logs."""
        return self.filter(session__patient__in=Patient.objects.own(user))


class StretchLog(models.Model):
    """How one stretch went in a session. FHIR: Observation; ``pain_score`` is LOINC 72514-3, 0 to 10.

    The id is chosen by the device that logs: the same log sent twice is stored once. What it said before a correction
    stays in its history. ``held_seconds`` is the longest hold of one repetition; ``has_settled`` is the answer of the
    next morning, ``None`` while nobody has answered. ``logged_at`` is the device's word, ``received_at`` is ours.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    session = models.ForeignKey(SessionLog, models.CASCADE, related_name="stretch_logs")
    item = models.ForeignKey(PrescribedStretch, models.PROTECT, related_name="logs")
    stretch = models.ForeignKey(Stretch, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome)
    skip_reason = models.CharField(max_length=8, choices=SkipReason, blank=True)
    held_seconds = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(HELD_SECONDS_MAX)]
    )
    pain_score = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(PAIN_MAX)]
    )
    has_spread = models.BooleanField("symptoms spread further down the leg", default=False)
    effort = models.CharField(max_length=5, choices=Effort, blank=True)
    note = models.TextField(blank=True, max_length=NOTE_MAX_LENGTH)
    has_settled = models.BooleanField("settled by the next morning", null=True, blank=True)
    settled_answered_at = models.DateTimeField(null=True, blank=True)
    pause = models.ForeignKey(StretchPause, models.SET_NULL, null=True, blank=True, related_name="logs")
    logged_at = models.DateTimeField(default=timezone.now)
    received_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = StretchLogQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("logged_at", "id")
        indexes = [models.Index(fields=["item", "logged_at"], name="stretch_log_item_moment")]
        constraints = [
            models.UniqueConstraint(fields=["session", "item"], name="stretch_log_once_a_session"),
            models.CheckConstraint(condition=models.Q(outcome__in=Outcome.values), name="stretch_log_outcome_known"),
            models.CheckConstraint(
                condition=models.Q(pain_score__isnull=True) | models.Q(pain_score__lte=PAIN_MAX),
                name="stretch_log_pain_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(held_seconds__isnull=True) | models.Q(held_seconds__lte=HELD_SECONDS_MAX),
                name="stretch_log_held_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(skip_reason__in=["", *SkipReason.values]), name="stretch_log_skip_reason_known"
            ),
            models.CheckConstraint(
                condition=models.Q(effort__in=["", *Effort.values]), name="stretch_log_effort_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stretch}: {self.get_outcome_display()}"
