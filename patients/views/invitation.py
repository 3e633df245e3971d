"""Inviting a patient, and the page behind the link."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import passkeys
from accounts.access import signed_in
from accounts.forms.fields import OnceForm
from accounts.limiting import limited
from accounts.models import User
from patients.forms.invitation import BirthDateForm
from patients.models import Invitation, InvitationOverError, Patient, SignInFirstError, WrongBirthDateError


@require_POST
@limited("invitation")
def invitation_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a patient the link by mail."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user).select_related("clinic"), pk=pk)
    if not patient.email:
        messages.error(request, f"There is no email address in {patient}'s record yet. Add it, then invite.")
        return redirect("patients:patient_edit", patient.pk)
    Invitation.by_mail(patient, by=signed_in(request), at=timezone.now(), new_id=OnceForm.id_in(request.POST))
    messages.success(request, f"A link is on its way to {patient.email}. It works once, for three days.")
    return redirect(patient)


@require_POST
def invitation_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Withdraw an invitation."""
    invitation = get_object_or_404(Invitation.objects.visible_to(request.user).select_related("patient"), pk=pk)
    invitation.revoke(at=timezone.now())
    messages.success(request, f"The invitation of {invitation.patient} is withdrawn.")
    return redirect(invitation.patient)


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whoever holds the link for the date of birth, and sign them in. Only the right answer uses it up."""
    at = timezone.now()
    invitation = Invitation.objects.with_token(token).open(at=at).select_related("clinic").first()
    form = BirthDateForm(request.POST if request.method == "POST" else None)
    context = {"invitation": invitation, "form": form, "token": token}
    if invitation is None:
        return _answer(request, context, status=404)
    if not form.is_valid():
        return _answer(request, context, status=422 if form.is_bound else 200)
    try:
        user = invitation.redeem(born_on=form.cleaned_data["born_on"], at=at, visitor=request.user)
    except WrongBirthDateError as error:
        context["invitation"] = invitation if error.tries_left else None
        left = ngettext("You can try once more.", "You can try %(count)d more times.", error.tries_left)
        form.add_error(
            None, _("That is not the date of birth that your clinic has.") + " " + left % {"count": error.tries_left}
        )
        return _answer(request, context, status=422)
    except InvitationOverError:
        return _answer(request, {**context, "invitation": None}, status=404)
    except SignInFirstError:
        return _answer(request, {**context, "must_sign_in": True}, status=409)
    if request.user != user:
        login(request, user)
        _offer_passkey(request, user)
    return redirect("routines:routine_today")


def _offer_passkey(request: HttpRequest, user: User) -> None:
    """Say, on the page that follows, how to come in faster next time; not to who can already."""
    if not passkeys.has_any(user):
        words, link = _("Sign in faster next time:"), _("make a passkey")
        messages.info(request, format_html('{} <a href="{}">{}</a>', words, reverse("mfa_add_webauthn"), link))


def _answer(request: HttpRequest, context: Mapping[str, object], *, status: int) -> HttpResponse:
    """The page; it names the link to nobody it leads to.

    The host may be named: with ``no-referrer`` a browser sends the form from the origin "null", which is refused.
    """
    response = render(request, "patients/invitation_accept.html", dict(context), status=status)
    response["Referrer-Policy"] = "strict-origin"
    return response
