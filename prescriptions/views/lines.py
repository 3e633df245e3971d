"""The lines of a draft: added, dosed, moved and removed. Each passes the safety rule again before it is stored."""

import uuid
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from prescriptions import drafting
from prescriptions.drafting import LineGoneError, StaleEditError
from prescriptions.forms.dose import DoseForm
from prescriptions.forms.draft import ChosenStretchForm, PlaceForm
from prescriptions.models import (
    PrescribedStretch,
    Prescription,
    PrescriptionStatus,
    TransitionError,
    UnsafePrescriptionError,
)
from prescriptions.views.screen import give_back, leave_builder, return_to_builder, show_builder, typed_again


@require_POST
def prescribed_stretch_add(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Put a stretch into the draft with the catalogue's dose, unless the safety rule blocks it."""
    visible = Prescription.objects.visible_to(request.user).select_related("patient__clinic")
    prescription = get_object_or_404(visible, pk=pk)
    form = ChosenStretchForm(request.POST, prescription=prescription)
    if not form.is_valid():
        raise Http404("There is no such stretch.")
    stretch = form.cleaned_data["stretch"]
    try:
        _, is_new = drafting.add(prescription, stretch, instead_of=form.cleaned_data["instead_of"], at=timezone.now())
    except TransitionError:
        return leave_builder(request, prescription)
    except UnsafePrescriptionError as error:
        messages.error(request, f"{stretch} was not added. {error}")
    else:
        messages.success(request, f"{stretch} added." if is_new else f"{stretch} is in the prescription already.")
    return return_to_builder(request, prescription)


@require_http_methods(["GET", "POST"])
def prescribed_stretch_edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Change the dose of one line, in its place in the builder."""
    visible = PrescribedStretch.objects.visible_to(request.user)
    line = get_object_or_404(visible.select_related("stretch", "prescription__patient__clinic"), pk=pk)
    form = DoseForm(request.POST if request.method == "POST" else None, instance=line)
    what = f"the dose of {line.stretch}"
    if line.prescription.status != PrescriptionStatus.DRAFT:
        if form.is_bound:
            return give_back(request, line.prescription, form, what=what)
        return leave_builder(request, line.prescription)
    status = 200
    if form.is_valid():
        try:
            drafting.change_dose(form.instance, seen=form.cleaned_data["seen"], at=timezone.now())
        except TransitionError:
            return give_back(request, line.prescription, form, what=what)
        except LineGoneError as error:
            return give_back(request, line.prescription, form, what=what, why=str(error))
        except UnsafePrescriptionError as error:
            form.add_error(None, f"The dose was not saved. {error}")
            status = 422
        except StaleEditError as error:
            stored = cast(PrescribedStretch, error.stored)
            form = DoseForm(typed_again(request, seen=drafting.dose_as_seen(stored)), instance=line)
            words = "; ".join([*stored.dose_words, f"note: “{stored.note}”" if stored.note else "no note"])
            form.add_error(None, f"{error} It is now: {words}. Save again to replace it by yours.")
            status = 409
        else:
            messages.success(request, f"Dose of {line.stretch} saved.")
            return return_to_builder(request, line.prescription, focus=line.pk)
    form.focus()
    template = "prescriptions/prescribed_stretch_edit.html"
    return show_builder(request, line.prescription, template=template, status=status, editing=line, dose_form=form)


@require_POST
def prescribed_stretch_remove(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a line out of its draft."""
    visible = PrescribedStretch.objects.visible_to(request.user)
    line = get_object_or_404(visible.select_related("stretch", "prescription__patient__clinic"), pk=pk)
    try:
        drafting.remove(line)
    except TransitionError:
        return leave_builder(request, line.prescription)
    messages.success(request, f"{line.stretch} removed.")
    return return_to_builder(request, line.prescription, focus="prescription-title")


@require_POST
def prescribed_stretch_move(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Move a line up or down in its draft."""
    visible = PrescribedStretch.objects.visible_to(request.user)
    line = get_object_or_404(visible.select_related("stretch", "prescription__patient__clinic"), pk=pk)
    form = PlaceForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was moved: up or down?")
        return return_to_builder(request, line.prescription)
    try:
        drafting.move(line, places=form.cleaned_data["move"])
    except TransitionError:
        return leave_builder(request, line.prescription)
    return return_to_builder(request, line.prescription)
