"""The page on which a clinician decides a proposal."""

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prescriptions.models import Prescription, StretchPause
from routines.models import Proposal
from routines.proposing import propose
from tests.factories import (
    ClinicianFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SessionLogFactory,
    StretchFactory,
    StretchLogFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal():
    """To hold 15 instead of 10 seconds, after three green days."""
    draft = PrescriptionFactory(patient=PatientFactory(full_name="Ada Lovelace"))
    item = PrescribedStretchFactory(prescription=draft, stretch__name="Chair")
    item.stretch.easier.add(StretchFactory(name="Wall", difficulty=1))
    draft.activate(by=draft.created_by, at=timezone.now())
    for back in range(3):
        on = draft.clinic.today() - datetime.timedelta(days=back)
        StretchLogFactory(
            item=item, session=SessionLogFactory(prescription=draft, on=on), pain_score=1, has_settled=True
        )
    return propose(item, at=timezone.now())


@pytest.fixture
def clinician(proposal):
    return ClinicianFactory(clinic=proposal.clinic)


@pytest.fixture
def signed_in(clinician):
    client = Client()
    client.force_login(clinician)
    return client


def record(proposal):
    return reverse("routines:proposal_record", args=[proposal.pk])


def in_force(proposal):
    return Prescription.objects.in_force().get(patient=proposal.patient)


def test_proposal_record_says_what_and_why(signed_in, proposal):
    page = signed_in.get(record(proposal)).content.decode()

    assert "Chair: hold 15 instead of 10 seconds" in page
    assert "Held in full on three days" in page
    assert page.count("on getting up") == 3


def test_proposal_record_accepts_in_one_click(signed_in, proposal, clinician):
    response = signed_in.post(record(proposal), {"decision": "accept", "note": "Go on"})

    proposal.refresh_from_db()
    assert response.url == proposal.patient.get_absolute_url()
    assert in_force(proposal).items.get().start_hold_seconds == 15
    assert (proposal.status, proposal.decided_by, proposal.decision_note) == ("accepted", clinician, "Go on")


def test_proposal_record_opens_the_builder_to_change_it(signed_in, proposal):
    response = signed_in.post(record(proposal), {"decision": "change"})

    draft = Prescription.objects.drafts().get(patient=proposal.patient)
    assert response.url == reverse("prescriptions:prescription_edit", args=[draft.pk])


def test_proposal_record_declines(signed_in, proposal):
    signed_in.post(record(proposal), {"decision": "decline"})

    proposal.refresh_from_db()
    assert proposal.status == "declined"
    assert in_force(proposal) == proposal.prescription


@pytest.mark.parametrize("posted", [{}, {"decision": "explode"}, {"decision": "accept", "note": "n" * 1001}])
def test_proposal_record_says_what_is_wrong_and_keeps_the_note(signed_in, proposal, posted):
    response = signed_in.post(record(proposal), {"note": "Wait a week", **posted})

    proposal.refresh_from_db()
    assert (response.status_code, proposal.status) == (422, "open")
    assert posted.get("note", "Wait a week") in response.content.decode()


def test_proposal_record_asks_to_acknowledge_what_is_not_safety_checked(signed_in, proposal):
    ConditionFactory(patient=proposal.patient, code=None, free_text="Odd knee")

    response = signed_in.post(record(proposal), {"decision": "accept", "note": "Wait"})

    page = response.content.decode()
    assert (response.status_code, in_force(proposal)) == (422, proposal.prescription)
    assert "Tick each of them" in page
    assert "Wait</textarea>" in page


def test_proposal_record_refuses_what_became_unsafe(signed_in, proposal):
    condition = ConditionFactory(patient=proposal.patient)
    ContraindicationFactory(
        stretch=proposal.item.stretch, condition_code=condition.code, rationale="Loads the disc too much."
    )

    response = signed_in.post(record(proposal), {"decision": "accept"})

    assert (response.status_code, in_force(proposal)) == (422, proposal.prescription)
    assert "Loads the disc too much." in response.content.decode()


def test_proposal_record_offers_no_button_to_accept_what_became_unsafe(signed_in, proposal):
    condition = ConditionFactory(patient=proposal.patient)
    ContraindicationFactory(stretch=proposal.item.stretch, condition_code=condition.code)

    content = signed_in.get(record(proposal)).content.decode()

    assert 'value="accept"' not in content
    assert 'value="decline"' in content


def test_proposal_record_says_that_what_was_stopped_comes_first(signed_in, proposal):
    StretchPause.begin(proposal.patient, proposal.item.stretch, reason="pain", at=timezone.now())

    content = signed_in.get(record(proposal)).content.decode()

    assert "Stopped meanwhile" in content
    assert 'name="decision"' not in content


def test_proposal_record_says_that_so_many_stretches_take_a_reason(signed_in, proposal):
    PrescribedStretchFactory.create_batch(6, prescription=proposal.prescription)

    response = signed_in.post(record(proposal), {"decision": "accept"})

    assert response.status_code == 422
    assert "say why they are needed" in response.content.decode()
    assert in_force(proposal) == proposal.prescription


def test_proposal_record_waits_for_an_open_draft(signed_in, proposal):
    draft = proposal.prescription.revise(by=proposal.prescription.created_by)

    response = signed_in.post(record(proposal), {"decision": "accept"})

    assert response.status_code == 409
    assert reverse("prescriptions:prescription_edit", args=[draft.pk]) in response.content.decode()


def test_proposal_record_twice_is_once(signed_in, proposal):
    signed_in.post(record(proposal), {"decision": "accept"})

    again = signed_in.post(record(proposal), {"decision": "accept"})

    assert again.status_code == 409
    assert Prescription.objects.filter(patient=proposal.patient).count() == 2


@pytest.mark.parametrize("somebody", ["colleague elsewhere", "a patient"])
def test_proposals_are_nothing_to_strangers(proposal, somebody):
    patient = PatientFactory(clinic=proposal.clinic, user=UserFactory())
    client = Client()
    client.force_login(ClinicianFactory() if somebody == "colleague elsewhere" else patient.user)

    assert client.get(record(proposal)).status_code == 404
    assert client.post(record(proposal), {"decision": "accept"}).status_code == 404
    assert Proposal.objects.get().status == "open"


def test_visitors_go_to_the_login(client, proposal):
    assert client.get(record(proposal)).url.startswith(reverse("account_login"))
    assert client.post(record(proposal)).url.startswith(reverse("account_login"))


def test_other_methods_are_refused(signed_in, proposal):
    assert signed_in.put(record(proposal)).status_code == 405
    assert signed_in.delete(record(proposal)).status_code == 405


def test_ten_more_logs_cost_no_more_queries(signed_in, proposal):
    with CaptureQueriesContext(connection) as few:
        signed_in.get(record(proposal))
    for back in range(3, 13):
        on = proposal.clinic.today() - datetime.timedelta(days=back)
        session = SessionLogFactory(prescription=proposal.prescription, on=on)
        proposal.logs.add(StretchLogFactory(item=proposal.item, session=session))

    with CaptureQueriesContext(connection) as many:
        signed_in.get(record(proposal))

    assert len(many) == len(few) <= 12
