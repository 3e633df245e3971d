"""The permissibility report: what was known, and whether it still holds."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prescriptions import safety
from prescriptions.models import Override
from prescriptions.models.reproduction import Difference, reproduce
from stretches.models import CatalogueRelease, Contraindication, SignOff
from tests.factories import (
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    StretchFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def release():
    return CatalogueRelease.objects.create(
        version="0.1.0", as_of="2026-01-15", status="Awaits sign-off by a physiotherapist", reason="Loaded"
    )


@pytest.fixture
def prescription(release):
    """Active: one stretch with advice through a broader code in a window, one with an override."""
    clinician = ClinicianFactory(clinic=ClinicFactory())
    patient = PatientFactory(clinic=clinician.memberships.get().clinic)
    draft = PrescriptionFactory(patient=patient, created_by=clinician)
    towel = StretchFactory(slug="towel", name="Towel stretch")
    chair = StretchFactory(slug="chair", name="Chair stretch")
    for position, stretch in enumerate((towel, chair)):
        PrescribedStretchFactory(prescription=draft, stretch=stretch, position=position)
    broader = ConditionCodeFactory(name="Disc disorder")
    herniation = ConditionCodeFactory(name="Disc herniation", broader=[broader])
    ConditionFactory(patient=patient, code=herniation, anchor_on=draft.clinic.today() - datetime.timedelta(weeks=3))
    ContraindicationFactory(
        stretch=towel, condition_code=broader, severity="precaution", rationale="Bend the knee.", until_week=12
    )
    ContraindicationFactory(stretch=chair, condition_code=herniation, severity="relative")
    circumstances = safety.circumstances_of(patient, on=draft.clinic.today())
    Override(
        clinic=draft.clinic,
        patient=patient,
        prescription=draft,
        stretch=chair,
        reason="supervised-trial",
        expires_on=draft.clinic.today() + datetime.timedelta(days=20),
        decided_by=clinician,
    ).record(safety.assess(circumstances, [chair])[chair.pk])
    draft.activate(by=clinician, at=timezone.now())
    return draft


@pytest.fixture
def clinic_client(client: Client, prescription) -> Client:
    client.force_login(prescription.created_by)
    return client


def url_of(prescription) -> str:
    return reverse("prescriptions:report_detail", args=[prescription.pk])


def test_report_detail_shows_what_was_known(clinic_client, prescription):
    content = clinic_client.get(url_of(prescription)).content.decode()

    for words in (
        "Version 0.1.0",
        "Awaits sign-off by a physiotherapist",
        "Disc herniation",
        "Disc disorder",
        "Bend the knee.",
        "Applies until week 12.",
        "Severity: precaution.",
        "A study of",
        "Tried under supervision without symptoms",
        prescription.created_by.full_name,
    ):
        assert words in content, words


def test_the_report_of_a_draft_is_not_found(clinic_client, prescription):
    draft = prescription.revise(by=prescription.created_by)

    assert clinic_client.get(url_of(draft)).status_code == 404


def test_on_the_same_day_the_report_is_reproduced(clinic_client, prescription):
    response = clinic_client.get(url_of(prescription))

    assert not response.context["reproduction"].differs
    assert "Every verdict is the same today." in response.content.decode()


def test_a_new_condition_changes_a_verdict_and_the_report_says_so(clinic_client, prescription):
    condition = ConditionFactory(patient=prescription.patient, code=ConditionCodeFactory(name="Glaucoma"))
    ContraindicationFactory(
        stretch=prescription.items.first().stretch, condition_code=condition.code, rationale="Head below heart."
    )

    response = clinic_client.get(url_of(prescription))

    reproduction = response.context["reproduction"]
    assert reproduction.verdicts == (Difference("Towel stretch", "caution", "excluded"),)
    assert [difference.subject for difference in reproduction.conditions] == ["Glaucoma"]
    content = response.content.decode()
    assert "1 verdict differs today." in content
    assert "Head below heart." in content


def test_the_stored_report_does_not_change(clinic_client, prescription):
    before = prescription.report.document
    ContraindicationFactory(
        stretch=prescription.items.first().stretch,
        condition_code=prescription.patient.conditions.get().code,
        rationale="Found out later.",
    )

    response = clinic_client.get(url_of(prescription))

    prescription.report.refresh_from_db()
    assert prescription.report.document == before
    assert response.context["report"].document == before
    assert not response.context["reproduction"].has_same_verdicts


def test_a_resolved_condition_and_an_override_that_ended_are_named(clinic_client, prescription):
    prescription.patient.overrides.update(expires_on=prescription.clinic.today() - datetime.timedelta(days=1))

    (reason,) = clinic_client.get(url_of(prescription)).context["reproduction"].reasons
    assert reason.before.endswith("overridden")
    assert not reason.now.endswith("overridden")

    condition = prescription.patient.conditions.get()
    condition.clinical_status = "resolved"
    condition.record(by=prescription.created_by)

    reproduction = clinic_client.get(url_of(prescription)).context["reproduction"]
    assert [(each.subject, each.now) for each in reproduction.conditions] == [("Disc herniation", "")]
    assert [each.now for each in reproduction.verdicts] == ["allowed", "allowed"]


def test_a_later_catalogue_is_named(clinic_client, prescription):
    CatalogueRelease.objects.create(version="0.2.0", as_of="2026-02-15", status="Signed off", reason="Edited")

    response = clinic_client.get(url_of(prescription))

    assert "0.2.0" in response.context["reproduction"].catalogue.now
    assert "Awaits sign-off by a physiotherapist" in response.content.decode(), "what was true then"


def test_a_review_that_is_due_is_said(clinic_client, prescription):
    prescription.patient.conditions_reviewed_on -= datetime.timedelta(days=91)
    prescription.patient.save()

    assert "The conditions have to be reviewed again." in clinic_client.get(url_of(prescription)).content.decode()


def test_reproduce_names_each_kind_of_difference():
    issue = {
        "contraindication_id": 1,
        "condition": "Herniation",
        "path": ["Herniation"],
        "rationale": "Loads the disc.",
        "severity": "precaution",
        "window": "",
        "is_date_missing": False,
        "is_overridden": False,
    }
    condition = {
        "id": "1",
        "name": "Herniation",
        "clinical_status": "active",
        "verification_status": "confirmed",
        "anchor_on": None,
    }
    before = {
        "on": "2026-01-15",
        "catalogue": {"version": "1", "release": 1},
        "conditions": [condition],
        "stretches": [{"stretch": "a", "name": "A", "verdict": "caution", "issues": [issue]}],
    }
    now = {
        "on": "2026-02-15",
        "catalogue": {"version": "1", "release": 2},
        "conditions": [{**condition, "verification_status": "provisional"}],
        "stretches": [
            {"stretch": "a", "name": "A", "verdict": "excluded", "issues": [{**issue, "severity": "absolute"}]},
            {"stretch": "b", "name": "B", "verdict": "allowed", "issues": []},
        ],
    }

    reproduction = reproduce(before, now)

    assert reproduction.verdicts == (Difference("A", "caution", "excluded"), Difference("B", "", "allowed"))
    assert reproduction.reasons == (Difference("A", "Loads the disc. · precaution", "Loads the disc. · absolute"),)
    assert reproduction.conditions == (
        Difference("Herniation", "active, confirmed, no date", "active, provisional, no date"),
    )
    assert reproduction.catalogue == Difference("Catalogue", "1 (1)", "1 (2)")
    assert not reproduce(before, before).differs


def test_report_detail_says_which_rule_nobody_had_signed(clinic_client, prescription):
    url, signer = url_of(prescription), UserFactory(full_name="Ada Quist")
    unsigned = clinic_client.get(url).content.decode()
    SignOff.sign(Contraindication.objects.all(), by=signer, registration="HCPC PH1", at=timezone.now())
    afterwards = clinic_client.get(url).content.decode()
    draft = prescription.revise(by=prescription.created_by)
    draft.activate(by=prescription.created_by, at=timezone.now(), replacing=prescription)
    signed = clinic_client.get(url_of(draft)).content.decode()

    assert unsigned.count("not signed by a physiotherapist when it decided") == 2
    assert afterwards.count("not signed by a physiotherapist when it decided") == 2, "what was true then"
    assert signed.count("Signed by Ada Quist, HCPC PH1") == 2
    assert "not signed" not in signed
