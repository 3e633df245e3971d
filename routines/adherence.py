"""How much of what was due was done, in sessions: set-based, for a page of one patient and for a queue of many.

A session is a part of a local day for which something is prescribed. It is done when at least one stretch of it was
done, in full or partly. Nothing is due while a prescription is on hold, while the routine is stopped, or in a part of
the day in which every stretch is paused by pain. The days on which a prescription came into force, ended, or was held,
stopped or paused are due only as far as they were done: nobody is blamed for half a day.

What the safety rule kept from being shown is counted as due: it is computed on every read and stored nowhere.
"""

import dataclasses
import datetime
import itertools
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from simple_history.utils import get_history_manager_for_model

from accounts.models import Clinic
from prescriptions.models import (
    PartOfDay,
    PrescribedStretch,
    Prescription,
    PrescriptionStatus,
    RoutineStop,
    StretchPause,
)
from routines.models import DONE_AT_ALL, SessionLog

DAY = datetime.timedelta(days=1)
WEEK = 7


@dataclasses.dataclass(frozen=True)
class Adherence:
    """Sessions done and due; ``done`` is never more than ``due``."""

    done: int = 0
    due: int = 0

    def __add__(self, other: "Adherence") -> "Adherence":
        return Adherence(self.done + other.done, self.due + other.due)

    @property
    def percent(self) -> int | None:
        """0 to 100, rounded down; ``None`` while nothing was due."""
        return 100 * self.done // self.due if self.due else None


@dataclasses.dataclass(frozen=True)
class Break:
    """Days on which something was not to be done, both ends included; ``None`` while it lasts."""

    first: datetime.date
    last: datetime.date | None

    def covers(self, day: datetime.date) -> bool:
        """Whether the day lies in it, if only in part."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclasses.dataclass(frozen=True)
class DueLine:
    """One prescribed stretch: in which parts of the day, on how many days a week, and when it was paused."""

    parts: frozenset[str]
    days_per_week: int
    pauses: tuple[Break, ...] = ()


def sessions(
    lines: Collection[DueLine],
    done: Collection[tuple[datetime.date, str]],
    days: Collection[datetime.date],
    breaks: Collection[Break] = (),
) -> Adherence:
    """Count what was due and done on these days; pure.

    ``done`` holds days and parts of the day. The days are taken in weeks of seven from the first on. A part for which
    fewer than seven days a week are prescribed is due so many times in each of these weeks, whichever the days, and
    in a broken week in proportion, rounded down: more than was due counts as what was due.
    """
    ordered = sorted(days)
    total = Adherence()
    for start in range(0, len(ordered), WEEK):
        week = ordered[start : start + WEEK]
        for part in PartOfDay.values:
            total += _of_a_week(part, [line for line in lines if part in line.parts], done, week, breaks)
    return total


def _of_a_week(
    part: str,
    lines: Collection[DueLine],
    done: Collection[tuple[datetime.date, str]],
    week: Collection[datetime.date],
    breaks: Collection[Break],
) -> Adherence:
    was_done = [day for day in week if (day, part) in done]
    free = [
        day
        for day in week
        if any(each.covers(day) for each in breaks)
        or all(any(each.covers(day) for each in line.pauses) for line in lines)
    ]
    in_question = [day for day in week if day not in free]
    extra = len(set(was_done) & set(free))
    wanted = max((line.days_per_week for line in lines), default=0)
    due = len(in_question) * wanted // WEEK
    return Adherence(min(len(was_done) - extra, due) + extra, due + extra) if lines else Adherence()


def adherence(
    prescriptions: QuerySet[Prescription], *, since: datetime.date, until: datetime.date
) -> dict[uuid.UUID, Adherence]:
    """Sessions done and due of each of these prescriptions, by its id; both days included: seven queries in all.

    The days are local days of each clinic. Give yesterday as ``until`` to leave out a day that is not over. Drafts have
    nothing due. For a patient with several prescriptions add them up.
    """
    named = list(prescriptions.exclude(activated_at=None).select_related("clinic"))
    ids = [each.pk for each in named]
    patient_ids = {each.patient_id for each in named}
    clinics = {each.patient_id: each.clinic for each in named}
    stops: dict[uuid.UUID, list[Break]] = defaultdict(list)
    for stop in RoutineStop.objects.filter(patient__in=patient_ids):
        stops[stop.patient_id].append(break_of(clinics[stop.patient_id], stop.stopped_at, stop.reopened_at))
    pauses: dict[tuple[uuid.UUID, uuid.UUID], list[Break]] = defaultdict(list)
    for pause in StretchPause.objects.filter(patient__in=patient_ids):
        pauses[pause.patient_id, pause.stretch_id].append(
            break_of(clinics[pause.patient_id], pause.paused_at, pause.lifted_at)
        )
    lines = due_lines({each.pk: each.patient_id for each in named}, pauses)
    done: dict[uuid.UUID, set[tuple[datetime.date, str]]] = defaultdict(set)
    logged = SessionLog.objects.filter(
        prescription__in=ids, on__range=(since, until), stretch_logs__outcome__in=DONE_AT_ALL
    )
    for prescription_id, on, part in logged.order_by().values_list("prescription", "on", "part_of_day").distinct():
        done[prescription_id].add((on, part))
    versions = get_history_manager_for_model(Prescription).filter(id__in=ids)
    in_order = versions.order_by("id", "history_date", "history_id").values_list("id", "status", "history_date")
    holds = holds_from(in_order, {each.pk: each.clinic for each in named})
    return {
        each.pk: adherence_of(
            each,
            since=since,
            until=until,
            lines=lines[each.pk],
            done=done[each.pk],
            breaks=[*stops[each.patient_id], *holds.get(each.pk, ())],
        )
        for each in named
    }


def due_lines(
    patient_of: Mapping[uuid.UUID, uuid.UUID], pauses: Mapping[Any, Iterable[Break]]
) -> dict[uuid.UUID, list[DueLine]]:
    """What is due of each prescription, whose patient is named: one query. ``pauses`` are by patient and stretch.

    Plain values: a queue asks about hundreds of patients.
    """
    lines: dict[uuid.UUID, list[DueLine]] = defaultdict(list)
    items = PrescribedStretch.objects.order_by().filter(prescription__in=patient_of)
    of_parts = [part.field for part in PartOfDay]
    for prescription_id, stretch_id, days_per_week, *is_due in items.values_list(
        "prescription", "stretch", "days_per_week", *of_parts
    ):
        parts = frozenset(itertools.compress(PartOfDay.values, is_due))
        paused = pauses.get((patient_of[prescription_id], stretch_id), ())
        lines[prescription_id].append(DueLine(parts, days_per_week, tuple(paused)))
    return lines


def adherence_of(
    prescription: Prescription,
    *,
    since: datetime.date,
    until: datetime.date,
    lines: Collection[DueLine],
    done: Collection[tuple[datetime.date, str]],
    breaks: Collection[Break],
) -> Adherence:
    """Sessions done and due of one prescription; ``breaks`` are the stops of its patient and its own holds.

    Asks the database nothing: the clinic has to be read with the prescription.
    """
    days = _days_in_force(prescription, since=since, until=until)
    return sessions(lines, done, days, [*breaks, *_first_and_last(prescription)])


def break_of(clinic: Clinic, begun_at: datetime.datetime, ended_at: datetime.datetime | None) -> Break:
    """A break between two moments, in local days of the clinic's."""
    return Break(clinic.today(begun_at), clinic.today(ended_at) if ended_at else None)


def _in_force(prescription: Prescription) -> Break:
    assert prescription.activated_at is not None  # noqa: S101 - only those are read
    return break_of(prescription.clinic, prescription.activated_at, prescription.ended_at)


def _first_and_last(prescription: Prescription) -> Iterable[Break]:
    """The days on which it was in force only for a part of the day."""
    in_force = _in_force(prescription)
    yield Break(in_force.first, in_force.first)
    if in_force.last:
        yield Break(in_force.last, in_force.last)


def _days_in_force(prescription: Prescription, *, since: datetime.date, until: datetime.date) -> list[datetime.date]:
    in_force = _in_force(prescription)
    first, last = max(since, in_force.first), min(until, in_force.last or until)
    return [first + n * DAY for n in range((last - first).days + 1)]


def holds_from(
    versions: Iterable[tuple[uuid.UUID, str, datetime.datetime]], clinics: Mapping[uuid.UUID, Clinic]
) -> dict[uuid.UUID, list[Break]]:
    """When prescriptions were on hold, from their histories: id, status and moment, ordered by id and moment."""
    holds: dict[uuid.UUID, list[Break]] = defaultdict(list)
    held_since: dict[uuid.UUID, datetime.datetime] = {}
    for prescription_id, status, at in versions:
        if status == PrescriptionStatus.ON_HOLD:
            held_since.setdefault(prescription_id, at)
        elif begun_at := held_since.pop(prescription_id, None):
            holds[prescription_id].append(break_of(clinics[prescription_id], begun_at, at))
    for prescription_id, begun_at in held_since.items():
        holds[prescription_id].append(break_of(clinics[prescription_id], begun_at, None))
    return holds
