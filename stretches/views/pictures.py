"""Pictures and photos of stretches."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_safe

from accounts.access import signed_in
from stretches import photos
from stretches.models import Stretch, StretchPhoto

DAY = 24 * 3600
"""In seconds."""


@gzip_page
@require_safe
@conditional_page
def stretch_picture(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Draw a stretch: ``?theme=dark`` for a dark ground, ``?animated=1`` moving.

    With ``?v=`` and the version of the picture, the address means this picture for good: a browser never asks again.
    """
    stretch = get_object_or_404(Stretch.objects.visible_to(signed_in(request)).select_related("adapted_from"), pk=pk)
    is_animated = request.GET.get("animated") == "1"
    match request.GET.get("theme", "light"):
        case "light" | "dark" | "print" as theme:
            svg = stretch.picture(theme=theme, animated=is_animated)
        case _:
            raise Http404("There is no such theme.")
    response = HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    if request.GET.get("v") == stretch.picture_version:
        patch_cache_control(response, private=True, max_age=365 * DAY, immutable=True)
    else:
        patch_cache_control(response, private=True, max_age=DAY)
    return response


@require_safe
@cache_control(private=True, max_age=365 * DAY, immutable=True)
def stretch_photo(request: HttpRequest, pk: UUID, key: str, size: str) -> HttpResponse:
    """Give a photo, ``large`` or ``small``. Its address changes with it, so that a browser may keep it.

    What was uploaded was made anew as WebP; the headers say that it is a picture and nothing that could be run.
    """
    found = StretchPhoto.objects.visible_to(signed_in(request))
    photo = get_object_or_404(found, pk=pk, key=key)
    data = photos.read(photo.key, size) if size in photos.SIZES else None
    if data is None:
        raise Http404("There is no such photo.")
    return HttpResponse(
        data,
        content_type="image/webp",
        headers={
            "Content-Disposition": "inline",
            "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )
