"""Who looked at one's record."""

from django.db.models import Q
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
    not_told = Q(role=COMMAND) | Q(role="patient", user=signed_in(request))
    looks = [
        looks_of(
            record,
            Event.objects.own([record.pk]).exclude(not_told).select_related("user").order_by("-at", "-id")[:LATEST],
        )
        for record in records
    ]
    return render(request, "routines/look_list.html", {"looks": looks})
