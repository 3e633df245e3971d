"""Pages about patients. Prescriptions are reached through their relation, for patients import nothing above them."""

import dataclasses
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in
from accounts.models import Clinic
from patients.affected import effect_of
from patients.forms.patient import PatientFilterForm, PatientForm
from patients.models import Condition, Patient
from patients.open_ends import with_open_ends
from patients.review import ReviewState, review_state
from patients.versions import StaleEditError, as_seen, differences

PATIENTS_A_PAGE = 25
IN_FORCE = ("active", "on-hold")
ENDED = ("completed", "revoked")


@require_http_methods(["GET", "HEAD", "POST"])
def patient_list(request: HttpRequest) -> HttpResponse:
    """Find a patient; conditions, prescription and review at a glance.

    What is looked for is posted, and the answer is this page: a name does not belong into an address, from where it
    would go on into logs and the browser's history.
    """
    clinics = get_list_or_404(Clinic.objects.treating(signed_in(request)))
    patients = Patient.objects.visible_to(request.user)
    asked = request.POST if request.method == "POST" else request.GET
    filters = PatientFilterForm(asked if asked is request.POST else {"whose": asked.get("whose", "")})
    if filters.is_mine:
        patients = patients.filter(clinician=request.user.pk)
    current = Condition.objects.visible_to(request.user).current().select_related("code")
    listed = (
        patients.matching(filters.words)
        .select_related("clinic", "clinician")
        .prefetch_related(Prefetch("conditions", current, to_attr="current_conditions"), "prescriptions")
    )
    page = Paginator(listed, PATIENTS_A_PAGE).get_page(asked.get("page"))
    context = {
        "page": page,
        "rows": [_Row.of(patient) for patient in page],
        "filters": filters,
        "has_clinics": len(clinics) > 1,
    }
    return render(request, "patients/patient_list.html", context)


@dataclasses.dataclass(frozen=True)
class _Row:
    """A patient in the list, with what is in force and what is being drafted."""

    patient: Patient
    age_years: int
    review: ReviewState
    prescriptions: list[object]

    @classmethod
    def of(cls, patient: Patient) -> "_Row":
        today = patient.clinic.today()
        every = list(patient.prescriptions.all())
        return cls(
            patient=patient,
            age_years=patient.age_years(on=today),
            review=review_state(patient, on=today),
            prescriptions=[each for status in (*IN_FORCE, "draft") for each in every if each.status == status],
        )


@require_http_methods(["GET", "POST"])
def patient_add(request: HttpRequest) -> HttpResponse:
    """Add a patient to a clinic of one's own."""
    get_object_or_404(Clinic.objects.treating(signed_in(request))[:1])
    form = PatientForm(request.POST or None, by=signed_in(request))
    if form.is_valid():
        patient = form.instance.add(by=signed_in(request))
        messages.success(request, f"{patient} is added. Record the conditions next, then attest the review.")
        return redirect(patient)
    return render(request, "patients/patient_add.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def patient_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct a patient's particulars."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("clinic"), pk=pk)
    context = {"patient": patient, "was_called": str(patient)}
    form = PatientForm(request.POST or None, instance=patient, by=signed_in(request))
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "patients/patient_edit.html", {**context, "form": form}, status=status)
    try:
        patient.edit(by=signed_in(request), fields=form.stored_fields, seen=form.cleaned_data["seen"])
    except StaleEditError as error:
        form.data = {**request.POST.dict(), "seen": as_seen([error.stored], form.stored_fields)}
        changes = differences(patient, error.stored, form.stored_fields)
        return render(request, "patients/patient_edit.html", {**context, "form": form, "changes": changes}, status=409)
    messages.success(request, f"What you changed of {patient} is saved.")
    return redirect(patient)


@require_safe
def patient_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything that matters of a patient on one page, with the next step in sight."""
    people = ("clinic", "clinician", "conditions_reviewed_by", "user")
    patients = Patient.objects.visible_to(request.user).with_invitation().select_related(*people)
    patient = get_object_or_404(with_open_ends(patients), pk=pk)
    today = patient.clinic.today()
    dated = [(each, each.completed_weeks(on=today)) for each in patient.conditions.select_related("code")]
    prescribed = patient.prescriptions.select_related("activated_by", "created_by")
    prescriptions = list(prescribed.with_lines(clinic_id=patient.clinic_id))
    in_force = next((each for each in prescriptions if each.status in IN_FORCE), None)
    lines = in_force.lines_on(today, conditions=[each for each, _ in dated if each.is_current]) if in_force else []
    effect = effect_of(request.GET.get("affected_by"), [each for each, _ in dated], lines)
    told = {each.line.item.pk for each in effect.paused} if effect else set()
    context = {
        "patient": patient,
        "today": today,
        "age_years": patient.age_years(on=today),
        "problem": patient.record_problem(on=today),
        "review": review_state(patient, on=today),
        "current": [(each, weeks) for each, weeks in dated if each.is_current],
        "settled": [(each, weeks) for each, weeks in dated if not each.is_current],
        "invitation": patient.open_invitation(at=timezone.now()),
        "in_force": in_force,
        "lines": lines,
        "effect": effect,
        "paused": [line for line in lines if not line.is_safe and line.item.pk not in told],
        "prescriptions": prescriptions,
        "stops": patient.routine_stops.open().with_answers() if vars(patient)["has_open_stop"] else (),
        "pauses": patient.stretch_pauses.open().with_logs() if vars(patient)["has_open_pause"] else (),
        "overrides": [(line.item.stretch, override) for line in lines for override in line.overrides],
        "draft": next((each for each in prescriptions if each.status == "draft"), None),
        "earlier": [each for each in prescriptions if each.status in ENDED],
    }
    return render(request, "patients/patient_detail.html", context)
