"""What no page of ours would send, but a device may: half a letter, a clock that was never set."""

import json
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from routines.models import RedFlagScreen, StretchLog
from tests.factories import PatientFactory, PrescribedStretchFactory, PrescriptionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    """A stretch in force, on getting up."""
    draft = PrescriptionFactory(patient=PatientFactory(user=UserFactory()))
    item = PrescribedStretchFactory(prescription=draft)
    draft.activate(by=draft.created_by, at=timezone.now())
    return item


def send(sender, name, pk, **said):
    client = Client()
    client.force_login(sender)
    address = reverse(f"routines:{name}", args=[pk])
    return client.post(address, json.dumps(said), content_type="application/json")


def say(item, **said):
    known = {"id": str(uuid.uuid4()), "item": str(item.pk), "part_of_day": "on-getting-up", "outcome": "done"}
    on = str(item.clinic.today())
    return send(item.prescription.patient.user, "stretch_log_record", item.prescription_id, **known | {"on": on} | said)


def test_half_a_letter_is_marked_and_the_rest_is_kept(item):
    answer = say(item, note="Good \ud83d", pain_score=1)

    log = StretchLog.objects.get()
    assert answer.status_code == 200
    assert (log.note, log.pain_score) == ("Good ?", 1)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+00:00", "1970-01-01T00:00:00Z"])
def test_a_clock_that_was_never_set_says_the_year_2000(item, moment):
    patient = item.prescription.patient

    say(item, logged_at=moment)
    send(patient.user, "red_flags_record", patient.pk, answered_at=moment, answers={})

    assert StretchLog.objects.get().logged_at.year == 2000
    assert {screen.answered_at.year for screen in RedFlagScreen.objects.all()} <= {2000}
