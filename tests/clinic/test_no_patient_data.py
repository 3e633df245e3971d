"""What is about a patient stands in pages and in their tables, and nowhere else."""

import base64
import io
import logging
import logging.config
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as project
from django.contrib.sessions.backends.db import SessionStore as DjangosStore
from django.core import mail
from django.core.cache import caches
from django.core.management import call_command
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import Session
from patients.models import Patient
from tests.clinic.records import SAID
from tests.factories import AdminFactory, ClinicianFactory

pytestmark = pytest.mark.django_db
TELLING = re.compile(r"quimby|zdenka|wobblesome|trampoline|960.?777", re.IGNORECASE)
LINKS = re.compile(r"(?:href|action|src|hx-get|hx-post)=\"([^\"]*)\"")


@pytest.fixture
def patient(a_whole_record: Patient) -> Patient:
    return Patient.objects.select_related("clinic", "user").get(pk=a_whole_record.pk)


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the handler of the settings prints."""
    logging.config.dictConfig(project.LOGGING)
    handler = next(each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler)
    stream, before, level = io.StringIO(), handler.stream, logging.getLogger().level
    handler.setStream(stream)
    logging.getLogger().setLevel(logging.INFO)
    yield stream
    handler.setStream(before)
    logging.getLogger().setLevel(level)


class Watched(Client):
    """A browser that notes where it goes, and where the pages that it gets would lead."""

    addresses: list[str]

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        self.addresses = [*getattr(self, "addresses", []), request["PATH_INFO"] + "?" + request.get("QUERY_STRING", "")]
        self.addresses += [response.headers.get("Location", ""), response.headers.get("Content-Disposition", "")]
        if "html" in response.headers.get("Content-Type", ""):
            led_to = LINKS.findall(response.content.decode())
            # A mail program and a phone are told whom to reach: they leave the browser.
            self.addresses += [link for link in led_to if not link.startswith(("mailto:", "tel:", "data:"))]
        return response


def clinicians_day(client: Client, patient: Patient) -> None:
    """Look for the patient, open everything, correct something, record something, invite, print."""
    condition = patient.conditions.get()
    prescription = patient.prescriptions.get(status="active")
    for name, pk in [
        ("patients:patient_detail", patient.pk),
        ("patients:patient_edit", patient.pk),
        ("patients:condition_add", patient.pk),
        ("patients:condition_edit", condition.pk),
        ("patients:conditions_review_record", patient.pk),
        ("routines:record_detail", patient.pk),
        ("prescriptions:prescription_detail", prescription.pk),
        ("prescriptions:prescription_print", prescription.pk),
        ("prescriptions:handout_pdf", prescription.pk),
        ("everything_detail", patient.pk),
        ("everything_json", patient.pk),
        ("everything_pdf", patient.pk),
        ("erasure_request_add", patient.pk),
    ]:
        assert client.get(reverse(name, args=[pk])).status_code == 200, name
    client.get(reverse("attention_list"))
    assert SAID in client.post(reverse("patients:patient_list"), {"q": "Quimby"}).content.decode()
    client.post(reverse("patients:patient_list"), {"q": "Quimby", "whose": "mine", "page": "2"})
    client.post(reverse("patients:patient_edit", args=[patient.pk]), {"full_name": "", "note": SAID})
    said = {"free_text": SAID, "clinical_status": "active", "verification_status": "confirmed", "note": SAID}
    client.post(reverse("patients:condition_add", args=[patient.pk]), said)
    client.post(reverse("patients:condition_add", args=[patient.pk]), {"q": SAID, "search": ""})
    client.post(reverse("patients:invitation_add", args=[patient.pk]))
    client.get(f"/patients/{patient.pk}/nothing-here/")


def patients_day(client: Client, patient: Patient) -> None:
    """Look at everything, log something, ask for erasure."""
    for name in ("routines:routine_today", "routines:progress_detail", "routines:own_data_json", "own_everything_json"):
        assert client.get(reverse(name)).status_code == 200, name
    client.get(reverse("own_everything_detail"))
    client.post(reverse("own_erasure_request_add", args=[patient.pk]), {"words": SAID})
    client.post(reverse("routines:red_flags_record", args=[patient.pk]), {"note": SAID})


def admins_day(client: Client, patient: Patient) -> None:
    """Look at who works here, and at who wants to be erased."""
    client.get(reverse("accounts:staff_list"))
    client.get(reverse("erasure_request_list"))
    client.get(reverse("erasure_request_record", args=[patient.erasure_requests.get().pk]))


def test_pages_leave_no_trace_of_a_patient(patient: Patient, logged: io.StringIO) -> None:
    people = [
        (ClinicianFactory.create(clinic=patient.clinic), clinicians_day),
        (patient.user, patients_day),
        (AdminFactory.create(clinic=patient.clinic), admins_day),
    ]
    addresses: list[str] = []
    for user, day in people:
        client = Watched()
        client.force_login(user)
        day(client, patient)
        addresses += client.addresses
    call_command("send_due", stdout=logged, stderr=logged)

    assert len(addresses) > 200
    assert [each for each in addresses if TELLING.search(each)] == []
    assert "patients:patient_detail" in logged.getvalue()  # the log was on
    assert not TELLING.search(logged.getvalue())
    assert mail.outbox
    assert [each.subject for each in mail.outbox if TELLING.search(f"{each.subject}\n{each.body}")] == []
    assert [key for cache in caches.all() for key in getattr(cache, "_cache", ()) if TELLING.search(str(key))] == []


def test_what_is_looked_for_is_posted(patient: Patient) -> None:
    """A name in an address would go on into logs and the browser's history: no page offers it, and none takes it."""
    client = Client()
    client.force_login(ClinicianFactory.create(clinic=patient.clinic))
    form = re.compile(r'<form[^>]*role="search"[^>]*>')

    page = client.get(reverse("patients:patient_list")).content.decode()
    asked = client.get(reverse("patients:patient_list"), {"q": "nobody of this name"}).content.decode()

    assert ['method="post"' in each for each in form.findall(page)] == [True]
    assert SAID in asked


def test_a_session_tells_nobody_what_it_holds(patient: Patient) -> None:
    client = Client()
    client.force_login(ClinicianFactory.create(clinic=patient.clinic))
    client.post(reverse("patients:invitation_add", args=[patient.pk]))

    rows = Session.objects.filter(session_key=client.session.session_key)

    held = rows.get().get_decoded()
    assert TELLING.search(str(held))  # a message names the patient, until it was shown
    for row in Session.objects.all():
        assert not any(TELLING.search(text) for text in _readings(row.session_data))
        assert DjangosStore().decode(row.session_data) == {}


def _readings(stored: str) -> Iterator[str]:
    """What somebody who reads the table can make of a row without a key."""
    yield stored
    for part in re.split(r"[:.]", stored):
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        yield data.decode("latin-1")
        try:
            yield zlib.decompress(data).decode("latin-1")
        except zlib.error:
            continue


def broken(request: HttpRequest) -> HttpResponse:
    """Fails as a database does: it quotes the row, and what it came from quotes what was sent."""
    sent = request.POST["note"]
    try:
        raise ValueError(f"cannot read {sent}")
    except ValueError as error:
        raise IntegrityError(f"Failing row contains ({sent}, zdenka.quimby@example.org).") from error


def test_an_error_says_where_it_came_up_and_not_what_was_sent(
    patient: Patient, logged: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = RequestFactory().post("/", {"note": SAID})
    monkeypatch.setattr("patients.views.patient.get_object_or_404", lambda *_args, **_kwargs: broken(sent))
    client = Client(raise_request_exception=False)
    client.force_login(ClinicianFactory.create(clinic=patient.clinic))
    response = client.post(reverse("patients:patient_edit", args=[patient.pk]), {"note": SAID})

    assert response.status_code == 500
    assert not TELLING.search(response.content.decode())
    said = logged.getvalue()
    assert "IntegrityError" in said
    assert "ValueError" in said
    assert "test_no_patient_data.py" in said
    assert not TELLING.search(said)
    assert mail.outbox == []
