"""What scores say together: the change since the start, whether it is large enough to mean something, and versions."""

import dataclasses
import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal

from patients.models import Occasion, OutcomeActivity, OutcomeScore
from patients.models.outcome import mean, plain


@dataclasses.dataclass(frozen=True)
class OutcomeChange:
    """From the start to one score. ``difference`` is positive where the number rose.

    Where the patient names activities, only those are compared that were named both times: ``compared`` of ``named``.
    """

    start: OutcomeScore
    score: OutcomeScore
    difference: Decimal
    compared: int = 0
    named: int = 0

    @property
    def is_better(self) -> bool:
        """Whether it went in the direction in which the measure calls it better."""
        return self.difference != 0 and (self.difference > 0) is self.score.measure.is_more_better

    @property
    def is_enough(self) -> bool | None:
        """Whether it is as much as the smallest change that matters; ``None`` where none is known."""
        smallest = self.score.measure.smallest_change
        return None if smallest is None else abs(self.difference) >= smallest

    @property
    def words(self) -> str:
        """The change, and whether it matters, in a sentence."""
        measure = self.score.measure
        if self.difference == 0:
            return "The same as at the start."
        points = plain(abs(self.difference))
        moved = f"{points} point{'' if points == '1' else 's'} {'better' if self.is_better else 'worse'}"
        if measure.smallest_change is None:
            return f"{moved} than at the start."
        limit = plain(measure.smallest_change)
        verdict = "at least" if self.is_enough else "less than"
        return f"{moved} than at the start: {verdict} the smallest change that matters, {limit}."

    @property
    def caveat(self) -> str:
        """What was left out of the comparison, if anything."""
        if self.compared == self.named:
            return ""
        return f"Compared by the {self.compared} of {self.named} activities that were named both times."


def change_since_start(scores: Iterable[OutcomeScore]) -> OutcomeChange | None:
    """From the latest start, or the first score where none is called a start, to the last score by one measure.

    ``scores`` are those counted, of one patient, with measure and activities. ``None`` while there is nothing to
    compare: fewer than two scores since the start, or no activity that was named both times.
    """
    ordered = sorted(scores, key=lambda each: (each.on, each.recorded_at))
    if not ordered:
        return None
    last = ordered[-1]
    start = next((each for each in reversed(ordered) if each.occasion == Occasion.START), ordered[0])
    if start == last:
        return None
    if not last.measure.activities_max:
        if start.value is None or last.value is None:
            return None
        return OutcomeChange(start, last, last.value - start.value)
    before, now = _ratings(start), _ratings(last)
    both = [activity for activity in before if activity in now]
    was, is_now = mean([before[each] for each in both]), mean([now[each] for each in both])
    if was is None or is_now is None:
        return None
    return OutcomeChange(start, last, is_now - was, compared=len(both), named=len(before.keys() | now.keys()))


def _ratings(score: OutcomeScore) -> dict[str, int]:
    """Ratings by activity, whatever its case and spacing."""
    return {" ".join(each.activity.casefold().split()): each.rating for each in score.activities.all()}


@dataclasses.dataclass(frozen=True)
class ScoreVersion:
    """What a score said from a moment on, in words, and who stored it."""

    at: datetime.datetime
    by: object
    words: str


def score_versions(score: OutcomeScore) -> list[ScoreVersion]:
    """Every stored version of a score with its activities, the newest first: two queries.

    What was stored in one go carries one moment.
    """
    stored = list(score.history.select_related("history_user").order_by("history_date", "history_id"))
    rows = OutcomeActivity.history.filter(score=score.pk).order_by("history_date", "history_id")
    activities = list(rows)
    versions = []
    for version in stored:
        said = {
            row.position: None if row.history_type == "-" else f"{row.activity} {row.rating}"
            for row in activities
            if row.history_date <= version.history_date
        }
        words = [
            f"{version.on.day} {version.on:%B %Y}",
            version.get_occasion_display(),
            *([str(version.rating)] if version.rating is not None else []),
            *(words for _position, words in sorted(said.items()) if words),
            *(["entered in error"] if version.is_entered_in_error else []),
        ]
        versions.append(ScoreVersion(at=version.history_date, by=version.history_user, words=" · ".join(words)))
    return versions[::-1]


def earlier_activities(scores: Sequence[OutcomeScore]) -> list[str]:
    """The activities that the patient named the last time, to be asked about again."""
    return [each.activity for each in scores[-1].activities.all()] if scores else []
