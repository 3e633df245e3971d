"""Showing once more who one is, before what matters most: ways in, roles, whatever leaves the clinic in bulk."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts import drafts
from accounts.access import signed_in


def ask_again(request: HttpRequest) -> HttpResponse | None:
    """Lead to where somebody shows again who they are; None within ten minutes of having done so, or of signing in.

    What was sent waits on its page, sealed, as when a session ends; a password is kept nowhere: it is typed again.
    """
    user = signed_in(request)
    try:
        if not is_reauthentication_required(request, app=""):
            return None
    except ReauthenticationRequired:  # raised for who has neither password nor passkey, and signs in again
        pass
    place = get_adapter().get_reauthentication_methods(user)[0]["url"]
    response = redirect_to_login(drafts.page_of(request), place)
    if drafts.keep_sent(request, user, at=timezone.now()):
        drafts.announce(response)
    return response


def asks_again(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a page only to who has shown lately who they are."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return ask_again(request) or view(request, *args, **kwargs)

    return guarded
