"""Every answer carries the content policy and the other headers, whatever kind of answer it is."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.limits import COSTLY, MINUTE, Limit
from stretches import photos
from stretches.models import StretchPhoto
from tests.factories import ClinicianFactory, PatientFactory, PrescriptionFactory, StretchFactory

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}
OF_A_FILE = {"default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "sandbox"}
"""Stricter: what somebody has uploaded is never a page."""
OF_THE_PRODUCT = {"default-src 'none'", "frame-ancestors 'none'", "sandbox"}
"""Stricter, too: nor are our own scripts and styles."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def assert_guarded(response: Any) -> None:
    policy = {part.strip() for part in response["Content-Security-Policy"].split(";") if "nonce" not in part}
    assert policy in (POLICY, OF_A_FILE, OF_THE_PRODUCT)
    assert {name: response[name] for name in HEADERS} == HEADERS
    assert response.get("Cross-Origin-Opener-Policy", "same-origin") == "same-origin"
    assert response["Referrer-Policy"] in {"same-origin", "strict-origin"}
    assert "camera=()" in response["Permissions-Policy"]


def clinician_at(client: Client) -> Client:
    client.force_login(ClinicianFactory())
    return client


def a_photo(client: Client) -> Any:
    stretch = StretchFactory()
    key = photos.write(photos.Photo(b"large", b"small", 4, 3))
    StretchPhoto.objects.create(stretch=stretch, key=key, alt="Lying.", width=4, height=3)
    return clinician_at(client).get(reverse("stretches:stretch_photo", args=[stretch.pk, key, "large"]))


def a_pdf(client: Client) -> Any:
    prescription = PrescriptionFactory()
    client.force_login(ClinicianFactory(clinic=prescription.clinic))
    return client.get(reverse("prescriptions:handout_pdf", args=[prescription.pk]))


def too_many(client: Client) -> Any:
    COSTLY["pdf"] = Limit(0, MINUTE)
    return a_pdf(client)


def a_static_file(client: Client) -> Any:
    return client.get("/static/held-against-the-policy.txt")


def unprocessable(client: Client) -> Any:
    return clinician_at(client).post(reverse("patients:patient_add"), {"full_name": ""})


def too_large(client: Client) -> Any:
    return client.post(reverse("account_login"), {"file": SimpleUploadedFile("a", bytes(4_000_001))})


def stale(client: Client) -> Any:
    patient = PatientFactory()
    client.force_login(ClinicianFactory(clinic=patient.clinic))
    return client.post(reverse("patients:conditions_review_record", args=[patient.pk]), {"seen": "x"})


KINDS = {
    "page": (200, lambda client: client.get("/accounts/login/")),
    "page of somebody": (200, lambda client: clinician_at(client).get("/patients/")),
    "redirect": (302, lambda client: client.get("/patients/")),
    "data": (401, lambda client: client.get("/today/routine.json", headers={"Accept": "application/json"})),
    "bad host": (400, lambda client: client.get("/", headers={"Host": "evil.example"})),
    "CSRF": (403, lambda _: Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "a"})),
    "missing": (404, lambda client: clinician_at(client).get("/no/such/page/")),
    "method": (405, lambda client: clinician_at(client).put("/patients/")),
    "stale": (409, stale),
    "too large": (413, too_large),
    "unprocessable": (422, unprocessable),
    "too often": (429, too_many),
    "static file": (200, a_static_file),
    "photo": (200, a_photo),
    "PDF": (200, a_pdf),
    "picture": (200, lambda c: clinician_at(c).get(reverse("stretches:stretch_picture", args=[StretchFactory().pk]))),
    "worker": (200, lambda client: clinician_at(client).get("/sw.js")),
    "manifest": (200, lambda client: client.get("/manifest.webmanifest")),
    "health": (200, lambda client: client.get("/health/live")),
    "admin site": (302, lambda client: client.get("/admin/")),
}


@pytest.fixture
def _kept(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """Limits are those of before when the test is over; a static file is there."""
    monkeypatch.setitem(COSTLY, "pdf", COSTLY["pdf"])
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "held-against-the-policy.txt").write_text("x")


@pytest.mark.usefixtures("_kept")
def test_a_file_of_the_product_is_never_a_page_and_nobody_elses() -> None:
    response: Any = a_static_file(Client())

    policy = {part.strip() for part in response["Content-Security-Policy"].split(";")}
    assert policy == OF_THE_PRODUCT
    assert "Access-Control-Allow-Origin" not in response
    response.close()


@pytest.mark.usefixtures("_kept")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_is_guarded(kind: str) -> None:
    status, ask = KINDS[kind]

    response = ask(Client())

    assert response.status_code == status
    assert_guarded(response)
    response.close()


def test_an_error_of_the_server_is_guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> HttpResponse:
        raise RuntimeError("A defect.")

    monkeypatch.setattr("accounts.views.reading.ReadingForm", broken)
    response = Client(raise_request_exception=False).get("/settings/")

    assert response.status_code == 500
    assert "A defect" not in response.content.decode()
    assert_guarded(response)


def test_a_page_shares_no_window_with_who_opened_it() -> None:
    assert Client().get("/accounts/login/")["Cross-Origin-Opener-Policy"] == "same-origin"


def test_no_script_reads_a_cookie_that_proves_something(client: Client) -> None:
    client.get("/accounts/login/")

    cookie = client.cookies["csrftoken"]

    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert (settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_SAMESITE) == (True, "Lax")


def test_over_https_only_and_for_a_year(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 365 * 24 * 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True

    led = Client().get("/accounts/login/")
    page = Client().get("/accounts/login/", secure=True)

    assert (led.status_code, led["Location"]) == (301, "https://testserver/accounts/login/")
    assert_guarded(led)
    assert page["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_the_writers_of_headers_stand_outside_of_all_that_answers() -> None:
    ours = [each for each in settings.MIDDLEWARE if not each.startswith("tests.")]

    assert ours[:3] == [
        "csp.middleware.CSPMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "clinic.headers.IsolationMiddleware",
    ]
