"""The patient's side: what they did, how it went, what they answered, and what the app proposes from it."""

from routines.models.proposal import Proposal, ProposalKind, ProposalStatus
from routines.models.push import PushSubscription
from routines.models.red_flags import RedFlagAnswer, RedFlagScreen
from routines.models.reminder import ANCHOR_MAX_LENGTH, ReminderPreference, ReminderTime
from routines.models.session import DONE_AT_ALL, Effort, Outcome, SessionLog, SkipReason, StretchLog

__all__ = [
    "ANCHOR_MAX_LENGTH",
    "DONE_AT_ALL",
    "Effort",
    "Outcome",
    "Proposal",
    "ProposalKind",
    "ProposalStatus",
    "PushSubscription",
    "RedFlagAnswer",
    "RedFlagScreen",
    "ReminderPreference",
    "ReminderTime",
    "SessionLog",
    "SkipReason",
    "StretchLog",
]
