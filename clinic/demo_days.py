"""Days of the demo's patients: what they logged, felt and answered, through the same door as in earnest.

Nothing is drawn by lot: the same day of a course always goes the same way. Today is left to whoever tries the demo.
"""

import dataclasses
import datetime
import uuid
import zoneinfo
from collections.abc import Callable

from accounts.models import User
from prescriptions.models import PartOfDay, Prescription
from routines.recording import Said, answer_settled, record_stretch
from routines.screening import record_red_flags
from stretches.models import RedFlagQuestion

LOGGED_AT = {
    PartOfDay.ON_GETTING_UP: datetime.time(8, 10),
    PartOfDay.MIDDAY: datetime.time(12, 30),
    PartOfDay.AFTERNOON: datetime.time(16, 0),
    PartOfDay.BEFORE_BED: datetime.time(21, 20),
}
ANSWERED_AT = datetime.time(7, 30)


@dataclasses.dataclass(frozen=True)
class Went:
    """How one stretch went; ``None`` for a course's day means that nothing was logged."""

    pain_score: int | None = 1
    outcome: str = "done"
    skip_reason: str = ""
    effort: str = "right"
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Course:
    """So many days up to yesterday. ``went`` says how a stretch went so many days ago, by its place in the list."""

    days: int
    went: Callable[[int, PartOfDay, int], Went | None]


def _margaret(ago: int, part: PartOfDay, position: int) -> Went | None:
    """Better from week to week, the odd evening left out; yesterday the calf hurt a little more: amber."""
    if part is PartOfDay.BEFORE_BED and ago % 4 == 3:
        return None
    if ago == 1 and position == 2:
        return Went(pain_score=4, effort="hard", note="Pulled more than usual, after the long walk on Sunday.")
    if ago == 6 and position == 1:
        return Went(pain_score=None, outcome="skipped", skip_reason="no-time", effort="")
    return Went(pain_score=2 if ago > 8 else (ago + 1) % 2, effort="right" if ago > 4 else "easy")


def _ruth(ago: int, part: PartOfDay, position: int) -> Went | None:
    """Mornings only, and not all of them."""
    if part is not PartOfDay.ON_GETTING_UP or ago in {2, 5}:
        return None
    return Went(pain_score=1 if position == 1 else 0, outcome="partly" if ago == 4 else "done")


def _beatrice(ago: int, part: PartOfDay, position: int) -> Went | None:
    """Well at first; yesterday morning the table slide hurt far too much: red, and paused."""
    if position == 1 and ago == 1:
        if part is not PartOfDay.ON_GETTING_UP:
            return None
        return Went(pain_score=7, outcome="partly", skip_reason="pain", effort="hard", note="A sharp pain at the top.")
    return Went(pain_score=3 if position == 1 else 1, effort="hard" if position == 1 else "right")


MARGARET, RUTH, BEATRICE = Course(13, _margaret), Course(7, _ruth), Course(5, _beatrice)


def live(course: Course, prescription: Prescription, user: User, *, today: datetime.date) -> None:
    """Answer the questions before the first day, log each day, and say each morning that it has settled."""
    zone = zoneinfo.ZoneInfo(prescription.clinic.time_zone)
    items = list(prescription.items.all())
    first = datetime.datetime.combine(today - datetime.timedelta(days=course.days), ANSWERED_AT, zone)
    answers = dict.fromkeys(RedFlagQuestion.objects.select_related("action"), False)
    record_red_flags(prescription.patient, answers, id=uuid.uuid4(), answered_at=first, at=first)
    for ago in range(course.days, 0, -1):
        day = today - datetime.timedelta(days=ago)
        hurt = {}
        for part, time in LOGGED_AT.items():
            at = datetime.datetime.combine(day, time, zone)
            for position, item in enumerate(items):
                if getattr(item, part.field) and (went := course.went(ago, part, position)):
                    held = None if went.outcome == "skipped" else item.start_hold_seconds
                    words = Said(
                        item=item.pk,
                        on=day,
                        part_of_day=part,
                        logged_at=at,
                        held_seconds=held,
                        **dataclasses.asdict(went),
                    )
                    log = record_stretch(prescription, words, by=user, at=at).log
                    if log.pain_score:
                        hurt[item.pk] = log
        if ago > 1:  # whether yesterday's has settled is asked of whoever tries the demo
            next_morning = datetime.datetime.combine(day + datetime.timedelta(days=1), ANSWERED_AT, zone)
            for log in hurt.values():
                answer_settled(log, True, by=user, at=next_morning)
