"""The handout, for clinicians: to print from the browser, and as a PDF."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from accounts.forms.fields import OnceForm
from accounts.limiting import limited
from accounts.reading import is_known
from patients.models import Invitation
from patients.reading import reading_language
from prescriptions.handout import PDF_HEADERS, Handout, handout_of, pdf_of
from prescriptions.models import Prescription
from prescriptions.models.prescription import IN_FORCE
from prescriptions.showing import routine_from


@require_http_methods(["GET", "POST"])
@limited("invitation", methods=("POST",))
@cache_control(no_store=True, private=True)
def prescription_print(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the handout of a prescription as a page for paper.

    Posting makes an invitation and prints its code: it is on this paper only, for nobody stores it.
    """
    prescription = get_object_or_404(Prescription.objects.visible_to(request.user).for_showing(), pk=pk)
    context = {
        "prescription": prescription,
        "handout": _handout(request, prescription),
        "may_invite": prescription.status in IN_FORCE,
    }
    return render(request, "prescriptions/prescription_print.html", context)


@require_http_methods(["GET", "POST"])
@limited("pdf")
@cache_control(no_store=True, private=True)
def handout_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the same as a PDF; posting works as above."""
    prescription = get_object_or_404(Prescription.objects.visible_to(request.user).for_showing(), pk=pk)
    return HttpResponse(pdf_of(_handout(request, prescription)), headers=PDF_HEADERS)


def _handout(request: HttpRequest, prescription: Prescription) -> Handout:
    """The handout in the patient's language, or in the one that the clinician asks for."""
    patient = prescription.patient
    asked = request.GET.get("language", "")
    with translation.override(asked if is_known(asked) else reading_language(patient)):
        routine = routine_from(prescription, on=patient.clinic.today())
        if request.method != "POST":
            return handout_of(routine)
        new_id = OnceForm.id_in(request.POST)
        invitation, token = Invitation.on_paper(patient, by=signed_in(request), at=timezone.now(), new_id=new_id)
        link = reverse("patients:invitation_accept", args=[token])
        return handout_of(routine, link=link, link_until=invitation.expires_at)
