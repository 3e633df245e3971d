"""Recording why a stretch is prescribed in spite of a relative contraindication."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from prescriptions import drafting, safety
from prescriptions.drafting import IssuesChangedError
from prescriptions.forms.override import OverrideForm, as_text
from prescriptions.models import Override, Prescription, PrescriptionStatus, TransitionError, UnsafePrescriptionError
from prescriptions.views.screen import asked, leave_builder, query_of, return_to_builder, typed_again
from stretches.models import Stretch


@require_http_methods(["GET", "POST"])
def override_add(request: HttpRequest, pk: uuid.UUID, stretch_pk: uuid.UUID) -> HttpResponse:
    """Show every reason against a stretch, and take the decision to prescribe it nevertheless."""
    visible = Prescription.objects.visible_to(request.user).select_related("patient__clinic")
    prescription = get_object_or_404(visible, pk=pk)
    stretch = get_object_or_404(Stretch.objects.all(), pk=stretch_pk)
    if prescription.status != PrescriptionStatus.DRAFT:
        return leave_builder(request, prescription)
    now = timezone.now()
    assessment = _assess(request, prescription, stretch)
    if assessment is None:
        return return_to_builder(request, prescription)
    form = _form(request, prescription, assessment, data=request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            drafting.add_overriding(prescription, form.instance, shown=form.cleaned_data["shown"], at=now)
        except TransitionError:
            return leave_builder(request, prescription)
        except UnsafePrescriptionError as error:
            messages.error(request, f"{stretch} was not added. {error}")
            return return_to_builder(request, prescription)
        except IssuesChangedError as error:
            assessment = error.assessment
            again = typed_again(request, shown=as_text(drafting.named(assessment)))
            form = _form(request, prescription, assessment, data=again)
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{stretch} added, with your reason.")
            return return_to_builder(request, prescription)
    context = {
        "prescription": prescription,
        "patient": prescription.patient,
        "stretch": stretch,
        "assessment": assessment,
        "form": form,
        "query": query_of(asked(request)),
    }
    return render(request, "prescriptions/override_add.html", context)


def _form(
    request: HttpRequest, prescription: Prescription, assessment: safety.Assessment, *, data: Any
) -> OverrideForm:
    patient = prescription.patient
    today = patient.clinic.today(timezone.now())
    return OverrideForm(
        data,
        instance=Override(stretch=assessment.stretch, decided_by=signed_in(request)),
        reasons=drafting.named(assessment),
        days=(today, patient.conditions_review_due_on or today),
    )


def _assess(request: HttpRequest, prescription: Prescription, stretch: Stretch) -> safety.Assessment | None:
    """Ask the rule; where there is no reason to ask for, say why, and return nothing."""
    try:
        assessment = drafting.assess(prescription, stretch, at=timezone.now())
    except UnsafePrescriptionError as error:
        messages.error(request, str(error))
        return None
    if refusal := _refusal(assessment, is_asking=request.method == "GET"):
        messages.error(request, refusal)
        return None
    return assessment


def _refusal(assessment: safety.Assessment, *, is_asking: bool) -> str:
    """Say why no reason is asked for, if none is. A decision posted twice is let through: it is stored once."""
    stretch = assessment.stretch
    if assessment.verdict is safety.Verdict.EXCLUDED:
        reasons = " ".join(issue.rationale for issue in assessment.issues if issue.verdict is safety.Verdict.EXCLUDED)
        return f"{stretch} is excluded for this patient, whatever the reason. {reasons}"
    if assessment.verdict is not safety.Verdict.NEEDS_OVERRIDE:
        return f"{stretch} needs no recorded reason now. Add it as it is."
    if is_asking and assessment.is_safe:
        return f"A reason for {stretch} is recorded and still holds. Add it as it is."
    return ""
