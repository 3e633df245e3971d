"""The handout, for clinicians: to print from the browser, and as a PDF."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.reading import is_known
from prescriptions.handout import PDF_HEADERS, Handout, handout_of, pdf_of
from prescriptions.models import Prescription
from prescriptions.showing import routine_from


@require_safe
@cache_control(no_store=True, private=True)
def prescription_print(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the handout of a prescription as a page for paper."""
    prescription = get_object_or_404(Prescription.objects.visible_to(request.user).for_showing(), pk=pk)
    context = {
        "prescription": prescription,
        "handout": _in_language(prescription, asked=request.GET.get("language", "")),
    }
    return render(request, "prescriptions/prescription_print.html", context)


@require_safe
@cache_control(no_store=True, private=True)
def handout_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the same handout as a PDF."""
    prescription = get_object_or_404(Prescription.objects.visible_to(request.user).for_showing(), pk=pk)
    handout = _in_language(prescription, asked=request.GET.get("language", ""))
    return HttpResponse(pdf_of(handout), headers=PDF_HEADERS)


def _in_language(prescription: Prescription, *, asked: str) -> Handout:
    """The handout in the patient's language, or in the one that the clinician asks for."""
    patient = prescription.patient
    with translation.override(asked if is_known(asked) else patient.reading_language):
        return handout_of(routine_from(prescription, on=patient.clinic.today()))
