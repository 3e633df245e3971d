"""What a clinician does with a proposal.

Accepting makes a new version of the prescription, through the same doors as any other: a stretch is asked of the
safety rule when it is put in, and everything again when it comes into force.
"""

import datetime
import uuid
from collections.abc import Collection

from django.db import transaction

from accounts.models import User
from patients.models import Patient
from prescriptions import applying, drafting
from prescriptions.models import Prescription, TransitionError
from prescriptions.own_templates import PhaseGoneError
from routines.models import Proposal, ProposalKind, ProposalStatus


class DraftOpenError(Exception):
    """Somebody is drafting a new version already: a proposal must not slip into it or overtake it."""

    def __init__(self, draft: Prescription) -> None:
        self.draft = draft
        super().__init__("A new version is being drafted already. Finish it, or throw it away, then decide here.")


def accept(
    proposal: Proposal,
    *,
    by: User,
    at: datetime.datetime,
    note: str = "",
    acknowledged: Collection[uuid.UUID] = (),
) -> Prescription:
    """Do as proposed, and put the new version into force; returns it, or the old one where the dose is kept.

    All or nothing. Raises ``DraftOpenError``, what ``drafting.add`` and ``Prescription.activate`` raise, or
    ``TransitionError`` when it is decided already or no longer about what is in force.
    """
    with transaction.atomic():
        locked = _locked(proposal)
        prescription = locked.prescription
        if locked.kind == ProposalKind.HOLD:
            locked.close(ProposalStatus.ACCEPTED, by=by, at=at, note=note)
            return prescription
        draft = _drafted(locked, by=by, at=at)
        # As many stretches as before: what was said of their number still holds.
        reason = prescription.count_reason
        draft.activate(by=by, at=at, replacing=prescription, acknowledged=acknowledged, count_reason=reason)
        locked.close(ProposalStatus.ACCEPTED, by=by, at=at, note=note)
        return draft


def change(proposal: Proposal, *, by: User, at: datetime.datetime, note: str = "") -> Prescription:
    """Draft the new version as proposed, for the clinician to change before it comes into force."""
    with transaction.atomic():
        locked = _locked(proposal)
        draft = _drafted(locked, by=by, at=at)
        locked.close(ProposalStatus.CHANGED, by=by, at=at, note=note)
        return draft


def decline(proposal: Proposal, *, by: User, at: datetime.datetime, note: str = "") -> None:
    """Leave everything as it is."""
    with transaction.atomic():
        _locked(proposal).close(ProposalStatus.DECLINED, by=by, at=at, note=note)


def _locked(proposal: Proposal) -> Proposal:
    """Lock the patient, so that nobody decides, logs or prescribes meanwhile."""
    Patient.objects.locked(proposal.patient_id)
    found = Proposal.objects.open().select_related("prescription__patient__clinic", "item__stretch", "to_stretch")
    locked = found.filter(pk=proposal.pk).first()
    if locked is None:
        raise TransitionError("This proposal is decided already, or overtaken by what happened since.")
    return locked


def _drafted(proposal: Proposal, *, by: User, at: datetime.datetime) -> Prescription:
    """A new version with the proposed change in it."""
    prescription = proposal.prescription
    if draft := prescription.patient.prescriptions.drafts().first():
        raise DraftOpenError(draft)
    draft = prescription.revise(by=by)
    if proposal.item is None:
        phase = prescription.template_phase.next_phase if prescription.template_phase else None
        if phase is None:
            raise TransitionError("The template has no next phase any more.")
        try:
            return applying.apply(phase, prescription.patient, is_replacing=True, by=by, at=at).draft
        except PhaseGoneError as error:
            raise TransitionError(str(error)) from error
    line = draft.items.select_related("stretch").get(stretch=proposal.item.stretch_id)
    if proposal.to_stretch:
        drafting.add(draft, proposal.to_stretch, instead_of=line, at=at)
    elif proposal.to_hold_seconds is not None:
        line.start_hold_seconds = proposal.to_hold_seconds
        line.save(update_fields=["start_hold_seconds"])
    return draft
