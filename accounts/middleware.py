"""What holds for every answer: in which language it is, and that nothing of a person's is kept in caches."""

import datetime
import logging
from collections.abc import Callable
from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render, resolve_url
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from accounts import acting, drafts, limiting, second_step
from accounts.access import owner_mark, signed_in, wants_json
from accounts.models import User
from accounts.outages import is_outage
from accounts.reading import is_english, language_of
from accounts.sessions import SessionStore

logger = logging.getLogger(__name__)

BACKGROUND = "X-Limber-Background"
"""Sent by what a page asks for on its own: it shows nobody there, and so keeps no session alive."""


WAYS_IN = ("account_", "mfa_")
"""What the names of the sign-in's pages begin with. They read and write nothing that belongs to a clinic."""


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
                return self._end(request, at)
            if BACKGROUND not in request.headers:
                self._note_activity(session, at)
        return self.get_response(request)

    def _note_activity(self, session: SessionStore, at: datetime.datetime) -> None:
        """Note it if that can be written down: where the database only reads for a while, pages that read go on."""
        try:
            session.note_activity(at=at)
        except DatabaseError as error:
            if not is_outage(error):
                raise
            logger.warning("Nothing can be written down just now: %s", type(error.__cause__).__name__)

    def _end(self, request: HttpRequest, at: datetime.datetime) -> HttpResponse:
        """Sign out. Of what was sent in too late nothing is lost: it waits on its page, for who typed it."""
        page = drafts.page_of(request)
        kept = drafts.keep_sent(request, signed_in(request), at=at)
        logout(request)
        if not kept:
            return self.get_response(request)
        response: HttpResponse = redirect_to_login(page)
        if "HX-Request" in request.headers:
            response = HttpResponse(headers={"HX-Redirect": response["Location"]})
        drafts.announce(response)
        return response


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Closed by default. A device that asks for data is told where to sign in, and keeps what it has to send."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> Any:
        """Lead to the sign-in, or name it."""
        if wants_json(request):
            return JsonResponse({"sign_in": resolve_url(self.get_login_url(view_func))}, status=401)
        return super().handle_no_permission(request, view_func)


class SecondStepMiddleware:
    """Whoever works in a clinic shows two proofs before any page that needs somebody signed in, the admin site's too.

    The one place where this is asked. It comes before every view, and knows no list of pages to protect: closed are all
    but those on which a second proof is shown or made, and what a visitor may open.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Lead to where a second proof is shown or made, or name that page to a device."""
        if not getattr(view, "login_required", True) or not second_step.is_due(request):
            return None
        page = request.resolver_match.view_name if request.resolver_match else ""
        way_on = second_step.way_on(page, signed_in(request))
        if way_on is None:
            return None
        if wants_json(request):
            return JsonResponse({"sign_in": resolve_url(way_on)}, status=401)
        return redirect_to_login(request.get_full_path(), resolve_url(way_on))


class ActingMiddleware:
    """Say who acts while a request is answered, and make one transaction of its view and its page (PostgreSQL).

    What is refused or fails is taken back as a whole, and the page that says so is made in a transaction of its own.
    The pages of the sign-in have none: a guess that was wrong stays counted, and no guess waits for another.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and end the transaction before the answer leaves: what was answered is stored."""
        with acting.as_actor(_actor_of(request)) as actor:
            opened = acting.Transaction(actor)
            request.transaction = opened  # type: ignore[attr-defined]
            try:
                response = self.get_response(request)
            except BaseException as error:
                opened.end(error)
                raise
            opened.end(_FailedError() if response.status_code >= 500 else None)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Begin, now that it is known which page this is, and that it may be opened; or say that it is too often."""
        page = request.resolver_match.view_name if request.resolver_match else ""
        request.transaction.actor = acting.enter(page)  # type: ignore[attr-defined]
        wait_seconds = limiting.seconds_to_wait(request, view)  # counted whatever becomes of the transaction
        if not page.startswith(WAYS_IN):
            request.transaction.begin()  # type: ignore[attr-defined]
        return limiting.refusal(request, wait_seconds) if wait_seconds else None

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Take back what the view did."""
        request.transaction.begin_anew(exception)  # type: ignore[attr-defined]


class _FailedError(Exception):
    """Ends the transaction of a request that failed; it is never seen."""


def _actor_of(request: HttpRequest) -> acting.Actor:
    user = request.user
    address = get_client_ip(request) or ""
    if not isinstance(user, User):
        return acting.Actor(address=address)
    reach = acting.Reach.SETUP if user.is_superuser else acting.Reach.CLINICS
    return acting.Actor(
        user_id=user.pk, is_operator=user.is_superuser, is_staff=user.is_staff, address=address, reach=reach
    )


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
    """Refuse what is too large before any of it is read. Only who may open the admin site sends files.

    Django itself limits what is typed; of files it limits nothing, and would write them all to disk before a form
    could say so. It comes as soon as it is known who asks: whatever follows may read what was sent.
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
        with translation.override(language_of(request)):
            return render(request, "413.html", status=413)


def _sends_files(request: HttpRequest) -> bool:
    if not request.user.is_authenticated:
        return False
    with acting.inside(_actor_of(request)):  # nobody acts yet: whose roles are asked for has to be said
        return admin.site.has_permission(request)


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
