"""Pages about a patient's conditions, and the attestation that all were asked about."""

import dataclasses
import datetime
from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in
from patients.forms import ConditionForm, SearchForm
from patients.models import Condition, Patient
from stretches.models import ConditionCode

CODES_SHOWN = 20


@require_http_methods(["GET", "POST"])
def condition_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Search for a code, then say how it stands; without a code, in free text."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("clinic"), pk=pk)
    today = patient.clinic.today()
    search = SearchForm(request.GET)
    initial = {"code": request.GET.get("code", ""), "free_text": request.GET.get("free_text", "")[:200]}
    form = ConditionForm(request.POST or None, initial=initial, instance=Condition(patient=patient), today=today)
    if form.is_valid():
        return _record(request, form.instance)
    codes = ConditionCode.objects.selectable().matching(search.words)
    context = {
        "patient": patient,
        "form": form,
        "search": search,
        "codes": codes[:CODES_SHOWN] if search.words else codes.filter(tier=ConditionCode.Tier.CORE)[:CODES_SHOWN],
        "is_chosen": form.is_bound or form.chosen or "free_text" in request.GET,
    }
    return render(request, "patients/condition_add.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def condition_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How a condition stands now; what it said before is kept."""
    conditions = Condition.objects.visible_to(request.user).select_related("patient__clinic", "code")
    condition = get_object_or_404(conditions, pk=pk)
    data = None
    if request.method == "POST":  # which condition it is stays; a wrong one is entered in error, and recorded anew
        data = request.POST.copy()
        data["code"] = condition.code.slug if condition.code else ""
    form = ConditionForm(data, instance=condition, today=condition.patient.clinic.today())
    if form.is_valid():
        return _record(request, form.instance)
    context = {"patient": condition.patient, "condition": condition, "form": form}
    return render(request, "patients/condition_edit.html", context, status=422 if form.is_bound else 200)


def _record(request: HttpRequest, condition: Condition) -> HttpResponse:
    """Store it, and say in the same breath what the patient will no longer see."""
    patient = condition.patient
    with transaction.atomic():
        condition.record(by=signed_in(request))
        active = patient.prescriptions.active().first()
        lines = active.lines_on(patient.clinic.today()) if active else []
    messages.success(request, f"{condition} is recorded.")
    paused = [str(line.item) for line in lines if not line.is_safe]
    if paused:
        message = f"Paused for {patient} from now on: {', '.join(paused)}. The patient sees “paused, ask your clinic”."
        messages.warning(request, message)
    if patient.record_problem(on=patient.clinic.today()):
        return redirect("patients:conditions_review_record", patient.pk)  # the next step, one click nearer
    return redirect(patient)


@dataclasses.dataclass(frozen=True)
class Version:
    """What one change of a condition did."""

    by: object
    at: datetime.datetime
    changes: list[tuple[str, str, str]]
    """(field, before, after), in words."""


@require_safe
def condition_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every version of a condition."""
    conditions = Condition.objects.visible_to(request.user).select_related("patient__clinic", "code")
    condition = get_object_or_404(conditions, pk=pk)
    context = {"patient": condition.patient, "condition": condition, "versions": list(_versions(condition))}
    return render(request, "patients/condition_detail.html", context)


WATCHED = ("clinical_status", "verification_status", "anchor_on", "note", "free_text")


def _versions(condition: Condition) -> Iterator[Version]:
    """Every stored version, the newest first, each with what it changed."""
    stored = list(condition.history.select_related("history_user").order_by("-history_date", "-history_id"))
    for version, before in zip(stored, [*stored[1:], None], strict=True):
        changes = [
            (str(Condition._meta.get_field(name).verbose_name), _words(before, name), _words(version, name))
            for name in WATCHED
            if before is not None and getattr(before, name) != getattr(version, name)
        ]
        yield Version(by=version.history_user, at=version.history_date, changes=changes)


def _words(version: object, name: str) -> str:
    display = getattr(version, f"get_{name}_display", None)
    value = display() if display else getattr(version, name)
    return f"{value:%-d %B %Y}" if isinstance(value, datetime.date) else str(value or "nothing")


@require_http_methods(["GET", "POST"])
def conditions_review_record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Go through all current conditions and attest that every one was asked about."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("clinic"), pk=pk)
    if request.method == "POST":
        patient.record_review(by=signed_in(request), on=patient.clinic.today())
        messages.success(request, "The review of all conditions is attested for today.")
        return redirect(patient)
    current = patient.conditions.current().select_related("code")
    context = {"patient": patient, "current": current}
    return render(request, "patients/conditions_review_record.html", context)
