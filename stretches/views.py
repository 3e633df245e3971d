"""What the catalogue shows by itself: pictures."""

import hashlib
from typing import get_args
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from stretches.models import Stretch
from stretches.pictograms import Theme, picture_svg

DAY_SECONDS = 24 * 3600


@require_safe
def stretch_picture(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Draw a stretch: ``?theme=dark`` on a dark ground, ``?animated=1`` moving.

    Everybody who is signed in may see what is reviewed; who works in a clinic also what was retired, which old
    prescriptions hold, and drafts.
    """
    stretch = get_object_or_404(Stretch.objects.visible_to(signed_in(request)), pk=pk)
    theme = _theme(request.GET.get("theme", "light"))
    svg = picture_svg(
        stretch.slug,
        position=stretch.position,
        alt=f"{stretch.name}. {stretch.purpose}",
        animated=request.GET.get("animated") == "1",
        theme=theme,
    )
    response = HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    response["ETag"] = etag
    patch_cache_control(response, private=True, max_age=DAY_SECONDS)
    return get_conditional_response(request, etag=etag, response=response) or response


def _theme(wanted: str) -> Theme:
    """A theme by its name."""
    for theme in get_args(Theme):
        if theme == wanted:
            return theme  # type: ignore[no-any-return]
    raise Http404("There is no such theme.")
