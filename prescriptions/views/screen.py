"""How every action in the builder answers: with the builder as it is now.

htmx swaps ``#builder`` and gets the new screen at once; without JavaScript the browser is sent back to it. What was
searched and filtered for comes along: in the address, or (htmx) in the filter form that is posted with the action.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from prescriptions import dosage, offers, safety
from prescriptions.forms.draft import MessageForm, OfferFilterForm
from prescriptions.models import Prescription, PrescriptionStatus
from prescriptions.safety import Verdict
from stretches.inventory import inventory_of

BUILDER = "prescriptions/prescription_edit.html"
LONGEST_QUERY = 1000  # characters: what is longer is nonsense, and no address for a browser
PARTS = frozenset({"offers", "withheld"})
"""What is swapped while one searches: the list alone."""
FRAME, NO_FRAME = "base.html", "prescriptions/_swapped.html"


def is_htmx(request: HttpRequest) -> bool:
    """Whether a part of the page is to be swapped."""
    return request.headers.get("HX-Request") == "true"


def is_for_list(request: HttpRequest) -> bool:
    """Whether the list of stretches alone is to be swapped, as while one types."""
    return is_htmx(request) and request.headers.get("HX-Target") in PARTS


def asked(request: HttpRequest) -> QueryDict:
    """What is searched and filtered for, and nothing else that came with the request."""
    sent = request.POST if "q" in request.POST else request.GET
    kept = QueryDict(mutable=True)
    for name in OfferFilterForm.base_fields:
        if sent.get(name):
            kept[name] = sent[name]
    return kept


def query_of(sent: QueryDict) -> str:
    """The end of an address that keeps what is searched and filtered for."""
    query = sent.urlencode()
    return f"?{query}" if 0 < len(query) <= LONGEST_QUERY else ""


def typed_again(request: HttpRequest, **hidden: str) -> QueryDict:
    """What was typed, with other values in the hidden fields: for a form that has to be looked at once more."""
    again = request.POST.copy()
    for name, value in hidden.items():
        again[name] = value
    return again


def page_of(request: HttpRequest, prescription: Prescription) -> dict[str, Any]:
    """What every page about a draft's stretches needs."""
    patient = prescription.patient
    sent = asked(request)
    inventory, filters = inventory_of(prescription.clinic_id), OfferFilterForm(sent)
    return {
        "base": NO_FRAME if is_htmx(request) else FRAME,
        "prescription": prescription,
        "patient": patient,
        "inventory": inventory,
        "circumstances": safety.circumstances_of(patient, on=patient.clinic.today(timezone.now()), inventory=inventory),
        "asked": sent,
        "query": query_of(sent),
        "add_url": reverse("prescriptions:prescribed_stretch_add", args=[prescription.pk]),
        "filters": filters,
        "guessed": inventory.guessed(filters.words),
    }


def search_of(context: dict[str, Any], pages: Mapping[Verdict, int] | None = None) -> offers.Search:
    """What is looked for on a page about a draft's stretches; of what is offered, unless it is another list's pages."""
    inventory, filters = context["inventory"], context["filters"]
    pages = pages or {verdict: filters.page_of(verdict) for verdict in offers.OFFERED}
    return offers.Search(context["circumstances"], inventory, filters.places_in(inventory), pages)


def show_list(request: HttpRequest, prescription: Prescription) -> HttpResponse:
    """Render the list of stretches alone, of which the draft is no part."""
    context = page_of(request, prescription)
    context["builder"] = offers.offered(prescription, search_of(context))
    return render(request, "prescriptions/_offers.html", context)


def show_builder(
    request: HttpRequest, prescription: Prescription, *, template: str = BUILDER, status: int = 200, **more: Any
) -> HttpResponse:
    """Render the whole screen. htmx leaves the page alone at any status but 200, and so is told 200."""
    context = page_of(request, prescription)
    builder = offers.build(prescription, search_of(context))
    context["filters"].offer(builder.muscles, builder.equipment)
    context |= {
        "builder": builder,
        "dosage": dosage,
        "message_form": MessageForm(instance=prescription),
        **more,
    }
    return render(request, template, context, status=200 if is_htmx(request) else status)


def return_to_builder(request: HttpRequest, prescription: Prescription, *, focus: object = "") -> HttpResponse:
    """Answer an action with the screen. ``focus`` says where the keyboard goes on, if what it stood on is gone."""
    if is_htmx(request):
        return show_builder(request, prescription, focus=focus)
    address = reverse("prescriptions:prescription_edit", args=[prescription.pk])
    return redirect(address + query_of(asked(request)))


def give_back(
    request: HttpRequest, prescription: Prescription, form: forms.BaseForm, *, what: str, why: str = "", **more: Any
) -> HttpResponse:
    """Refuse what was posted because something changed meanwhile: say what, and show the words that were typed.

    Nothing was stored, and no form is left to send again; so the words are there to copy, with ways on beside them.
    ``what`` was to be stored; ``why`` is read from the prescription's status where it is left out.
    """
    prescription.refresh_from_db(fields=["status"])
    status = prescription.get_status_display().lower()
    article = "a " if prescription.status == PrescriptionStatus.DRAFT else ""
    context = {
        "base": NO_FRAME if is_htmx(request) else FRAME,
        "prescription": prescription,
        "patient": prescription.patient,
        "what": what,
        "why": why or f"This prescription is {article}{status} now.",
        "typed": list(_words_of(form)),
        "query": query_of(asked(request)),
        **more,
    }
    status_code = 200 if is_htmx(request) else 409
    return render(request, "prescriptions/_not_stored.html", context, status=status_code)


def _words_of(form: forms.BaseForm) -> Iterator[tuple[str, str]]:
    """What was typed or chosen in a form, field by field, in words."""
    for field in form.visible_fields():
        value = field.value()
        values = value if isinstance(value, list | tuple) else [value]
        choices = {str(key): str(words) for key, words in getattr(field.field, "choices", ())}
        if words := ", ".join(choices.get(str(each), str(each)) for each in values if each not in (None, "")):
            yield str(field.label), words


def leave_builder(request: HttpRequest, prescription: Prescription) -> HttpResponse:
    """Go where a prescription is shown that is no draft any more: nothing can be written into it."""
    prescription.refresh_from_db(fields=["status"])
    status = prescription.get_status_display().lower()
    messages.error(request, f"This prescription is {status} now. To change it, start a new draft from it.")
    if is_htmx(request):
        return HttpResponseClientRedirect(prescription.get_absolute_url())
    return redirect(prescription)
