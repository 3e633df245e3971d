"""Templates: the library's and the clinic's own, and applying one of their phases to a patient."""

import uuid

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in
from accounts.models import Clinic
from patients.models import Patient
from prescriptions import applying, safety
from prescriptions.applying import Applied
from prescriptions.forms.template import PhaseChoiceForm
from prescriptions.models import PrescribedStretch, Prescription, Template, TemplatePhase, UnsafePrescriptionError
from prescriptions.models.prescription import IN_FORCE
from prescriptions.own_templates import PhaseGoneError


@require_safe
def template_list(request: HttpRequest) -> HttpResponse:
    """Every template that may be used, each with for whom, phases, minutes and count."""
    get_list_or_404(Clinic.objects.treating(signed_in(request)))
    templates = list(Template.objects.visible_to(request.user).in_full())
    context = {
        "own": [each for each in templates if not each.is_of_library and not each.is_retired],
        "library": [each for each in templates if each.is_of_library and not each.is_retired],
        "retired": [each for each in templates if each.is_retired],
    }
    return render(request, "prescriptions/template_list.html", context)


@require_safe
def template_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One template: its phases with their doses, when to move on, and what it rests on."""
    template = get_object_or_404(Template.objects.visible_to(request.user).in_full(), pk=pk)
    return render(request, "prescriptions/template_detail.html", {"template": template})


@require_http_methods(["GET", "POST"])
def template_apply(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Start a patient's draft from a phase; what is not safe for the patient is left out."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("clinic"), pk=pk)
    now = timezone.now()
    offered = Template.objects.visible_to(request.user).offered_in(patient.clinic_id)
    form = PhaseChoiceForm(
        request.POST if request.method == "POST" else None,
        phases=TemplatePhase.objects.visible_to(request.user).filter(template__in=offered).select_related("template"),
    )
    if form.is_valid():
        phase, is_replacing = form.cleaned_data["phase"], form.cleaned_data["what"] == "replace"
        try:
            applied = applying.apply(phase, patient, is_replacing=is_replacing, by=signed_in(request), at=now)
        except (UnsafePrescriptionError, PhaseGoneError) as error:
            messages.error(request, f"Nothing was added. {error}")
        else:
            _tell(request, phase, applied)
            return redirect("prescriptions:prescription_edit", applied.draft.pk)
    circumstances = safety.circumstances_of(patient, on=patient.clinic.today(now))
    lines = PrescribedStretch.objects.visible_to(request.user).filter(prescription=OuterRef("pk"))
    own = Prescription.objects.visible_to(request.user).filter(patient=patient, status__in=["draft", *IN_FORCE])
    read = list(own.with_template().annotate(has_lines=Exists(lines)))
    draft = next((each for each in read if each.status == "draft"), None)
    in_force = next((each for each in read if each.status in IN_FORCE), None)
    followed = in_force.template_phase if in_force else None
    context = {
        "patient": patient,
        "circumstances": circumstances,
        "form": form,
        "draft": draft,
        "in_force": in_force,
        "has_lines": getattr(draft or in_force, "has_lines", False),
        "templates": applying.templates_for(circumstances, offered.in_full(), now=followed),
    }
    return render(request, "prescriptions/template_apply.html", context, status=422 if form.is_bound else 200)


def _tell(request: HttpRequest, phase: TemplatePhase, applied: Applied) -> None:
    """Say what was added and what was left out; the builder says why, and what to take instead."""
    where = f"“{phase}” of {phase.template}"
    count = len(applied.added)
    added = f"{count} stretch{'' if count == 1 else 'es'} added from {where}." if count else f"Nothing new in {where}."
    if applied.left_out:
        names = ", ".join(str(each.stretch) for each in applied.left_out)
        messages.warning(request, f"{added} Left out, because of this patient's conditions: {names}.")
    else:
        messages.success(request, added)
