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

    For what only the view itself finds out; others are ``limited``. What was done so far is stored with the count: it
    stays counted when the page fails, and nobody waits for it. ``whose`` count it is is read from the request where it
    is left out: the person's, or the visitor's range.
    """
    wait_seconds = limits.wait_for(what, whose or _who(request), at=timezone.now())
    request.transaction.store_so_far()  # type: ignore[attr-defined]
    return refusal(request, wait_seconds) if wait_seconds else None


def refusal(request: HttpRequest, wait_seconds: int) -> HttpResponse:
    """The page, or the data, that says when it works again."""
    headers = {"Retry-After": str(wait_seconds)}
    if wants_json(request):
        return JsonResponse({"wait_seconds": wait_seconds}, status=429, headers=headers)
    minutes = -(-wait_seconds // 60)
    response = render(request, "429.html", {"minutes": minutes, "is_post": request.method == "POST"}, status=429)
    response["Retry-After"] = headers["Retry-After"]
    return response


def limited(
    what: str, *, methods: Collection[str] = ("GET", "HEAD", "POST"), only_with_query: bool = False
) -> Callable[[View], View]:
    """Let a view be asked so often, by these methods; ``only_with_query`` leaves its plain address free.

    It is only marked here. ``ActingMiddleware`` counts, before the transaction of the view begins: a page that fails
    stays counted, and of many at once none waits for another.
    """

    def decorate(view: View) -> View:
        def count(request: HttpRequest) -> int:
            if request.method not in methods or (only_with_query and not request.GET):
                return 0
            return limits.wait_for(what, _who(request), at=timezone.now())

        @wraps(view)
        def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return view(request, *args, **kwargs)

        vars(marked)["count_seconds_to_wait"] = count
        return marked

    return decorate


def seconds_to_wait(request: HttpRequest, view: View) -> int:
    """Count a request to a view that is ``limited``; 0 if it may go on."""
    count: Callable[[HttpRequest], int] | None = getattr(view, "count_seconds_to_wait", None)
    return count(request) if count else 0


def _who(request: HttpRequest) -> str:
    if request.user.is_authenticated:
        return f"person {request.user.pk}"
    return f"range {limits.address_range(get_adapter().get_client_ip(request))}"
