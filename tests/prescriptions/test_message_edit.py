"""The message to the patient, written while a prescription is drafted."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from prescriptions.models import Prescription
from tests.factories import (
    PrescribedStretchFactory,
)
from tests.prescriptions.acting import page

pytestmark = pytest.mark.django_db


def seen(client: Client, draft: Prescription) -> str:
    content = client.get(page("prescription_edit", draft.pk)).content.decode()
    return re.search(r'name="seen" value="(\w+)"', content)[1]


def test_message_edit_stores_the_message(clinic_client, draft):
    data = {"note": "Slow and gentle.", "seen": seen(clinic_client, draft)}

    response = clinic_client.post(page("message_edit", draft.pk), data)

    draft.refresh_from_db()
    assert draft.note == "Slow and gentle."
    assert response.url == page("prescription_edit", draft.pk)


def test_review_and_activate_takes_the_message_along(clinic_client, draft):
    data = {"note": "Slow and gentle.", "seen": seen(clinic_client, draft), "review": "1"}

    response = clinic_client.post(page("message_edit", draft.pk), data)

    draft.refresh_from_db()
    assert draft.note == "Slow and gentle."
    assert response.url == page("prescription_activate", draft.pk)


@pytest.mark.parametrize("note", ["x" * 1001, "a\0b"])
def test_a_message_that_cannot_be_stored_is_kept_and_says_why(clinic_client, draft, note):
    response = clinic_client.post(page("message_edit", draft.pk), {"note": note, "seen": seen(clinic_client, draft)})

    draft.refresh_from_db()
    assert draft.note == ""
    assert "invalid-feedback" in response.content.decode()
    assert note[:1000] in response.content.decode()


def test_it_is_kept_whatever_else_the_request_says_is_to_be_swapped(clinic_client, draft):
    headers = {"HX-Request": "true", "HX-Target": "offers"}
    note = "x" * 1001

    response = clinic_client.post(page("message_edit", draft.pk), {"note": note, "seen": ""}, headers=headers)

    assert "invalid-feedback" in response.content.decode()
    assert note in response.content.decode()


def test_a_message_that_somebody_else_wrote_meanwhile_is_not_overwritten_unseen(clinic_client, draft):
    before = seen(clinic_client, draft)
    Prescription.objects.filter(pk=draft.pk).update(note="From a colleague.")

    response = clinic_client.post(page("message_edit", draft.pk), {"note": "Mine.", "seen": before})

    draft.refresh_from_db()
    content = response.content.decode()
    assert (response.status_code, draft.note) == (409, "From a colleague.")
    assert "From a colleague." in content
    assert "Mine." in content
    again = re.search(r'name="seen" value="(\w+)"', content)[1]
    clinic_client.post(page("message_edit", draft.pk), {"note": "Mine.", "seen": again})
    draft.refresh_from_db()
    assert draft.note == "Mine."


def test_no_message_is_stored_with_what_is_no_draft(clinic_client, draft):
    before = seen(clinic_client, draft)
    PrescribedStretchFactory(prescription=draft)
    draft.activate(by=draft.created_by, at=timezone.now())

    response = clinic_client.post(page("message_edit", draft.pk), {"note": "Late.", "seen": before})

    draft.refresh_from_db()
    assert (draft.note, response.status_code) == ("", 409)
    assert "This prescription is active now." in response.content.decode()
    assert re.search(r"readonly>Late\.</textarea>", response.content.decode())
    assert f'href="{draft.get_absolute_url()}"' in response.content.decode()
