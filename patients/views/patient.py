"""Pages about patients."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in
from accounts.models import Clinic
from patients.forms import PatientFilterForm, PatientForm
from patients.models import Condition, Patient

PATIENTS_A_PAGE = 25


@require_safe
def patient_list(request: HttpRequest) -> HttpResponse:
    """Patients, with their conditions and prescription at a glance."""
    patients = Patient.objects.visible_to(request.user)
    filters = PatientFilterForm(request.GET)
    if filters.is_mine:
        patients = patients.filter(clinician=request.user.pk)
    current = Condition.objects.visible_to(request.user).current().select_related("code")
    listed = (
        patients.matching(filters.words)
        .select_related("clinic", "clinician")
        .prefetch_related(Prefetch("conditions", current, to_attr="current_conditions"), "prescriptions")
    )
    page = Paginator(listed, PATIENTS_A_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "patient": patient,
            "problem": patient.record_problem(on=patient.clinic.today()),
            "prescription": _most_telling(patient),
        }
        for patient in page
    ]
    has_clinics = Clinic.objects.treating(signed_in(request)).count() > 1
    context = {"page": page, "rows": rows, "filters": filters, "has_clinics": has_clinics}
    return render(request, "patients/patient_list.html", context)


def _most_telling(patient: Patient) -> object | None:
    """The prescription in force, else the draft, else the latest; rows are prefetched, newest first."""
    prescriptions = list(patient.prescriptions.all())
    for statuses in (("active", "on-hold"), ("draft",)):
        for prescription in prescriptions:
            if prescription.status in statuses:
                return prescription
    return prescriptions[0] if prescriptions else None


@require_http_methods(["GET", "POST"])
def patient_add(request: HttpRequest) -> HttpResponse:
    """A new patient of the clinic."""
    clinics = Clinic.objects.treating(signed_in(request))
    get_object_or_404(clinics[:1])
    form = PatientForm(request.POST or None, by=signed_in(request))
    if form.is_valid():
        form.instance._history_user = signed_in(request)
        patient = form.save()
        messages.success(request, f"{patient} is added. Record the conditions next, then attest the review.")
        return redirect(patient)
    return render(request, "patients/patient_add.html", {"form": form})


@require_http_methods(["GET", "POST"])
def patient_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A patient's particulars."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("clinic"), pk=pk)
    form = PatientForm(request.POST or None, instance=patient, by=signed_in(request))
    if form.is_valid():
        form.instance._history_user = signed_in(request)
        form.save()
        messages.success(request, "Saved.")
        return redirect(patient)
    return render(request, "patients/patient_edit.html", {"form": form, "patient": patient})


@require_safe
def patient_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Conditions and prescriptions of one patient, and what keeps anything from being prescribed."""
    patients = Patient.objects.visible_to(request.user).select_related("clinic", "clinician", "conditions_reviewed_by")
    patient = get_object_or_404(patients, pk=pk)
    today = patient.clinic.today()
    conditions = list(patient.conditions.select_related("code"))
    for condition in conditions:
        condition.weeks = condition.completed_weeks(on=today)
    prescriptions = list(patient.prescriptions.select_related("activated_by", "created_by"))
    in_force = next((each for each in prescriptions if each.status in {"active", "on-hold"}), None)
    lines = in_force.lines_on(today) if in_force else []
    context = {
        "patient": patient,
        "problem": patient.record_problem(on=today),
        "current": [condition for condition in conditions if condition.is_current],
        "settled": [condition for condition in conditions if not condition.is_current],
        "in_force": in_force,
        "lines": lines,
        "paused": [line for line in lines if not line.is_safe],
        "draft": next((each for each in prescriptions if each.status == "draft"), None),
        "earlier": [each for each in prescriptions if each.status in {"completed", "revoked"}],
        "today": today,
    }
    return render(request, "patients/patient_detail.html", context)
