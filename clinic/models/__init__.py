"""What is decided about patients outside of their treatment: what needs attention, and what is erased."""

from clinic.models.attention import ENDED_BY_WORD, LASTING, AttentionDecision, AttentionKind
from clinic.models.erasure import AppendOnlyError, Erasure, ErasureRequest, StretchTally

__all__ = [
    "ENDED_BY_WORD",
    "LASTING",
    "AppendOnlyError",
    "AttentionDecision",
    "AttentionKind",
    "Erasure",
    "ErasureRequest",
    "StretchTally",
]
