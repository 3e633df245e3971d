"""What was known when a prescription was activated, kept for good."""

import datetime
import hashlib
import json
import uuid
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.models import Clinic, User
from accounts.models.tenancy import ClinicsQuerySet
from patients.models import Condition, Patient
from prescriptions import safety
from prescriptions.models.prescribed_stretch import Line
from stretches.models import CatalogueRelease, SignOff

if TYPE_CHECKING:
    from prescriptions.models.override import Override
    from prescriptions.models.prescription import Prescription


class PermissibilityReportQuerySet(ClinicsQuerySet["PermissibilityReport"]):
    """Permissibility reports."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Reports on the patients that this person may open."""
        return self.filter(prescription__patient__in=Patient.objects.visible_to(user))


class PermissibilityReport(models.Model):
    """A snapshot from activation: catalogue version, conditions as they were, each verdict with its reasons.

    ``document`` is read by people and compared with a reproduction; nothing is decided from it.
    """

    prescription = models.OneToOneField("Prescription", models.CASCADE, related_name="report")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    release = models.ForeignKey(CatalogueRelease, models.PROTECT, null=True, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    document = models.JSONField()

    objects = PermissibilityReportQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Permissibility report of {self.made_at:%Y-%m-%d}"

    @classmethod
    def write(
        cls,
        prescription: "Prescription",
        lines: list[Line],
        circumstances: safety.Circumstances,
        *,
        by: User,
        at: datetime.datetime,
        acknowledged: Collection[uuid.UUID],
    ) -> "PermissibilityReport":
        """Store what was known, in the transaction that activates."""
        release = CatalogueRelease.objects.in_clinic(prescription.clinic_id).first()
        issues = [issue for line in lines for issue in line.assessment.issues]
        signatures = SignOff.objects.under([issue.contraindication.pk for issue in issues if issue.contraindication])
        return cls.objects.create(
            prescription=prescription,
            clinic_id=prescription.clinic_id,
            release=release,
            made_by=by,
            made_at=at,
            document=document(lines, circumstances, release=release, acknowledged=acknowledged, signatures=signatures),
        )


def document(
    lines: list[Line],
    circumstances: safety.Circumstances,
    *,
    release: CatalogueRelease | None,
    acknowledged: Collection[uuid.UUID] = (),
    signatures: Mapping[int, str] | None = None,
) -> dict[str, Any]:
    """Everything the verdicts rest on, as plain data; the same input gives the same document."""
    reviewed_on = circumstances.patient.conditions_reviewed_on
    conditions = [exposure.condition for exposure in circumstances.exposures] + list(circumstances.unchecked)
    return {
        "on": circumstances.on.isoformat(),
        "catalogue": {
            "version": release.version if release else "",
            "release": release.pk if release else None,
            "status": release.status if release else "",
        },
        "conditions_reviewed_on": reviewed_on.isoformat() if reviewed_on else None,
        "conditions": [_condition(condition, acknowledged) for condition in conditions],
        "undated": [str(condition) for condition in circumstances.undated],
        "stretches": [
            {
                "stretch": line.item.stretch.slug,
                "stretch_id": str(line.item.stretch_id),
                "name": line.item.stretch.name,
                "dose": line.item.dose_words,
                "verdict": line.assessment.verdict.value,
                "issues": reasons_of(line.assessment, signatures),
                "overrides": [_override(override) for override in line.overrides],
            }
            for line in lines
        ],
    }


def fingerprint(lines: list[Line], circumstances: safety.Circumstances, *, note: str) -> str:
    """Say in short what a clinician read before deciding: conditions, doses, verdicts with their reasons, messages.

    Two pages with the same fingerprint said the same of this prescription.
    """
    read = document(lines, circumstances, release=None)
    words = [read["conditions"], read["stretches"], [line.item.note for line in lines], note]
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()


def _condition(condition: Condition, acknowledged: Collection[uuid.UUID]) -> dict[str, Any]:
    return {
        "id": str(condition.pk),
        "code": condition.code.slug if condition.code else None,
        "name": str(condition),
        "clinical_status": condition.clinical_status,
        "verification_status": condition.verification_status,
        "anchor_on": condition.anchor_on.isoformat() if condition.anchor_on else None,
        "is_safety_checked": condition.code_id is not None,
        "is_acknowledged": condition.pk in acknowledged,
    }


def reasons_of(assessment: safety.Assessment, signatures: Mapping[int, str] | None = None) -> list[dict[str, Any]]:
    """Each issue behind a verdict, as plain data; with ``signatures`` also who signed it, empty for nobody."""
    return [
        {
            "verdict": issue.verdict.value,
            "severity": issue.contraindication.severity if issue.contraindication else "",
            "contraindication": issue.contraindication.code if issue.contraindication else None,
            "contraindication_id": issue.contraindication.pk if issue.contraindication else None,
            "rationale": issue.rationale,
            "source": issue.citation,
            "confidence": issue.contraindication.confidence if issue.contraindication else "",
            "window": issue.contraindication.window_words if issue.contraindication else "",
            "condition": str(issue.condition) if issue.condition else "",
            "condition_id": str(issue.condition.pk) if issue.condition else None,
            "path": [code.name for code in issue.path],
            "is_date_missing": issue.is_date_missing,
            "is_overridden": issue.is_overridden,
            **(
                {}
                if signatures is None
                else {"signed_by": signatures.get(getattr(issue.contraindication, "pk", 0), "")}
            ),
        }
        for issue in assessment.issues
    ]


def _override(override: "Override") -> dict[str, str]:
    return {
        "reason": override.get_reason_display(),
        "reason_text": override.reason_text,
        "mitigation": override.mitigation,
        "alternatives": override.alternatives,
        "expires_on": override.expires_on.isoformat(),
        "decided_by": str(override.decided_by),
        "decided_at": override.decided_at.isoformat(),
    }
