"""The player, and what makes it work without a connection."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from patients.models import Patient
from routines.models import Effort, SkipReason
from routines.models.session import NOTE_MAX_LENGTH, PAIN_MAX
from routines.offline import ANY, service_worker_text
from routines.playing import WORDS


@gzip_page
@require_safe
@cache_control(no_store=True, private=True)
def routine_play(request: HttpRequest) -> HttpResponse:
    """Give a patient the player, empty: what is to be done comes from ``routine_data``, so that this can be kept."""
    if not Patient.objects.own(request.user).exists():
        raise Http404
    context = {
        "any": ANY,
        "words": WORDS,
        "skip_reasons": SkipReason.choices,
        "efforts": Effort.choices,
        "pain_scores": range(PAIN_MAX + 1),
        "note_max_length": NOTE_MAX_LENGTH,
    }
    return render(request, "routines/routine_play.html", context)


@login_not_required
@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Give the service worker, from the root, so that it may answer for every page; it names nobody."""
    return HttpResponse(service_worker_text(), content_type="text/javascript; charset=utf-8")


@login_not_required
@require_safe
@cache_control(max_age=24 * 3600)
def manifest(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Say how Limber stands among a phone's apps."""
    icons = [
        {"src": static("icons/limber-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": static("icons/limber-512.png"), "sizes": "512x512", "type": "image/png"},
        {
            "src": static("icons/limber-maskable-512.png"),
            "sizes": "512x512",
            "type": "image/png",
            "purpose": "maskable",
        },
    ]
    content = {
        "id": "/",
        "name": "Limber",
        "short_name": "Limber",
        "description": _("Safe home stretches, prescribed by your physiotherapist."),
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#f2f5f8",
        "theme_color": "#12324a",
        "icons": icons,
    }
    return JsonResponse(content, content_type="application/manifest+json")
