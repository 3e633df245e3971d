"""Where everybody arrives, and what needs a clinician's attention."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import dateformat, timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in
from accounts.models import Clinic
from clinic.attention.line import LOOKS, Line
from clinic.attention.queue import line_of, queue_of
from clinic.attention.subjects import was_about
from clinic.forms import DecisionForm
from clinic.models import AttentionDecision, AttentionKind
from patients.models import Patient

DONE = {
    "acknowledged": "Seen: {patient} is in your hands.",
    "snoozed": "Put off: {patient} is back on {until}.",
    "resolved": "Dealt with: {patient}.",
    "returned": "{patient} waits in the queue again.",
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the page that this person came for; who is both treats and is treated chooses."""
    user = signed_in(request)
    treats = Clinic.objects.treating(user).exists()
    is_treated = Patient.objects.own(user).exists()
    if treats and is_treated:
        return render(request, "clinic/home.html", {"is_both": True})
    if treats:
        return redirect("attention_list")
    if is_treated:
        return redirect("routines:routine_today")
    if user.is_staff or Clinic.objects.administered_by(user).exists():
        return redirect("admin:index")
    return render(request, "clinic/home.html")


@require_safe
def attention_list(request: HttpRequest) -> HttpResponse:
    """What needs attention, worst first: of everybody at the clinic, or of one's own patients.

    ``?kind`` shows one kind in full, where there are many.
    """
    own = Patient.objects.own(request.user).order_by()
    treating = Clinic.objects.treating(signed_in(request)).annotate(has_own_record=Exists(own))
    clinics = get_list_or_404(treating.order_by("name", "pk"))
    patients = Patient.objects.visible_to(request.user, treating=clinics)
    is_mine = _is_mine(request.GET)
    if is_mine:
        patients = patients.filter(clinician=request.user.pk)
    queue = queue_of(patients, clinics=clinics, at=timezone.now())
    context = {
        "queue": queue,
        "groups": queue.groups(in_full=request.GET.get("kind", "")),
        "is_mine": is_mine,
        "has_clinics": len(clinics) > 1,
        # What ``accounts.context.roles`` would ask the database for once more.
        "is_clinician": True,
        "is_patient": vars(clinics[0])["has_own_record"],
        "clinic_name": clinics[0].name if len(clinics) == 1 else "",
    }
    return render(request, "clinic/attention_list.html", context)


@require_http_methods(["GET", "POST"])
def attention_decision_record(request: HttpRequest, pk: UUID, kind: str, subject: str) -> HttpResponse:
    """Decide about one line: seen, put off, dealt with, put back. Who and when is kept."""
    patients = Patient.objects.visible_to(request.user).filter(pk=pk)
    patient = get_object_or_404(patients.select_related("clinic"))
    if kind not in AttentionKind.values:
        raise Http404
    at = timezone.now()
    is_mine = _is_mine(request.POST if request.method == "POST" else request.GET)
    line = line_of(patients, clinic=patient.clinic, kind=kind, subject=subject, at=at)
    if line is None:
        if not was_about(patient.pk, kind=kind, subject=subject, by=signed_in(request)):
            raise Http404
        messages.info(request, f"This line about {patient} is gone already: nothing is left to decide.")
        return _back(is_mine=is_mine)
    form = DecisionForm(request.POST or None, line=line, today=patient.clinic.today(at))
    if not form.is_valid():
        return _ask(request, form, line, is_mine=is_mine)
    decided = form.cleaned_data | {"by": signed_in(request), "at": at}
    stored = AttentionDecision.record(patient, kind=kind, subject=subject, **decided)
    until = dateformat.format(stored.until_on, "j F") if stored.until_on else ""
    messages.success(request, DONE[stored.decision].format(patient=patient, until=until))
    return _back(is_mine=is_mine)


def _ask(request: HttpRequest, form: DecisionForm, line: Line, *, is_mine: bool) -> HttpResponse:
    """The page of one line, with what was decided about it before."""
    earlier = AttentionDecision.objects.visible_to(request.user).filter(
        patient=line.patient, kind=line.kind, subject=line.subject
    )
    context: dict[str, Any] = {
        "form": form,
        "line": line,
        "look": LOOKS[line.kind],
        "earlier": earlier.select_related("decided_by").order_by("-id"),
        "is_mine": is_mine,
    }
    status = 422 if form.is_bound else 200
    return render(request, "clinic/attention_decision_record.html", context, status=status)


def _is_mine(asked: Any) -> bool:
    return bool(asked.get("whose") == "mine")


def _back(*, is_mine: bool) -> HttpResponse:
    """To the queue as it was filtered."""
    return redirect(reverse("attention_list") + ("?whose=mine" if is_mine else ""))
