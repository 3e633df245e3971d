"""Who works in a clinic, for its admin; and the page behind the link of an invitation."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from accounts.again import asks_again
from accounts.forms.staff_invitation import StaffInvitationForm
from accounts.limiting import limited
from accounts.models import Clinic, Membership, ProveAddressError, StaffInvitation, StaffInvitationOverError


@require_safe
def staff_list(request: HttpRequest) -> HttpResponse:
    """Who works in the clinics that this person manages, and who is invited."""
    if not Clinic.objects.visible_to(signed_in(request)).exists():
        raise Http404
    people = Membership.objects.visible_to(request.user).select_related("user", "clinic")
    invited = StaffInvitation.objects.visible_to(request.user).open(at=timezone.now()).select_related("clinic")
    context = {"people": people.order_by("clinic__name", "user__full_name", "role"), "invited": invited}
    return render(request, "accounts/staff_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("staff invitation", methods=("POST",))
@asks_again
def staff_invitation_add(request: HttpRequest) -> HttpResponse:
    """Invite somebody by mail."""
    user = signed_in(request)
    if not Clinic.objects.visible_to(user).exists():
        raise Http404
    form = StaffInvitationForm(request.POST or None, user=user)
    if form.is_valid():
        invitation = StaffInvitation.by_mail(**form.cleaned_data, by=user, at=timezone.now())
        messages.success(request, f"A link is on its way to {invitation.address}. It works once, for three days.")
        return redirect("accounts:staff_list")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/staff_invitation_add.html", {"form": form}, status=status)


@require_POST
def staff_invitation_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Withdraw an invitation."""
    invitation = get_object_or_404(StaffInvitation.objects.visible_to(request.user), pk=pk)
    invitation.revoke(at=timezone.now())
    messages.success(request, f"The invitation of {invitation.full_name} is withdrawn.")
    return redirect("accounts:staff_list")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def staff_invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Say what the link is for; only pressing the button uses it up."""
    at = timezone.now()
    invitation = StaffInvitation.objects.with_token(token).open(at=at).select_related("clinic").first()
    context: dict[str, Any] = {"invitation": invitation, "token": token}
    status = 200 if invitation else 404
    if invitation and request.method == "POST":
        try:
            user = invitation.redeem(at=at, visitor=request.user)
        except StaffInvitationOverError:
            context["invitation"], status = None, 404
        except ProveAddressError:
            context["must_sign_in"], status = True, 409
        else:
            if request.user != user:
                login(request, user)
            messages.success(request, f"Welcome to {invitation.clinic}.")
            return redirect("home")
    response = render(request, "accounts/staff_invitation_accept.html", context, status=status)
    response["Referrer-Policy"] = "strict-origin"  # the link is named to nobody; with no-referrer the form is refused
    return response
