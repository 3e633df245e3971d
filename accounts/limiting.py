"""Refuses what is asked for too often, with 429 and the seconds after which it works again."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import limits
from accounts.access import wants_json

View = Callable[..., HttpResponse]


def too_often(request: HttpRequest, what: str, *, whose: str = "") -> HttpResponse | None:
    """Count one of ``limits.COSTLY``; the refusal where there were too many, and ``None`` where there were not.

    ``whose`` count it is is read from the request where it is left out: the person's, or the visitor's range.
    """
    wait_seconds = limits.wait_for(what, whose or _who(request), at=timezone.now())
    if not wait_seconds:
        return None
    headers = {"Retry-After": str(wait_seconds)}
    if wants_json(request):
        return JsonResponse({"wait_seconds": wait_seconds}, status=429, headers=headers)
    minutes = -(-wait_seconds // 60)
    response = render(request, "429.html", {"minutes": minutes, "is_post": request.method == "POST"}, status=429)
    response["Retry-After"] = headers["Retry-After"]
    return response


def limited(what: str, *, methods: Collection[str] = ("GET", "HEAD", "POST")) -> Callable[[View], View]:
    """Let a view be asked so often, by these methods."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            refusal = too_often(request, what) if request.method in methods else None
            return refusal or view(request, *args, **kwargs)

        return guarded

    return decorate


def _who(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        return f"person {request.user.pk}"
    return f"range {limits.address_range(get_adapter().get_client_ip(request))}"
