"""Asking for a record to be erased, the ledger of what was erased, and the counts that stay."""

import datetime
import hashlib
import uuid
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Clinic, User
from patients.models import Patient
from stretches.models import Stretch


class ErasureRequestQuerySet(models.QuerySet["ErasureRequest"]):
    """Requests."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the clinics that this person manages, about records that are not erased."""
        return self.filter(clinic__in=Clinic.objects.visible_to(user), patient__erased_at=None)

    def own(self, user: User | AnonymousUser) -> Self:
        """Those about this person's own records."""
        return self.filter(patient__in=Patient.objects.own(user))

    def open(self) -> Self:
        """Those that nobody has decided yet."""
        return self.filter(decision="")


class ErasureRequest(models.Model):
    """A patient asks for their record to be erased; the clinic's admin decides. At most one is open for a record."""

    class Decision(models.TextChoices):
        ERASED = "erased", _("Erased")
        REFUSED = "refused", _("Not erased")
        WITHDRAWN = "withdrawn", _("Taken back")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="erasure_requests")
    words = models.TextField(blank=True, max_length=2000)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    decision = models.CharField(max_length=10, choices=Decision, blank=True)
    reason = models.TextField(blank=True, max_length=2000)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = ErasureRequestQuerySet.as_manager()

    class Meta:
        ordering = ("asked_at", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(decision=""), name="erasure_request_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(decision__in=["", "erased", "refused", "withdrawn"]),
                name="erasure_request_decision_known",
            ),
        ]

    def __str__(self) -> str:
        return f"Request of {self.asked_at:%Y-%m-%d}"

    @classmethod
    def ask(cls, patient: Patient, *, by: User, at: datetime.datetime, words: str = "") -> "ErasureRequest":
        """Store a request, or add these words to the one that is open already, with who wrote them and when."""
        with transaction.atomic():
            Patient.objects.locked(patient.pk)
            if stored := cls.objects.open().filter(patient=patient).first():
                is_sent_twice = stored.words == words or stored.words.endswith(f": {words}")
                if words and not is_sent_twice:
                    stored.words = "\n\n".join(filter(None, [stored.words, f"{at:%Y-%m-%d}, {by}: {words}"]))
                    stored.save(update_fields=["words"])
                return stored
            return cls.objects.create(
                clinic_id=patient.clinic_id, patient=patient, words=words, asked_by=by, asked_at=at
            )

    def decide(self, decision: str, *, by: User | None, at: datetime.datetime, reason: str = "") -> bool:
        """Note what was decided; False if somebody else had decided before."""
        mine = ErasureRequest.objects.open().filter(pk=self.pk)
        return mine.update(decision=decision, decided_by=by, decided_at=at, reason=reason) == 1


class AppendOnlyError(Exception):
    """The ledger is only ever added to."""


class ErasureQuerySet(models.QuerySet["Erasure"]):
    """The ledger."""

    def update(self, **_kwargs: Any) -> int:
        """Refuse."""
        raise AppendOnlyError

    def delete(self) -> Any:
        """Refuse."""
        raise AppendOnlyError


class Erasure(models.Model):
    """One line of the ledger: a record was erased, or what was kept of it was removed. It names nobody.

    ``digest`` is that of the record's id, which is random: it finds the record in a restored backup and says nothing
    about the person. ``by`` is the id of who decided, empty where the legal term did. On PostgreSQL the database, too,
    refuses to change or remove a line.
    """

    class Step(models.TextChoices):
        ERASED = "erased", "Erased"
        REMOVED = "removed", "Removed"

    digest = models.CharField(max_length=64, editable=False)
    step = models.CharField(max_length=8, choices=Step, editable=False)
    at = models.DateTimeField(editable=False)
    by = models.CharField(max_length=36, blank=True, editable=False)
    erased = models.PositiveIntegerField("rows erased", default=0, editable=False)
    kept = models.PositiveIntegerField("rows kept for the term, or removed after it", default=0, editable=False)
    made_anonymous = models.PositiveIntegerField("rows made anonymous", default=0, editable=False)

    objects = ErasureQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["digest", "step"], name="erasure_step_once"),
            models.CheckConstraint(condition=models.Q(step__in=["erased", "removed"]), name="erasure_step_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.at:%Y-%m-%d}: {self.digest[:12]}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add; a line that is stored is never written again."""
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> Any:
        """Refuse."""
        raise AppendOnlyError

    @staticmethod
    def digest_of(patient_id: uuid.UUID) -> str:
        """What stands for a record; 122 random bits lie behind it, so that nobody finds them by trying."""
        return hashlib.sha256(b"limber erasure " + patient_id.bytes).hexdigest()


class StretchTally(models.Model):
    """How often a stretch of the library was done in a year, by patients whose logs are gone; of all clinics together.

    A sum of all clinics is about nobody. A stretch of a clinic's own would name the clinic: it is not counted.
    """

    stretch = models.ForeignKey(Stretch, models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    done = models.PositiveIntegerField(default=0)
    partly = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    pain_answers = models.PositiveIntegerField(default=0)
    pain_total = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stretch", "year"], name="stretch_tally_once_a_year")]

    def __str__(self) -> str:
        return f"{self.stretch}, {self.year}"
