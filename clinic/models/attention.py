"""What clinicians decided about the lines of their queue. The lines themselves are computed, never stored."""

import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.utils import timezone

from accounts.models import Clinic, User
from accounts.models.tenancy import ClinicsQuerySet
from patients.models import Patient


class AttentionKind(models.TextChoices):
    """What a line of the queue is about, worst first."""

    RED_FLAG = "red-flag", "Stopped by a red flag"
    PAUSE = "pause", "Stretch paused by pain"
    UNSAFE = "unsafe", "Not safe any more"
    OVERRIDE = "override", "Override expiring"
    FIRST_WEEK = "first-week", "Nothing logged yet"
    ADHERENCE = "adherence", "Doing less than before"
    REVIEW = "review", "Conditions review due"
    PROPOSAL = "proposal", "Proposal to decide"


LASTING = frozenset({AttentionKind.RED_FLAG, AttentionKind.PAUSE, AttentionKind.UNSAFE})
"""These are put off by nobody: they end when the routine is reopened, the pause lifted, the prescription made safe."""
ENDED_BY_WORD = frozenset({AttentionKind.OVERRIDE, AttentionKind.FIRST_WEEK, AttentionKind.ADHERENCE})
"""These may be declared dealt with; all others end only with what they are about."""


class AttentionDecisionQuerySet(ClinicsQuerySet["AttentionDecision"]):
    """Decisions about lines of the queue."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those about the patients that this person may open as a clinician."""
        return self.filter(patient__in=Patient.objects.visible_to(user))


class AttentionDecision(models.Model):
    """What somebody decided about one line of the queue. Rows are added, never changed; the latest one counts.

    ``subject`` names what the line is about, so that a new event of the same kind has another subject, and shows.
    """

    class Decision(models.TextChoices):
        ACKNOWLEDGED = "acknowledged", "Seen"
        SNOOZED = "snoozed", "Put off"
        RESOLVED = "resolved", "Dealt with"
        RETURNED = "returned", "Put back"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="attention_decisions")
    kind = models.CharField(max_length=10, choices=AttentionKind)
    subject = models.CharField(max_length=80)
    decision = models.CharField(max_length=12, choices=Decision)
    until_on = models.DateField("back in the queue on", null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AttentionDecisionQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        indexes = [models.Index(fields=["subject", "patient"], name="attention_decision_subject")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=AttentionKind.values), name="attention_decision_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(decision__in=["acknowledged", "snoozed", "resolved", "returned"]),
                name="attention_decision_known",
            ),
            models.CheckConstraint(
                condition=models.Q(decision="snoozed", until_on__isnull=False)
                | (~models.Q(decision="snoozed") & models.Q(until_on__isnull=True)),
                name="attention_decision_snoozed_until",
            ),
            models.CheckConstraint(
                condition=~models.Q(decision="snoozed", kind__in=sorted(LASTING)),
                name="attention_decision_not_put_off",
            ),
            models.CheckConstraint(
                condition=~models.Q(decision="resolved") | models.Q(kind__in=sorted(ENDED_BY_WORD)),
                name="attention_decision_not_ended_by_word",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} by {self.decided_by}"

    @classmethod
    def record(
        cls,
        patient: Patient,
        *,
        kind: str,
        subject: str,
        decision: str,
        by: User,
        at: datetime.datetime,
        until_on: datetime.date | None = None,
        note: str = "",
    ) -> "AttentionDecision":
        """Store a decision, and return what is stored: deciding the same again changes nothing."""
        with transaction.atomic():
            Patient.objects.locked(patient.pk)
            latest = cls.objects.filter(patient=patient, kind=kind, subject=subject).last()
            same = {"decision": decision, "until_on": until_on, "note": note, "decided_by_id": by.pk}
            if latest and all(getattr(latest, name) == value for name, value in same.items()):
                return latest
            return cls.objects.create(
                clinic_id=patient.clinic_id, patient=patient, kind=kind, subject=subject, decided_at=at, **same
            )
