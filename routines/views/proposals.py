"""The clinician's decision on what the app proposes from the logs."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from prescriptions import applying, safety
from prescriptions.models import CountNotExplainedError, NotAcknowledgedError, TransitionError, UnsafePrescriptionError
from routines import deciding
from routines.forms.proposal import Decision, DecisionForm
from routines.models import Proposal, ProposalKind, ProposalStatus


@require_http_methods(["GET", "POST"])
def proposal_record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what is proposed, the logs it rests on and whether it is safe today; record the decision, and do it.

    Whatever stands against it is said here, and nothing is changed.
    """
    proposal = get_object_or_404(Proposal.objects.visible_to(request.user).with_all(), pk=pk)
    form = DecisionForm(request.POST if request.method == "POST" else None)
    refusal: Exception | None = None
    if form.is_valid():
        try:
            return _decided(request, proposal, **form.cleaned_data)
        except (
            CountNotExplainedError,
            UnsafePrescriptionError,
            NotAcknowledgedError,
            TransitionError,
            deciding.DraftOpenError,
        ) as error:
            refusal = error
        proposal = get_object_or_404(Proposal.objects.visible_to(request.user).with_all(), pk=pk)
    context = _context(request, proposal, form, refusal)
    return render(request, "routines/proposal_record.html", context, status=_http_status(form, refusal))


def _http_status(form: DecisionForm, refusal: Exception | None) -> int:
    if isinstance(refusal, TransitionError | deciding.DraftOpenError):
        return 409
    return 422 if form.is_bound else 200


def _decided(request: HttpRequest, proposal: Proposal, *, decision: str, note: str, acknowledged: Any) -> HttpResponse:
    """Do it, say so, and lead on."""
    by, at = signed_in(request), timezone.now()
    patient = proposal.patient
    if decision == Decision.CHANGE:
        draft = deciding.change(proposal, by=by, at=at, note=note)
        messages.info(request, f"A new version for {patient} is drafted as proposed. Change it, then activate it.")
        return redirect("prescriptions:prescription_edit", draft.pk)
    if decision == Decision.DECLINE:
        deciding.decline(proposal, by=by, at=at, note=note)
        messages.success(request, f"Declined. {patient} goes on as before.")
    else:
        deciding.accept(proposal, by=by, at=at, note=note, acknowledged=acknowledged)
        messages.success(request, f"Accepted for {patient}: {proposal.change_words}.")
    return redirect(patient)


def _context(
    request: HttpRequest, proposal: Proposal, form: DecisionForm, refusal: Exception | None = None
) -> dict[str, Any]:
    patient = proposal.patient
    circumstances = safety.circumstances_of(patient, on=patient.clinic.today())
    stretch = proposal.to_stretch or (proposal.item.stretch if proposal.item else None)
    covered = patient.overrides.covering(on=circumstances.on)
    now = proposal.prescription.template_phase if proposal.kind == ProposalKind.NEXT_PHASE else None
    phases = applying.templates_for(circumstances, [now.template], now=now)[0].phases if now else ()
    assessment = safety.assess(circumstances, [stretch], covered=covered)[stretch.pk] if stretch else None
    is_undecided = proposal.status == ProposalStatus.OPEN and proposal.is_about_what_is_in_force
    is_open = Proposal.objects.visible_to(request.user).open().filter(pk=proposal.pk).exists()
    return {
        "proposal": proposal,
        "next_phase": next((phase for phase in phases if phase.is_next), None),
        "prescription": proposal.prescription,
        "circumstances": circumstances,
        "stretch": stretch,
        "assessment": assessment,
        "logs": proposal.logs.select_related("session").order_by("-session__on", "-logged_at"),
        "form": form,
        "refusal": refusal,
        "is_open": is_open,
        "is_stopped": is_undecided and not is_open,
        "may_accept": (circumstances.may_prescribe or proposal.kind == ProposalKind.HOLD)
        and (assessment is None or assessment.is_safe),
        "acknowledged": form.cleaned_data.get("acknowledged", ()) if form.is_bound else (),
        "missing": isinstance(refusal, NotAcknowledgedError),
        "draft": refusal.draft if isinstance(refusal, deciding.DraftOpenError) else None,
    }
