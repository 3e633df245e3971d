"""A patient's day: what may be shown of the routine, with what was logged of it and what there is to ask.

What may be shown comes through the show door, ``prescriptions.showing``; nothing here adds to it.
"""

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Mapping, Sequence

from django.db.models import Exists, OuterRef, Subquery

from accounts.models import Membership, User
from patients.models import Patient
from prescriptions.models import PartOfDay
from prescriptions.showing import Part, Routine, ShownStretch, State, TimingAdvice, routine_of, with_prescriptions
from routines.days import local_part, next_part
from routines.models import RedFlagScreen, StretchLog

DAY = datetime.timedelta(days=1)

Logs = Mapping[tuple[uuid.UUID, datetime.date, str], StretchLog]
"""What was logged, by line, local day and part of the day."""


@dataclasses.dataclass(frozen=True)
class Entry:
    """A stretch that is due, with its log if there is one; ``is_again`` where its steps stand further up."""

    shown: ShownStretch
    log: StretchLog | None
    is_again: bool


@dataclasses.dataclass(frozen=True)
class DayPart:
    """A part of the day as its page shows it."""

    part: Part
    entries: tuple[Entry, ...]
    is_next: bool
    timing: tuple[TimingAdvice, ...] = ()

    @property
    def is_logged(self) -> bool:
        """Whether something is said of every stretch."""
        return all(entry.log for entry in self.entries)


@dataclasses.dataclass(frozen=True)
class Unsettled:
    """A log with pain of which nobody has said whether it settled, and the stretch's name for its patient."""

    log: StretchLog
    name: str


@dataclasses.dataclass(frozen=True)
class Day:
    """One clinic's routine on a local day.

    ``unsettled`` are yesterday's logs with pain of which nobody has said whether it settled, one of each stretch.
    ``asks_red_flags`` says that the questions were not answered since the prescription came into force;
    ``is_of_staff`` that the patient works in a clinic too.
    """

    routine: Routine
    parts: tuple[DayPart, ...]
    unsettled: tuple[Unsettled, ...]
    asks_red_flags: bool
    is_of_staff: bool

    @property
    def timing(self) -> tuple[TimingAdvice, ...]:
        """Advice on the time of day that stands at no part: nothing is due on getting up."""
        return () if any(part.timing for part in self.parts) else self.routine.timing


def days_of(user: User, *, at: datetime.datetime) -> list[Day]:
    """Today for each of a person's records, by the name of the clinic; none for who is no patient."""
    screens = RedFlagScreen.objects.filter(patient=OuterRef("pk")).order_by("-answered_at")
    records = list(
        with_prescriptions(Patient.objects.own(user))
        .annotate(
            screened_at=Subquery(screens.values("answered_at")[:1]),
            is_of_staff=Exists(Membership.objects.filter(user=OuterRef("user"))),
        )
        .order_by("clinic__name", "pk")
    )
    logs = _logs_since(records, min((record.clinic.today(at) for record in records), default=at.date()) - DAY)
    return [_day_of(record, logs, at=at) for record in records]


def _logs_since(records: Collection[Patient], first: datetime.date) -> dict[uuid.UUID, list[StretchLog]]:
    """The logs of these patients, by patient, the earliest first."""
    found: dict[uuid.UUID, list[StretchLog]] = {record.pk: [] for record in records}
    logs = StretchLog.objects.filter(session__patient__in=list(records), session__on__gte=first)
    for log in logs.select_related("session", "stretch").order_by("logged_at", "pk"):
        found[log.session.patient_id].append(log)
    return found


def _day_of(record: Patient, logs: Mapping[uuid.UUID, Sequence[StretchLog]], *, at: datetime.datetime) -> Day:
    on, now = local_part(at, record.clinic.time_zone)
    routine = routine_of(record, on=on)
    by_place = {(log.item_id, log.session.on, log.session.part_of_day): log for log in logs[record.pk]}
    prescription = routine.prescription
    screened_at: datetime.datetime | None = record.screened_at  # type: ignore[attr-defined]
    begun_at = prescription.activated_at if prescription else None
    return Day(
        routine=routine,
        parts=_parts(routine, by_place, now),
        unsettled=tuple(
            Unsettled(log, routine.wording.stretch(log.stretch).name) for log in _unsettled(logs[record.pk], on - DAY)
        ),
        asks_red_flags=routine.state is State.ACTIVE
        and begun_at is not None
        and (screened_at is None or screened_at < begun_at),
        is_of_staff=record.is_of_staff,  # type: ignore[attr-defined]
    )


def _parts(routine: Routine, logs: Logs, now: PartOfDay) -> tuple[DayPart, ...]:
    """The parts of the day: what comes now or next first, then the rest of the day, then what is over."""
    parts = routine.parts

    def log_of(part: Part, shown: ShownStretch) -> StretchLog | None:
        return logs.get((shown.item.pk, routine.on, part.slug))

    open_parts = [part.slug for part in parts if not all(log_of(part, shown) for shown in part.stretches)]
    following = next_part(open_parts, now)
    if following:
        start = next(n for n, part in enumerate(parts) if part.slug == following)
        parts = parts[start:] + parts[:start]
    known: set[uuid.UUID] = set()
    ordered = []
    for part in parts:
        entries = tuple(Entry(shown, log_of(part, shown), shown.item.pk in known) for shown in part.stretches)
        known |= {shown.item.pk for shown in part.stretches}
        timing = routine.timing if part.slug == PartOfDay.ON_GETTING_UP else ()
        ordered.append(DayPart(part, entries, is_next=part.slug == following, timing=timing))
    return tuple(ordered)


def _unsettled(logs: Sequence[StretchLog], yesterday: datetime.date) -> tuple[StretchLog, ...]:
    """The last log with pain of each stretch on a day, unless somebody has said whether it settled."""
    hurt = {log.item_id: log for log in logs if log.session.on == yesterday and (log.pain_score or 0) >= 1}
    return tuple(log for log in hurt.values() if log.has_settled is None)
