"""Every answer that shows something of a patient leaves an event, before it leaves itself."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from audit import viewing

SHOWS = frozenset({200, 206, 409, 410, 422})
"""Answers that show what was read: pages, and forms again with what is wrong in them. All others say nothing of it."""


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
            names_one = bool(request.resolver_match and request.resolver_match.kwargs)
            viewing.record(read, is_list=not names_one)
        return response


def _is_receipt(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether a device is told that what it sent is stored: that write is on record, and nothing is shown."""
    return request.method == "POST" and response.headers.get("Content-Type", "").startswith("application/json")
