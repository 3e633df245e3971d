"""The queue: the lines that there are, sorted by what somebody decided about them."""

import dataclasses
import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence

from accounts.models import Clinic
from clinic.attention.facts import Patients, facts_about
from clinic.attention.kinds import lines_from
from clinic.attention.line import LOOKS, Line, Look
from clinic.models import LASTING, AttentionDecision, AttentionKind

Decision = AttentionDecision.Decision


SHOWN = 25
"""So many lines of a kind are shown at once; of what was stopped, all."""


@dataclasses.dataclass(frozen=True)
class Group:
    """Lines of one kind, of which ``shown`` are drawn."""

    kind: AttentionKind
    look: Look
    lines: Sequence[Line]
    is_in_full: bool

    @property
    def shown(self) -> Sequence[Line]:
        """All, or the worst and oldest: never less than all of what was stopped."""
        return self.lines if self.is_in_full or self.kind in LASTING else self.lines[:SHOWN]

    @property
    def is_cut(self) -> bool:
        """Whether there are more than are drawn."""
        return len(self.shown) < len(self.lines)


@dataclasses.dataclass(frozen=True)
class Queue:
    """What needs somebody (``waiting``), what somebody has in hand (``seen``), and what comes back on a day."""

    waiting: Sequence[Line] = ()
    seen: Sequence[Line] = ()
    put_off: Sequence[Line] = ()

    def groups(self, *, in_full: str = "") -> list[Group]:
        """What is waiting by kind, worst first; one kind may be asked for in full."""
        of_kind: dict[AttentionKind, list[Line]] = defaultdict(list)
        for line in self.waiting:
            of_kind[line.kind].append(line)
        return [
            Group(kind, look, of_kind[kind], is_in_full=kind == in_full)
            for kind, look in LOOKS.items()
            if kind in of_kind
        ]


def queue_of(patients: Patients, *, clinics: Sequence[Clinic], at: datetime.datetime) -> Queue:
    """The queue about these patients, who are treated in these clinics: as many queries for many as for few."""
    lines = lines_from(facts_about(patients, clinics=clinics, at=at))
    return _sorted_by_decision(_with_decisions(lines, clinics))


def line_of(patients: Patients, *, clinic: Clinic, kind: str, subject: str, at: datetime.datetime) -> Line | None:
    """The one line that a decision is about, with the latest decision, or ``None`` when there is nothing of it left."""
    lines = lines_from(facts_about(patients, clinics=[clinic], at=at))
    found = [line for line in lines if (line.kind.value, line.subject) == (kind, subject)]
    return next(iter(_with_decisions(found, [clinic])), None)


def _with_decisions(lines: Sequence[Line], clinics: Sequence[Clinic]) -> list[Line]:
    """Each with the latest decision about it: one query."""
    decided = AttentionDecision.objects.filter(
        clinic__in=[clinic.pk for clinic in clinics], subject__in={line.subject for line in lines}
    )
    latest = {(each.patient_id, each.kind, each.subject): each for each in decided.select_related("decided_by")}
    return [dataclasses.replace(line, decision=latest.get(line.key)) for line in lines]


def _sorted_by_decision(lines: Iterable[Line]) -> Queue:
    waiting, seen, put_off = [], [], []
    for line in lines:
        match place_of(line):
            case Decision.ACKNOWLEDGED:
                seen.append(line)
            case Decision.SNOOZED:
                put_off.append(line)
            case Decision.RETURNED:
                waiting.append(line)
    return Queue(waiting, seen, put_off)


def place_of(line: Line) -> Decision:
    """Where a line belongs: what a decision made of it, and ``RETURNED`` while it waits for one.

    What is lasting is never hidden, whatever is stored: it can only be seen.
    """
    decision = line.decision
    if decision is None:
        return Decision.RETURNED
    if decision.decision == Decision.ACKNOWLEDGED:
        return Decision.ACKNOWLEDGED
    if line.kind in LASTING:
        return Decision.RETURNED
    if decision.decision == Decision.SNOOZED and decision.until_on and line.today and line.today < decision.until_on:
        return Decision.SNOOZED
    return Decision.RESOLVED if decision.decision == Decision.RESOLVED and line.ends_by_word else Decision.RETURNED
