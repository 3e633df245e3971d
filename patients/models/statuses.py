"""What is known of a condition, in the words of FHIR."""

from django.db import models


class ClinicalStatus(models.TextChoices):
    """FHIR condition-clinical, and unknown."""

    ACTIVE = "active", "Active"
    RECURRENCE = "recurrence", "Recurrence"
    RELAPSE = "relapse", "Relapse"
    INACTIVE = "inactive", "Inactive"
    REMISSION = "remission", "In remission"
    RESOLVED = "resolved", "Resolved"
    UNKNOWN = "unknown", "Unknown"


class VerificationStatus(models.TextChoices):
    """FHIR condition-ver-status."""

    CONFIRMED = "confirmed", "Confirmed"
    PROVISIONAL = "provisional", "Provisional"
    DIFFERENTIAL = "differential", "Differential"
    UNCONFIRMED = "unconfirmed", "Unconfirmed"
    REFUTED = "refuted", "Refuted"
    ENTERED_IN_ERROR = "entered-in-error", "Entered in error"


SETTLED_CLINICAL = frozenset({ClinicalStatus.RESOLVED})
SETTLED_VERIFICATION = frozenset({VerificationStatus.REFUTED, VerificationStatus.ENTERED_IN_ERROR})
"""What no longer matters. All else counts, so that a status added later counts until somebody decides otherwise."""
