"""When a patient is reminded, and how: by mail, on a screen, in a calendar."""

from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from accounts.limiting import limited, too_often
from patients.models import Patient
from patients.versions import StaleEditError
from prescriptions.models import Prescription
from routines.feed import calendar_of, preference_of_feed
from routines.forms.push import DeviceForm, PushSubscriptionForm
from routines.forms.reminders import ReminderForm, parts_of
from routines.models import PushSubscription, ReminderPreference
from routines.push import public_key
from routines.reminders import off_path, preference_behind


@require_http_methods(["GET", "POST"])
@cache_control(no_store=True, private=True)
def reminder_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose when and how to be reminded of the routine of one clinic."""
    patient = get_object_or_404(Patient.objects.own(request.user).select_related("clinic", "user"), pk=pk)
    stored = ReminderPreference.objects.own(request.user).prefetch_related("times").filter(patient=patient).first()
    preference = stored or ReminderPreference(patient=patient, clinic=patient.clinic)
    preference.patient, preference.clinic = patient, patient.clinic
    in_force = Prescription.objects.own(request.user).in_force().filter(patient=patient)
    form = ReminderForm(request.POST or None, instance=preference, due=parts_of(in_force))
    changes: list[tuple[str, str, str]] = []
    if form.is_valid():
        try:
            preference.set(form.times(), at=timezone.now(), seen=form.cleaned_data["seen"])
        except StaleEditError as error:
            now = cast(ReminderPreference, error.stored)
            changes = form.differences_from(now)
            form.data = {**request.POST.dict(), "seen": now.as_seen()}
        if not changes:
            messages.success(request, _("Your reminders are saved."))
            return redirect("routines:reminder_edit", pk=pk)
    context = {
        "changes": changes,
        "patient": patient,
        "form": form,
        "stored": stored,
        "off_path": off_path(stored) if stored and stored.is_on else "",
        "push_key": public_key(),
        "devices": PushSubscription.objects.own(request.user),
    }
    status = 409 if changes else 422 if form.is_bound else 200
    return render(request, "routines/reminder_edit.html", context, status=status)


@login_not_required
@csrf_exempt  # a mail program posts here for its reader (RFC 8058); the signature in the address says that it may
@require_http_methods(["GET", "POST"])
@cache_control(no_store=True, private=True)
def reminder_revoke(request: HttpRequest, link: str) -> HttpResponse:
    """Turn reminders off by the address in a mail, without signing in. Opening the page changes nothing."""
    preference = preference_behind(link)
    if preference is None:
        raise Http404
    if request.method == "POST":
        preference.turn_off(at=timezone.now())
    return render(request, "routines/reminder_revoke.html", {"preference": preference})


@require_POST
@cache_control(no_store=True, private=True)
def calendar_feed_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make the calendar's secret address and show it, this once: only its hash is kept."""
    preference = get_object_or_404(ReminderPreference.objects.own(request.user).select_related("patient"), pk=pk)
    address = settings.SITE_URL + reverse("routines:calendar_feed_detail", args=[preference.open_feed()])
    context = {"preference": preference, "address": address, "webcal": f"webcal:{address.partition(':')[2]}"}
    return render(request, "routines/calendar_feed_add.html", context)


@require_POST
def calendar_feed_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close the calendar's address."""
    preference = get_object_or_404(ReminderPreference.objects.own(request.user), pk=pk)
    preference.close_feed()
    messages.success(request, _("The calendar's address no longer works."))
    return redirect("routines:reminder_edit", pk=preference.patient_id)


@login_not_required
@require_safe
@cache_control(no_store=True, private=True)
def calendar_feed_detail(request: HttpRequest, secret: str) -> HttpResponse:
    """Give the calendar to whoever has its secret address: a calendar app cannot sign in."""
    preference = preference_of_feed(secret)
    if preference is None:
        raise Http404
    if refusal := too_often(request, "calendar", whose=str(preference.pk)):
        return refusal
    headers = {"Content-Disposition": 'attachment; filename="routine.ics"', "X-Robots-Tag": "noindex"}
    return HttpResponse(
        calendar_of(preference, at=timezone.now()), content_type="text/calendar; charset=utf-8", headers=headers
    )


@require_POST
@limited("device")
def push_subscription_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Remind on this device too."""
    patient = get_object_or_404(Patient.objects.own(request.user), pk=pk)
    form = PushSubscriptionForm(request.POST, instance=PushSubscription(user=signed_in(request)))
    if public_key() and form.is_valid():
        now = timezone.now()
        form.instance.add(at=now)
        ReminderPreference.objects.own(request.user).plan_again(at=now)
        messages.success(request, _("This device will remind you."))
    else:
        messages.error(request, _("This browser cannot be used for reminders. Mail and calendar work everywhere."))
    return redirect("routines:reminder_edit", pk=patient.pk)


@require_POST
def push_subscription_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Remind no longer on a device."""
    patient = get_object_or_404(Patient.objects.own(request.user), pk=pk)
    form = DeviceForm(request.POST, devices=PushSubscription.objects.own(request.user))
    if not form.is_valid():
        raise Http404
    form.cleaned_data["device"].delete()
    messages.success(request, _("That device will no longer remind you."))
    return redirect("routines:reminder_edit", pk=patient.pk)
