"""The patient's side: what they did, how it went, what they answered, and what the app proposes from it."""

from routines.models.proposal import Proposal, ProposalKind, ProposalStatus
from routines.models.red_flags import RedFlagAnswer, RedFlagScreen
from routines.models.session import Effort, Outcome, SessionLog, SkipReason, StretchLog

__all__ = [
    "Effort",
    "Outcome",
    "Proposal",
    "ProposalKind",
    "ProposalStatus",
    "RedFlagAnswer",
    "RedFlagScreen",
    "SessionLog",
    "SkipReason",
    "StretchLog",
]
