"""Dose arithmetic: pure functions over numbers.

Hold ladder and limits: the founding patient documents (hold 30 to 60 s, starting at 10 to 20 s); the ladder's steps
are ours. Counts: adherence falls with the number of exercises, more than six against three or fewer has an odds ratio
of 0.2 (design, section 5).
"""

import math

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
