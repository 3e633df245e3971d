"""Headers that Django has no setting for: what a page of ours may use of a device, and who may embed what we answer."""

from collections.abc import Callable, MutableMapping

from django.http import HttpRequest, HttpResponse

PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "accelerometer",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "serial",
        "usb",
    )
)
"""Closed to every page. The player keeps the screen awake and makes sounds: that stays open to our own pages."""
POLICY_OF_A_FILE = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""Stricter than a page's, and shorter: a phone fetches ten files on its first visit, and headers are not compressed."""


def write_static(headers: MutableMapping[str, str], *_path_and_address: str) -> None:
    """Say of a file of the product, as WhiteNoise serves it, that it is never a page."""
    headers["Content-Security-Policy"] = POLICY_OF_A_FILE


class IsolationMiddleware:
    """Say of every answer that no other site embeds it, and that no page of ours asks for a camera or a place."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        # Django's own middleware says these two, too, but stands behind what answers about the state of the machine.
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
