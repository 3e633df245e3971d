"""Towards stopping the app acts at once: a stretch paused by pain, a routine stopped by a red flag.

Only a clinician lifts the one and reopens the other. Both hold across prescriptions: a new version of the programme
does not end them by itself.
"""

import datetime
import uuid
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Clinic, User
from accounts.models.tenancy import ClinicsQuerySet
from patients.models import Patient
from stretches.models import Stretch


class PauseReason(models.TextChoices):
    """Why a stretch was paused: the red of the pain rules (``dosage``), in words for its patient."""

    PAIN = "pain", _("it hurt too much")
    NOT_SETTLED = "not-settled", _("it still hurt the next morning")
    RISING = "rising", _("it hurts more from week to week")
    SPREADING = "spreading", _("what you felt spread further down the leg")


class StretchPauseQuerySet(ClinicsQuerySet["StretchPause"]):
    """Pauses of single stretches."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Pauses of the patients that this person may open as a clinician."""
        return self.filter(patient__in=Patient.objects.visible_to(user))

    def open(self) -> Self:
        """Those that nobody has lifted."""
        return self.filter(lifted_at__isnull=True)

    def with_logs(self) -> Self:
        """With the stretch, and with the logs that name the pause as theirs: what a clinician looks at."""
        logs: Any = self.model._meta.get_field("logs").related_model  # of an app above this one
        return self.select_related("stretch").prefetch_related(
            models.Prefetch("logs", logs.objects.select_related("session"))
        )


class StretchPause(models.Model):
    """A stretch that its patient must not do until a clinician says so. At most one is open for a stretch."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="stretch_pauses")
    stretch = models.ForeignKey(Stretch, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=PauseReason)
    paused_at = models.DateTimeField(default=timezone.now, editable=False)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lift_note = models.TextField("what was found", blank=True, max_length=1000)

    objects = StretchPauseQuerySet.as_manager()

    class Meta:
        ordering = ("-paused_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "stretch"],
                condition=models.Q(lifted_at__isnull=True),
                name="stretch_pause_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(reason__in=PauseReason.values), name="stretch_pause_reason_known"
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | models.Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="stretch_pause_lifted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stretch}: {self.get_reason_display()}"

    @classmethod
    def begin(cls, patient: Patient, stretch: Stretch, *, reason: str, at: datetime.datetime) -> "StretchPause":
        """Pause a stretch, or leave the pause that is open as it is. The caller holds the lock on the patient."""
        pause, _is_new = cls.objects.open().get_or_create(
            patient=patient,
            stretch=stretch,
            defaults={"clinic_id": patient.clinic_id, "reason": reason, "paused_at": at},
        )
        return pause

    def lift(self, *, by: User, at: datetime.datetime, note: str = "") -> None:
        """Let the patient do it again; lifting what is lifted changes nothing."""
        with transaction.atomic():
            Patient.objects.locked(self.patient_id)
            lifting = StretchPause.objects.open().filter(pk=self.pk)
            lifting.update(lifted_by=by, lifted_at=at, lift_note=note)
        self.refresh_from_db()


class RoutineStopQuerySet(ClinicsQuerySet["RoutineStop"]):
    """Stops of whole routines."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Stops of the patients that this person may open as a clinician."""
        return self.filter(patient__in=Patient.objects.visible_to(user))

    def open(self) -> Self:
        """Those after which nobody has reopened the routine."""
        return self.filter(reopened_at__isnull=True)

    def with_answers(self) -> Self:
        """With what was answered: what a clinician looks at."""
        return self.select_related("screen").prefetch_related("screen__answers")


class RoutineStop(models.Model):
    """A yes to a red-flag question: nothing of the routine is shown until a clinician reopens it.

    ``message`` is what the patient was told, word for word as configured then. Several may be open: each yes is
    another, and reopening ends them all.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="routine_stops")
    tier = models.SlugField(max_length=20)
    message = models.TextField()
    stopped_at = models.DateTimeField(default=timezone.now, editable=False)
    reopened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reopened_at = models.DateTimeField(null=True, blank=True)
    reopen_note = models.TextField("what was found", blank=True, max_length=1000)

    objects = RoutineStopQuerySet.as_manager()

    class Meta:
        ordering = ("-stopped_at", "id")
        indexes = [
            models.Index(
                fields=["patient"], condition=models.Q(reopened_at__isnull=True), name="routine_stop_open_patient"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reopened_at__isnull=True, reopened_by__isnull=True)
                | models.Q(reopened_at__isnull=False, reopened_by__isnull=False),
                name="routine_stop_reopened_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.message

    @classmethod
    def reopen(cls, patient: Patient, *, by: User, at: datetime.datetime, note: str) -> int:
        """Let the patient go on, whatever stopped the routine; returns how many stops that ended."""
        with transaction.atomic():
            Patient.objects.locked(patient.pk)
            stops = cls.objects.open().filter(patient=patient)
            return stops.update(reopened_by=by, reopened_at=at, reopen_note=note)
