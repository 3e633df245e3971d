"""The record of a patient, for clinicians: how it goes, and everything that happened."""

import datetime
import zoneinfo
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from simple_history.utils import get_history_manager_for_model

from accounts.replica import may_be_stale
from patients.models import Condition, OutcomeActivity, OutcomeMeasure, Patient
from routines import timeline
from routines.chart import PERIODS, USUAL_PERIOD, MeasureChart, chart_of, first_day, logs_of
from routines.events import STATUS, events_of

WEEKS_A_PAGE = 26


@require_safe
@may_be_stale
def record_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Plots, outcome measures and timeline of a patient, of the last weeks or of all time."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("clinic"), pk=pk)
    today = patient.clinic.today()
    asked = request.GET.get("weeks", USUAL_PERIOD)
    period = asked if asked in PERIODS else USUAL_PERIOD
    since = first_day(period, today=today)
    logs = logs_of(patient, since=since)
    events = events_of(patient, since=_start_of(since, patient))
    chart = chart_of(patient, today=today, period=period, logs=logs, events=events)
    activities = Prefetch("activities", OutcomeActivity.objects.filter(clinic=patient.clinic_id))
    scores = list(patient.outcome_scores.select_related("measure", "recorded_by").prefetch_related(activities))
    versions = get_history_manager_for_model(Condition).filter(patient=patient.pk)
    entries = [
        *timeline.entries_of_events(events, clinic=patient.clinic),
        *timeline.entries_of_conditions(
            versions.select_related("code", "history_user").order_by("history_date", "history_id")
        ),
        *timeline.entries_of_proposals(patient.proposals.decided().with_all()),
        *timeline.entries_of_scores(scores),
    ]
    weeks = timeline.weeks_of(entries, logs, chart.weeks, clinic=patient.clinic, since=since)
    counted = [score for score in scores if not score.is_entered_in_error]
    context: dict[str, Any] = {
        "patient": patient,
        "period": period,
        "periods": PERIODS,
        "chart": chart,
        "prescription_id": next((event.about for event in reversed(events) if event.kind == STATUS), None),
        "page": Paginator(weeks, WEEKS_A_PAGE).get_page(request.GET.get("page")),
        "measures": [
            MeasureChart.of(measure, [each for each in counted if each.measure_id == measure.pk], today=today)
            for measure in OutcomeMeasure.objects.all()
        ],
    }
    return render(request, "routines/record_detail.html", context)


def _start_of(day: datetime.date | None, patient: Patient) -> datetime.datetime | None:
    """When a local day of the clinic's begins."""
    zone = zoneinfo.ZoneInfo(patient.clinic.time_zone)
    return datetime.datetime.combine(day, datetime.time.min, zone) if day else None
