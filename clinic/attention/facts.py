"""What there is to attend to, read for however many patients: a fixed number of statements, none for each patient.

What a patient or the app stopped, overrides that end and open proposals come in one statement; what has become unsafe
from ``prescriptions.impact``; reviews and adherence from what is in force, by ``activity``.
"""

import dataclasses
import datetime
import functools
import itertools
import operator
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import CharField, DateField, DateTimeField, Exists, F, OuterRef, Q, TextField, UUIDField, Value
from django.db.models.functions import Cast, Coalesce
from simple_history.utils import get_history_manager_for_model

from accounts.models import Clinic
from clinic.attention import activity
from clinic.models import AttentionKind
from patients.models import Condition, Patient
from prescriptions import impact
from prescriptions.models import (
    OverriddenContraindication,
    Override,
    PrescribedStretch,
    Prescription,
    PrescriptionStatus,
    RoutineStop,
    StretchPause,
)
from prescriptions.models.prescription import IN_FORCE
from routines.adherence import Break, break_of, holds_from
from routines.models import Proposal

OVERRIDE_DAYS = 14
"""So long before an override ends its renewal is due, so that it fits into an appointment. Ours."""

Patients = models.QuerySet[Patient]


@dataclasses.dataclass(frozen=True)
class Event:
    """Something that was stored: a stop, a pause, an override, a proposal, or a turn in a prescription's life.

    ``ended_at`` is ``None`` while it waits; ``ends_on`` is the last day of an override.
    """

    kind: str
    subject: uuid.UUID
    patient: uuid.UUID
    prescription: uuid.UUID | None
    stretch_id: uuid.UUID | None
    at: datetime.datetime
    ended_at: datetime.datetime | None
    ends_on: datetime.date | None
    stretch: str
    word: str
    text: str


@dataclasses.dataclass(frozen=True)
class Facts:
    """All that the kinds of line are made from. ``patients`` holds everybody whom any of it is about."""

    days: Mapping[uuid.UUID, datetime.date]
    events: Mapping[str, Sequence[Event]]
    unsafe: Mapping[uuid.UUID, Sequence[impact.Reason]]
    in_force: Mapping[uuid.UUID, Prescription]
    weeks: Mapping[uuid.UUID, activity.TwoWeeks]
    patients: Mapping[uuid.UUID, Patient]

    def today(self, patient: Patient) -> datetime.date:
        """Today at the patient's clinic."""
        return self.days[patient.clinic_id]

    def waiting(self, kind: AttentionKind) -> list[Event]:
        """Events of a kind that have not ended."""
        return [event for event in self.events.get(kind, ()) if event.ended_at is None]

    @functools.cached_property
    def stopped(self) -> set[uuid.UUID]:
        """The patients whom a red flag keeps from doing anything."""
        return {stop.patient for stop in self.waiting(AttentionKind.RED_FLAG)}


def facts_about(patients: Patients, *, clinics: Sequence[Clinic], at: datetime.datetime) -> Facts:
    """Read everything about these patients, who are treated in these clinics: eight statements at most."""
    days = {clinic.pk: clinic.today(at) for clinic in clinics}
    stored = list(itertools.starmap(Event, _events(patients, days, at)))
    unsafe: dict[uuid.UUID, list[impact.Reason]] = defaultdict(list)
    lines = impact.lines_in_force().filter(prescription__patient__in=patients)
    for reason in impact.reasons_among(lines, at=at, zones={clinic.time_zone for clinic in clinics}):
        unsafe[reason.prescription_id].append(reason)
    prescriptions = list(activity.with_activity(activity.lately_in_force(patients, at=at), days=days))
    people = _people(patients, stored, prescriptions, clinics)
    events: dict[str, list[Event]] = defaultdict(list)
    for event in stored:
        if event.patient in people:  # the others are somebody else's, or erased
            events[event.kind].append(event)
    in_force = {each.pk: each for each in prescriptions if each.status in IN_FORCE}
    weeks = activity.weeks_of(prescriptions, days=days, **_breaks(events, people))
    return Facts(days, events, unsafe, in_force, weeks, people)


def _people(
    patients: Patients,
    events: Iterable[Event],
    prescriptions: Iterable[Prescription],
    clinics: Sequence[Clinic],
) -> dict[uuid.UUID, Patient]:
    """Everybody concerned, with who treats them and the clinic."""
    of_id = {clinic.pk: clinic for clinic in clinics}
    people = {each.patient_id: each.patient for each in prescriptions}
    others = {event.patient for event in events} - people.keys()
    if others:
        people |= patients.select_related("clinician").in_bulk(list(others))
    for patient in people.values():
        patient.clinic = of_id[patient.clinic_id]
    for prescription in prescriptions:
        prescription.patient = people[prescription.patient_id]
        prescription.clinic = prescription.patient.clinic
    return people


def _breaks(events: Mapping[str, Sequence[Event]], people: Mapping[uuid.UUID, Patient]) -> dict[str, Any]:
    """Stops, pauses and holds as the rule of adherence wants them."""
    stops: dict[object, list[Break]] = defaultdict(list)
    pauses: dict[object, list[Break]] = defaultdict(list)
    for of_kind, found in ((AttentionKind.RED_FLAG, stops), (AttentionKind.PAUSE, pauses)):
        for event in events.get(of_kind, ()):
            key = (event.patient, event.stretch_id) if event.stretch_id else event.patient
            found[key].append(break_of(people[event.patient].clinic, event.at, event.ended_at))
    turns = sorted(events.get(_TURN, ()), key=lambda turn: (turn.subject, turn.at))
    clinics = {turn.subject: people[turn.patient].clinic for turn in turns}
    holds = holds_from([(turn.subject, turn.word, turn.at) for turn in turns], clinics)
    return {"stops": stops, "pauses": pauses, "holds": holds}


# Events ---------------------------------------------------------------------------------------------------------------
_NO_DAY = Cast(Value(None), DateField())
_NO_WORD = Value("", output_field=CharField())
_NO_TEXT = Value("", output_field=TextField())


_NO_ID = Cast(Value(None), UUIDField())
_NO_MOMENT = Cast(Value(None), DateTimeField())
_TURN = "turn"
"""A version in the history of a prescription that was on hold at some time."""


def _events(patients: Patients, days: activity.Days, at: datetime.datetime) -> models.QuerySet[Any, tuple[Any, ...]]:
    """Everything stored that waits, and what ended in the fortnight, in these clinics: one statement.

    Whose it is, ``_people`` knows: said in each part, it would take as long to plan as all the rest.
    """
    lately, clinics = at - activity.LOOK_BACK, list(days)
    lately_in_force = activity.lately_in_force(patients, at=at).values("pk")
    stops = _columns(
        RoutineStop.objects.filter(Q(reopened_at=None) | Q(reopened_at__gte=lately), clinic__in=clinics),
        AttentionKind.RED_FLAG,
        at=F("stopped_at"),
        ended_at=F("reopened_at"),
        word=F("tier"),
        text=F("message"),
    )
    pauses = _columns(
        StretchPause.objects.filter(Q(lifted_at=None) | Q(lifted_at__gte=lately), clinic__in=clinics),
        AttentionKind.PAUSE,
        stretch_id=F("stretch_id"),
        at=F("paused_at"),
        ended_at=F("lifted_at"),
        stretch=F("stretch__name"),
        word=F("reason"),
    )
    overrides = _columns(
        _ending_overrides(days),
        AttentionKind.OVERRIDE,
        prescription=F("in_force"),
        at=F("decided_at"),
        ends_on=F("expires_on"),
        stretch=F("stretch__name"),
        word=F("reason"),
    )
    proposals = _columns(
        Proposal.objects.open().filter(clinic__in=clinics),
        AttentionKind.PROPOSAL,
        prescription=F("prescription_id"),
        at=F("proposed_at"),
        stretch=Coalesce("item__stretch__name", _NO_WORD),
        word=F("kind"),
        text=F("rationale"),
    )
    versions = get_history_manager_for_model(Prescription).filter(clinic__in=clinics)
    held = versions.filter(status=PrescriptionStatus.ON_HOLD, id__in=lately_in_force).values("id")
    turns = _columns(versions.filter(id__in=held), _TURN, subject=F("id"), at=F("history_date"), word=F("status"))
    return stops.union(pauses, overrides, proposals, turns, all=True)


def _columns(rows: models.QuerySet[Any], of_kind: str, **known: Any) -> models.QuerySet[Any, tuple[Any, ...]]:
    """The columns of an ``Event``, in its order; what a kind does not know is empty."""
    empty = {
        "subject": F("pk"),
        "prescription": _NO_ID,
        "stretch_id": _NO_ID,
        "ended_at": _NO_MOMENT,
        "ends_on": _NO_DAY,
        "stretch": _NO_WORD,
        "word": _NO_WORD,
        "text": _NO_TEXT,
    }
    every = {"kind": Value(str(of_kind)), "patient": F("patient_id"), **empty, **known}
    names = [field.name for field in dataclasses.fields(Event)]
    # A column may be called as a field of the model is: it is found under a name of its own first.
    renamed = rows.order_by().annotate(**{f"of_{name}": every[name] for name in names})
    columns: models.QuerySet[Any, tuple[Any, ...]] = renamed.values_list(*[f"of_{name}" for name in names])
    return columns


def _ending_overrides(days: activity.Days) -> models.QuerySet[Override]:
    """Overrides that end within a fortnight and that an active prescription rests on.

    It rests on one that still names a contraindication as it is and a condition that is current, where no other
    decision goes on for longer. Whether a window of weeks has closed meanwhile is not asked: such a line asks for a
    renewal that is not needed, which is on the safe side; once the override has ended, only the safety rule speaks.
    """
    ends_soon = functools.reduce(
        operator.or_,
        (
            Q(clinic=clinic_id, expires_on__range=(today, today + datetime.timedelta(days=OVERRIDE_DAYS)))
            for clinic_id, today in days.items()
        ),
        Q(pk__in=[]),
    )
    names = OverriddenContraindication.objects.order_by().as_it_was()
    outlasts = Q(override__expires_on__gt=OuterRef("override__expires_on")) | Q(
        override__expires_on=OuterRef("override__expires_on"),
        override__decided_at__gt=OuterRef("override__decided_at"),
    )
    others = names.filter(
        outlasts,
        override__patient=OuterRef("override__patient"),
        override__stretch=OuterRef("override__stretch"),
        contraindication=OuterRef("contraindication"),
        condition=OuterRef("condition"),
    )
    current = Condition.objects.order_by().current().filter(patient=OuterRef("override__patient"))
    needed = names.filter(override=OuterRef("pk"), condition__in=current.values("pk")).filter(~Exists(others))
    active = PrescribedStretch.objects.order_by().filter(
        prescription__patient=OuterRef("patient"),
        prescription__status=PrescriptionStatus.ACTIVE,
        stretch=OuterRef("stretch"),
    )
    ending = Override.objects.filter(ends_soon, Exists(needed))
    return ending.annotate(in_force=models.Subquery(active.values("prescription")[:1])).filter(in_force__isnull=False)
