"""Where somebody is signed in, how long that goes on, and how it is ended."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import signed_in
from accounts.models import Session
from accounts.sessions import mark_of, running


@require_safe
def session_list(request: HttpRequest) -> HttpResponse:
    """Every device on which this person is signed in, this one first."""
    limit = request.session.limit  # type: ignore[attr-defined]  # our store
    sessions = running(Session.objects.own(signed_in(request)), limit, at=timezone.now())
    here = request.session.session_key
    listed = sorted(sessions, key=lambda each: (each.session_key != here, -each.seen_at.timestamp()))
    rows = [{"session": each, "is_here": each.session_key == here, "mark": mark_of(each)} for each in listed]
    return render(request, "accounts/session_list.html", {"rows": rows, "has_others": len(rows) > 1})


@require_POST
def session_revoke(request: HttpRequest) -> HttpResponse:
    """Sign out on another device, or on all but this one."""
    others = Session.objects.own(signed_in(request)).exclude(session_key=request.session.session_key)
    which = request.POST.get("which", "")
    keys = [each.session_key for each in others if not which or mark_of(each) == which]
    others.filter(session_key__in=keys).delete()
    messages.success(request, _("Signed out there.") if which else _("Signed out on all other devices."))
    return redirect("accounts:session_list")


@require_safe
def session_detail(request: HttpRequest) -> HttpResponse:
    """How many seconds are left, for a page that asks on its own: another tab may have been used meanwhile."""
    return JsonResponse({"seconds": _seconds_left(request)})


@require_POST
def session_edit(request: HttpRequest) -> HttpResponse:
    """Stay signed in: somebody pressed the button, which is doing something."""
    request.session.stay(at=timezone.now())  # type: ignore[attr-defined]  # our store
    return JsonResponse({"seconds": _seconds_left(request)})


def _seconds_left(request: HttpRequest) -> int:
    return int(request.session.ends_in(at=timezone.now()).total_seconds())  # type: ignore[attr-defined]  # our store
