"""Dose arithmetic: pure functions over numbers.

Hold ladder and limits: the founding patient documents (hold 30 to 60 s, starting at 10 to 20 s); the ladder's steps
are ours. Counts: adherence falls with the number of exercises, more than six against three or fewer has an odds ratio
of 0.2 (design, section 5).
"""

import enum
import math

HOLD_LADDER_SECONDS = (10, 15, 20, 30, 45, 60)
HOLD_SECONDS_MIN = 1
HOLD_SECONDS_MAX = 180
REPETITIONS_MAX = 30

STRETCHES_BEFORE_WARNING = 4
STRETCHES_BEFORE_REASON = 6

SECONDS_TO_CHANGE = 5
"""Getting into the position and out of it, each repetition. Ours: no source measures it."""

SECONDS_A_MOVEMENT = 5
"""One slow repetition of a movement that is not held. Ours."""


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
