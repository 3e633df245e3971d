"""One line in the log for each request, and one name for it in every line that it causes."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from operations.log_lines import REQUEST_ID, route_of

logger = logging.getLogger("limber.request")

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")
"""A proxy's name for a request is taken over if it is one; whatever else somebody sends there is not written down."""


class RequestLogMiddleware:
    """Stands before all others, so that it sees what they answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and write down what was asked for by the name of its address, never by the address."""
        given = request.headers.get(HEADER, "")
        name = given if WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        mark = REQUEST_ID.set(name)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            facts = {
                "method": request.method,
                "route": route_of(request),
                "status": response.status_code,
                "duration_ms": round((time.perf_counter() - began) * 1000, 1),
            }
            logger.info("answered", extra=facts)
        finally:
            REQUEST_ID.reset(mark)
        response.headers[HEADER] = name
        return response
