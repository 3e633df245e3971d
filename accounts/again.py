"""Showing once more who one is, before what matters most: ways in, roles, whatever leaves the clinic in bulk."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from accounts.access import signed_in
from accounts.drafts import page_of


def ask_again(request: HttpRequest) -> HttpResponse | None:
    """Lead to where somebody shows again who they are; None within ten minutes of having done so, or of signing in.

    What was sent is kept nowhere: it may be a password. It has to be sent again.
    """
    user = signed_in(request)
    try:
        if not is_reauthentication_required(request, app=""):
            return None
    except ReauthenticationRequired:  # raised for who has neither password nor passkey, and signs in again
        pass
    place = get_adapter().get_reauthentication_methods(user)[0]["url"]
    return redirect_to_login(page_of(request), place)


def asks_again(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Open a page only to who has shown lately who they are."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return ask_again(request) or view(request, *args, **kwargs)

    return guarded
