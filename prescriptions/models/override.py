"""Recorded decisions to go ahead in spite of a relative contraindication. Rows are added, never changed."""

import datetime
import uuid
from collections import defaultdict
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.db.models.expressions import Combinable
from django.utils import timezone

from accounts.models import Clinic, User
from accounts.models.tenancy import ClinicsQuerySet
from patients.models import Condition, Patient
from prescriptions import safety
from stretches.models import ConditionCode, Contraindication, Severity, Stretch


class OverrideQuerySet(ClinicsQuerySet["Override"]):
    """Overrides."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Overrides for the patients that this person may open."""
        return self.filter(patient__in=Patient.objects.visible_to(user))

    def in_force(self, *, on: datetime.date | Combinable) -> Self:
        """Those that have not expired; the day of expiry still counts."""
        return self.filter(expires_on__gte=on)

    def decisions(self, *, on: datetime.date) -> dict[uuid.UUID, dict[tuple[int, uuid.UUID], "Override"]]:
        """For each stretch the pairs (contraindication, condition) that overrides in force name: one query.

        Each comes with the latest override.
        """
        rows = (
            OverriddenContraindication.objects.as_it_was()
            .filter(override__in=self.in_force(on=on))
            .select_related("override__decided_by")
            .order_by("override__decided_at", "id")
        )
        decisions: dict[uuid.UUID, dict[tuple[int, uuid.UUID], Override]] = defaultdict(dict)
        for row in rows:
            if row.contraindication_id is not None:
                decisions[row.override.stretch_id][row.contraindication_id, row.condition_id] = row.override
        return decisions

    def covering(self, *, on: datetime.date) -> dict[uuid.UUID, set[tuple[int, uuid.UUID]]]:
        """The same pairs without who decided."""
        return {stretch_id: set(pairs) for stretch_id, pairs in self.decisions(on=on).items()}


class Override(models.Model):
    """A clinician's decision to prescribe a stretch in spite of relative contraindications. FHIR: mitigation.

    It holds for the patient and the stretch, in this prescription and its successors, until it expires.
    """

    class Reason(models.TextChoices):
        SUPERVISED_TRIAL = "supervised-trial", "Tried under supervision without symptoms"
        ADAPTED = "adapted", "Adapted so that the concern does not arise"
        BENEFIT_OUTWEIGHS = "benefit-outweighs", "Benefit outweighs the risk for this patient"
        SPECIALIST_ADVICE = "specialist-advice", "Advised by the treating specialist"
        OTHER = "other", "Other (say which)"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="overrides")
    prescription = models.ForeignKey("Prescription", models.CASCADE, related_name="overrides")
    stretch = models.ForeignKey(Stretch, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=20, choices=Reason)
    reason_text = models.TextField("in your own words", blank=True, max_length=1000)
    mitigation = models.TextField("what makes it acceptable", blank=True, max_length=1000)
    alternatives = models.TextField("alternatives considered", blank=True, max_length=1000)
    expires_on = models.DateField("holds until")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        ordering = ("-decided_at", "id")
        indexes = [models.Index(fields=["patient", "expires_on"], name="override_patient_expiry")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    reason__in=["supervised-trial", "adapted", "benefit-outweighs", "specialist-advice", "other"]
                ),
                name="override_reason_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(reason="other") | ~models.Q(reason_text=""), name="override_other_is_explained"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stretch} for {self.patient}: {self.get_reason_display()}"

    def clean(self) -> None:
        """Refuse “other” without words."""
        super().clean()
        if self.reason == self.Reason.OTHER and not self.reason_text.strip():
            raise ValidationError({"reason_text": "Say in your own words why."})

    def record(self, assessment: safety.Assessment) -> None:
        """Store the decision with every contraindication that fired, as it was shown. The caller holds the lock."""
        self.save(force_insert=True)
        OverriddenContraindication.objects.bulk_create(
            OverriddenContraindication(
                clinic_id=self.clinic_id,
                override=self,
                contraindication=issue.contraindication,
                condition=issue.condition,
                condition_code=issue.condition.code,
                severity=issue.contraindication.severity,
                rationale=issue.rationale,
                citation=issue.citation,
                path=" → ".join(code.name for code in issue.path),
            )
            for issue in assessment.issues
            if issue.contraindication and issue.condition
        )


_RATIONALE_NOW, _CODE_NOW = F("contraindication__rationale"), F("condition__code")


class OverriddenContraindicationQuerySet(ClinicsQuerySet["OverriddenContraindication"]):
    """What overrides name."""

    def as_it_was(self, *, rationale: Combinable = _RATIONALE_NOW, code: Combinable = _CODE_NOW) -> Self:
        """Those whose decision rests on what is still so.

        A contraindication that was not relative or says something else by now, or a condition under another code,
        asks anew. ``rationale`` and ``code`` are what both are now, for who has them at hand.
        """
        return self.filter(
            severity=Severity.RELATIVE,
            rationale=rationale,
            condition_code=code,
        )


class OverriddenContraindication(models.Model):
    """One contraindication that an override names, with its wording at the time."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    override = models.ForeignKey(Override, models.CASCADE, related_name="contraindications")
    contraindication = models.ForeignKey(Contraindication, models.SET_NULL, null=True, related_name="+")
    condition = models.ForeignKey(Condition, models.CASCADE, related_name="+")
    condition_code = models.ForeignKey(ConditionCode, models.PROTECT, null=True, related_name="+")
    severity = models.CharField(max_length=10)
    rationale = models.TextField()
    citation = models.TextField()
    path = models.TextField("from the patient's condition to the contraindicated one")

    objects = OverriddenContraindicationQuerySet.as_manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.rationale
