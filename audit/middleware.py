"""Every answer that shows something of a patient leaves an event, before it leaves itself."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import ResolverMatch

from audit import viewing

SHOWS = frozenset({200, 206, 409, 410, 422})
"""Answers that show what was read: pages, and forms again with what is wrong in them. All others say nothing of it."""

OF_NOBODY = ("stretches:", "admin:stretches_")
"""Beginnings of the names of addresses that name a row of the catalogue, which is true of no one in particular."""


class ViewMiddleware:
    """The one place where views are put on record. If that fails, nothing is shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and record whose rows were read for it."""
        read = viewing.begin()
        try:
            response = self.get_response(request)
        finally:
            viewing.end()
        if read and response.status_code in SHOWS and not _is_receipt(request, response):
            viewing.record(read, is_list=not _names_somebody(request.resolver_match))
        return response


def _names_somebody(match: ResolverMatch | None) -> bool:
    """Whether whoever asked for an address asked for somebody; otherwise patients stand on the page as in a list."""
    return match is not None and bool(match.kwargs) and not match.view_name.startswith(OF_NOBODY)


def _is_receipt(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a device is told that what it sent is stored: that write is on record, and nothing is shown."""
    return request.method == "POST" and response.headers.get("Content-Type", "").startswith("application/json")
