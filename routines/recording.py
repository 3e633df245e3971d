"""The one door through which is written what a patient did, felt and answered.

A device may send twice, late, or after another device; each thing is stored once. A stretch is known by its session
(prescription, local day, part of the day) and its line, not by the device that speaks of it: whatever is said of it
again is the same (``known``) or a correction, and what was said before stays in its history. Everything is written
under the lock on the patient's row.

Towards stopping the app acts at once, in the same transaction: red pain pauses the stretch, a yes to a red-flag
question stops the routine, and the clinic is told. A correction takes neither back: only a clinician does.
"""

import dataclasses
import datetime
import enum
import uuid
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import acting
from accounts.models import User
from patients.models import Patient
from prescriptions import dosage
from prescriptions.models import (
    PartOfDay,
    PauseReason,
    PrescribedStretch,
    Prescription,
    PrescriptionStatus,
    StretchPause,
)
from routines.models import Outcome, SessionLog, StretchLog
from routines.proposing import propose, propose_next_phase
from routines.telling import tell_clinic

DAYS_BACK = 14
"""How many days afterwards something may still be logged or corrected. Ours: a phone may be offline for a holiday, but
pain is not remembered for longer."""

WORDS = ("outcome", "skip_reason", "held_seconds", "pain_score", "has_spread", "effort", "note")
"""What is said of a stretch; another word in any of them is a correction."""


class Status(enum.StrEnum):
    """What became of what was sent."""

    STORED = "stored"
    KNOWN = "known"
    CORRECTED = "corrected"


class RefusedError(Exception):
    """Not stored, and why: messages for the patient, by field."""

    def __init__(self, field: str, message: str) -> None:
        self.errors = {field: [message]}
        super().__init__(message)


class EndedError(RefusedError):
    """The prescription is no longer in force, and was not any more when this was done."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Said:
    """How one stretch went, in the words of a device; ``logged_at`` is when it says that this was said.

    A correction has a later ``logged_at`` than what it corrects.
    """

    item: uuid.UUID
    on: datetime.date
    part_of_day: str
    outcome: str
    logged_at: datetime.datetime
    id: uuid.UUID = dataclasses.field(default_factory=uuid.uuid4)
    skip_reason: str = ""
    held_seconds: int | None = None
    pain_score: int | None = None
    has_spread: bool = False
    effort: str = ""
    note: str = ""

    @property
    def words(self) -> dict[str, Any]:
        """What is said, without when and of what."""
        return {name: getattr(self, name) for name in WORDS}


@dataclasses.dataclass(frozen=True)
class Recorded:
    """What became of a log, the log as it is stored now, and whether its stretch is paused now."""

    status: Status
    log: StretchLog
    is_paused: bool


def record_stretch(prescription: Prescription, said: Said, *, by: User, at: datetime.datetime) -> Recorded:
    """Store how a stretch of a patient's prescription went, or correct it; the patient is ``by``.

    Raises:
        EndedError: it was done after the prescription had ended.
        RefusedError: the day, the part of the day or the line is not one of this prescription.
    """
    with transaction.atomic():
        patient = _locked(prescription.patient_id)
        prescription = Prescription.objects.get(pk=prescription.pk)
        said = dataclasses.replace(said, logged_at=min(said.logged_at, at))
        _ensure_in_force(patient, prescription, said, at=at)
        item = _line(prescription, said)
        session, _is_new = SessionLog.objects.get_or_create(
            prescription=prescription,
            on=said.on,
            part_of_day=said.part_of_day,
            defaults={"clinic_id": patient.clinic_id, "patient": patient, "first_logged_at": at},
        )
        log = StretchLog.objects.filter(session=session, item=item).select_related("stretch").first()
        reasons = _red_reasons(said.pain_score, has_settled=None, has_spread=said.has_spread)
        if log is None:
            status, log = Status.STORED, _store(session, item, said, by=by, at=at)
        else:
            is_worse = (said.pain_score or 0) > (log.pain_score or 0)
            known = _red_reasons(log.pain_score, has_settled=None, has_spread=log.has_spread)
            status = _correct(log, said, by=by)
            if status is Status.KNOWN or not is_worse:  # more pain than a clinician saw before is news
                reasons -= known
        if status is not Status.KNOWN or reasons:
            if said.pain_score is not None and not reasons and _is_rising(patient, item, on=said.on):
                reasons = {PauseReason.RISING}
            if reasons:
                _pause(patient, log, reasons, by=by, at=at)
            if prescription.status == PrescriptionStatus.ACTIVE:
                propose(item, at=at)
                propose_next_phase(item.prescription, at=at)
        return Recorded(status, log, _is_paused(patient, item))


def answer_settled(log: StretchLog, has_settled: bool, *, by: User, at: datetime.datetime) -> Recorded:
    """Store whether the pain of a stretch had gone by the next morning, for every session of that day with pain.

    Another answer is a correction; the one before stays in the history.

    Raises:
        RefusedError: the next morning has not come yet, or is too long ago.
    """
    with transaction.atomic():
        patient = _locked(log.session.patient_id)
        log = StretchLog.objects.select_related("session", "item__prescription__patient", "stretch").get(pk=log.pk)
        today = patient.clinic.today(at)
        if log.session.on >= today:
            raise RefusedError("has_settled", _("We ask this the morning after."))
        if (today - log.session.on).days > DAYS_BACK:
            raise RefusedError("has_settled", _too_long_ago())
        if log.has_settled == has_settled:
            return Recorded(Status.KNOWN, log, _is_paused(patient, log.item))
        was_answered = log.has_settled is not None
        same_day = StretchLog.objects.filter(session__patient=patient, session__on=log.session.on, item=log.item_id)
        for each in [log, *same_day.filter(pain_score__gte=1).exclude(pk=log.pk)]:
            each.has_settled, each.settled_answered_at, each._history_user = has_settled, at, by
            each.save(update_fields=["has_settled", "settled_answered_at"])
        if not has_settled:
            _pause(patient, log, {PauseReason.NOT_SETTLED}, by=by, at=at)
        if log.item.prescription.status == PrescriptionStatus.ACTIVE:
            propose(log.item, at=at)
            propose_next_phase(log.item.prescription, at=at)
        status = Status.CORRECTED if was_answered else Status.STORED
        return Recorded(status, log, _is_paused(patient, log.item))


def _locked(patient_id: uuid.UUID) -> Patient:
    return Patient.objects.select_related("clinic").locked(patient_id)


def _ensure_in_force(patient: Patient, prescription: Prescription, said: Said, *, at: datetime.datetime) -> None:
    """Refuse a day on which this prescription was not to be followed; what was done in its time is taken."""
    clinic = patient.clinic
    today = clinic.today(at)
    if said.on > today:
        raise RefusedError("on", _("This day has not come yet."))
    if prescription.activated_at is None or said.on < clinic.today(prescription.activated_at):
        raise RefusedError("on", _("You did not have these stretches yet on that day."))
    if prescription.ended_at is not None:
        ended_on = clinic.today(prescription.ended_at)
        if said.on > ended_on or (said.on == ended_on and said.logged_at > prescription.ended_at):
            raise EndedError(
                "on", _("Your clinic has ended or changed these stretches. Open Today to see what is due.")
            )
    if (today - said.on).days > DAYS_BACK:
        raise RefusedError("on", _too_long_ago())


def _too_long_ago() -> str:
    return _("This is more than %(days)s days ago. Tell your clinic instead.") % {"days": DAYS_BACK}


def _line(prescription: Prescription, said: Said) -> PrescribedStretch:
    """The line that is spoken of. Somebody else's is the same as none."""
    item = prescription.items.select_related("stretch", "prescription__patient__clinic").filter(pk=said.item).first()
    if item is None:
        raise RefusedError("item", _("This stretch is not one of these."))
    if not getattr(item, PartOfDay(said.part_of_day).field):
        raise RefusedError("part_of_day", _("This stretch is not for this part of the day."))
    return item


def _store(session: SessionLog, item: PrescribedStretch, said: Said, *, by: User, at: datetime.datetime) -> StretchLog:
    # An id that is taken by another log says nothing of this one.
    own_id = uuid.uuid4() if acting.is_taken(StretchLog.objects.filter(pk=said.id)) else said.id
    log = StretchLog(
        pk=own_id,
        clinic_id=session.clinic_id,
        session=session,
        item=item,
        stretch=item.stretch,
        logged_at=said.logged_at,
        received_at=at,
        **said.words,
    )
    log._history_user = by  # type: ignore[attr-defined]
    log.save(force_insert=True)
    return log


def _correct(log: StretchLog, said: Said, *, by: User) -> Status:
    """Take over what is said later; what was said earlier and arrives late goes into the history, and the later stays.

    What is in the history already is a queue that was sent again: it changes nothing.
    """
    stored = {name: getattr(log, name) for name in WORDS}
    if stored == said.words or log.history.filter(logged_at=said.logged_at, **said.words).exists():
        return Status.KNOWN
    later_at = log.logged_at
    _write(log, said.words, said.logged_at, by=by)
    if said.logged_at < later_at:
        _write(log, stored, later_at, by=by)
    return Status.CORRECTED


def _write(log: StretchLog, words: Mapping[str, Any], logged_at: datetime.datetime, *, by: User) -> None:
    for name, value in words.items():
        setattr(log, name, value)
    log.logged_at = logged_at
    log._history_user = by  # type: ignore[attr-defined]
    log.save(update_fields=[*WORDS, "logged_at"])


# Towards stopping -----------------------------------------------------------------------------------------------------


def _red_reasons(pain_score: int | None, *, has_settled: bool | None, has_spread: bool) -> set[PauseReason]:
    """What of this is red by the pain rules; empty for all else."""
    if dosage.pain_tier(pain_score, has_settled=has_settled, has_spread=has_spread) is not dosage.PainTier.RED:
        return set()
    reasons = {PauseReason.SPREADING: has_spread, PauseReason.NOT_SETTLED: has_settled is False}
    return {reason for reason, holds in reasons.items() if holds} or {PauseReason.PAIN}


def _pause(patient: Patient, log: StretchLog, reasons: set[PauseReason], *, by: User, at: datetime.datetime) -> None:
    """Pause the stretch for the gravest of the reasons, name the pause in the log, and tell the clinic."""
    gravest = next(reason for reason in _GRAVEST_FIRST if reason in reasons)
    pause = StretchPause.begin(patient, log.stretch, reason=gravest, at=at)
    tell_clinic(patient, f"stretch-pause:{pause.pk}:{gravest}", at=at)
    if log.pause_id != pause.pk:
        log.pause = pause
        log._history_user = by  # type: ignore[attr-defined]
        log.save(update_fields=["pause"])


_GRAVEST_FIRST = (PauseReason.SPREADING, PauseReason.PAIN, PauseReason.NOT_SETTLED, PauseReason.RISING)


def _is_paused(patient: Patient, item: PrescribedStretch) -> bool:
    return StretchPause.objects.open().filter(patient=patient, stretch=item.stretch_id).exists()


def _is_rising(patient: Patient, item: PrescribedStretch, *, on: datetime.date) -> bool:
    """Whether the pain of a stretch rises from week to week up to a day; weeks of seven days, counted back from it.

    What was logged before a clinician lifted the last pause was looked at then.
    """
    first = on - datetime.timedelta(weeks=dosage.WEEKS_RISING, days=-1)
    lifted = StretchPause.objects.filter(patient=patient, stretch=item.stretch_id, lifted_at__isnull=False)
    if lifted_at := lifted.order_by("-lifted_at").values_list("lifted_at", flat=True).first():
        first = max(first, patient.clinic.today(lifted_at) + datetime.timedelta(days=1))
    scores = StretchLog.objects.filter(
        session__patient=patient, stretch=item.stretch_id, session__on__range=(first, on), pain_score__isnull=False
    ).exclude(outcome=Outcome.SKIPPED)
    weeks: dict[int, list[int]] = defaultdict(list)
    for day, score in scores.values_list("session__on", "pain_score"):
        weeks[(on - day).days // 7].append(int(score or 0))
    return dosage.is_rising([weeks[n] for n in reversed(range(dosage.WEEKS_RISING))])
