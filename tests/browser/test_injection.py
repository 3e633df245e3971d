"""What people type is shown as they typed it, and never run, with the content policy off, too.

Every text on every page: ``tests/permissions/test_injection.py``. Here are the pages whose scripts handle some of it.
"""

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
    expect_nothing_run(page)


def expect_nothing_run(page: Page) -> None:
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

    context = new_context(bypass_csp=True)
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

    page.goto(f"/prescriptions/{prescription.pk}/edit/")
    with page.expect_response(lambda response: "q=Str" in response.url):
        page.get_by_label("Search stretches").fill("Str")
    expect_nothing_run(page)

    prescription.__class__.objects.filter(pk=prescription.pk).update(status="active", activated_by=clinician)
    context = new_context(bypass_csp=True)
    sign_in(context, person)
    page = context.new_page()
    for path in ("/today/", f"/today/{prescription.pk}/print/"):
        expect_as_typed(page, path)
    page.goto("/today/play/")
    expect(page.get_by_role("heading", name="Stretch").or_(page.get_by_role("button")).first).to_be_visible()
    expect_nothing_run(page)
