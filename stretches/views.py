"""Pictures of stretches."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from stretches.models import Stretch
from stretches.pictograms import picture_svg


@require_safe
@cache_control(private=True, max_age=24 * 3600)
@conditional_page
def stretch_picture(request: HttpRequest, pk: UUID) -> HttpResponse:
    stretch = get_object_or_404(Stretch, pk=pk)
    is_animated = "animated" in request.GET
    match request.GET.get("theme", "light"):
        case "light" | "dark" | "print" as theme:
            alt = f"{stretch.name}: {stretch.purpose}"
            svg = picture_svg(stretch.slug, position=stretch.position, alt=alt, animated=is_animated, theme=theme)
        case unknown:
            raise Http404(f"There is no theme “{unknown}”.")
    return HttpResponse(svg, content_type="image/svg+xml")
