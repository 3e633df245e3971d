"""What a patient's phone keeps for when there is no connection, and how it is told.

The worker's text names its files by their content, so that a new version is another text, which browsers notice.
"""

import json
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import reverse

ANY = "00000000-0000-0000-0000-000000000000"
"""Stands in an address for whatever it is about."""

_FOLDER = Path(settings.BASE_DIR, "static/js/player")
PLAYER_MODULES = tuple(sorted(f"js/player/{module.name}" for module in _FOLDER.glob("*.js")))

STYLES = (
    "vendor/inter/inter.css",
    "vendor/bootstrap/bootstrap-patient.min.css",
    "css/tokens.css",
    "css/skin.css",
    "css/layout.css",
    "css/components.css",
    "css/clinical.css",
    "css/patient.css",
    "css/print.css",
)
"""Style sheets of every page of a patient, in order."""

SHELL = (
    *STYLES,
    *PLAYER_MODULES,
    "js/patient.js",
    "css/routine.css",
    "css/player.css",
    "icons.svg",
    "favicon.svg",
    "vendor/inter/inter-latin-wght-normal.woff2",
)
"""All that the player is made of."""


def service_worker_text() -> str:
    """The service worker: one import, and what differs between installations and versions."""
    for_worker = {
        "shell": [static(name) for name in SHELL],
        "player": reverse("routines:routine_play"),
        "routine": reverse("routines:routine_data"),
        "pages": [reverse("home"), reverse("routines:routine_today"), reverse("routines:routine_play")],
        "signOut": reverse("account_logout"),
        "picture": reverse("stretches:stretch_picture", args=[ANY]).replace(ANY, "*"),
        "icon": static("icons/limber-192.png"),
        "badge": static("icons/badge-96.png"),
    }
    return f'import {{ start }} from "{static("js/worker/main.js")}";\nstart({json.dumps(for_worker, indent=1)});\n'


def missing_files() -> list[str]:
    """Files of the shell that do not exist: with one of them missing, no phone could install the worker."""
    return [name for name in SHELL if not finders.find(name)]
