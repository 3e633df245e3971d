"""A clinic's own templates: saved from a prescription, adapted from another one, edited and retired."""

import uuid
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404, get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import signed_in
from accounts.models import Clinic
from prescriptions import own_templates
from prescriptions.drafting import LineGoneError, StaleEditError, dose_as_seen
from prescriptions.forms.template import (
    NewTemplateForm,
    OwnTemplateForm,
    PhaseFormSet,
    StretchChoiceForm,
    StretchSearchForm,
    TemplateDoseForm,
)
from prescriptions.models import Prescription, Template, TemplateLine, TemplatePhase
from prescriptions.own_templates import PhaseFullError, PhaseGoneError
from prescriptions.views.screen import typed_again
from stretches.models import Stretch
from stretches.searching import stretches_meant_by

STRETCHES_FOUND_MAX = 24


@require_http_methods(["GET", "POST"])
def template_add(request: HttpRequest) -> HttpResponse:
    """Make a template of one's own clinic: from a prescription, from another template, or an empty one."""
    get_list_or_404(Clinic.objects.treating(signed_in(request)))
    of = _made_of(request)
    clinics = Clinic.objects.treating(signed_in(request)).distinct()
    words = {}
    if isinstance(of, Prescription):
        clinics = clinics.filter(pk=of.clinic_id)
    elif isinstance(of, Template):
        words = {name: getattr(of, name) for name in ("name", "for_whom", "summary", "citation")}
    words["citation"] = words.get("citation") or f"Practice of {clinics[0]}"
    form = NewTemplateForm(request.POST if request.method == "POST" else None, initial=words, clinics=clinics)
    if form.is_valid():
        template = own_templates.make(form.template, of=of)
        messages.success(request, f"{template} is saved as a template of {template.clinic}.")
        return redirect(template)
    context = {"form": form, "of": of, "is_of_prescription": isinstance(of, Prescription)}
    return render(request, "prescriptions/template_add.html", context, status=422 if form.is_bound else 200)


def _made_of(request: HttpRequest) -> Prescription | Template | None:
    """What the new one is made of, as the address says; what may not be seen is not there."""
    try:
        if named := request.GET.get("prescription"):
            visible = Prescription.objects.visible_to(request.user).select_related("patient")
            return get_object_or_404(visible, pk=uuid.UUID(named))
        if named := request.GET.get("template"):
            return get_object_or_404(Template.objects.visible_to(request.user), pk=uuid.UUID(named))
    except ValueError as error:
        raise Http404 from error
    return None


@require_http_methods(["GET", "POST"])
def template_edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Change the words and the phases of a clinic's own template, or retire it."""
    template = get_object_or_404(Template.objects.visible_to(request.user).of_clinics().in_full(), pk=pk)
    data = request.POST if request.method == "POST" else None
    was_called = str(template)
    form, phases = OwnTemplateForm(data, instance=template), PhaseFormSet(data, instance=template)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid() and phases.is_valid():
        gone = [each.instance for each in phases.deleted_forms]
        kept = [each.instance for each in phases.forms if each.instance not in gone and _is_filled_in(each)]
        try:
            own_templates.change(form.instance, kept, gone, seen=form.cleaned_data["seen"])
        except StaleEditError as error:
            stored = cast(Template, error.stored)
            again = typed_again(request, seen=own_templates.as_seen(stored))
            form = OwnTemplateForm(again, instance=template)
            now = "; ".join(f"{phase} ({phase.weeks} weeks)" for phase in stored.phases.all())
            form.add_error(None, f"{error} It is now: {stored}, with {now}. Save again to replace it by yours.")
            status = 409
        else:
            messages.success(request, f"{form.instance} is saved.")
            return redirect(form.instance)
    context = {"template": template, "was_called": was_called, "form": form, "phases": phases}
    return render(request, "prescriptions/template_edit.html", context, status=status)


def _is_filled_in(form: object) -> bool:
    """Whether a phase is there already, or was written just now."""
    return not form.instance._state.adding or form.has_changed()  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def template_line_add(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Look for a stretch, and put it into a phase with the catalogue's dose."""
    phases = TemplatePhase.objects.visible_to(request.user).of_clinics().select_related("template")
    phase = get_object_or_404(phases, pk=pk)
    if request.method == "POST":
        chosen = StretchChoiceForm(request.POST, clinic_id=phase.clinic_id)
        if not chosen.is_valid():
            raise Http404("There is no such stretch.")
        stretch = chosen.cleaned_data["stretch"]
        try:
            _, is_new = own_templates.add_line(phase, stretch)
        except (PhaseFullError, PhaseGoneError) as error:
            messages.error(request, str(error))
        else:
            words = f"{stretch} is added to “{phase}”." if is_new else f"{stretch} is in “{phase}” already."
            messages.success(request, words)
        return redirect(phase.template)
    search = StretchSearchForm(request.GET)
    words = search.cleaned_data["q"] if search.is_valid() else ""
    stretches = Stretch.objects.in_clinic(phase.clinic_id).reviewed().select_related("adapted_from")
    meant = stretches_meant_by(words)
    found = list(stretches.filter(meant.rows)[: STRETCHES_FOUND_MAX + 1])
    context = {
        "template": phase.template,
        "phase": phase,
        "search": search,
        "words": words,
        "guessed": meant.guessed,
        "stretches": found[:STRETCHES_FOUND_MAX],
        "has_more": len(found) > STRETCHES_FOUND_MAX,
        "chosen": set(phase.lines.values_list("stretch_id", flat=True)),
    }
    return render(request, "prescriptions/template_line_add.html", context)


@require_http_methods(["GET", "POST"])
def template_line_edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Change the dose of a template's line."""
    lines = TemplateLine.objects.visible_to(request.user).of_clinics()
    line = get_object_or_404(lines.select_related("stretch", "phase__template"), pk=pk)
    form = TemplateDoseForm(request.POST if request.method == "POST" else None, instance=line)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            own_templates.change_dose(form.instance, seen=form.cleaned_data["seen"])
        except LineGoneError:
            messages.error(request, f"{line} was taken out of “{line.phase}” in the meantime.")
            return redirect(line.phase.template)
        except StaleEditError as error:
            stored = cast(TemplateLine, error.stored)
            form = TemplateDoseForm(typed_again(request, seen=dose_as_seen(stored)), instance=line)
            words = "; ".join([*stored.dose_words, f"note: “{stored.note}”" if stored.note else "no note"])
            form.add_error(None, f"{error} It is now: {words}. Save again to replace it by yours.")
            status = 409
        else:
            messages.success(request, f"Dose of {line} saved.")
            return redirect(line.phase.template)
    context = {"template": line.phase.template, "phase": line.phase, "line": line, "form": form}
    return render(request, "prescriptions/template_line_edit.html", context, status=status)


@require_POST
def template_line_remove(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a stretch out of a phase."""
    lines = TemplateLine.objects.visible_to(request.user).of_clinics()
    line = get_object_or_404(lines.select_related("stretch", "phase__template"), pk=pk)
    line.delete()
    messages.success(request, f"{line} is taken out of “{line.phase}”.")
    return redirect(line.phase.template)
