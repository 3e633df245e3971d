"""What a patient's phone keeps for when there is no connection, and how it is told.

The worker's text names its files by their content, so that a new version is another text, which browsers notice.
"""

import json
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.templatetags.static import static
from django.urls import reverse

ANY = "00000000-0000-0000-0000-000000000000"
"""Stands in an address for whatever it is about."""

SHELL = (
    "js/player/main.js",
    "js/patient.js",
    "css/patient-pages.css",
    "icons.svg",
    "favicon.svg",
    "vendor/inter/inter-latin-wght-text.woff2",
)
"""All that the player is made of, where scripts and style sheets are served whole (``clinic.bundling``)."""

_PARTS = ("js/player/*.js", "css/*.css", "vendor/bootstrap/bootstrap-patient.min.css", "vendor/inter/inter.css")
"""What else it is made of where they are served as they lie."""


def shell() -> list[str]:
    """The addresses of all that the player is made of."""
    folder = Path(settings.BASE_DIR, "static")
    is_whole = isinstance(staticfiles_storage, ManifestStaticFilesStorage)
    parts = [] if is_whole else [file for pattern in _PARTS for file in folder.glob(pattern)]
    names = dict.fromkeys([*SHELL, *(file.relative_to(folder).as_posix() for file in sorted(parts))])
    return [static(name) for name in names]


def service_worker_text() -> str:
    """The service worker: one import, and what differs between installations and versions."""
    for_worker = {
        "shell": shell(),
        "player": reverse("routines:routine_play"),
        "routine": reverse("routines:routine_data"),
        "pages": [reverse("home"), reverse("routines:routine_today"), reverse("routines:routine_play")],
        "signOut": reverse("account_logout"),
        "picture": reverse("stretches:stretch_picture", args=[ANY]).replace(ANY, "*"),
        "icon": static("icons/limber-192.png"),
        "badge": static("icons/badge-96.png"),
    }
    return f'import {{ start }} from "{static("js/worker/main.js")}";\nstart({json.dumps(for_worker, indent=1)});\n'
