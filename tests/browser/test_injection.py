"""What people type is shown as they typed it, and never run."""

import pytest
from playwright.sync_api import Page, expect

from patients.models import Condition
from stretches.models import Stretch
from tests.browser.conftest import NewContext
from tests.factories import (
    ClinicianFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    StretchFactory,
    UserFactory,
)

ATTACK = '"><img src=x onerror="taken = 1"><script>taken = 1</script> {{ 7|add:\'7\' }}'
NAME = f"Ann {ATTACK}"


def expect_as_typed(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.locator("body")).to_contain_text(ATTACK)
    assert page.evaluate("() => typeof taken") == "undefined"
    assert page.locator("img[src=x]").count() == 0


@pytest.mark.usefixtures("live_server")
def test_what_is_typed_is_never_run(new_context: NewContext, sign_in) -> None:
    person = UserFactory(full_name=NAME)
    patient = PatientFactory(full_name=NAME, note=ATTACK, user=person)
    clinician = ClinicianFactory(clinic=patient.clinic, full_name=NAME)
    condition = Condition(patient=patient, free_text=ATTACK, note=ATTACK)
    condition.record(by=clinician)
    stretch: Stretch = StretchFactory(name=f"Stretch {ATTACK}"[:120], steps=ATTACK, stop_rules=ATTACK)
    prescription = PrescriptionFactory(patient=patient, created_by=clinician, note=ATTACK)
    PrescribedStretchFactory(prescription=prescription, stretch=stretch, note=ATTACK)

    context = new_context()
    sign_in(context, clinician)
    page = context.new_page()
    for path in (
        "/patients/",
        f"/patients/{patient.pk}/",
        f"/patients/{patient.pk}/conditions/review/",
        f"/conditions/{condition.pk}/",
        f"/prescriptions/{prescription.pk}/",
        f"/prescriptions/{prescription.pk}/edit/",
        f"/prescriptions/{prescription.pk}/activate/",
        f"/prescriptions/{prescription.pk}/print/",
    ):
        expect_as_typed(page, path)

    prescription.__class__.objects.filter(pk=prescription.pk).update(status="active", activated_by=clinician)
    context = new_context()
    sign_in(context, person)
    page = context.new_page()
    for path in ("/today/", f"/today/{prescription.pk}/print/"):
        expect_as_typed(page, path)
