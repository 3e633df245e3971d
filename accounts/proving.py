"""What happens around allauth's pages on which a second proof is made: who has just made one has shown it."""

from collections.abc import Callable
from functools import wraps

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from accounts import second_step
from accounts.access import signed_in
from accounts.models import User
from accounts.sessions import SessionStore

View = Callable[..., HttpResponse]


def for_staff(view: View) -> View:
    """Answer whoever works in a clinic, or did when they set up an app; patients need no second proof."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        _ensure_staffs(request)
        return view(request)

    return guarded


def _ensure_staffs(request: HttpRequest) -> None:
    if not (_is_staffs(request) or second_step.proofs_of(signed_in(request)).has_app):
        raise Http404


def counts_as_shown(view: View) -> View:
    """Note a proof that was made here as shown, and give who works in a clinic recovery codes with the first one."""

    @wraps(view)
    def noted(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return view(request)
        user = signed_in(request)
        before = set(_proofs(user))
        response = view(request)
        made = [row for pk, row in _proofs(user).items() if pk not in before]
        if not made or not _is_staffs(request):
            return response
        if made[0].type == Authenticator.Type.TOTP:
            # The code that was typed to set the app up is used, too.
            second_step.use_code(user, request.POST.get("code", ""), at=timezone.now())
        second_step.note_shown(request, user, made[0])
        if second_step.proofs_of(user).recovery_codes:
            return redirect("accounts:second_step_detail")
        RecoveryCodes.activate(user)
        return redirect("mfa_view_recovery_codes")

    return noted


def _is_staffs(request: HttpRequest) -> bool:
    return isinstance(request.session, SessionStore) and request.session.is_staffs


def _proofs(user: User) -> dict[int, Authenticator]:
    rows = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return {row.pk: row for row in rows}
