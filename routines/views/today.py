"""The patient's own pages. What they show comes through the show door, ``prescriptions.showing``."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from patients.models import Patient
from prescriptions.handout import PDF_HEADERS, handout_of, pdf_of
from prescriptions.models import Prescription
from prescriptions.showing import routine_from, routine_of


@require_safe
@cache_control(no_store=True, private=True)
def routine_today(request: HttpRequest) -> HttpResponse:
    """Show this person's routine of the day, one for each clinic that treats them.

    ``?still`` holds the pictures still, for whoever is disturbed by things that move.
    """
    records = Patient.objects.own(request.user).select_related("clinic").order_by("clinic__name", "pk")
    routines = [routine_of(record, on=record.clinic.today()) for record in records]
    if not routines:
        raise Http404
    context = {
        "routines": routines,
        "first_name": routines[0].patient.full_name.partition(" ")[0],
        "has_pictures": any(routine.stretches for routine in routines),
        "is_animated": "still" not in request.GET,
    }
    return render(request, "routines/routine_today.html", context)


@require_safe
@cache_control(no_store=True, private=True)
def routine_print(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the handout of this person's own prescription as a page for paper."""
    prescription = get_object_or_404(Prescription.objects.own(request.user).in_force().for_showing(), pk=pk)
    handout = handout_of(routine_from(prescription, on=prescription.patient.clinic.today()))
    return render(request, "routines/routine_print.html", {"prescription": prescription, "handout": handout})


@require_safe
@cache_control(no_store=True, private=True)
def routine_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the same handout as a PDF."""
    prescription = get_object_or_404(Prescription.objects.own(request.user).in_force().for_showing(), pk=pk)
    handout = handout_of(routine_from(prescription, on=prescription.patient.clinic.today()))
    return HttpResponse(pdf_of(handout), headers=PDF_HEADERS)
