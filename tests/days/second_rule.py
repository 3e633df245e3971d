"""What ought to be true of a small clinic, kept as plain data beside the product: slow and obvious.

Whoever acts on the product says here what was done. The safety rule is told a second time: the hierarchy by recursion,
windows by exact fractions of weeks, each pair of stretch and condition on its own. Nothing of the product is asked.
"""

import copy
import dataclasses
import datetime
import uuid
from fractions import Fraction

Id = uuid.UUID
REVIEW_DAYS = 90


@dataclasses.dataclass(frozen=True)
class Ailment:
    """A condition as it was recorded; ``code`` is ``None`` for free text."""

    patient: Id
    code: int | None
    clinical_status: str
    verification_status: str
    anchor_on: datetime.date | None

    @property
    def counts(self):
        return self.clinical_status != "resolved" and self.verification_status not in ("refuted", "entered-in-error")


@dataclasses.dataclass(frozen=True)
class Ban:
    """A contraindication as it was published."""

    stretch: Id
    code: int
    severity: str
    from_week: int | None
    until_week: int | None
    rationale: str


@dataclasses.dataclass(frozen=True)
class Excepted:
    """One contraindication that an override names, as it was then."""

    patient: Id
    stretch: Id
    ban: int
    ailment: Id
    was: Ban
    was_code: int | None
    until_on: datetime.date


@dataclasses.dataclass
class Followed:
    """The prescription in force: its id, whether it is on hold, and its lines by stretch."""

    pk: Id
    lines: dict[Id, Id]
    is_held: bool = False


@dataclasses.dataclass
class Memory:
    """All that was done so far."""

    broader: set[tuple[int, int]] = dataclasses.field(default_factory=set)
    statuses: dict[Id, str] = dataclasses.field(default_factory=dict)
    bans: dict[int, Ban] = dataclasses.field(default_factory=dict)
    ailments: dict[Id, Ailment] = dataclasses.field(default_factory=dict)
    exceptions: list[Excepted] = dataclasses.field(default_factory=list)
    reviewed_on: dict[Id, datetime.date] = dataclasses.field(default_factory=dict)
    followed: dict[Id, Followed] = dataclasses.field(default_factory=dict)
    paused: set[tuple[Id, Id]] = dataclasses.field(default_factory=set)
    stopped: set[Id] = dataclasses.field(default_factory=set)

    def copy(self):
        return copy.deepcopy(self)

    # The rule, a second time -----------------------------------------------------------------------------------------
    def is_a(self, code, other):
        return code == other or any(self.is_a(up, other) for narrower, up in self.broader if narrower == code)

    def fires(self, ban, ailment, on):
        if ailment.code is None or not ailment.counts or not self.is_a(ailment.code, ban.code):
            return False
        if ailment.anchor_on is None or ailment.anchor_on > on:
            return True
        weeks = Fraction((on - ailment.anchor_on).days, 7)
        return (ban.from_week is None or weeks >= ban.from_week) and (ban.until_week is None or weeks < ban.until_week)

    def reasons(self, patient, stretch, on):
        """Pairs (contraindication, condition) that speak against a stretch."""
        return {
            (ban_id, ailment_id)
            for ban_id, ban in self.bans.items()
            for ailment_id, ailment in self.ailments.items()
            if ban.stretch == stretch and ailment.patient == patient and self.fires(ban, ailment, on)
        }

    def verdict(self, patient, stretch, on):
        severities = {self.bans[ban].severity for ban, _ in self.reasons(patient, stretch, on)}
        if self.statuses[stretch] != "reviewed" or "absolute" in severities:
            return "excluded"
        return "needs_override" if "relative" in severities else "caution" if severities else "allowed"

    def is_excepted(self, patient, stretch, ban_id, ailment_id, on):
        ban, ailment = self.bans[ban_id], self.ailments[ailment_id]
        return any(
            (each.patient, each.stretch, each.ban, each.ailment) == (patient, stretch, ban_id, ailment_id)
            and each.was.severity == "relative"
            and each.was.rationale == ban.rationale
            and each.was_code == ailment.code
            and on <= each.until_on
            for each in self.exceptions
        )

    def is_safe(self, patient, stretch, on):
        """Whether it may be prescribed and shown: nothing absolute, and every relative reason was answered."""
        verdict = self.verdict(patient, stretch, on)
        return verdict in ("allowed", "caution") or (
            verdict == "needs_override"
            and all(
                self.is_excepted(patient, stretch, ban, ailment, on)
                for ban, ailment in self.reasons(patient, stretch, on)
                if self.bans[ban].severity == "relative"
            )
        )

    def may_prescribe(self, patient, on):
        reviewed_on = self.reviewed_on.get(patient)
        return reviewed_on is not None and 0 <= (on - reviewed_on).days <= REVIEW_DAYS

    def free_text(self, patient):
        return {
            pk for pk, each in self.ailments.items() if each.patient == patient and each.code is None and each.counts
        }

    # What follows ----------------------------------------------------------------------------------------------------
    def may_do(self, patient, stretch, on):
        """Whether the patient may be told to do it."""
        return (
            patient not in self.stopped and (patient, stretch) not in self.paused and self.is_safe(patient, stretch, on)
        )

    def shown(self, patient, on):
        """The stretches that the patient's pages show, no more and no less."""
        followed = self.followed.get(patient)
        if followed is None or followed.is_held:
            return set()
        return {stretch for stretch in followed.lines if self.may_do(patient, stretch, on)}

    def shown_of_draft(self, patient, stretches, on):
        if not self.may_prescribe(patient, on):
            return set()
        return {stretch for stretch in stretches if self.may_do(patient, stretch, on)}

    def unsafe(self, patient, on):
        """The lines in force that the rule shuts."""
        followed = self.followed.get(patient)
        return {stretch for stretch in followed.lines if not self.is_safe(patient, stretch, on)} if followed else set()
