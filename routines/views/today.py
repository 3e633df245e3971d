"""The patient's own pages. What they show comes through the show door, ``prescriptions.showing``."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.limiting import limited
from prescriptions.handout import PDF_HEADERS, handout_of, pdf_of
from prescriptions.models import Prescription
from prescriptions.showing import routine_from
from routines.today import days_of


@gzip_page
@require_safe
@cache_control(no_store=True, private=True)
def routine_today(request: HttpRequest) -> HttpResponse:
    """Show this person's routine of the day, one for each clinic that treats them.

    ``?still`` holds the pictures still, for whoever is disturbed by things that move.
    """
    days = days_of(signed_in(request), at=timezone.now())
    if not days:
        raise Http404
    context = {
        "days": days,
        "first_name": days[0].routine.patient.full_name.partition(" ")[0],
        "has_pictures": any(day.routine.stretches for day in days),
        "is_animated": "still" not in request.GET,
    }
    if not days[0].is_of_staff:  # then what the frame of every page asks is known already
        names = {day.routine.patient.clinic.name for day in days}
        context |= {"is_patient": True, "is_clinician": False, "clinic_name": names.pop() if len(names) == 1 else ""}
    return render(request, "routines/routine_today.html", context)


@require_safe
@cache_control(no_store=True, private=True)
def routine_print(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the handout of this person's own prescription as a page for paper."""
    prescription = get_object_or_404(Prescription.objects.own(request.user).in_force().for_showing(), pk=pk)
    handout = handout_of(routine_from(prescription, on=prescription.patient.clinic.today()))
    return render(request, "routines/routine_print.html", {"prescription": prescription, "handout": handout})


@require_safe
@limited("pdf")
@cache_control(no_store=True, private=True)
def routine_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the same handout as a PDF."""
    prescription = get_object_or_404(Prescription.objects.own(request.user).in_force().for_showing(), pk=pk)
    handout = handout_of(routine_from(prescription, on=prescription.patient.clinic.today()))
    return HttpResponse(pdf_of(handout), headers=PDF_HEADERS)
