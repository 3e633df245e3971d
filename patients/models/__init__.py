"""Who we treat, their conditions, and how they come in."""

from patients.models.invitation import Invitation, InvitationOverError, SignInFirstError, WrongBirthDateError
from patients.models.outcome import (
    AlreadyScoredError,
    Occasion,
    OutcomeActivity,
    OutcomeMeasure,
    OutcomeScore,
    Rated,
)
from patients.models.records import (
    CONDITION_FIELDS,
    Condition,
    Patient,
    RecordProblem,
)
from patients.models.statuses import SETTLED_CLINICAL, SETTLED_VERIFICATION, ClinicalStatus, VerificationStatus

__all__ = [
    "CONDITION_FIELDS",
    "SETTLED_CLINICAL",
    "SETTLED_VERIFICATION",
    "AlreadyScoredError",
    "ClinicalStatus",
    "Condition",
    "Invitation",
    "InvitationOverError",
    "Occasion",
    "OutcomeActivity",
    "OutcomeMeasure",
    "OutcomeScore",
    "Patient",
    "Rated",
    "RecordProblem",
    "SignInFirstError",
    "VerificationStatus",
    "WrongBirthDateError",
]
