"""Pages about a patient's conditions, and the attestation that all were asked about."""

import datetime
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import outbox
from accounts.access import signed_in
from accounts.models import Clinic, User
from patients.affected import effect_of, reasons_of
from patients.forms.condition import ConditionForm
from patients.forms.patient import SearchForm
from patients.models import CONDITION_FIELDS, Condition, Patient
from patients.versions import StaleEditError, as_seen, differences, versions_of
from patients.views.codes import codes_to_choose

STEPS = ("search", "choose", "in_words")
"""Buttons that lead on without saving. They post, for what ails whom does not belong into an address."""


@require_http_methods(["GET", "POST"])
def condition_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose a code, or own words; then say since when, and how sure it is."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("clinic"), pk=pk)
    condition = Condition(patient=patient)
    if _is_step(request):
        return _next_step(request, "patients/condition_add.html", condition)
    form = ConditionForm(request.POST, instance=condition, today=patient.clinic.today())
    if form.is_valid():
        return _record(request, condition)
    return render(request, "patients/condition_add.html", {"patient": patient, "form": form}, status=422)


@require_http_methods(["GET", "POST"])
def condition_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct a condition; what it said before stays in its history."""
    conditions = Condition.objects.visible_to(request.user).select_related("patient__clinic", "code")
    condition = get_object_or_404(conditions, pk=pk)
    patient, was = condition.patient, str(condition)
    context: dict[str, Any] = {"patient": patient, "condition": condition, "was": was}
    if _is_step(request):
        return _next_step(request, "patients/condition_edit.html", condition, context)
    form = ConditionForm(request.POST, instance=condition, today=patient.clinic.today())
    if not form.is_valid():
        return render(request, "patients/condition_edit.html", {**context, "form": form}, status=422)
    try:
        return _record(request, condition, seen=form.cleaned_data["seen"])
    except StaleEditError as error:
        form.data = {**request.POST.dict(), "seen": as_seen([error.stored], CONDITION_FIELDS)}
        context["changes"] = differences(condition, error.stored, CONDITION_FIELDS)
        return render(request, "patients/condition_edit.html", {**context, "form": form}, status=409)


def _is_step(request: HttpRequest) -> bool:
    return request.method == "GET" or any(step in request.POST for step in STEPS)


def _next_step(
    request: HttpRequest, template: str, condition: Condition, context: Mapping[str, Any] | None = None
) -> HttpResponse:
    """Show what there is to choose from, or the form for what was chosen; what was typed comes along."""
    typed = {name: request.POST[name] for name in ConditionForm.base_fields if name in request.POST}
    search = SearchForm(request.POST if "q" in request.POST else request.GET)
    if "choose" in request.POST:
        typed["code"] = request.POST["choose"]
    elif "in_words" in request.POST:
        typed |= {"code": "", "free_text": typed.get("free_text") or search.words}
    form = ConditionForm(initial=typed, instance=condition, today=condition.patient.clinic.today())
    is_choosing = "search" in request.POST or (condition._state.adding and request.method == "GET")
    is_choosing = is_choosing or (form.slug != "" and form.chosen is None)
    context = {
        "patient": condition.patient,
        **(context or {}),
        "form": form,
        "search": search,
        "is_choosing": is_choosing,
        "already": None if is_choosing else _already(condition, form),
        "codes": codes_to_choose(search.words) if is_choosing else [],
    }
    return render(request, template, context)


def _already(condition: Condition, form: ConditionForm) -> Condition | None:
    """A current condition with the code that is being recorded anew."""
    if form.chosen is None or not form.is_new:
        return None
    return condition.patient.conditions.current().filter(code=form.chosen).first()


def _record(request: HttpRequest, condition: Condition, *, seen: str | None = None) -> HttpResponse:
    """Store it, and lead to the next page, which says at once what that does to the prescription in force."""
    patient = condition.patient
    today = patient.clinic.today()
    with transaction.atomic():
        before = _lines_in_force(patient, today)
        condition.record(by=signed_in(request), seen=seen)
        after = _lines_in_force(patient, today)
        was_unsafe, is_unsafe = ({line.item.pk for line in lines if not line.is_safe} for lines in (before, after))
        if is_unsafe - was_unsafe:
            _tell_clinician(condition, by=signed_in(request))
    messages.success(request, f"{condition} is recorded.")
    if safe_again := [str(line.item) for line in before if line.item.pk in was_unsafe - is_unsafe]:
        messages.info(request, f"Safe for {patient} again: {', '.join(safe_again)}.")
    # What is missing in the record is the next step: one click nearer.
    name = "patients:conditions_review_record" if patient.record_problem(on=today) else "patients:patient_detail"
    asks = {"affected_by": condition.pk} if reasons_of(after) - reasons_of(before) else None
    return redirect(reverse(name, args=[patient.pk], query=asks))


def _tell_clinician(condition: Condition, *, by: User) -> None:
    """Tell whoever treats the patient that something needs them, unless it is who recorded it or left the clinic."""
    patient, clinician = condition.patient, condition.patient.clinician
    if clinician is None or clinician == by or not Clinic.objects.treating(clinician).contains(patient.clinic):
        return
    outbox.post(
        "needs_you",
        unique_key=f"condition:{condition.pk}:{condition.history.latest().pk}:{clinician.pk}",
        to=clinician,
        clinic=patient.clinic,
        path=reverse("patients:patient_detail", args=[patient.pk], query={"affected_by": condition.pk}),
        due_at=timezone.now(),
    )


def _lines_in_force(patient: Patient, today: datetime.date) -> list[Any]:
    """The lines of what is active or on hold, as the safety rule sees them."""
    prescription = patient.prescriptions.in_force().first()
    return prescription.lines_on(today) if prescription else []


@require_safe
def condition_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What a condition says, and everything it ever said."""
    conditions = Condition.objects.visible_to(request.user).select_related("patient__clinic", "code", "recorded_by")
    condition = get_object_or_404(conditions, pk=pk)
    context = {
        "patient": condition.patient,
        "condition": condition,
        "weeks": condition.completed_weeks(on=condition.patient.clinic.today()),
        "versions": versions_of(condition, CONDITION_FIELDS, related=["code"]),
    }
    return render(request, "patients/condition_detail.html", context)


@require_http_methods(["GET", "POST"])
def conditions_review_record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go through every current condition, then attest that all were asked about."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("clinic"), pk=pk)
    today = patient.clinic.today()
    is_stale = False
    if request.method == "POST":
        try:
            patient.record_review(by=signed_in(request), on=today, seen=request.POST.get("seen", ""))
        except StaleEditError:
            is_stale = True
        else:
            messages.success(request, "Every condition was asked about today: that is recorded.")
            return redirect(patient)
    current = list(patient.conditions.current().select_related("code"))
    in_force = patient.prescriptions.in_force().first() if "affected_by" in request.GET else None
    context = {
        "patient": patient,
        "in_force": in_force,
        "effect": effect_of(request.GET.get("affected_by"), current, in_force.lines_on(today) if in_force else []),
        "current": [(condition, condition.completed_weeks(on=today)) for condition in current],
        "seen": as_seen(current, CONDITION_FIELDS),
        "is_stale": is_stale,
    }
    return render(request, "patients/conditions_review_record.html", context, status=409 if is_stale else 200)
