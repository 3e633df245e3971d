"""What was typed when a session ended: the script of a page brings it, and fetches it again."""

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts import drafts
from accounts.access import signed_in


@require_POST
def draft_add(request: HttpRequest) -> JsonResponse:
    """Keep what stands in a form, just before the session ends."""
    kept = drafts.keep(signed_in(request), drafts.page_of(request), request.POST, at=timezone.now())
    response = JsonResponse({"kept": kept})
    if kept:
        drafts.announce(response)
    return response


@require_POST
def draft_record(request: HttpRequest) -> JsonResponse:
    """Give back what was kept of the page that asks. It is given once, hence posted.

    On the way to that page others are opened, such as the one that asks who it is: the sign stays until all is given.
    """
    user = signed_in(request)
    pairs = drafts.give_back(user, drafts.page_of(request), at=timezone.now())
    response = JsonResponse({"typed": pairs})
    if not user.drafts.exists():
        response.delete_cookie(drafts.COOKIE, samesite="Lax")
    return response
