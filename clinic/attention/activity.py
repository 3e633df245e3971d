"""Whether patients do what is prescribed: who has logged nothing yet, and who does less than before.

How sessions are counted is ``routines.adherence``'s rule. Here it is asked for everybody at once: one statement over
what is or was lately in force, and two more over those alone who did fewer sessions than in the week before.

That patients should be chased in the first week is known (design, section 5); the limits below are ours.
"""

import dataclasses
import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from patients.models import Condition, Patient
from prescriptions.models import PartOfDay, PrescribedStretch, Prescription, PrescriptionStatus
from prescriptions.models.prescription import IN_FORCE
from routines.adherence import Adherence, Break, DueLine, adherence_of
from routines.models import Outcome, SessionLog, StretchLog

DAY = datetime.timedelta(days=1)
WEEK = datetime.timedelta(days=7)
LOOK_BACK = 2 * WEEK + DAY
FALL = Fraction(30, 100)
"""A fall by so much of what was due, from one week to the next, is one to ask about. Ours."""
LOW = Fraction(60, 100)
"""Who does so much is left alone, however much it was before. Ours."""
CHASE_AFTER_DAYS = 3
"""Days without a log after which a new prescription is one to ask about, well within its first week. Ours."""

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
    return prescriptions.select_related("patient__clinician").annotate(
        condition_at=Subquery(newest.values("recorded_at")[:1]),
        has_logged=Q(of_this) | Q(of_the_one_before),  # asked apart, each ends at the first row of an index
        sessions_lately=Coalesce(_sessions_done(days, first=7, last=1), 0),
        sessions_before=Coalesce(_sessions_done(days, first=14, last=8), 0),
    )


def is_silent(prescription: Prescription, *, active_since: datetime.date, on: datetime.date) -> bool:
    """Whether from the third day on nothing was logged, neither in this version nor in the one that it replaced."""
    return not vars(prescription)["has_logged"] and (on - active_since).days >= CHASE_AFTER_DAYS


def weeks_of(
    prescriptions: Iterable[Prescription], *, days: Days, stops: Breaks, pauses: Breaks, holds: Breaks
) -> dict[uuid.UUID, TwoWeeks]:
    """Both weeks of each patient who follows a prescription and did fewer sessions than in the week before.

    ``prescriptions`` are read ``with_activity``. ``stops`` are by patient, ``pauses`` by patient and stretch, ``holds``
    by prescription. All versions of the fortnight are added up.
    """
    of_patient: dict[uuid.UUID, list[Prescription]] = defaultdict(list)
    fewer: set[uuid.UUID] = set()
    for each in prescriptions:
        if each.activated_at is None:
            continue
        of_patient[each.patient_id].append(each)
        counted = vars(each)
        if each.status == PrescriptionStatus.ACTIVE and counted["sessions_lately"] < counted["sessions_before"]:
            fewer.add(each.patient_id)
    asked = [each for patient_id in fewer for each in of_patient[patient_id]]
    if not asked:
        return {}
    lines = _lines(asked, pauses)
    done = _done(asked, since=min(days.values()) - 2 * WEEK)
    weeks: dict[uuid.UUID, TwoWeeks] = {}
    for each in asked:
        today = days[each.clinic_id]
        lately, before = (
            adherence_of(
                each,
                since=end - WEEK,
                until=end - DAY,
                lines=lines[each.pk],
                done=done[each.pk],
                breaks=[*stops.get(each.patient_id, ()), *holds.get(each.pk, ())],
            )
            for end in (today, today - WEEK)
        )
        so_far = weeks.get(each.patient_id, TwoWeeks(Adherence(), Adherence()))
        weeks[each.patient_id] = TwoWeeks(so_far.lately + lately, so_far.before + before)
    return weeks


def _lines(prescriptions: Collection[Prescription], pauses: Breaks) -> dict[uuid.UUID, list[DueLine]]:
    patient_of = {each.pk: each.patient_id for each in prescriptions}
    lines: dict[uuid.UUID, list[DueLine]] = defaultdict(list)
    for item in PrescribedStretch.objects.order_by().filter(prescription__in=patient_of):
        parts = frozenset(part.value for part in PartOfDay if getattr(item, part.field))
        paused = pauses.get((patient_of[item.prescription_id], item.stretch_id), ())
        lines[item.prescription_id].append(DueLine(parts, item.days_per_week, tuple(paused)))
    return lines


def _done(
    prescriptions: Collection[Prescription], *, since: datetime.date
) -> dict[uuid.UUID, set[tuple[datetime.date, str]]]:
    logs = _with_something_done(SessionLog.objects.order_by()).filter(prescription__in=prescriptions, on__gte=since)
    done: dict[uuid.UUID, set[tuple[datetime.date, str]]] = defaultdict(set)
    for prescription_id, on, part in logs.values_list("prescription", "on", "part_of_day").distinct():
        done[prescription_id].add((on, part))
    return done


def _sessions_done(days: Days, *, first: int, last: int) -> Subquery:
    """How many sessions the patient did from so many days ago to so many, both included; days are the clinic's own."""
    window = Q(pk__in=[])
    for clinic_id, today in days.items():
        window |= Q(clinic=clinic_id, on__range=(today - first * DAY, today - last * DAY))
    sessions = _with_something_done(SessionLog.objects.order_by()).filter(window, patient=OuterRef("patient"))
    return Subquery(sessions.values("patient").annotate(done=Count("pk")).values("done"))


def _with_something_done(sessions: models.QuerySet[SessionLog]) -> models.QuerySet[SessionLog]:
    """A session counts when at least one stretch of it was done, in full or partly, as in ``routines.adherence``."""
    done = StretchLog.objects.order_by().filter(session=OuterRef("pk"), outcome__in=[Outcome.DONE, Outcome.PARTLY])
    return sessions.filter(Exists(done))  # not joined: of each session one log is enough
