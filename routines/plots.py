"""Small plots of what a patient logged: coordinates only, which ``templates/routines/_plot.html`` draws as SVG.

Every value is a mark with a shape of its own meaning, so that nothing depends on colour, and stands in a table beside
the picture. A day without a value is a gap, never a zero.
"""

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from prescriptions.dosage import PAIN_AMBER_MAX, PAIN_GREEN_MAX
from routines.adherence import Adherence

WIDTH, HEIGHT = 320, 120
LEFT, RIGHT, TOP, BOTTOM = 30, 8, 10, 22
"""The picture in its own units, and the margins for the words at its axes."""

LONGEST_GAP = datetime.timedelta(days=7)
"""Values further apart than this are not joined by a line. Ours."""


@dataclasses.dataclass(frozen=True)
class Value:
    """What is plotted for a day; ``kind`` picks the mark: ``dot``, ``triangle`` or ``square``."""

    on: datetime.date
    value: float
    words: str
    kind: str = "dot"


@dataclasses.dataclass(frozen=True)
class Mark:
    """Where a value is drawn. ``corners`` are the points of a triangle or a square."""

    x: float
    y: float
    kind: str
    words: str

    @property
    def corners(self) -> str:
        """The outline as SVG wants it."""
        offsets = {
            "triangle": ((0, -4.5), (4.5, 3.5), (-4.5, 3.5)),
            "square": ((-3.8, -3.8), (3.8, -3.8), (3.8, 3.8), (-3.8, 3.8)),
        }
        return " ".join(f"{self.x + dx:.1f},{self.y + dy:.1f}" for dx, dy in offsets.get(self.kind, ()))


@dataclasses.dataclass(frozen=True)
class Tick:
    """A word at an axis, and where."""

    at: float
    words: str


@dataclasses.dataclass(frozen=True)
class Plot:
    """A picture of values over days, ready to draw, and the same as rows of a table, the latest first.

    ``bands`` are the heights at which a zone of values ends, such as that of little pain.
    """

    title: str
    summary: str
    marks: tuple[Mark, ...]
    lines: tuple[str, ...]
    bands: tuple[float, ...]
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    rows: tuple[Value, ...]

    width, height = WIDTH, HEIGHT
    left, right, floor = LEFT, WIDTH - RIGHT, HEIGHT - BOTTOM
    foot = HEIGHT - 6

    def __bool__(self) -> bool:
        return bool(self.marks)


def plot(  # noqa: PLR0913 - a picture has two axes
    title: str,
    values: Iterable[Value],
    *,
    since: datetime.date,
    until: datetime.date,
    highest: float,
    ticks: Sequence[float],
    unit: str = "",
    bands: Sequence[float] = (),
    longest_gap: datetime.timedelta = LONGEST_GAP,
) -> Plot:
    """Lay values from ``since`` to ``until``, both included, into the picture; ``highest`` is the top of the scale.

    What lies further apart than ``longest_gap`` is not joined.
    """
    shown = sorted((each for each in values if since <= each.on <= until), key=lambda each: each.on)
    days = max((until - since).days, 1)

    def x(on: datetime.date) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (on - since).days / days, 1)

    def y(value: float) -> float:
        inside = min(max(value, 0), highest)
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * inside / highest, 1)

    return Plot(
        title=title,
        summary=_summary(shown),
        marks=tuple(Mark(x(each.on), y(each.value), each.kind, each.words) for each in shown),
        lines=tuple(
            " ".join(f"{x(each.on)},{y(each.value)}" for each in run)
            for run in _runs(shown, longest_gap)
            if len(run) > 1
        ),
        bands=tuple(y(each) for each in bands),
        y_ticks=tuple(Tick(y(each), f"{each:g}{unit}") for each in ticks),
        x_ticks=(Tick(x(since), date_format(since, "j M")), Tick(x(until), date_format(until, "j M"))),
        rows=tuple(reversed(shown)),
    )


def pain_plot(
    title: str, scores: Iterable[tuple[datetime.date, int]], *, since: datetime.date, until: datetime.date
) -> Plot:
    """Plot the worst pain of each day, 0 to 10; the bands are those of the pain rules, the marks their tiers."""
    worst: dict[datetime.date, int] = {}
    for on, score in scores:
        worst[on] = max(score, worst.get(on, 0))
    values = (Value(on, score, _("%(score)s of 10") % {"score": score}, _kind_of(score)) for on, score in worst.items())
    return plot(
        title,
        values,
        since=since,
        until=until,
        highest=10,
        ticks=(0, 5, 10),
        bands=(PAIN_GREEN_MAX + 0.5, PAIN_AMBER_MAX + 0.5),
    )


def hold_plot(
    title: str, holds: Iterable[tuple[datetime.date, int]], *, since: datetime.date, until: datetime.date
) -> Plot:
    """Plot the longest hold of each day, in seconds, on a scale of a minute or what was held."""
    longest: dict[datetime.date, int] = {}
    for on, seconds in holds:
        longest[on] = max(seconds, longest.get(on, 0))
    values = [Value(on, seconds, _("%(count)s s") % {"count": seconds}) for on, seconds in longest.items()]
    highest = max([60, *(value.value for value in values)])
    return plot(title, values, since=since, until=until, highest=highest, ticks=(0, highest / 2, highest), unit=" s")


def adherence_plot(
    title: str, weeks: Mapping[datetime.date, Adherence], *, since: datetime.date, until: datetime.date
) -> Plot:
    """Plot how much of what was due was done, in percent, at the first day of each week; nothing due is a gap.

    For clinicians, and so in English: what a patient is shown counts days, and blames nobody.
    """
    values = (
        Value(on, week.percent, f"{week.done} of {week.due} sessions")
        for on, week in weeks.items()
        if week.percent is not None
    )
    return plot(title, values, since=since, until=until, highest=100, ticks=(0, 50, 100), unit="%")


def _kind_of(score: int) -> str:
    if score > PAIN_AMBER_MAX:
        return "square"
    return "triangle" if score > PAIN_GREEN_MAX else "dot"


def _runs(values: Sequence[Value], longest_gap: datetime.timedelta) -> list[list[Value]]:
    """Cut where nothing was logged for long."""
    runs: list[list[Value]] = []
    for value in values:
        if runs and value.on - runs[-1][-1].on <= longest_gap:
            runs[-1].append(value)
        else:
            runs.append([value])
    return runs


def _summary(values: Sequence[Value]) -> str:
    """The plot in a sentence, for whoever does not see it."""
    if not values:
        return ""
    first, last = values[0], values[-1]
    if first == last:
        return _("%(value)s on %(day)s") % {"value": last.words, "day": date_format(last.on, "MONTH_DAY_FORMAT")}
    return _("From %(first)s on %(since)s to %(last)s on %(until)s") % {
        "first": first.words,
        "since": date_format(first.on, "MONTH_DAY_FORMAT"),
        "last": last.words,
        "until": date_format(last.on, "MONTH_DAY_FORMAT"),
    }
