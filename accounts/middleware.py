"""What holds for every answer: in which language it is, and that nothing of a person's is kept in caches."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render, resolve_url
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from accounts.access import owner_mark, wants_json
from accounts.models import User
from accounts.reading import is_english, language_of
from accounts.sessions import SessionStore

BACKGROUND = "X-Limber-Background"
"""Sent by what a page asks for on its own: it shows nobody there, and so keeps no session alive."""


class SessionLimitMiddleware:
    """Sign out whose time is up, and note when somebody does something."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at the session before anything else does."""
        session = request.session
        if not isinstance(session, SessionStore):
            raise ImproperlyConfigured("SESSION_ENGINE has to be accounts.sessions, whose sessions end.")
        if request.user.is_authenticated:
            at = timezone.now()
            if session.is_over(at=at):
                logout(request)
            elif BACKGROUND not in request.headers:
                session.note_activity(at=at)
        return self.get_response(request)


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Closed by default. A device that asks for data is told where to sign in, and keeps what it has to send."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> Any:
        """Lead to the sign-in, or name it."""
        if wants_json(request):
            return JsonResponse({"sign_in": resolve_url(self.get_login_url(view_func))}, status=401)
        return super().handle_no_permission(request, view_func)


class NeverStoredMiddleware:
    """Keep pages out of every cache: after signing out, going back in the browser shows nothing.

    An answer that says itself how long it may be kept, such as a picture of the catalogue, is left as it is.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and say that the answer is not to be kept."""
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response


class OwnDeviceMiddleware:
    """Let a patient's phone notice whose it is: what it keeps for when there is no connection is one person's.

    Every answer says to whom it was given, so that the service worker wipes what it kept for somebody else. The answer
    that signs out wipes all that this browser has stored.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and say whose it is."""
        before = request.user
        was_signed_in = before.is_authenticated
        response = self.get_response(request)
        if isinstance(request.user, User):
            response["Limber-Owner"] = owner_mark(request.user)
        elif was_signed_in:
            response["Clear-Site-Data"] = '"storage"'
        return response


class BodyLimitMiddleware:
    """Refuse what is too large before any of it is read. Only who works in the admin site sends files.

    Django itself limits what is typed; of files it limits nothing, and would write them all to disk before a form
    could say so.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look at how much there is to come."""
        try:
            size = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            size = 0  # then Django, too, reads nothing
        if size <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE or (size <= settings.FILES_MAX_SIZE and _sends_files(request)):
            return self.get_response(request)
        return render(request, "413.html", status=413)


def _sends_files(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_staff


class LanguageMiddleware:
    """Answer in the language of whoever asks; the pages of staff are English.

    The language that was active before is restored at the end: the same thread answers somebody else next.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and say in which language."""
        with translation.override(language_of(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", str(translation.get_language()))
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        """Turn to English where staff work, now that it is known which page this is."""
        if request.resolver_match and is_english(request.resolver_match):
            translation.activate(settings.LANGUAGE_CODE)
