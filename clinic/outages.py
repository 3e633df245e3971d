"""What is answered when something failed: that the database is away for a while, or that the mistake is ours."""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error

from accounts.access import wants_json
from accounts.outages import RETRY_AFTER_SECONDS, is_outage


@requires_csrf_token
def failure(request: HttpRequest) -> HttpResponse:
    """Answer for what a view or a middleware raised: 503 with Retry-After for an outage, 500 for all else.

    It asks the database nothing, and leaves session, user and cookies as they are: an outage must not look like a
    signing out, upon which a phone deletes what it has kept to send later.
    """
    if not is_outage(sys.exception()):
        return server_error(request)
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS), "Cache-Control": "no-store"}
    if wants_json(request):
        return JsonResponse(
            {"message": _("We cannot store this just now. Try again later.")}, status=503, headers=headers
        )
    page = render_to_string("503.html", {"was_sending": request.method not in {"GET", "HEAD"}})
    return HttpResponse(page, status=503, headers=headers)
