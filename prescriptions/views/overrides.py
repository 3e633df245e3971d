"""Recording why a stretch is prescribed in spite of a relative contraindication."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from prescriptions import drafting, safety
from prescriptions.drafting import IssuesChangedError
from prescriptions.forms.override import OverrideForm, as_text
from prescriptions.models import Override, Prescription, PrescriptionStatus, TransitionError, UnsafePrescriptionError
from prescriptions.views.screen import asked, give_back, leave_builder, query_of, return_to_builder, typed_again
from stretches.models import Stretch


class NotAskedForError(Exception):
    """The rule asks for no reason, or none would help; its message is for the clinician."""


@require_http_methods(["GET", "POST"])
def override_add(request: HttpRequest, pk: uuid.UUID, stretch_pk: uuid.UUID) -> HttpResponse:
    """Show every reason against a stretch, and take the decision to prescribe it nevertheless."""
    visible = Prescription.objects.visible_to(request.user).select_related("patient__clinic")
    prescription = get_object_or_404(visible, pk=pk)
    stretch = get_object_or_404(Stretch.objects.in_clinic(prescription.clinic_id), pk=stretch_pk)
    data = request.POST if request.method == "POST" else None
    try:
        assessment = _assess(prescription, stretch, is_asking=data is None)
        form = _form(request, prescription, assessment, data=data)
        if form.is_valid():
            shown = form.cleaned_data["shown"]
            drafting.add_overriding(prescription, form.instance, shown=shown, at=timezone.now())
            messages.success(request, f"{stretch} added, with your reason.")
            return return_to_builder(request, prescription)
    except IssuesChangedError as error:
        assessment = error.assessment
        again = typed_again(request, shown=as_text(drafting.named(assessment)))
        form = _form(request, prescription, assessment, data=again)
        form.add_error(None, str(error))
    except (TransitionError, UnsafePrescriptionError, NotAskedForError) as error:
        return _refuse(request, prescription, stretch, error)
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


def _assess(prescription: Prescription, stretch: Stretch, *, is_asking: bool) -> safety.Assessment:
    """Ask the rule.

    Raises ``NotAskedForError`` where there is no reason to ask for, ``UnsafePrescriptionError`` where none helps, or
    ``TransitionError`` when it is no draft any more.
    """
    if prescription.status != PrescriptionStatus.DRAFT:
        raise TransitionError
    assessment = drafting.assess(prescription, stretch, at=timezone.now())
    if why := _why_none(assessment, is_asking=is_asking):
        raise NotAskedForError(why)
    return assessment


def _refuse(request: HttpRequest, prescription: Prescription, stretch: Stretch, error: Exception) -> HttpResponse:
    """Say why no reason is recorded; what was typed is given back, with what can be done now."""
    is_draft = not isinstance(error, TransitionError)
    if request.method == "GET":
        if not is_draft:
            return leave_builder(request, prescription)
        messages.error(request, str(error))
        return return_to_builder(request, prescription)
    today = prescription.patient.clinic.today(timezone.now())
    has_problem = prescription.patient.record_problem(on=today) is not None
    form = OverrideForm(request.POST, instance=Override(stretch=stretch), reasons=(), days=(today, today))
    withheld_url = reverse("prescriptions:withheld_stretch_list", args=[prescription.pk, safety.Verdict.EXCLUDED.value])
    return give_back(
        request,
        prescription,
        form,
        what=f"your reason for {stretch}",
        why=str(error) if is_draft else "",
        is_record_problem=is_draft and has_problem,
        withheld_url=withheld_url if is_draft and not has_problem and _is_excluded(prescription, stretch) else "",
    )


def _is_excluded(prescription: Prescription, stretch: Stretch) -> bool:
    return drafting.assess(prescription, stretch, at=timezone.now()).verdict is safety.Verdict.EXCLUDED


def _why_none(assessment: safety.Assessment, *, is_asking: bool) -> str:
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
