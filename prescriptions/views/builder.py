"""The builder: one screen on which a prescription is drafted."""

import uuid
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.access import signed_in
from accounts.limiting import limited
from patients.models import Patient
from prescriptions import drafting, offers
from prescriptions.drafting import StaleEditError
from prescriptions.forms.draft import MessageForm, OfferFilterForm
from prescriptions.models import Prescription, PrescriptionStatus, TransitionError
from prescriptions.safety import Verdict
from prescriptions.views.screen import (
    give_back,
    is_for_list,
    leave_builder,
    page_of,
    return_to_builder,
    search_of,
    show_builder,
    show_list,
    typed_again,
)


@require_POST
def prescription_add(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Open the patient's draft: the one that there is, or a new one from what is in force."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)
    draft = drafting.start(patient, by=signed_in(request))
    return redirect("prescriptions:prescription_edit", draft.pk)


@require_GET
@limited("search", only_with_query=True)
def prescription_edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Offer stretches for this patient, and show the draft as it grows."""
    visible = Prescription.objects.visible_to(request.user).select_related("patient__clinic")
    for_list = is_for_list(request)
    prescription = get_object_or_404(visible if for_list else visible.with_template(), pk=pk)
    if prescription.status != PrescriptionStatus.DRAFT:
        return leave_builder(request, prescription)
    return show_list(request, prescription) if for_list else show_builder(request, prescription)


@require_POST
def message_edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Store the message to the patient; the button “Review and activate” sends it along and goes on."""
    visible = Prescription.objects.visible_to(request.user).select_related("patient__clinic")
    prescription = get_object_or_404(visible, pk=pk)
    form = MessageForm(request.POST, instance=prescription)
    if not form.is_valid():
        return show_builder(request, prescription, message_form=form, focus="message_note")
    try:
        drafting.change_note(prescription, form.cleaned_data["note"], seen=form.cleaned_data["seen"])
    except TransitionError:
        return give_back(request, prescription, form, what="the message to the patient")
    except StaleEditError as error:
        stored = cast(Prescription, error.stored)
        form = MessageForm(typed_again(request, seen=drafting.note_as_seen(stored)), instance=prescription)
        form.add_error("note", f"{error} It says now: “{stored.note}”. Save again to replace it by yours.")
        return show_builder(request, prescription, message_form=form, status=409)
    if "review" in request.POST:
        return redirect("prescriptions:prescription_activate", prescription.pk)
    messages.success(request, "The message to the patient is saved.")
    return return_to_builder(request, prescription)


@require_GET
def withheld_stretch_list(request: HttpRequest, pk: uuid.UUID, verdict: str) -> HttpResponse:
    """Show what is not offered to this patient: every reason, its source, and what to take instead."""
    visible = Prescription.objects.visible_to(request.user).select_related("patient__clinic")
    prescription = get_object_or_404(visible, pk=pk)
    if verdict not in offers.WITHHELD:
        raise Http404
    if prescription.status != PrescriptionStatus.DRAFT:
        return leave_builder(request, prescription)
    context = page_of(request, prescription)
    filters: OfferFilterForm = context["filters"]
    asked_for = Verdict(verdict)
    search = search_of(context, {asked_for: filters.cleaned_data.get("page") or 1})
    context["section"] = offers.withheld(prescription, search, asked_for)
    return render(request, "prescriptions/withheld_stretch_list.html", context)
