"""Lines about what is stopped already: by a red flag, by pain, by the safety rule."""

import datetime
import hashlib
from collections import defaultdict
from collections.abc import Iterator

from django.urls import reverse

from clinic.attention.facts import Event, Facts
from clinic.attention.line import Act, Line
from clinic.models import AttentionKind
from prescriptions.models import PauseReason, Prescription, PrescriptionStatus


def red_flags(facts: Facts) -> Iterator[Line]:
    """One line a patient: reopening ends every stop. Another yes is news, and so another subject."""
    of_patient: dict[object, list[Event]] = defaultdict(list)
    for stop in facts.waiting(AttentionKind.RED_FLAG):
        of_patient[stop.patient].append(stop)
    for stops in of_patient.values():
        stops.sort(key=lambda stop: (stop.at, stop.subject))
        patient = facts.patients[stops[0].patient]
        times = f" ({len(stops)} times)" if len(stops) > 1 else ""
        yield Line(
            AttentionKind.RED_FLAG,
            str(stops[-1].subject),
            patient,
            f"Answered yes to a red-flag question{times}. The routine is stopped.",
            Act("See and reopen", reverse("routines:routine_reopen", args=[patient.pk]), "forward"),
            detail=f"Was told: {stops[-1].text}",
            since=patient.clinic.today(stops[0].at),
        )


def pauses(facts: Facts) -> Iterator[Line]:
    """One line a pause, also where the stretch is not prescribed at present: the pause would meet the next version."""
    for pause in facts.waiting(AttentionKind.PAUSE):
        patient = facts.patients[pause.patient]
        why = PauseReason(pause.word).label if pause.word in PauseReason.values else pause.word
        yield Line(
            AttentionKind.PAUSE,
            str(pause.subject),
            patient,
            f"{pause.stretch} is paused: {why}.",
            Act("See and lift", reverse("routines:stretch_pause_lift", args=[pause.subject]), "forward"),
            since=patient.clinic.today(pause.at),
        )


def unsafe(facts: Facts) -> Iterator[Line]:
    """One line a prescription; whatever changes its reasons makes another subject."""
    for prescription_id, reasons in facts.unsafe.items():
        prescription = facts.in_force.get(prescription_id)
        if prescription is None:  # it ended a moment ago
            continue
        patient = prescription.patient
        worst = reasons[0]
        names = list(dict.fromkeys(reason.stretch for reason in reasons))
        because = f" ({worst.condition})" if worst.condition else ""
        marks = sorted(f"{each.line_id}{each.contraindication_id}{each.condition_id}" for each in reasons)
        digest = hashlib.sha256("".join(marks).encode()).hexdigest()[:16]
        yield Line(
            AttentionKind.UNSAFE,
            f"{prescription_id}-{digest}",
            patient,
            f"{_listed(names)} not safe today{because}: {_shown(prescription)}.",
            Act("Revise", reverse("prescriptions:prescription_revise", args=[prescription_id]), "edit", is_post=True),
            detail=worst.rationale,
            since=_unsafe_since(prescription),
            rank=int(prescription.status != PrescriptionStatus.ACTIVE),
        )


def _unsafe_since(prescription: Prescription) -> datetime.date | None:
    """The day on which a condition was recorded after activation; otherwise the catalogue or the calendar moved."""
    recorded_at, activated_at = vars(prescription)["condition_at"], prescription.activated_at
    if recorded_at and activated_at and recorded_at > activated_at:
        return prescription.patient.clinic.today(recorded_at)
    return None


def _shown(prescription: Prescription) -> str:
    is_active = prescription.status == PrescriptionStatus.ACTIVE
    return "the patient no longer sees it" if is_active else "the prescription is on hold"


def _listed(names: list[str]) -> str:
    match names:
        case [one]:
            return f"{one} is"
        case [one, other]:
            return f"{one} and {other} are"
        case _:
            return f"{names[0]} and {len(names) - 1} more are"
