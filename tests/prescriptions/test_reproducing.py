"""A permissibility report is made again, exactly, from the catalogue of then, whatever became of it since."""

import datetime
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from prescriptions import safety
from prescriptions.models import Override, PermissibilityReport
from prescriptions.models.report import document
from prescriptions.models.reproduction import reproduce
from prescriptions.reproducing import NotReproducibleError, reproduce_as_of_then
from stretches.models import Broader, CatalogueRelease, ConditionCode, Contraindication, Stretch
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
def report() -> PermissibilityReport:
    """Two stretches: one with advice from the library and from the own clinic, one with an override."""
    by = ClinicianFactory()
    clinic = by.memberships.get().clinic
    patient = PatientFactory(clinic=clinic)
    towel, chair = StretchFactory(name="Towel", slug="towel"), StretchFactory(name="Chair", slug="chair", clinic=clinic)
    disc, herniation = ConditionCodeFactory(name="Disc disorder"), ConditionCodeFactory(name="Herniation")
    Broader.objects.create(narrower=herniation, broader=disc)
    advice = {"condition_code": disc, "severity": "precaution", "stretch": towel}
    ContraindicationFactory(**advice, rationale="Bend the knee.", until_week=12)
    ContraindicationFactory(**advice, rationale="Use our strap.", clinic=clinic)
    ContraindicationFactory(**advice, rationale="Theirs.", clinic=ClinicFactory())
    ContraindicationFactory(stretch=chair, condition_code=herniation, severity="relative")
    CatalogueRelease.record_edit("everything", by=by)
    draft = PrescriptionFactory(patient=patient, created_by=by)
    for place, stretch in enumerate((towel, chair)):
        PrescribedStretchFactory(prescription=draft, stretch=stretch, position=place)
    today = clinic.today()
    ConditionFactory(patient=patient, code=herniation, anchor_on=today - datetime.timedelta(weeks=3))
    ConditionFactory(patient=patient, code=None, free_text="Something else")
    decision = Override(clinic=clinic, patient=patient, prescription=draft, stretch=chair, reason="supervised-trial")
    decision.expires_on, decision.decided_by = today, by
    decision.record(safety.assess(safety.circumstances_of(patient, on=today), [chair])[chair.pk])
    draft.activate(by=by, at=timezone.now(), acknowledged=patient.conditions.values_list("pk", flat=True))
    return draft.report


def edited(change: Callable[[], Any]) -> None:
    """Change the catalogue as its admin does: a version of each row, and a release."""
    change()
    CatalogueRelease.record_edit("something", by=UserFactory())


def save(row: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


LATER: dict[str, Callable[[], Any]] = {
    "regraded": lambda: save(Contraindication.objects.get(rationale="Bend the knee."), severity="absolute"),
    "reworded": lambda: save(Contraindication.objects.get(rationale="Use our strap."), rationale="Do not."),
    "another window": lambda: save(Contraindication.objects.get(rationale="Bend the knee."), until_week=2),
    "deleted": lambda: Contraindication.objects.get(rationale="Bend the knee.").delete(),
    "about another code": lambda: save(
        Contraindication.objects.get(rationale="Bend the knee."), condition_code=ConditionCodeFactory()
    ),
    "a new row": lambda: ContraindicationFactory(
        stretch=Stretch.objects.get(slug="towel"), condition_code=ConditionCode.objects.get(name="Herniation")
    ),
    "retired": lambda: save(Stretch.objects.get(slug="chair"), status="retired"),
    "taken from the clinic": lambda: save(Stretch.objects.get(slug="chair"), clinic=ClinicFactory()),
    "lower in the hierarchy": lambda: Broader.objects.get().delete(),
    "higher in the hierarchy": lambda: Broader.objects.create(
        narrower=ConditionCode.objects.get(name="Disc disorder"),
        broader=ContraindicationFactory(stretch=Stretch.objects.get(slug="towel")).condition_code,
    ),
    "a code renamed": lambda: save(ConditionCode.objects.get(name="Disc disorder"), name="Slipped disc"),
}


@pytest.mark.parametrize("what", LATER)
def test_whatever_is_edited_later_the_report_is_made_again_exactly(what: str, report: PermissibilityReport) -> None:
    edited(LATER[what])
    stored = PermissibilityReport.objects.get()

    reproduction = reproduce_as_of_then(stored)

    assert not reproduction.differs, reproduction
    circumstances = safety.circumstances_of(stored.prescription.patient, on=stored.prescription.clinic.today())
    today = document(stored.prescription.lines(circumstances), circumstances, release=None)
    assert reproduce(stored.document, today).reasons or reproduce(stored.document, today).verdicts


def test_what_becomes_of_the_patients_record_does_not_matter(report: PermissibilityReport) -> None:
    report.prescription.patient.conditions.update(clinical_status="resolved", anchor_on=None, code=None, free_text="x")

    assert not reproduce_as_of_then(PermissibilityReport.objects.get()).differs


def test_a_report_of_before_ids_were_noted_is_made_again_too(report: PermissibilityReport) -> None:
    towel = report.document["stretches"][0]
    del towel["stretch_id"]
    for issue in towel["issues"]:
        del issue["condition_id"]
    report.document["stretches"] = [towel]
    edited(LATER["regraded"])

    assert not reproduce_as_of_then(report).differs


@pytest.mark.parametrize(
    ("tampered", "named"),
    [
        (lambda stretch: stretch.update(verdict="allowed"), "Towel: stored “allowed”, computed “caution”"),
        (lambda stretch: stretch["issues"].pop(), "Towel: stored “”, computed “"),
    ],
)
def test_a_report_that_is_not_what_it_says_is_named(tampered: Any, named: str, report: PermissibilityReport) -> None:
    tampered(report.document["stretches"][0])
    report.save()
    out = io.StringIO()

    with pytest.raises(CommandError, match="0 reproduced exactly, 1 differ, 0 name no release"):
        call_command("reproduce_reports", str(report.prescription_id), stdout=out)

    assert named in out.getvalue()


def test_a_report_without_a_release_is_not_guessed_at(report: PermissibilityReport) -> None:
    PermissibilityReport.objects.update(release=None)
    out = io.StringIO()

    call_command("reproduce_reports", stdout=out)

    assert "1 name no release" in out.getvalue()
    with pytest.raises(NotReproducibleError):
        reproduce_as_of_then(PermissibilityReport.objects.get())


def test_report_detail_says_whether_it_is_reproduced(report: PermissibilityReport, client: Any) -> None:
    client.force_login(report.made_by)
    url = reverse("prescriptions:report_detail", args=[report.prescription_id])
    edited(LATER["regraded"])

    as_it_was = client.get(url).content.decode()
    report.document["stretches"][0]["verdict"] = "allowed"
    report.save()
    tampered = client.get(url).content.decode()

    assert "gives every verdict and every reason as stored" in as_it_was
    assert "gives every verdict and every reason as stored" not in tampered
    assert "does not give what is stored" in tampered
