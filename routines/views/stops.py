"""What only a clinician does: let a patient go on after a pause by pain, or after a red flag."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from patients.models import Patient
from prescriptions.models import RoutineStop, StretchPause
from routines.forms.stops import LiftForm, ReopenForm


@require_http_methods(["GET", "POST"])
def stretch_pause_lift(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Let a patient do a stretch again that pain has paused."""
    pauses = StretchPause.objects.visible_to(request.user).select_related("patient", "stretch", "lifted_by")
    pause = get_object_or_404(pauses, pk=pk)
    form = LiftForm(request.POST if request.method == "POST" else None)
    if pause.lifted_at:
        messages.info(request, f"{pause.stretch} goes on already: {pause.lifted_by} lifted the pause.")
        return redirect(pause.patient)
    if form.is_valid():
        pause.lift(by=signed_in(request), at=timezone.now(), note=form.cleaned_data["note"])
        messages.success(request, f"{pause.patient} may do {pause.stretch} again, as far as the safety rule allows it.")
        return redirect(pause.patient)
    context = {"pause": pause, "patient": pause.patient, "form": form}
    return render(request, "routines/stretch_pause_lift.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def routine_reopen(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Let a patient go on whose routine a red flag has stopped; what was found has to be said."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)
    stops = list(RoutineStop.objects.visible_to(request.user).open().with_answers().filter(patient=patient))
    form = ReopenForm(request.POST if request.method == "POST" else None)
    if not stops:
        messages.info(request, f"The routine of {patient} is open.")
        return redirect(patient)
    if form.is_valid():
        RoutineStop.reopen(patient, by=signed_in(request), at=timezone.now(), note=form.cleaned_data["note"])
        messages.success(request, f"The routine of {patient} is open again.")
        return redirect(patient)
    context = {"patient": patient, "stops": stops, "form": form}
    return render(request, "routines/routine_reopen.html", context, status=422 if form.is_bound else 200)
