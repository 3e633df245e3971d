"""Who looked at one's record."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from audit.models import COMMAND, Event
from patients.models import Patient
from routines.looks import LATEST, looks_of


@require_safe
def look_list(request: HttpRequest) -> HttpResponse:
    """Tell a patient who looked at their record or changed it: everybody but themselves and the software."""
    records = list(Patient.objects.own(request.user).select_related("clinic").order_by("clinic__name", "pk"))
    if not records:
        raise Http404
    events = Event.objects.own([record.pk for record in records]).exclude(role=COMMAND)
    others = events.exclude(role="patient", user=signed_in(request)).select_related("user").order_by("-at", "-id")
    looks = [looks_of(record, others.filter(patient_id=record.pk)[:LATEST]) for record in records]
    return render(request, "routines/look_list.html", {"looks": looks})
