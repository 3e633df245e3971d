"""The red-flag questions as a patient answered them."""

import uuid
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from accounts.models import Clinic, User
from accounts.models.tenancy import ClinicsQuerySet
from patients.models import Patient
from prescriptions.models import RoutineStop
from stretches.models import RedFlagQuestion


class RedFlagScreenQuerySet(ClinicsQuerySet["RedFlagScreen"]):
    """Answered red-flag questions."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the patients that this person may open as a clinician."""
        return self.filter(patient__in=Patient.objects.visible_to(user))

    def own(self, user: User | AnonymousUser) -> Self:
        """This person's own answers."""
        return self.filter(patient__in=Patient.objects.own(user))


class RedFlagScreen(models.Model):
    """The red-flag questions, answered once, in part or in full; a yes is the cause of ``stop``.

    The id is chosen by the device that sends it: the same answers sent twice are stored once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="red_flag_screens")
    stop = models.OneToOneField(
        RoutineStop, models.PROTECT, null=True, blank=True, related_name="screen", editable=False
    )
    answered_at = models.DateTimeField(default=timezone.now)
    received_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = RedFlagScreenQuerySet.as_manager()

    class Meta:
        ordering = ("-answered_at", "id")

    def __str__(self) -> str:
        return f"Red-flag questions of {self.answered_at:%Y-%m-%d}"


class RedFlagAnswer(models.Model):
    """One question as it was worded then, and its answer."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    screen = models.ForeignKey(RedFlagScreen, models.CASCADE, related_name="answers")
    question = models.ForeignKey(RedFlagQuestion, models.PROTECT, related_name="+")
    wording = models.TextField()
    is_yes = models.BooleanField()

    class Meta:
        ordering = ("id",)
        constraints = [models.UniqueConstraint(fields=["screen", "question"], name="red_flag_answer_once")]

    def __str__(self) -> str:
        return f"{self.wording} {'Yes' if self.is_yes else 'No'}"
