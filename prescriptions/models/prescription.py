"""The prescription and its life: draft → active ⇄ on-hold → completed or revoked."""

import datetime
import uuid
from collections.abc import Collection, Iterable
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from simple_history.models import HistoricalRecords

from accounts.models import Clinic, User
from accounts.models.tenancy import ClinicsQuerySet
from patients.models import Condition, Patient
from prescriptions import dosage, safety
from prescriptions.models.locking import lock_release, lock_stretches
from prescriptions.models.pause import RoutineStop
from prescriptions.models.prescribed_stretch import Line, PrescribedStretch
from prescriptions.models.refusal import (
    CountNotExplainedError,
    NotAcknowledgedError,
    TransitionError,
    UnsafePrescriptionError,
)
from prescriptions.models.report import PermissibilityReport, fingerprint


class PrescriptionStatus(models.TextChoices):
    """FHIR request-status, as far as a home programme needs it."""

    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    ON_HOLD = "on-hold", "On hold"
    COMPLETED = "completed", "Completed"
    REVOKED = "revoked", "Revoked"


IN_FORCE = (PrescriptionStatus.ACTIVE, PrescriptionStatus.ON_HOLD)


class PrescriptionQuerySet(ClinicsQuerySet["Prescription"]):
    """Prescriptions."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Prescriptions of the patients that this person may open as a clinician."""
        return self.filter(patient__in=Patient.objects.visible_to(user))

    def own(self, user: User | AnonymousUser) -> Self:
        """Prescriptions that were made for this person."""
        return self.filter(patient__in=Patient.objects.own(user))

    def for_showing(self) -> Self:
        """Along with the people and the clinic that a handout names, and ``is_stopped``: whether by a red flag."""
        stops = RoutineStop.objects.open().order_by().filter(patient=models.OuterRef("patient"))
        named = self.select_related("patient__clinic", "patient__user", "created_by", "activated_by")
        return named.annotate(is_stopped=models.Exists(stops))

    def drafts(self) -> Self:
        """Those still being written."""
        return self.filter(status=PrescriptionStatus.DRAFT)

    def in_force(self) -> Self:
        """Active or on hold: at most one for each patient."""
        return self.filter(status__in=IN_FORCE)

    def active(self) -> Self:
        """Those that the patient follows today."""
        return self.filter(status=PrescriptionStatus.ACTIVE)

    def with_people(self) -> Self:
        """With the patient, and who drafted, activated and ended it: what a page of one names."""
        return self.select_related("patient__clinic", "created_by", "activated_by", "ended_by")

    def with_lines(self, *, clinic_id: uuid.UUID) -> Self:
        """With the lines and all that is said of them, of one clinic's prescriptions: one query for all."""
        lines = PrescribedStretch.objects.filter(clinic=clinic_id, prescription__clinic=clinic_id).as_lines()
        return self.prefetch_related(models.Prefetch("items", lines))

    def with_template(self) -> Self:
        """With the template's phase that it came from, and the template."""
        return self.select_related("template_phase__template")


class Prescription(models.Model):
    """A home programme for one patient. FHIR: CarePlan."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="prescriptions")
    status = models.CharField(max_length=10, choices=PrescriptionStatus, default=PrescriptionStatus.DRAFT)
    note = models.TextField("message to the patient", blank=True, max_length=1000)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    activated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    activated_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    status_reason = models.TextField("reason for holding or revoking", blank=True, max_length=1000)
    template_phase = models.ForeignKey("TemplatePhase", models.SET_NULL, null=True, blank=True, related_name="+")
    count_reason = models.TextField("why so many stretches", blank=True, max_length=1000)
    confidence_score = models.PositiveSmallIntegerField("how sure the patient is to do it", null=True, blank=True)

    is_stopped: bool  # where ``for_showing`` read it

    objects = PrescriptionQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("-created_at", "id")
        indexes = [models.Index(fields=["patient", "status"], name="prescription_patient_status")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=PrescriptionStatus.values), name="prescription_status_known"
            ),
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(status__in=IN_FORCE), name="prescription_one_in_force"
            ),
            models.CheckConstraint(
                condition=models.Q(confidence_score__isnull=True) | models.Q(confidence_score__range=(0, 10)),
                name="prescription_confidence_0_to_10",
            ),
        ]

    def __str__(self) -> str:
        return f"Prescription for {self.patient}"

    def get_absolute_url(self) -> str:
        """The prescription's page, for clinicians."""
        return reverse("prescriptions:prescription_detail", args=[self.pk])

    @property
    def held(self) -> Any:
        """The version in which it was last put on hold: ``history_user`` did it at ``history_date``."""
        return self.history.filter(status=PrescriptionStatus.ON_HOLD).select_related("history_user").first()

    # What the rule says ----------------------------------------------------------------------------------------------

    def lines(
        self,
        circumstances: safety.Circumstances,
        *,
        items: Collection[PrescribedStretch] | None = None,
    ) -> list[Line]:
        """Every prescribed stretch with its assessment, overrides in force counted, in order.

        ``items`` are its own, where the caller has just read them.
        """
        items = list(self.items.as_lines()) if items is None else items
        decisions = self.patient.overrides.decisions(on=circumstances.on)
        stretches = [item.stretch for item in items]
        assessments = safety.assess(circumstances, stretches, covered=decisions)
        return [Line.of(item, assessments[item.stretch_id], decisions.get(item.stretch_id, {})) for item in items]

    def lines_on(self, day: datetime.date, *, conditions: Iterable[Condition] | None = None) -> list[Line]:
        """The lines as the safety rule sees them on a day; ``conditions`` are the current ones, if just read."""
        circumstances = safety.circumstances_of(self.patient, on=day, known=conditions)
        has_read = "items" in getattr(self, "_prefetched_objects_cache", {})  # ``with_lines`` has
        return self.lines(circumstances, items=list(self.items.all()) if has_read else None)

    # What can be done to it ------------------------------------------------------------------------------------------

    def activate(
        self,
        *,
        by: User,
        at: datetime.datetime,
        replacing: "Prescription | None" = None,
        acknowledged: Collection[uuid.UUID] = (),
        seen: str = "",
        count_reason: str = "",
        confidence_score: int | None = None,
    ) -> None:
        """Put into effect, after asking again: conditions and catalogue change while we draft.

        ``replacing`` is the prescription in force as the clinician saw it; it is completed. ``acknowledged`` holds
        the ids of the free-text conditions that the clinician acknowledged as not safety-checked. ``seen`` is the
        ``fingerprint`` of what the clinician read; without it nothing is compared. ``count_reason`` says why there are
        more stretches than most people keep up, ``confidence_score`` how sure the patient is, from 0 to 10.

        Raises ``UnsafePrescriptionError``, ``NotAcknowledgedError``, ``CountNotExplainedError``, or
        ``TransitionError`` when it is no draft any more, is empty, or another came into force since.
        """
        with transaction.atomic():
            patient = Patient.objects.locked(self.patient_id)
            own = Prescription.objects.select_for_update().get(pk=self.pk)
            if own.status != PrescriptionStatus.DRAFT:
                raise TransitionError("This prescription is no longer a draft.")
            in_force = Prescription.objects.in_force().filter(patient=patient).first()
            if in_force != replacing:
                raise TransitionError("Another prescription came into force in the meantime. Look at it first.")
            lock_stretches(self.items.values_list("stretch_id", flat=True))
            lock_release()
            circumstances = safety.circumstances_of(patient, on=patient.clinic.today(at))
            lines = own.ensure_safe(circumstances, acknowledged=acknowledged, seen=seen)
            takes_reason = dosage.takes_reason(len(lines))
            if takes_reason and not count_reason.strip():
                raise CountNotExplainedError(len(lines))
            own.count_reason = count_reason.strip() if takes_reason else ""
            own.confidence_score = confidence_score
            if in_force:
                in_force._end(PrescriptionStatus.COMPLETED, by=by, at=at, reason="Replaced by a new prescription")
            own.status, own.activated_by, own.activated_at, own.replaces = PrescriptionStatus.ACTIVE, by, at, in_force
            answers = ("count_reason", "confidence_score")
            own._store("status", "activated_by", "activated_at", "replaces", *answers, by=by, at=at)
            PermissibilityReport.write(own, lines, circumstances, by=by, at=at, acknowledged=acknowledged)
        self.refresh_from_db()

    def ensure_safe(
        self, circumstances: safety.Circumstances, *, acknowledged: Collection[uuid.UUID] = (), seen: str = ""
    ) -> list[Line]:
        """Return the lines if all of this may be activated; otherwise raise what stands against it."""
        lines = self.lines(circumstances)
        if not lines:
            raise TransitionError("There is no stretch in this prescription yet.")
        issues = [issue for line in lines for issue in line.assessment.blocking_issues]
        if circumstances.record_problem or issues:
            raise UnsafePrescriptionError(record_problem=circumstances.record_problem, issues=issues)
        if missing := [condition for condition in circumstances.unchecked if condition.pk not in acknowledged]:
            raise NotAcknowledgedError(missing)
        if seen and seen != fingerprint(lines, circumstances, note=self.note):
            raise TransitionError("Something changed since this page was opened. Read it again; nothing was done.")
        return lines

    def revise(self, *, by: User) -> "Prescription":
        """Start a new draft from this one; activating it completes this one. An open draft is returned as it is."""
        with transaction.atomic():
            Patient.objects.locked(self.patient_id)
            if draft := Prescription.objects.drafts().filter(patient=self.patient_id).first():
                return draft
            draft = Prescription.objects.create(
                clinic_id=self.clinic_id,
                patient_id=self.patient_id,
                note=self.note,
                replaces=self,
                template_phase_id=self.template_phase_id,
                created_by=by,
            )
            for item in self.items.all():
                item.pk, item.prescription, item._state.adding = None, draft, True
                item.save(force_insert=True)
            return draft

    def hold(self, *, by: User, at: datetime.datetime, reason: str) -> None:
        """Pause the whole prescription: the patient sees that it is on hold, and no stretch."""
        with transaction.atomic():
            own = self._locked(PrescriptionStatus.ACTIVE)
            own.status, own.status_reason = PrescriptionStatus.ON_HOLD, reason
            own._store("status", "status_reason", by=by, at=at)
        self.refresh_from_db()

    def resume(
        self, *, by: User, at: datetime.datetime, acknowledged: Collection[uuid.UUID] = (), seen: str = ""
    ) -> None:
        """Take off hold, through the same door as activation.

        Raises what ``ensure_safe`` raises, or ``TransitionError``.
        """
        with transaction.atomic():
            own = self._locked(PrescriptionStatus.ON_HOLD)
            lock_stretches(own.items.values_list("stretch_id", flat=True))
            circumstances = safety.circumstances_of(own.patient, on=own.patient.clinic.today(at))
            own.ensure_safe(circumstances, acknowledged=acknowledged, seen=seen)
            own.status, own.status_reason = PrescriptionStatus.ACTIVE, ""
            own._store("status", "status_reason", by=by, at=at)
        self.refresh_from_db()

    def complete(self, *, by: User, at: datetime.datetime) -> None:
        """End it because it has done its work."""
        with transaction.atomic():
            self._locked(*IN_FORCE)._end(PrescriptionStatus.COMPLETED, by=by, at=at, reason="")
        self.refresh_from_db()

    def revoke(self, *, by: User, at: datetime.datetime, reason: str) -> None:
        """End it before its time; a draft is thrown away in the same manner, so that nothing vanishes."""
        with transaction.atomic():
            locked = self._locked(PrescriptionStatus.DRAFT, *IN_FORCE)
            locked._end(PrescriptionStatus.REVOKED, by=by, at=at, reason=reason)
        self.refresh_from_db()

    def _locked(self, *allowed: PrescriptionStatus) -> "Prescription":
        Patient.objects.locked(self.patient_id)
        locked = Prescription.objects.select_for_update().get(pk=self.pk)
        if locked.status not in allowed:
            raise TransitionError(f"This prescription is {locked.get_status_display().lower()} now.")
        return locked

    def _store(self, *fields: str, by: User, at: datetime.datetime) -> None:
        """Store these fields, and in the history who changed them at which moment."""
        self._history_user, self._history_date = by, at
        self.save(update_fields=fields)

    def _end(self, status: PrescriptionStatus, *, by: User, at: datetime.datetime, reason: str) -> None:
        self.status, self.ended_by, self.ended_at, self.status_reason = status, by, at, reason
        self._store("status", "ended_by", "ended_at", "status_reason", by=by, at=at)
