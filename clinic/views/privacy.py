"""Everything about a patient, to take along, and asking for it to be erased."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from accounts.again import asks_again
from accounts.limiting import limited
from clinic.forms import ErasureRequestForm
from clinic.models import ErasureRequest
from clinic.privacy.erasing import plan_of
from clinic.privacy.everything import as_json, as_paper, everything_of
from clinic.privacy.requesting import ask
from patients.models import Patient
from patients.reading import reading_language

ORDER = ("clinic__name", "pk")


# Of oneself -----------------------------------------------------------------------------------------------------------
@require_safe
def own_everything_detail(request: HttpRequest) -> HttpResponse:
    """What is stored about this person, to take along, and how to have it erased; a part for each clinic."""
    records = get_list_or_404(Patient.objects.own(request.user).select_related("clinic").order_by(*ORDER))
    requests = ErasureRequest.objects.own(request.user).exclude(decision=ErasureRequest.Decision.WITHDRAWN)
    latest = {each.patient_id: each for each in requests}
    context = {"records": [(record, latest.get(record.pk)) for record in records]}
    return render(request, "clinic/own_everything_detail.html", context)


@require_safe
@limited("own data")
@asks_again
def own_everything_json(request: HttpRequest) -> HttpResponse:
    """Give this person every row about them."""
    records = get_list_or_404(Patient.objects.own(request.user).select_related("clinic", "user").order_by(*ORDER))
    return _json(records, for_patient=True)


@require_safe
@limited("own data")
@asks_again
def own_everything_pdf(request: HttpRequest) -> HttpResponse:
    """Give the same to read."""
    records = get_list_or_404(Patient.objects.own(request.user).select_related("clinic", "user").order_by(*ORDER))
    return _pdf(records, for_patient=True)


@require_http_methods(["GET", "HEAD", "POST"])
@asks_again
def own_erasure_request_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask a clinic to erase one's record. The page says first what that would do."""
    at = timezone.now()
    patient = get_object_or_404(Patient.objects.own(request.user).select_related("clinic", "user"), pk=pk)
    form = ErasureRequestForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        ask(patient, by=signed_in(request), at=at, words=form.cleaned_data["words"])
        messages.success(request, _("Your clinic has your request, and tells you what it decides."))
        return redirect("own_everything_detail")
    context = {"patient": patient, "form": form, "plan": plan_of(patient, at=at)}
    status = 422 if form.is_bound else 200
    return render(request, "clinic/own_erasure_request_add.html", context, status=status)


@require_POST
def own_erasure_request_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the request back."""
    patient = get_object_or_404(Patient.objects.own(request.user), pk=pk)
    requests = ErasureRequest.objects.own(request.user).filter(patient=patient)
    for each in requests.open():
        each.decide(ErasureRequest.Decision.WITHDRAWN, by=signed_in(request), at=timezone.now())
    latest = requests.last()
    if latest and latest.decision == ErasureRequest.Decision.WITHDRAWN:
        messages.success(request, _("Your request is taken back. Nothing was erased."))
    else:
        messages.info(request, _("No request of yours is open any more, so there was nothing to take back."))
    return redirect("own_everything_detail")


# Of a patient, for clinicians -----------------------------------------------------------------------------------------
@require_safe
def everything_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What may be given out about a patient, and whether they want it erased."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("clinic", "user"), pk=pk)
    requests = list(patient.erasure_requests.select_related("decided_by"))
    context = {
        "patient": patient,
        "plan": plan_of(patient, at=timezone.now()),
        "requests": requests,
        "is_asked": any(not each.decision for each in requests),
    }
    return render(request, "clinic/everything_detail.html", context)


@require_safe
@limited("own data")
@asks_again
def everything_json(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give out every row about a patient."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("clinic", "user"), pk=pk)
    return _json([patient], for_patient=False)


@require_safe
@limited("own data")
@asks_again
def everything_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give out the same to read, in the patient's language."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("clinic", "user"), pk=pk)
    with translation.override(reading_language(patient)):
        return _pdf([patient], for_patient=False)


@require_http_methods(["GET", "HEAD", "POST"])
def erasure_request_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note that a patient asked, by letter or in person, for their record to be erased."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("clinic", "user"), pk=pk)
    form = ErasureRequestForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        ask(patient, by=signed_in(request), at=timezone.now(), words=form.cleaned_data["words"])
        messages.success(request, "The request is noted. The clinic's admin decides about it.")
        return redirect("everything_detail", patient.pk)
    status = 422 if form.is_bound else 200
    return render(request, "clinic/erasure_request_add.html", {"patient": patient, "form": form}, status=status)


def _json(patients: Sequence[Patient], *, for_patient: bool) -> HttpResponse:
    at = timezone.now()
    body = as_json(everything_of(patient, at=at, for_patient=for_patient) for patient in patients)
    return HttpResponse(body, content_type="application/json", headers=_attached(f"limber-{at:%Y-%m-%d}.json"))


def _pdf(patients: Sequence[Patient], *, for_patient: bool) -> HttpResponse:
    at = timezone.now()
    body = as_paper(patients, at=at, for_patient=for_patient)
    return HttpResponse(body, content_type="application/pdf", headers=_attached(f"limber-{at:%Y-%m-%d}.pdf"))


def _attached(file_name: str) -> dict[str, str]:
    """To save, under a name that says nothing of the patient."""
    return {"Content-Disposition": f'attachment; filename="{file_name}"', "X-Content-Type-Options": "nosniff"}
