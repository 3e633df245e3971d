"""Where a clinic's admin decides whether a record is erased."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in
from accounts.again import asks_again
from accounts.models import Clinic
from clinic.forms import ErasureDecisionForm
from clinic.models import ErasureRequest
from clinic.privacy.erasing import plan_of
from clinic.privacy.requesting import decide

DECIDED = {
    "erased": "The record is erased. What the law keeps is locked away, and nobody can open it.",
    "refused": "Nothing is erased. The patient can read why.",
}


@require_safe
def erasure_request_list(request: HttpRequest) -> HttpResponse:
    """Requests that wait, and those that were turned down, of the clinics that this person manages."""
    get_list_or_404(Clinic.objects.visible_to(signed_in(request)))
    requests = ErasureRequest.objects.visible_to(request.user).select_related("patient", "clinic", "decided_by")
    context = {
        "waiting": requests.open(),
        "refused": requests.filter(decision=ErasureRequest.Decision.REFUSED).order_by("-decided_at", "pk"),
    }
    return render(request, "clinic/erasure_request_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@asks_again
def erasure_request_record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """See what erasing would do, and decide. Who and why is kept."""
    at, requests = timezone.now(), ErasureRequest.objects.visible_to(request.user).open()
    asked = get_object_or_404(requests.select_related("patient__clinic", "patient__user", "asked_by"), pk=pk)
    form = ErasureDecisionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        decision = form.cleaned_data["decision"]
        if decide(asked, decision, by=signed_in(request), at=at, reason=form.cleaned_data["reason"]):
            messages.success(request, DECIDED[decision])
        else:
            messages.info(request, "Somebody else decided about this request before you. Nothing was changed.")
        return redirect("erasure_request_list")
    context = {"asked": asked, "form": form, "plan": plan_of(asked.patient, at=at)}
    status = 422 if form.is_bound else 200
    return render(request, "clinic/erasure_request_record.html", context, status=status)
