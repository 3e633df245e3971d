"""From logs to a proposal: reads how a prescribed stretch went, and stores which change that speaks for.

Nothing of a prescription is changed here. What is proposed is asked of the safety rule now, and asked again when a
clinician accepts it.
"""

import datetime
from collections.abc import Sequence

from prescriptions import dosage, safety
from prescriptions.dosage import Evidence, Step
from prescriptions.models import PrescribedStretch, Prescription
from routines.models import Effort, Outcome, Proposal, ProposalKind, ProposalStatus, StretchLog
from stretches.models import Stretch

LOGS_READ = 12
"""How many of the latest logs are read: enough for the sessions that count, with skipped ones between them."""


def propose(item: PrescribedStretch, *, at: datetime.datetime) -> Proposal | None:
    """Bring the open proposal for a prescribed stretch up to date with its logs; ``None`` where they ask for no change.

    The caller holds the lock on the patient. A proposal that still stands is kept, with the logs it rests on now; one
    that does not is overtaken. What was declined is not proposed again on the same logs.
    """
    logs = _logs_of(item)
    step = dosage.next_step([evidence_of(log, item) for log in logs], **_holds_of(item))
    return _keep(
        _proposal(item, step, logs, at=at) if step else None,
        stored=Proposal.objects.filter(item=item, status=ProposalStatus.OPEN).first(),
        logs=logs,
        at=at,
    )


def propose_next_phase(prescription: Prescription, *, at: datetime.datetime) -> Proposal | None:
    """The same for the prescription as a whole: the template's next phase, when each stretch is through with this one.

    The caller holds the lock on the patient.
    """
    phase = prescription.template_phase.next_phase if prescription.template_phase else None
    logs = _logs_that_are_through(prescription) if phase else []
    proposed = Proposal(
        clinic_id=prescription.clinic_id,
        patient_id=prescription.patient_id,
        prescription=prescription,
        kind=ProposalKind.NEXT_PHASE,
        proposed_at=at,
        rationale=f"Every stretch went well at its target hold. Next comes “{phase}”.",
    )
    stored = Proposal.objects.filter(prescription=prescription, item=None, status=ProposalStatus.OPEN).first()
    return _keep(proposed if logs else None, stored=stored, logs=logs, at=at)


def _keep(
    proposed: Proposal | None, *, stored: Proposal | None, logs: Sequence[StretchLog], at: datetime.datetime
) -> Proposal | None:
    """Store what is new, keep what still stands, put aside what does not."""
    if stored and proposed and _says_the_same(stored, proposed):
        stored.logs.set(_resting_on(logs))
        return stored
    if stored:
        stored.overtake(at=at)
    if proposed is None or _was_declined(proposed, logs):
        return None
    proposed.save(force_insert=True)
    proposed.logs.set(_resting_on(logs))
    return proposed


def _logs_of(item: PrescribedStretch) -> list[StretchLog]:
    """The latest logs of a line in which something was done, the latest first."""
    done = StretchLog.objects.filter(item=item).exclude(outcome=Outcome.SKIPPED).select_related("session")
    return list(done.order_by("-session__on", "-logged_at", "id")[:LOGS_READ])


def _holds_of(item: PrescribedStretch) -> dict[str, int | None]:
    return {"start_hold_seconds": item.start_hold_seconds, "target_hold_seconds": item.target_hold_seconds}


def _logs_that_are_through(prescription: Prescription) -> list[StretchLog]:
    """The latest log of each line, when each is through with its phase; otherwise none."""
    latest: list[StretchLog] = []
    for item in prescription.items.all():
        logs = _logs_of(item)
        if not dosage.is_through([evidence_of(log, item) for log in logs], **_holds_of(item)):
            return []
        latest.append(logs[0])
    return latest


def evidence_of(log: StretchLog, item: PrescribedStretch) -> Evidence:
    """How a session went, as the dose rules see it."""
    held_long_enough = item.start_hold_seconds is None or (
        log.held_seconds is not None and log.held_seconds >= item.start_hold_seconds
    )
    return Evidence(
        on=log.session.on,
        tier=dosage.pain_tier(log.pain_score, has_settled=log.has_settled, has_spread=log.has_spread),
        is_full=log.outcome == Outcome.DONE and held_long_enough,
        is_easy=log.effort == Effort.EASY,
        is_hard=log.effort == Effort.HARD,
    )


def _proposal(
    item: PrescribedStretch, step: Step, logs: Sequence[StretchLog], *, at: datetime.datetime
) -> Proposal | None:
    """The change in full; ``None`` where the step leads nowhere that is safe."""
    prescription = item.prescription
    proposal = Proposal(
        clinic_id=item.clinic_id,
        patient_id=prescription.patient_id,
        prescription=prescription,
        item=item,
        kind=ProposalKind(step.value),
        proposed_at=at,
        rationale=_rationale(step, logs),
    )
    if step is Step.UP:
        proposal.from_hold_seconds = item.start_hold_seconds
        proposal.to_hold_seconds = dosage.rung_above(item.start_hold_seconds, item.target_hold_seconds)
    elif step is Step.DOWN:
        proposal.from_hold_seconds = item.start_hold_seconds
        proposal.to_hold_seconds = dosage.rung_below(item.start_hold_seconds)
    elif step in {Step.EASIER, Step.HARDER}:
        proposal.to_stretch = neighbour(item, step, at=at)
        if proposal.to_stretch is None:
            return None
    return proposal


def neighbour(item: PrescribedStretch, step: Step, *, at: datetime.datetime) -> Stretch | None:
    """The easier or harder neighbour in the catalogue that is safe for the patient and not prescribed already.

    Without a reason to be careful before with advice, then the nearest in difficulty, then by name.
    """
    patient = item.prescription.patient
    circumstances = safety.circumstances_of(patient, on=patient.clinic.today(at))
    if not circumstances.may_prescribe:
        return None
    neighbours = item.stretch.easier if step is Step.EASIER else item.stretch.harder
    free = neighbours.exclude(prescribed__prescription=item.prescription_id)
    paused = patient.stretch_pauses.open().values("stretch")
    for verdict in (safety.Verdict.ALLOWED, safety.Verdict.CAUTION):
        found = safety.with_verdict(circumstances, verdict, free.exclude(pk__in=paused))
        if nearest := found.order_by("-difficulty" if step is Step.EASIER else "difficulty", "name", "pk").first():
            return nearest
    return None


def _resting_on(logs: Sequence[StretchLog]) -> Sequence[StretchLog]:
    return logs[: dosage.SESSIONS_BEFORE_STEP]


def _says_the_same(stored: Proposal, proposed: Proposal) -> bool:
    fields = ("kind", "to_hold_seconds", "to_stretch_id")
    return all(getattr(stored, field) == getattr(proposed, field) for field in fields)


def _was_declined(proposed: Proposal, logs: Sequence[StretchLog]) -> bool:
    """Whether a clinician has said no, or to keep the dose, to the same with nothing newer in the logs."""
    same = Proposal.objects.decided().filter(prescription=proposed.prescription, item=proposed.item, kind=proposed.kind)
    decided = same.filter(logs__in=_resting_on(logs)[:1])
    return decided.exists()


def _rationale(step: Step, logs: Sequence[StretchLog]) -> str:
    """Why, in a sentence that a clinician reads in a queue."""
    scores = ", ".join("–" if log.pain_score is None else str(log.pain_score) for log in _resting_on(logs))
    words = {
        Step.UP: "Held in full on three days, little or no pain, settled by the next morning",
        Step.HOLD: "Some pain the last time; it settled",
        Step.DOWN: "Some pain in two of the last three sessions",
        Step.EASIER: "Pain at the shortest hold, or too much of it",
        Step.HARDER: "At the target hold on three days, and easy",
    }
    return f"{words[step]}. Pain in the latest sessions: {scores}."
