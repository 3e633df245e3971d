"""Pages on which a clinician records, by outcome measures, how a patient is doing."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from patients.forms.outcome import OutcomeScoreForm
from patients.models import AlreadyScoredError, Occasion, OutcomeMeasure, OutcomeScore, Patient
from patients.outcomes import earlier_activities, score_versions
from patients.versions import StaleEditError


@require_http_methods(["GET", "POST"])
def outcome_score_add(request: HttpRequest, pk: UUID, slug: str) -> HttpResponse:
    """Record a score; at a review the same activities are asked about again."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("clinic"), pk=pk)
    measure = get_object_or_404(OutcomeMeasure, slug=slug)
    earlier = list(patient.outcome_scores.counted().filter(measure=measure).prefetch_related("activities"))
    today = patient.clinic.today()
    form = OutcomeScoreForm(
        request.POST if request.method == "POST" else None,
        instance=OutcomeScore(patient=patient, measure=measure),
        initial={"on": today, "occasion": Occasion.REVIEW if earlier else Occasion.START},
        asked_again=earlier_activities(earlier),
        today=today,
    )
    context = {"patient": patient, "measure": measure, "form": form, "last": earlier[-1] if earlier else None}
    return _stored(request, form) or render(
        request, "patients/outcome_score_add.html", context, status=422 if form.is_bound else 200
    )


@require_http_methods(["GET", "POST"])
def outcome_score_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct a score; what it said before stays in its history."""
    scores = OutcomeScore.objects.visible_to(request.user).select_related("patient__clinic", "measure")
    score = get_object_or_404(scores, pk=pk)
    patient, was = score.patient, str(score)
    form = OutcomeScoreForm(
        request.POST if request.method == "POST" else None, instance=score, today=patient.clinic.today()
    )
    context: dict[str, Any] = {"patient": patient, "measure": score.measure, "form": form, "was": was}
    try:
        if answer := _stored(request, form):
            return answer
    except StaleEditError as error:
        form.data = {**request.POST.dict(), "seen": cast(OutcomeScore, error.stored).as_seen()}
        context |= {"is_stale": True}
    context["versions"] = score_versions(score)
    status = 409 if "is_stale" in context else 422 if form.is_bound else 200
    return render(request, "patients/outcome_score_edit.html", context, status=status)


def _stored(request: HttpRequest, form: OutcomeScoreForm) -> HttpResponse | None:
    """Store what was typed and go to the record; ``None`` when the form has to be looked at again."""
    if not form.is_valid():
        return None
    score, seen = form.instance, form.cleaned_data.get("seen")
    activities = form.rated if form.measure.activities_max else ()
    try:
        score.record(by=signed_in(request), at=timezone.now(), activities=activities, seen=seen)
    except AlreadyScoredError as error:
        form.add_error("on", f"{error} Correct that one instead.")
        return None
    messages.success(request, f"{form.measure} of {score.patient} is recorded.")
    return redirect("routines:record_detail", score.patient_id)
