"""Passkeys: a way in of one's own, kept by a phone or computer. What allauth.mfa leaves to us to decide."""

import datetime
from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.access import signed_in
from accounts.models import User
from accounts.sessions import SIGNED_IN_AT

LATELY = datetime.timedelta(minutes=10)
"""So long after signing in, nobody is asked to show once more who they are."""
LOOPBACK = {"127.0.0.1", "::1"}


def host() -> str:
    """The host that passkeys are made for (WebAuthn's relying party ID), from ``SITE_URL``.

    No browser makes a passkey for a number, so this machine goes by its name.
    """
    name = urlsplit(settings.SITE_URL).hostname or ""
    return "localhost" if name in LOOPBACK else name


def came_in_lately(session: SessionBase, *, at: datetime.datetime) -> bool:
    """Whether the sign-in that a session began with is recent enough to change the ways in."""
    since = session.get(SIGNED_IN_AT)
    return since is not None and datetime.timedelta() <= at - datetime.datetime.fromisoformat(since) < LATELY


def has_any(user: User) -> bool:
    """Whether a person has a passkey."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists())


def forget_all(user: User) -> None:
    """Take away every passkey of a person, and whatever else they set up as proof of themselves.

    For when an address is proven: whoever got in before is out, by whatever way. The caller has locked the user's row.
    """
    Authenticator.objects.filter(user=user).delete()


def one_at_a_time(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Add passkeys of one person one after the other, and none in a session that was ended meanwhile.

    ``forget_all`` misses what is stored after it, so a request that was let in before must not store anything then.
    """

    @wraps(view)
    def locked(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return view(request)
        user = signed_in(request)
        with transaction.atomic():
            now = User.objects.select_for_update().get(pk=user.pk)
            if now.get_session_auth_hash() != user.get_session_auth_hash():
                return redirect(request.path)  # which leads to the sign-in
            return view(request)

    return locked
