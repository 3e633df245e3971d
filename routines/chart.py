"""How a patient is getting on, for clinicians: pain, holds and adherence of a period, as small plots."""

import dataclasses
import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from accounts.models import Clinic
from patients.models import OutcomeMeasure, OutcomeScore, Patient
from patients.outcomes import OutcomeChange, change_since_start
from prescriptions.models import PartOfDay, PrescribedStretch, Prescription
from routines.adherence import Adherence, Break, DueLine, adherence_of, break_of, holds_from
from routines.events import BREAKS, PAUSE, STATUS, STOP, Event, events_of
from routines.models import DONE_AT_ALL, StretchLog
from routines.plots import Plot, Value, adherence_plot, hold_plot, pain_plot, plot

DAY, WEEK = datetime.timedelta(days=1), datetime.timedelta(days=7)
PERIODS = {"4": "4 weeks", "12": "12 weeks", "all": "All"}
"""What may be asked for, by how many weeks back, and the words for it."""

USUAL_PERIOD = "12"


@dataclasses.dataclass(frozen=True)
class Logged:
    """How one stretch went in a session: what is plotted, and counted in the timeline."""

    on: datetime.date
    part_of_day: str
    prescription_id: uuid.UUID
    stretch: str
    outcome: str
    pain_score: int | None
    held_seconds: int | None
    note: str

    @property
    def is_done(self) -> bool:
        """Whether something of it was done, which makes its session one that was."""
        return self.outcome in DONE_AT_ALL


@dataclasses.dataclass(frozen=True)
class Chart:
    """The plots of a period, both days included, and the adherence of each week by its Monday."""

    since: datetime.date
    until: datetime.date
    pain: Plot
    adherence: Plot
    holds: tuple[Plot, ...]
    weeks: Mapping[datetime.date, Adherence]

    @property
    def plots(self) -> list[Plot]:
        """All that have something to show, in order."""
        return [each for each in (self.adherence, self.pain, *self.holds) if each]


def monday_of(day: datetime.date) -> datetime.date:
    """The first day of its week."""
    return day - day.weekday() * DAY


def first_day(period: str, *, today: datetime.date) -> datetime.date | None:
    """The Monday on which a period begins, so many whole weeks before this one; ``None`` for all there is."""
    return monday_of(today) - int(period) * WEEK if period != "all" else None


def logs_of(patient: Patient, *, since: datetime.date | None) -> list[Logged]:
    """What the patient logged from a day on, in order: one query."""
    logs = StretchLog.objects.filter(session__patient=patient)
    if since:
        logs = logs.filter(session__on__gte=since)
    columns = ("session__on", "session__part_of_day", "session__prescription", "stretch__name")
    values = logs.values_list(*columns, "outcome", "pain_score", "held_seconds", "note")
    return [Logged(*row) for row in values.order_by("session__on", "logged_at", "id")]


def chart_of(
    patient: Patient,
    *,
    today: datetime.date,
    period: str = USUAL_PERIOD,
    logs: Collection[Logged] | None = None,
    events: Collection[Event] | None = None,
    items: Collection[PrescribedStretch] | None = None,
) -> Chart:
    """The plots of a patient, whose clinic has to be read along: three queries.

    They begin with the first prescription that came into force, if that is later than the period does. ``logs``,
    ``events`` and ``items`` are what was read already: of the same period, with all breaks, of all that was ever in
    force, the earliest first.
    """
    since = first_day(period, today=today)
    logs = logs_of(patient, since=since) if logs is None else logs
    events = events_of(patient, kinds=BREAKS) if events is None else events
    items = _items_of(patient) if items is None else items
    begun = [patient.clinic.today(item.prescription.activated_at) for item in items]
    since = max(since or datetime.date.min, monday_of(min([*begun, *(log.on for log in logs), today])))
    weeks = adherence_by_week(patient.clinic, items, logs, events, since=since, until=today - DAY)
    return Chart(
        since=since,
        until=today,
        pain=pain_plot("Worst pain of the day", _pain(logs), since=since, until=today),
        adherence=adherence_plot("Sessions done each week", weeks, since=since, until=today),
        holds=tuple(
            hold_plot(f"Longest hold: {stretch}", held, since=since, until=today)
            for stretch, held in sorted(_holds(logs).items())
        ),
        weeks=weeks,
    )


def _items_of(patient: Patient) -> list[PrescribedStretch]:
    ever = PrescribedStretch.objects.filter(prescription__patient=patient, prescription__activated_at__isnull=False)
    return list(ever.select_related("prescription").order_by("prescription__activated_at", "position"))


def _pain(logs: Iterable[Logged]) -> list[tuple[datetime.date, int]]:
    return [(log.on, log.pain_score) for log in logs if log.pain_score is not None]


def _holds(logs: Iterable[Logged]) -> dict[str, list[tuple[datetime.date, int]]]:
    holds: dict[str, list[tuple[datetime.date, int]]] = defaultdict(list)
    for log in logs:
        if log.is_done and log.held_seconds:
            holds[log.stretch].append((log.on, log.held_seconds))
    return holds


def adherence_by_week(
    clinic: Clinic,
    items: Iterable[PrescribedStretch],
    logs: Iterable[Logged],
    events: Collection[Event],
    *,
    since: datetime.date,
    until: datetime.date,
) -> dict[datetime.date, Adherence]:
    """Sessions done and due by the Monday of each week; ``since`` is one. Asks the database nothing.

    ``items`` are the lines of every prescription that ever was in force, with it; ``events`` hold every break.
    """
    pauses: dict[uuid.UUID, list[Break]] = defaultdict(list)
    for event in events:
        if event.kind == PAUSE:
            pauses[event.about].append(break_of(clinic, event.at, event.until))
    stops = [break_of(clinic, event.at, event.until) for event in events if event.kind == STOP]
    prescriptions: dict[uuid.UUID, Prescription] = {}
    lines: dict[uuid.UUID, list[DueLine]] = defaultdict(list)
    for item in items:
        prescriptions[item.prescription_id] = item.prescription
        item.prescription.clinic = clinic
        parts = frozenset(part.value for part in PartOfDay if getattr(item, part.field))
        lines[item.prescription_id].append(DueLine(parts, item.days_per_week, tuple(pauses[item.stretch_id])))
    done: dict[uuid.UUID, set[tuple[datetime.date, str]]] = defaultdict(set)
    for log in logs:
        if log.is_done:
            done[log.prescription_id].add((log.on, log.part_of_day))
    statuses = sorted((event for event in events if event.kind == STATUS), key=lambda event: (event.about, event.at))
    versions = ((event.about, event.code, event.at) for event in statuses)
    holds = holds_from(versions, dict.fromkeys({event.about for event in statuses}, clinic))
    return {
        monday: sum(
            (
                adherence_of(
                    prescription,
                    since=monday,
                    until=min(monday + WEEK - DAY, until),
                    lines=lines[pk],
                    done=done[pk],
                    breaks=[*stops, *holds.get(pk, ())],
                )
                for pk, prescription in prescriptions.items()
            ),
            start=Adherence(),
        )
        for monday in _mondays(since, until)
    }


def _mondays(since: datetime.date, until: datetime.date) -> list[datetime.date]:
    return [since + number * WEEK for number in range((until - since).days // 7 + 1)]


@dataclasses.dataclass(frozen=True)
class MeasureChart:
    """One outcome measure: every score that counts, the latest last, plotted, and the change since the start."""

    measure: OutcomeMeasure
    scores: tuple[OutcomeScore, ...]
    plot: Plot | None
    change: OutcomeChange | None

    @classmethod
    def of(cls, measure: OutcomeMeasure, scores: Sequence[OutcomeScore], *, today: datetime.date) -> "MeasureChart":
        """Lay out the scores of a measure from the first day to today; one alone is no change, and no plot."""
        values = [
            Value(score.on, float(score.value), score.words, "square" if score.occasion == "start" else "dot")
            for score in scores
            if score.value is not None
        ]
        drawn = plot(
            f"{measure.short_name}, {'more' if measure.is_more_better else 'less'} is better",
            values,
            since=scores[0].on if scores else today,
            until=today,
            highest=measure.scale_max,
            ticks=(0, measure.scale_max / 2, measure.scale_max),
            longest_gap=datetime.timedelta.max,
        )
        return cls(measure, tuple(scores), drawn if len(values) > 1 else None, change_since_start(scores))
