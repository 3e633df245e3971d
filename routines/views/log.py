"""Where a patient says how it went, what settled, and what is wrong: pages for people, data for the player."""

import datetime
import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import signed_in, wants_json
from patients.models import Patient
from prescriptions.models import PartOfDay, PrescribedStretch, Prescription
from prescriptions.showing import routine_from
from routines.forms.log import AskedLogForm, SettledForm, StretchLogForm
from routines.forms.red_flags import RedFlagForm
from routines.models import StretchLog
from routines.recording import EndedError, Recorded, RefusedError, Status, answer_settled, record_stretch
from routines.screening import record_red_flags
from stretches.models import RedFlagQuestion, Stretch
from stretches.wording import wording_for


def _sent(request: HttpRequest) -> Mapping[str, Any]:
    """What was posted: a form, or JSON whose values are taken as a form would send them."""
    if request.content_type != "application/json":
        return request.POST
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(sent, dict):
        return {}
    answers = sent.pop("answers", None)
    flat = sent | (answers if isinstance(answers, dict) else {})
    return {str(name): "" if value is None else _whole(str(value)) for name, value in flat.items()}


def _whole(text: str) -> str:
    """Text as it can be stored: for half a letter, such as is left where a picture letter was cut in two, a mark."""
    return text.encode(errors="replace").decode()


@require_http_methods(["GET", "POST"])
def stretch_log_record(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask how one stretch of one's own prescription went, and store or correct the answer."""
    given = Prescription.objects.own(request.user).exclude(activated_at=None).select_related("patient__clinic")
    prescription = get_object_or_404(given, pk=pk)
    now = timezone.now()
    if request.method == "POST" and wants_json(request):
        return _log_as_data(request, prescription, at=now)
    on, part = _day_asked_for(request, prescription), _part_asked_for(request)
    item = _line_asked_for(request, prescription)
    log = StretchLog.objects.own(request.user).filter(item=item, session__on=on, session__part_of_day=part).first()
    form = AskedLogForm(request.POST if request.method == "POST" else None, item=item, on=on, part_of_day=part, log=log)
    if form.is_bound and (recorded := _record(request, prescription, form, at=now)):
        _say(request, [recorded])
        return redirect("routines:routine_today")
    context = {
        "prescription": prescription,
        "name": _name_of(item.stretch),
        "form": form,
        "log": log,
        "on": on,
        "part_words": PartOfDay(part).label,
    }
    return render(request, "routines/stretch_log_record.html", context, status=_status_of(form))


@require_http_methods(["GET", "POST"])
def session_log_record(request: HttpRequest, pk: uuid.UUID, part_of_day: str) -> HttpResponse:
    """Ask how all of a part of the day went on one page, without the player."""
    prescription = get_object_or_404(Prescription.objects.own(request.user).in_force().for_showing(), pk=pk)
    on, now = _day_asked_for(request, prescription), timezone.now()
    routine = routine_from(prescription, on=prescription.patient.clinic.today(now))
    part = next((part for part in routine.parts if part.slug == part_of_day), None)
    if part is None:
        raise Http404("Nothing is due then.")
    logged = StretchLog.objects.own(request.user).filter(
        session__prescription=prescription, session__on=on, session__part_of_day=part_of_day
    )
    logs = {log.item_id: log for log in logged}
    forms = [
        AskedLogForm(
            request.POST if request.method == "POST" else None,
            item=shown.item,
            on=on,
            part_of_day=part_of_day,
            log=logs.get(shown.item.pk),
            prefix=str(shown.item.pk),
        )
        for shown in part.stretches
    ]
    are_valid = [form.is_valid() for form in forms]  # all of them, so that each says what is wrong with it
    if all(are_valid):
        recorded = [_record(request, prescription, form, at=now) for form in forms]
        if all(recorded):
            _say(request, [each for each in recorded if each])
            return redirect("routines:routine_today")
    context = {"prescription": prescription, "part": part, "on": on, "forms": forms}
    context["asked"] = [(shown.words.name, form) for shown, form in zip(part.stretches, forms, strict=True)]
    return render(request, "routines/session_log_record.html", context, status=max(_status_of(form) for form in forms))


@require_POST
def settled_record(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Store whether the pain of a stretch had gone by the next morning."""
    log = get_object_or_404(StretchLog.objects.own(request.user).select_related("session"), pk=pk)
    form = SettledForm(_sent(request))
    if form.is_valid():
        try:
            recorded = answer_settled(log, form.cleaned_data["has_settled"], by=signed_in(request), at=timezone.now())
        except RefusedError as refusal:
            form.errors.update(refusal.errors)  # type: ignore[arg-type]
        else:
            if wants_json(request):
                return _as_data(recorded)
            _say(request, [recorded])
            return redirect("routines:routine_today")
    if wants_json(request):
        return JsonResponse({"errors": form.errors}, status=400)
    messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("routines:routine_today")


@require_http_methods(["GET", "POST"])
def red_flags_record(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask the red-flag questions; a yes stops everything, and the page of the day then says what to do."""
    patient = get_object_or_404(Patient.objects.own(request.user).select_related("clinic"), pk=pk)
    questions = RedFlagQuestion.objects.select_related("action")
    form = RedFlagForm(_sent(request) if request.method == "POST" else None, questions=questions)
    if form.is_bound and form.is_valid():
        now = timezone.now()
        screened = record_red_flags(
            patient,
            form.answers,
            id=form.cleaned_data["id"] or uuid.uuid4(),
            answered_at=form.answered_by(now),
            at=now,
        )
        if wants_json(request):
            status = Status.STORED if screened.is_new else Status.KNOWN
            stopped = bool(screened.messages)
            return JsonResponse({"status": status, "is_stopped": stopped, "messages": screened.messages})
        if not screened.messages:
            messages.success(request, _("Good. Nothing of this stands against your stretches. Ask again at any time."))
        return redirect("routines:routine_today")
    if form.is_bound and wants_json(request):
        return JsonResponse({"errors": form.errors}, status=400)
    context = {"patient": patient, "form": form}
    return render(request, "routines/red_flags_record.html", context, status=422 if form.is_bound else 200)


def _record(
    request: HttpRequest, prescription: Prescription, form: StretchLogForm, *, at: datetime.datetime
) -> Recorded | None:
    """Store what a form says; ``None`` with the reasons in the form where it is refused."""
    if not form.is_valid():
        return None
    try:
        return record_stretch(prescription, form.said(at=at), by=signed_in(request), at=at)
    except RefusedError as refusal:
        form.has_ended = isinstance(refusal, EndedError)
        for field, said in refusal.errors.items():
            form.add_error(field, said)
        return None


def _status_of(form: StretchLogForm) -> int:
    if not form.is_bound or not form.errors:
        return 200
    return 410 if form.has_ended else 422


def _log_as_data(request: HttpRequest, prescription: Prescription, *, at: datetime.datetime) -> JsonResponse:
    form = StretchLogForm(_sent(request))
    if recorded := _record(request, prescription, form, at=at):
        return _as_data(recorded)
    return JsonResponse({"errors": form.errors}, status=410 if form.has_ended else 400)


def _as_data(recorded: Recorded) -> JsonResponse:
    said = {"status": recorded.status, "is_paused": recorded.is_paused, "message": _words_for(recorded)}
    return JsonResponse(said)


def _words_for(recorded: Recorded) -> str:
    if recorded.is_paused:
        return _("Stop doing “%(stretch)s”. It is paused until your clinic has looked at it.") % {
            "stretch": _name_of(recorded.log.stretch)
        }
    if recorded.status is Status.CORRECTED:
        return _("Corrected. Your clinic can see what you said before.")
    return _("Stored. Thank you.")


def _name_of(stretch: Stretch) -> str:
    """What its patient calls a stretch."""
    return wording_for([stretch]).stretch(stretch).name


def _say(request: HttpRequest, recorded: list[Recorded]) -> None:
    """Tell on the next page what became of it; what is paused is said for each, all else once."""
    paused = [each for each in recorded if each.is_paused]
    for each in paused:
        messages.error(request, _words_for(each))
    if not paused:
        messages.success(request, _words_for(recorded[0]))


def _line_asked_for(request: HttpRequest, prescription: Prescription) -> PrescribedStretch:
    try:
        asked_for = uuid.UUID(_asked_for(request, "item"))
    except ValueError as error:
        raise Http404("There is no such stretch.") from error
    return get_object_or_404(prescription.items.select_related("stretch"), pk=asked_for)


def _part_asked_for(request: HttpRequest) -> str:
    part = _asked_for(request, "part_of_day")
    if part not in PartOfDay.values:
        raise Http404("There is no such part of the day.")
    return part


def _day_asked_for(request: HttpRequest, prescription: Prescription) -> datetime.date:
    """The day that a page is about: today, unless it names another."""
    try:
        return datetime.date.fromisoformat(_asked_for(request, "on"))
    except ValueError:
        return prescription.patient.clinic.today()


def _asked_for(request: HttpRequest, name: str) -> str:
    return request.GET.get(name) or request.POST.get(name, "")
