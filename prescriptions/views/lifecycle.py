"""What happens to a prescription after it was drafted: it comes into force, pauses, goes on, ends."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from prescriptions import dosage
from prescriptions.forms.lifecycle import ActivateForm, GoAheadForm, ReasonForm
from prescriptions.models import (
    CountNotExplainedError,
    NotAcknowledgedError,
    PermissibilityReport,
    Prescription,
    PrescriptionStatus,
    TransitionError,
    UnsafePrescriptionError,
)
from prescriptions.models.changes import versions_of
from prescriptions.models.prescription import IN_FORCE
from prescriptions.review import review_before_activation, review_of
from prescriptions.views.screen import give_back
from stretches.models import CatalogueRelease


class StaffRequest(HttpRequest):
    """A request of somebody who is signed in: LoginRequiredMiddleware sees to it."""

    user: User


@require_safe
def prescription_detail(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """A prescription as it stands: its lines with today's verdicts, who did what, its versions, what can be done."""
    prescriptions = Prescription.objects.visible_to(request.user).with_people().with_template()
    report = PermissibilityReport.objects.visible_to(request.user).filter(prescription=OuterRef("pk"))
    prescription = get_object_or_404(prescriptions.annotate(has_report=Exists(report)), pk=pk)
    review = review_of(prescription, at=timezone.now())
    context = {
        "prescription": prescription,
        "review": review,
        "versions": versions_of(prescription),
        "dosage": dosage,
        "is_in_force": prescription.status in IN_FORCE,
        "is_unknown": prescription.status == PrescriptionStatus.DRAFT and not review.circumstances.may_prescribe,
    }
    return render(request, "prescriptions/prescription_detail.html", context)


@require_http_methods(["GET", "POST"])
def prescription_activate(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Everything that will be in force, what stands against it, and the one button."""
    prescription = get_object_or_404(Prescription.objects.visible_to(request.user).with_people(), pk=pk)

    def activate(*, replacing: uuid.UUID | None, **answers: Any) -> None:
        replaced = prescription.patient.prescriptions.filter(pk=replacing).first() if replacing else None
        prescription.activate(by=request.user, at=timezone.now(), replacing=replaced, **answers)

    form = ActivateForm(request.POST if request.method == "POST" else None)
    refusal = _refusal(prescription, form, activate)
    if form.is_bound and refusal is None:
        messages.success(request, f"The prescription for {prescription.patient} is active.")
        return redirect(prescription)
    if prescription.status != PrescriptionStatus.DRAFT:
        return _wrong_status(request, prescription, "activated", wanted=PrescriptionStatus.ACTIVE)
    context = _before_going_ahead(prescription, form, refusal) | {"form": form, "dosage": dosage}
    return render(request, "prescriptions/prescription_activate.html", context, status=_http_status(refusal))


@require_http_methods(["GET", "POST"])
def prescription_resume(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a prescription off hold, through the same door as activation."""
    prescription = get_object_or_404(Prescription.objects.visible_to(request.user).with_people(), pk=pk)

    def resume(*, replacing: uuid.UUID | None, **answers: Any) -> None:  # noqa: ARG001 - it is in force already
        prescription.resume(by=request.user, at=timezone.now(), **answers)

    form = GoAheadForm(request.POST if request.method == "POST" else None)
    refusal = _refusal(prescription, form, resume)
    if form.is_bound and refusal is None:
        messages.success(request, f"{prescription.patient} goes on with the prescription.")
        return redirect(prescription)
    if prescription.status != PrescriptionStatus.ON_HOLD:
        return _wrong_status(request, prescription, "resumed", wanted=PrescriptionStatus.ACTIVE)
    context = _before_going_ahead(prescription, form, refusal)
    return render(request, "prescriptions/prescription_resume.html", context, status=_http_status(refusal))


@require_POST
def prescription_revise(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Start a new version, or go on with the draft that is open."""
    prescription = get_object_or_404(Prescription.objects.visible_to(request.user), pk=pk)
    draft = prescription.revise(by=request.user)
    if draft.replaces_id != prescription.pk:
        messages.info(request, "There is an open draft for this patient already: this is it.")
    return redirect("prescriptions:prescription_edit", draft.pk)


@require_http_methods(["GET", "POST"])
def prescription_hold(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """Pause the whole prescription, for a reason."""
    prescription = get_object_or_404(Prescription.objects.visible_to(request.user).with_people(), pk=pk)

    def hold(*, reason: str) -> None:
        prescription.hold(by=request.user, at=timezone.now(), reason=reason)

    form = ReasonForm(request.POST if request.method == "POST" else None, label="Why is it put on hold?")
    refusal = _refusal(prescription, form, hold)
    if form.is_bound and refusal is None:
        messages.success(request, f"The prescription for {prescription.patient} is on hold.")
        return redirect(prescription)
    if prescription.status != PrescriptionStatus.ACTIVE:
        return _wrong_status(request, prescription, "put on hold", form=form, wanted=PrescriptionStatus.ON_HOLD)
    context = {"prescription": prescription, "form": form}
    return render(request, "prescriptions/prescription_hold.html", context, status=_http_status(refusal))


@require_http_methods(["GET", "POST"])
def prescription_complete(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """End a prescription that has done its work."""
    prescription = get_object_or_404(Prescription.objects.visible_to(request.user).with_people(), pk=pk)

    def complete() -> None:
        prescription.complete(by=request.user, at=timezone.now())

    form = forms.Form(request.POST if request.method == "POST" else None)
    refusal = _refusal(prescription, form, complete)
    if form.is_bound and refusal is None:
        messages.success(request, f"The prescription for {prescription.patient} is completed.")
        return redirect(prescription)
    if prescription.status not in IN_FORCE:
        return _wrong_status(request, prescription, "completed", wanted=PrescriptionStatus.COMPLETED)
    context = {"prescription": prescription}
    return render(request, "prescriptions/prescription_complete.html", context, status=_http_status(refusal))


@require_http_methods(["GET", "POST"])
def prescription_revoke(request: StaffRequest, pk: uuid.UUID) -> HttpResponse:
    """End a prescription before its time, or throw a draft away, for a reason."""
    prescription = get_object_or_404(Prescription.objects.visible_to(request.user).with_people(), pk=pk)

    def revoke(*, reason: str) -> None:
        prescription.revoke(by=request.user, at=timezone.now(), reason=reason)

    form = ReasonForm(request.POST if request.method == "POST" else None, label="Why is it revoked?")
    refusal = _refusal(prescription, form, revoke)
    if form.is_bound and refusal is None:
        messages.success(request, f"The prescription for {prescription.patient} is revoked.")
        return redirect(prescription)
    if prescription.status not in (PrescriptionStatus.DRAFT, *IN_FORCE):
        return _wrong_status(request, prescription, "revoked", form=form, wanted=PrescriptionStatus.REVOKED)
    context = {"prescription": prescription, "form": form}
    return render(request, "prescriptions/prescription_revoke.html", context, status=_http_status(refusal))


def _refusal(prescription: Prescription, form: forms.Form, act: Callable[..., None]) -> Exception | None:
    """Do what was posted. Returns what stood against it, with the prescription read anew; otherwise ``None``."""
    if not form.is_bound:
        return None
    refusal: Exception = ValueError("The page came back incomplete. Read it again; nothing was done.")
    if {"count_reason", "confidence_score"} & form.errors.keys():
        refusal = ValueError("What was answered cannot be stored: see below.")
    if form.is_valid():
        try:
            act(**form.cleaned_data)
        except CountNotExplainedError as error:
            form.add_error("count_reason", str(error))
            refusal = error
        except (UnsafePrescriptionError, NotAcknowledgedError, TransitionError) as error:
            refusal = error
        else:
            return None
    prescription.refresh_from_db(fields=["status", "status_reason", "note"])
    return refusal


def _http_status(refusal: Exception | None) -> int:
    if refusal is None:
        return 200
    return 409 if isinstance(refusal, TransitionError) else 422


def _before_going_ahead(prescription: Prescription, form: forms.Form, refusal: Exception | None) -> dict[str, Any]:
    """What the page before activation shows: always as it is now, with what was ticked, and what was refused."""
    review = review_before_activation(prescription, at=timezone.now())
    return {
        "prescription": prescription,
        "review": review,
        "release": None if review.is_blocked else CatalogueRelease.objects.in_clinic(prescription.clinic_id).first(),
        "refusal": refusal,
        "acknowledged": form.cleaned_data.get("acknowledged", ()) if form.is_bound else (),
        "missing": refusal.conditions if isinstance(refusal, NotAcknowledgedError) else (),
    }


def _wrong_status(
    request: HttpRequest, prescription: Prescription, done: str, *, wanted: str, form: ReasonForm | None = None
) -> HttpResponse:
    """Say on its own page what the prescription is now: somebody was faster, or pressed twice.

    A reason that was typed, and is not the one that is stored, is given back.
    """
    status = prescription.get_status_display().lower()
    if (
        form
        and form.is_bound
        and form["reason"].value()
        and form["reason"].value().strip() != prescription.status_reason
    ):
        return give_back(request, prescription, form, what=f"why it was to be {done}")
    if prescription.status == wanted:
        messages.info(request, f"This prescription is already {status}.")
    else:
        article = "a " if prescription.status == PrescriptionStatus.DRAFT else ""
        messages.error(request, f"This prescription is {article}{status}: it cannot be {done}.")
    return redirect(prescription)
