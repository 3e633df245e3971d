"""Whether patients do what is prescribed: who has logged nothing yet, and who does less than before.

How sessions are counted is ``routines.adherence``'s rule. Here it is asked for everybody at once: one statement over
what is or was lately in force, and one more over those alone who may have done less than in the week before.

That patients should be chased in the first week is known (design, section 5); the limits below are ours.
"""

import dataclasses
import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from typing import Any

from django.db import models
from django.db.models import Aggregate, CharField, Exists, OuterRef, Q, Subquery, TextField
from django.db.models.functions import Cast, Concat

from patients.models import Condition, Patient
from prescriptions.models import PrescribedStretch, Prescription, PrescriptionStatus
from prescriptions.models.prescription import IN_FORCE
from routines.adherence import Adherence, Break, adherence_of, due_lines
from routines.models import DONE_AT_ALL, SessionLog, StretchLog

DAY = datetime.timedelta(days=1)
WEEK = datetime.timedelta(days=7)
LOOK_BACK = 2 * WEEK + DAY
FALL = Fraction(30, 100)
"""A fall by so much of what was due, from one week to the next, is one to ask about. Ours."""
LOW = Fraction(60, 100)
"""Who does so much is left alone, however much it was before. Ours."""
CHASE_AFTER_DAYS = 3
"""Days without a log after which a new prescription is one to ask about, well within its first week. Ours."""

NEEDED = (
    *("clinic", "patient", "status", "activated_at", "ended_at"),
    *(f"patient__{name}" for name in ("clinic", "full_name", "phone", "conditions_reviewed_on")),
    *(f"patient__clinician__{name}" for name in ("full_name", "email")),
)
"""What a line of a queue is made from; the other columns of hundreds of people and prescriptions are not read."""

Days = Mapping[uuid.UUID, datetime.date]
"""Today in each clinic, by the clinic's id."""
Breaks = Mapping[object, Collection[Break]]


@dataclasses.dataclass(frozen=True)
class TwoWeeks:
    """The adherence of the last seven whole days, and of the seven before."""

    lately: Adherence
    before: Adherence

    @property
    def is_falling(self) -> bool:
        """Whether fewer sessions were done than in the week before, down by 30 points or more, to below 60 %."""
        if not (self.lately.due and self.before.due) or self.lately.done >= self.before.done:
            return False
        lately, before = (Fraction(each.done, each.due) for each in (self.lately, self.before))
        return lately < LOW and before - lately >= FALL


def lately_in_force(patients: models.QuerySet[Patient], *, at: datetime.datetime) -> models.QuerySet[Prescription]:
    """What is active or on hold, and what was in the last fortnight."""
    recent = Q(status__in=IN_FORCE) | Q(activated_at__isnull=False, ended_at__gte=at - LOOK_BACK)
    return Prescription.objects.order_by().filter(recent, patient__in=patients)


def with_activity(prescriptions: models.QuerySet[Prescription], *, days: Days) -> models.QuerySet[Prescription]:
    """With the patient, whether anything was logged, and since when the newest of the conditions is recorded."""
    newest = Condition.objects.current().filter(patient=OuterRef("patient")).order_by("-recorded_at")
    of_this, of_the_one_before = (
        Exists(SessionLog.objects.order_by().filter(prescription=OuterRef(version))) for version in ("pk", "replaces")
    )
    return (
        prescriptions.select_related("patient__clinician")
        .only(*NEEDED)
        .annotate(
            condition_at=Subquery(newest.values("recorded_at")[:1]),
            has_logged=Q(of_this) | Q(of_the_one_before),  # asked apart, each ends at the first row of an index
            sessions_done=_sessions_done(days),
            is_less_than_daily=Exists(
                PrescribedStretch.objects.order_by().filter(prescription=OuterRef("pk"), days_per_week__lt=7)
            ),
        )
    )


def is_silent(prescription: Prescription, *, active_since: datetime.date, on: datetime.date) -> bool:
    """Whether from the third day on nothing was logged, neither in this version nor in the one that it replaced."""
    return not vars(prescription)["has_logged"] and (on - active_since).days >= CHASE_AFTER_DAYS


def weeks_of(
    prescriptions: Iterable[Prescription], *, days: Days, stops: Breaks, pauses: Breaks, holds: Breaks
) -> dict[uuid.UUID, TwoWeeks]:
    """Both weeks of each patient who follows a prescription and may have done less than in the week before.

    ``prescriptions`` are read ``with_activity``. ``stops`` are by patient, ``pauses`` by patient and stretch, ``holds``
    by prescription. All versions of the fortnight are added up.
    """
    of_patient: dict[uuid.UUID, list[Prescription]] = defaultdict(list)
    for each in prescriptions:
        if each.activated_at is not None:
            of_patient[each.patient_id].append(each)
    asked = [each for versions in of_patient.values() if _may_have_fallen(versions, days) for each in versions]
    lines = due_lines({each.pk: each.patient_id for each in asked}, pauses)
    weeks: dict[uuid.UUID, TwoWeeks] = {}
    for each in asked:
        today, done = days[each.clinic_id], _read(_words(each))
        lately, before = (
            adherence_of(
                each,
                since=end - WEEK,
                until=end - DAY,
                lines=lines[each.pk],
                done=done,
                breaks=[*stops.get(each.patient_id, ()), *holds.get(each.pk, ())],
            )
            for end in (today, today - WEEK)
        )
        so_far = weeks.get(each.patient_id, TwoWeeks(Adherence(), Adherence()))
        weeks[each.patient_id] = TwoWeeks(so_far.lately + lately, so_far.before + before)
    return weeks


def _may_have_fallen(versions: Collection[Prescription], days: Days) -> bool:
    """Whether the patient of these follows one, and may have done less of what counts than in the week before.

    Days as words sort as days do, and are compared as they come: most patients are asked no further. Where something is
    due each day, every session counts. Elsewhere one too many in the morning does not make up for an evening.
    """
    if not any(each.status == PrescriptionStatus.ACTIVE for each in versions):
        return False
    if any(vars(each)["is_less_than_daily"] for each in versions):
        return True
    lately = before = 0
    for each in versions:
        today = days[each.clinic_id]
        fortnight_ago, week_ago, now = (day.isoformat() for day in (today - 2 * WEEK, today - WEEK, today))
        for word in _words(each):
            before += fortnight_ago <= word < week_ago
            lately += week_ago <= word < now
    return lately < before


# Sessions of a fortnight ----------------------------------------------------------------------------------------------
class Joined(Aggregate):
    """All of a group in one text, with commas between, in no order."""

    function = "STRING_AGG"
    template = "%(function)s(%(expressions)s, ',')"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """By the name that all its versions know."""
        return self.as_sql(compiler, connection, function="GROUP_CONCAT", **context)


def _sessions_done(days: Days) -> Subquery:
    """The sessions of a prescription's fortnight in which something was done, as one text.

    One text and not a row each: a queue of 500 patients has ten thousand sessions, and of most nothing but their number
    is asked. A session counts when at least one stretch was done, in full or partly, as in ``routines.adherence``.
    """
    done = StretchLog.objects.order_by().filter(session=OuterRef("pk"), outcome__in=DONE_AT_ALL)
    sessions = SessionLog.objects.order_by().filter(
        Exists(done),  # not joined: of each session one log is enough
        prescription=OuterRef("pk"),
        clinic__in=list(days),
        on__gte=min(days.values()) - 2 * WEEK,
    )
    word = Concat(Cast("on", CharField()), "part_of_day", output_field=TextField())
    return Subquery(sessions.values("prescription").annotate(done=Joined(word)).values("done"))


def _words(prescription: Prescription) -> list[str]:
    """Each a day as ISO writes it, and the part of it."""
    joined: str | None = vars(prescription)["sessions_done"]
    return joined.split(",") if joined else []


def _read(words: Iterable[str]) -> set[tuple[datetime.date, str]]:
    return {(datetime.date.fromisoformat(word[:10]), word[10:]) for word in words}
