"""Dose arithmetic: pure functions over numbers.

Hold ladder and limits: the founding patient documents (hold 30 to 60 s, starting at 10 to 20 s); the ladder's steps
are ours. Counts: adherence falls with the number of exercises, more than six against three or fewer has an odds ratio
of 0.2 (design, section 5).
"""

import dataclasses
import datetime
import enum
import itertools
import math
import statistics
from collections.abc import Collection, Sequence

HOLD_LADDER_SECONDS = (10, 15, 20, 30, 45, 60)
HOLD_SECONDS_MIN = 1
HOLD_SECONDS_MAX = 180
REPETITIONS_MAX = 30

STRETCHES_BEFORE_WARNING = 4
STRETCHES_BEFORE_REASON = 6

CONFIDENCE_MAX = 10
CONFIDENCE_BEFORE_HINT = 6
"""How sure a patient is, from 0 to 10: up to here it is worth to shorten the programme.

Source: in self-management action plans a confidence below 7 of 10 is talked over and the plan made easier
(“Self-management education approach, part 2: I keep telling patients what to do, so why don’t they make progress?”,
abstract read). None of it was measured with stretches.
"""

SECONDS_TO_CHANGE = 5
"""Getting into the position and out of it, each repetition. Ours: no source measures it."""

SECONDS_A_MOVEMENT = 5
"""One slow repetition of a movement that is not held. Ours."""


def takes_reason(count: int) -> bool:
    """Whether so many stretches are prescribed only for a reason that is recorded."""
    return count > STRETCHES_BEFORE_REASON


def minutes(seconds: float) -> int:
    """Whole minutes to tell people, rounded up: nobody is told that something takes no time."""
    return math.ceil(seconds / 60)


def seconds_a_day(*, hold_seconds: int | None, repetitions: int, sides_count: int, times_per_day: int) -> int:
    """Estimate how long one stretch takes a patient each day, in seconds, changes of position included.

    ``hold_seconds`` is ``None`` for a movement without a hold; ``sides_count`` is 1 or 2.
    """
    each = (hold_seconds or SECONDS_A_MOVEMENT) + SECONDS_TO_CHANGE
    return each * repetitions * sides_count * times_per_day


PAIN_GREEN_MAX = 2
PAIN_AMBER_MAX = 5
"""Bounds of the pain-monitoring tiers on the 0 to 10 numeric rating scale, both included."""


class PainTier(enum.StrEnum):
    """Where a stretch stands in the pain-monitoring model."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


def pain_tier(pain_score: int | None, *, has_settled: bool | None, has_spread: bool) -> PainTier | None:
    """Grade how a stretch went; ``None`` while too little is known to call it green.

    ``pain_score`` is 0 to 10 during the stretch, ``has_settled`` the answer of the next morning (``None`` while nobody
    has answered), ``has_spread`` whether symptoms spread further down the leg: that is red at any score. Without pain
    there is nothing to settle.

    Source: Silbernagel and Thomeé's pain-monitoring model as the catalogue's pain rules report it; developed for
    tendons and knees, not validated for stretching, which is why spreading symptoms override the score.
    """
    if has_spread or has_settled is False:
        return PainTier.RED
    if pain_score is None:
        return None
    if pain_score > PAIN_AMBER_MAX:
        return PainTier.RED
    if pain_score > PAIN_GREEN_MAX:
        return PainTier.AMBER
    return PainTier.GREEN if has_settled or pain_score == 0 else None


SESSIONS_BEFORE_STEP = 3
"""So many days in a row speak for a step up, two amber ones of as many sessions for a step down. Ours."""


class Step(enum.StrEnum):
    """Which change of a prescribed stretch its logs speak for."""

    UP = "up"
    HOLD = "hold"
    DOWN = "down"
    EASIER = "easier"
    HARDER = "harder"


@dataclasses.dataclass(frozen=True)
class Evidence:
    """How a prescribed stretch went in one session.

    ``tier`` is ``None`` while it is not known whether it settled. ``is_full`` says that it was done as prescribed and
    held as long as asked, ``is_easy`` and ``is_hard`` what the patient found.
    """

    on: datetime.date
    tier: PainTier | None
    is_full: bool
    is_easy: bool = False
    is_hard: bool = False


def next_step(
    evidence: Sequence[Evidence], *, start_hold_seconds: int | None, target_hold_seconds: int | None
) -> Step | None:
    """Say which change the latest sessions speak for, if any; ``evidence`` has the latest one first.

    Towards less at once, towards more only after ``SESSIONS_BEFORE_STEP`` good days, however often a day: red asks for
    an easier stretch; amber keeps the dose, and amber twice in three sessions takes it down a rung, or asks for an
    easier stretch where there is no lower one. Green and in full goes up a rung until the target is reached, and from
    there to a harder stretch when the patient finds it easy. Hard is no step up, whatever the pain.

    Holds are in seconds, ``None`` for a movement without a hold. Source: the pain-monitoring model in the catalogue's
    pain rules (green: progress; amber: hold the dose or step back one level; red: stop). How many sessions is ours.
    """
    known = [each for each in evidence if each.tier is not None]
    if not known:
        return None
    if less := _towards_less(known[:SESSIONS_BEFORE_STEP], start_hold_seconds):
        return less
    if not _went_well(known):
        return None
    if rung_above(start_hold_seconds, target_hold_seconds):
        return Step.UP
    return Step.HARDER if all(each.is_easy for each in known[:SESSIONS_BEFORE_STEP]) else None


def is_through(
    evidence: Sequence[Evidence], *, start_hold_seconds: int | None, target_hold_seconds: int | None
) -> bool:
    """Whether a stretch went well for long enough at its target hold: nothing is left to do in this phase."""
    known = [each for each in evidence if each.tier is not None]
    return not rung_above(start_hold_seconds, target_hold_seconds) and _went_well(known)


def _towards_less(latest: Sequence[Evidence], start_hold_seconds: int | None) -> Step | None:
    """What pain in these sessions asks for."""
    if latest[0].tier is PainTier.RED:
        return Step.EASIER
    if sum(each.tier is PainTier.AMBER for each in latest) > 1:
        return Step.DOWN if rung_below(start_hold_seconds) else Step.EASIER
    return Step.HOLD if latest[0].tier is PainTier.AMBER else None


def _went_well(evidence: Sequence[Evidence]) -> bool:
    """Whether the latest days were enough, and each was green and not hard throughout, and done in full once."""
    days: dict[datetime.date, list[Evidence]] = {}
    for each in evidence:
        days.setdefault(each.on, []).append(each)
    latest = list(days.values())[:SESSIONS_BEFORE_STEP]
    return len(latest) == SESSIONS_BEFORE_STEP and all(
        any(each.is_full for each in day) and all(each.tier is PainTier.GREEN and not each.is_hard for each in day)
        for day in latest
    )


def rung_above(start_hold_seconds: int | None, target_hold_seconds: int | None) -> int | None:
    """The next longer hold on the ladder, in seconds, the target at most; ``None`` at the target, or without a hold."""
    if start_hold_seconds is None or target_hold_seconds is None or start_hold_seconds >= target_hold_seconds:
        return None
    longer = (rung for rung in HOLD_LADDER_SECONDS if rung > start_hold_seconds)
    return min(next(longer, target_hold_seconds), target_hold_seconds)


def rung_below(start_hold_seconds: int | None) -> int | None:
    """The next shorter hold on the ladder, in seconds; ``None`` at its foot, or without a hold."""
    if start_hold_seconds is None:
        return None
    return max((rung for rung in HOLD_LADDER_SECONDS if rung < start_hold_seconds), default=None)


WEEKS_RISING = 3
LOGS_A_WEEK = 3
"""Pain rises when its median does in each of so many weeks, each with so many scores at least. Ours: two weeks, or two
scores, are a bad day rather than a course."""


def is_rising(weeks: Sequence[Collection[int]]) -> bool:
    """Whether pain rises from week to week: red, whatever the scores.

    ``weeks`` holds the pain scores (0 to 10) of each week, the latest week last; only the last ``WEEKS_RISING`` count.
    Each median has to be a point above the one before at least, and the worst score of the last week above that of
    the first. A week with fewer than ``LOGS_A_WEEK`` scores says nothing.

    Source: the catalogue's pain rules (red: rising week to week), after Silbernagel and Thomeé. How many weeks, how
    many scores and how much of a rise are ours.
    """
    latest = weeks[-WEEKS_RISING:]
    if len(latest) < WEEKS_RISING or any(len(scores) < LOGS_A_WEEK for scores in latest):
        return False
    medians = [statistics.median(scores) for scores in latest]
    does_rise = all(after - before >= 1 for before, after in itertools.pairwise(medians))
    return does_rise and max(latest[-1]) > max(latest[0])
