"""What the app proposes from the logs. It never changes a dose by itself: a clinician decides."""

import datetime
import uuid
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts.models import Clinic, User
from accounts.models.tenancy import ClinicsQuerySet
from patients.models import Patient
from prescriptions.models import (
    PrescribedStretch,
    Prescription,
    PrescriptionStatus,
    RoutineStop,
    StretchPause,
)
from routines.models.session import StretchLog
from stretches.models import Stretch


class ProposalKind(models.TextChoices):
    """Which change is proposed."""

    UP = "up", "Hold longer"
    HOLD = "hold", "Keep the dose"
    DOWN = "down", "Hold shorter"
    EASIER = "easier", "Take an easier stretch"
    HARDER = "harder", "Take a harder stretch"
    NEXT_PHASE = "next-phase", "Go on to the next phase"


class ProposalStatus(models.TextChoices):
    """What became of a proposal. FHIR: request-status, in the words of a decision."""

    OPEN = "open", "To decide"
    ACCEPTED = "accepted", "Accepted"
    CHANGED = "changed", "Accepted with a change"
    DECLINED = "declined", "Declined"
    SUPERSEDED = "superseded", "Overtaken by what was logged or prescribed since"


class ProposalQuerySet(ClinicsQuerySet["Proposal"]):
    """Proposals."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Proposals for the patients that this person may open as a clinician."""
        return self.filter(patient__in=Patient.objects.visible_to(user))

    def open(self) -> Self:
        """Those that nobody has decided and nothing stands against: a new version of the prescription would.

        What was stopped comes first: while the routine is, nothing is proposed, and while pain pauses a stretch,
        nothing that would have the patient do it.
        """
        stops = RoutineStop.objects.open().order_by().filter(patient=models.OuterRef("patient"))
        pauses = StretchPause.objects.open().order_by().filter(patient=models.OuterRef("patient"))
        to_do = models.OuterRef("to_stretch"), models.OuterRef("item__stretch")
        undecided = self.filter(status=ProposalStatus.OPEN, prescription__status=PrescriptionStatus.ACTIVE)
        return undecided.filter(~models.Exists(stops), ~models.Exists(pauses.filter(stretch=Coalesce(*to_do))))

    def with_all(self) -> Self:
        """With everything that a page of one names."""
        people = ("patient__clinic", "decided_by")
        return self.select_related(*people, "prescription__template_phase__template", "item__stretch", "to_stretch")

    def decided(self) -> Self:
        """Those that a clinician has decided, one way or the other."""
        return self.exclude(status__in=[ProposalStatus.OPEN, ProposalStatus.SUPERSEDED])


class Proposal(models.Model):
    """A change of dose or stretch that the logs speak for, the logs it rests on, and what a clinician decided.

    Holds are in seconds and stand only where the change is one of the hold; ``to_stretch`` only where it is one of
    the stretch. A proposal for the next phase is about the whole prescription and has no ``item``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="proposals")
    prescription = models.ForeignKey(Prescription, models.CASCADE, related_name="proposals")
    item = models.ForeignKey(PrescribedStretch, models.PROTECT, null=True, blank=True, related_name="proposals")
    kind = models.CharField(max_length=10, choices=ProposalKind)
    from_hold_seconds = models.PositiveSmallIntegerField(null=True, blank=True)
    to_hold_seconds = models.PositiveSmallIntegerField(null=True, blank=True)
    to_stretch = models.ForeignKey(Stretch, models.PROTECT, null=True, blank=True, related_name="+")
    rationale = models.TextField()
    logs = models.ManyToManyField(StretchLog, related_name="proposals")
    proposed_at = models.DateTimeField(default=timezone.now, editable=False)
    status = models.CharField(max_length=10, choices=ProposalStatus, default=ProposalStatus.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(blank=True, max_length=1000)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ("-proposed_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(status="open"), name="proposal_one_open_for_a_line"
            ),
            models.UniqueConstraint(
                fields=["prescription"],
                condition=models.Q(status="open", item__isnull=True),
                name="proposal_one_open_for_a_phase",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=ProposalKind.values), name="proposal_kind_known"),
            models.CheckConstraint(condition=models.Q(status__in=ProposalStatus.values), name="proposal_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.item or self.prescription}: {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        """The proposal's page, for clinicians."""
        return reverse("routines:proposal_record", args=[self.pk])

    @property
    def is_about_what_is_in_force(self) -> bool:
        """Whether the prescription that it would change is the one that the patient follows."""
        return self.prescription.status == PrescriptionStatus.ACTIVE

    @property
    def change_words(self) -> str:
        """The change in a few words, such as “hold 15 instead of 10 seconds”."""
        if self.to_stretch:
            return f"{self.to_stretch} instead of {self.item}"
        if self.to_hold_seconds is not None:
            return f"hold {self.to_hold_seconds} instead of {self.from_hold_seconds} seconds"
        return self.get_kind_display().lower()

    def overtake(self, *, at: datetime.datetime) -> None:
        """Put it aside because the logs, or the prescription, say something else by now."""
        self.status, self.decided_at = ProposalStatus.SUPERSEDED, at
        self.save(update_fields=["status", "decided_at"])

    def close(self, status: ProposalStatus, *, by: User, at: datetime.datetime, note: str = "") -> None:
        """Record a clinician's decision. The caller holds the lock on the patient and has asked ``ensure_open``."""
        self.status, self.decided_by, self.decided_at, self.decision_note = status, by, at, note
        self.save(update_fields=["status", "decided_by", "decided_at", "decision_note"])
