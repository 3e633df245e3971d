"""One line of a clinician's queue: why, for whom, since when, and the one click that helps."""

import dataclasses
import datetime
import uuid
from collections.abc import Mapping

from django.urls import reverse

from clinic.models import ENDED_BY_WORD, LASTING, AttentionDecision, AttentionKind
from patients.models import Patient


@dataclasses.dataclass(frozen=True)
class Act:
    """The click that leads to where it is put right. ``is_post`` where that changes something: it begins a draft."""

    words: str
    url: str
    icon: str
    is_post: bool = False


@dataclasses.dataclass(frozen=True)
class Line:
    """One thing that needs attention, and why. ``since`` is ``None`` where nobody can know; ``rank`` 0 is worst."""

    kind: AttentionKind
    subject: str
    patient: Patient
    reason: str
    act: Act
    detail: str = ""
    since: datetime.date | None = None
    today: datetime.date | None = None
    rank: int = 0
    decision: AttentionDecision | None = None

    @property
    def key(self) -> tuple[uuid.UUID, str, str]:
        """What a decision about it names."""
        return self.patient.pk, self.kind.value, self.subject

    @property
    def age_days(self) -> int | None:
        """Whole days since; 0 is today."""
        return (self.today - self.since).days if self.today and self.since else None

    @property
    def is_lasting(self) -> bool:
        """Whether nobody can put it off."""
        return self.kind in LASTING

    @property
    def ends_by_word(self) -> bool:
        """Whether it may be declared dealt with."""
        return self.kind in ENDED_BY_WORD

    @property
    def icon(self) -> str:
        """Of its kind."""
        return LOOKS[self.kind].icon

    @property
    def verdict(self) -> str:
        """The colours of its kind, which only help."""
        return LOOKS[self.kind].verdict

    @property
    def decision_url(self) -> str:
        """Where a decision about it is recorded."""
        return reverse("attention_decision_record", args=[self.patient.pk, self.kind.value, self.subject])


def open_page(patient: Patient, words: str) -> Act:
    """Lead to the patient's page."""
    return Act(words, patient.get_absolute_url(), "forward")


def call(patient: Patient) -> Act:
    """Telephone, or where no number is known the patient's page."""
    number = "".join(letter for letter in patient.phone if letter.isdigit() or letter == "+")
    return Act("Call", f"tel:{number}", "phone") if number else open_page(patient, "Open")


@dataclasses.dataclass(frozen=True)
class Look:
    """How lines of a kind are drawn, and what is said of all of them. Colours only help."""

    icon: str
    verdict: str
    urgency: str
    what: str


LOOKS: Mapping[AttentionKind, Look] = {
    AttentionKind.RED_FLAG: Look(
        "red-flag", "excluded", "Now", "Nothing of the routine is shown until somebody reopens it."
    ),
    AttentionKind.PAUSE: Look("pause", "excluded", "Now", "Not shown to the patient until somebody lifts the pause."),
    AttentionKind.UNSAFE: Look(
        "excluded", "excluded", "Now", "A condition, the catalogue or the calendar changed after activation."
    ),
    AttentionKind.OVERRIDE: Look(
        "clock", "needs_override", "Soon", "Ending within 14 days, with an active prescription resting on it."
    ),
    AttentionKind.FIRST_WEEK: Look(
        "bell", "caution", "Soon", "Active for three days or more. A call in the first week helps most."
    ),
    AttentionKind.ADHERENCE: Look(
        "down-trend",
        "caution",
        "Soon",
        "Down by 30 points or more from week to week, to below 60 %. Limits of our own.",
    ),
    AttentionKind.REVIEW: Look(
        "condition", "caution", "Soon", "With an active prescription, and due within 14 days or past."
    ),
    AttentionKind.PROPOSAL: Look(
        "progress", "unknown", "When you can", "From what was logged. Nothing changes until somebody decides."
    ),
}
"""Worst first."""
