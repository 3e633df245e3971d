"""Lines about what somebody should see to before it stops: what ends, what is not done, what waits for a decision."""

import datetime
from collections.abc import Iterator

from django.urls import reverse
from django.utils import dateformat

from clinic.attention.activity import DAY, is_silent
from clinic.attention.facts import OVERRIDE_DAYS, Facts
from clinic.attention.line import Act, Line, call
from clinic.models import AttentionKind
from patients.models import Patient
from patients.review import DUE_SOON_DAYS, ReviewState, review_state
from prescriptions.models import Prescription, PrescriptionStatus
from routines.models import ProposalKind


def overrides(facts: Facts) -> Iterator[Line]:
    """The next to end is the worst."""
    for ending in facts.waiting(AttentionKind.OVERRIDE):
        patient = facts.patients[ending.patient]
        if ending.ends_on is None or ending.prescription is None:
            continue
        days = (ending.ends_on - facts.today(patient)).days
        when = {0: "today is its last day", 1: "tomorrow is its last day"}.get(days, f"it holds for {days} more days")
        yield Line(
            AttentionKind.OVERRIDE,
            str(ending.subject),
            patient,
            f"The override for {ending.stretch} is ending: {when}.",
            Act(
                "Renew",
                reverse("prescriptions:prescription_revise", args=[ending.prescription]),
                "repeat",
                is_post=True,
            ),
            detail="After that the patient no longer sees the stretch.",
            since=max(ending.ends_on - OVERRIDE_DAYS * DAY, patient.clinic.today(ending.at)),
            rank=days,
        )


def first_weeks(facts: Facts) -> Iterator[Line]:
    """Who began and has logged nothing: a call helps now, before the programme is forgotten."""
    for prescription, patient, active_since in _followed(facts):
        if is_silent(prescription, on=facts.today(patient), active_since=active_since):
            days = (facts.today(patient) - active_since).days
            yield Line(
                AttentionKind.FIRST_WEEK,
                str(prescription.pk),
                patient,
                f"Nothing logged in {days} days since the prescription began.",
                call(patient),
                since=active_since,
            )


def falls(facts: Facts) -> Iterator[Line]:
    """Asked anew every week, counted from Monday."""
    for prescription, patient, _active_since in _followed(facts):
        weeks = facts.weeks.get(patient.pk)
        if weeks and weeks.is_falling:
            today = facts.today(patient)
            year, week, _ = today.isocalendar()
            lately, before = weeks.lately, weeks.before
            yield Line(
                AttentionKind.ADHERENCE,
                f"{prescription.pk}-{year}w{week:02}",
                patient,
                f"{lately.done} of {lately.due} sessions done in the last 7 days ({lately.percent} %), "
                f"{before.done} of {before.due} in the 7 before ({before.percent} %).",
                call(patient),
                rank=lately.percent or 0,
            )


def _followed(facts: Facts) -> Iterator[tuple[Prescription, Patient, datetime.date]]:
    """What a patient could do: active, and not stopped by a red flag."""
    for prescription in facts.in_force.values():
        patient = prescription.patient
        is_active = prescription.status == PrescriptionStatus.ACTIVE
        if is_active and prescription.activated_at and patient.pk not in facts.stopped:
            yield prescription, patient, patient.clinic.today(prescription.activated_at)


_REVIEW_WORDS = {
    ReviewState.NEVER: "The conditions were never reviewed.",
    ReviewState.IN_FUTURE: "The date of the conditions review lies in the future.",
}


def reviews(facts: Facts) -> Iterator[Line]:
    """Where ``patients.review`` says so. A patient with nothing active is not called in for it."""
    for prescription in facts.in_force.values():
        patient, today = prescription.patient, facts.today(prescription.patient)
        state = review_state(patient, on=today)
        if prescription.status != PrescriptionStatus.ACTIVE or state is ReviewState.DONE:
            continue
        due_on = patient.conditions_review_due_on
        by_then = f"by {dateformat.format(due_on, 'j F Y')}" if due_on else ""
        words = {
            ReviewState.OVERDUE: f"The review was due {by_then}.",
            ReviewState.DUE: f"The review is due {by_then}.",
        }
        since = {ReviewState.OVERDUE: due_on, ReviewState.DUE: due_on and due_on - DUE_SOON_DAYS * DAY}
        yield Line(
            AttentionKind.REVIEW,
            f"{patient.conditions_reviewed_on or 'never'}-{state.value}",
            patient,
            (_REVIEW_WORDS | words)[state],
            Act("Review", reverse("patients:conditions_review_record", args=[patient.pk]), "condition"),
            detail=""
            if state is ReviewState.DUE
            else "Until then nothing new can be prescribed; what is active goes on being shown.",
            since=since.get(state),
            rank=list(ReviewState).index(state),
        )


def proposals(facts: Facts) -> Iterator[Line]:
    """What the app proposes and nobody has decided."""
    for proposal in facts.waiting(AttentionKind.PROPOSAL):
        patient = facts.patients[proposal.patient]
        what = ProposalKind(proposal.word).label if proposal.word in ProposalKind.values else proposal.word
        about = f" ({proposal.stretch})" if proposal.stretch else ""
        yield Line(
            AttentionKind.PROPOSAL,
            str(proposal.subject),
            patient,
            f"{what}{about}.",
            Act("Decide", reverse("routines:proposal_record", args=[proposal.subject]), "forward"),
            detail=proposal.text,
            since=patient.clinic.today(proposal.at),
        )
