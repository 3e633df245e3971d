"""The kinds of line in a clinician's queue: for each, when a line appears when it goes.

| kind | appears | goes |
|---|---|---|
| red flag | a red-flag question was answered with yes | a clinician reopens the routine |
| pause | pain paused a stretch | a clinician lifts the pause |
| unsafe | the safety rule shuts a line of what is in force | it is revised, or the rule lets it pass again |
| override | one that an active prescription rests on ends within 14 days | it is renewed, has ended, or is not needed |
| first week | nothing logged from the third day on | something is logged, or the prescription is not active |
| adherence | the last 7 days fell by 30 points to below 60 % | it rises, or the prescription is not active |
| review | something is active, and the review due, overdue, dated in the future, or never made | it is attested |
| proposal | the app proposes a change to what is in force | a clinician decides it |
"""

import dataclasses
import datetime
from collections.abc import Callable, Iterator, Mapping

from clinic.attention import asked, stopped
from clinic.attention.facts import Facts
from clinic.attention.line import Line
from clinic.models import AttentionKind

FINDERS: Mapping[AttentionKind, Callable[[Facts], Iterator[Line]]] = {
    AttentionKind.RED_FLAG: stopped.red_flags,
    AttentionKind.PAUSE: stopped.pauses,
    AttentionKind.UNSAFE: stopped.unsafe,
    AttentionKind.OVERRIDE: asked.overrides,
    AttentionKind.FIRST_WEEK: asked.first_weeks,
    AttentionKind.ADHERENCE: asked.falls,
    AttentionKind.REVIEW: asked.reviews,
    AttentionKind.PROPOSAL: asked.proposals,
}


def lines_from(facts: Facts) -> list[Line]:
    """Every line there is: worst first, then the oldest first."""
    lines = [
        dataclasses.replace(line, today=facts.today(line.patient)) for find in FINDERS.values() for line in find(facts)
    ]
    worst_first = {kind: place for place, kind in enumerate(AttentionKind)}
    return sorted(
        lines,
        key=lambda line: (
            worst_first[line.kind],
            line.rank,
            line.since or datetime.date.max,
            line.patient.full_name,
            line.subject,
        ),
    )
