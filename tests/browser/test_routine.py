"""The patient's page of the day and its paper, as a browser shows them: large, accessible, no wider than a phone."""

import pytest
from django.utils import timezone

from tests.factories import (
    ClinicFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    UserFactory,
)

LONG = "Wolfeschlegelsteinhausenbergerdorff"


@pytest.fixture
def user(live_server):
    """A patient of two clinics, with a stretch of each kind: safe, with advice, paused."""
    user = UserFactory(full_name=f"Ada {LONG}")
    for place, phone in (("North", "01632 960 123"), ("South", "020 7946 0991")):
        clinic = ClinicFactory(name=f"{place} {LONG * 2}", phone=phone)
        patient = PatientFactory(full_name=f"Ada {LONG}", user=user, clinic=clinic)
        condition = ConditionFactory(patient=patient)
        draft = PrescriptionFactory(patient=patient, note=LONG * 10)
        items = [PrescribedStretchFactory(prescription=draft, note=LONG * 8, is_before_bed=True) for _ in range(3)]
        draft.activate(by=draft.created_by, at=timezone.now())
        for item, severity in zip(items, ("precaution", "absolute"), strict=False):
            ContraindicationFactory(stretch=item.stretch, condition_code=condition.code, severity=severity)
    return user


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_routine_today_and_its_paper(new_context, sign_in, assert_accessible, user, scheme, width):
    context = new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    sign_in(context, user)
    page = context.new_page()
    prescription = user.patient_records.first().prescriptions.get()
    for url in ("/today/", f"/today/{prescription.pk}/print/"):
        page.goto(url)

        assert_accessible(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_nothing_on_routine_today_is_smaller_than_18_px(new_context, sign_in, user):
    context = new_context()
    sign_in(context, user)
    page = context.new_page()
    page.goto("/today/")

    sizes = page.evaluate(
        """() => [...document.querySelectorAll("main *")]
            .filter(element => [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
            .map(element => parseFloat(getComputedStyle(element).fontSize))"""
    )

    assert min(sizes) >= 18


def test_the_print_button_prints(new_context, sign_in, user):
    context = new_context()
    sign_in(context, user)
    page = context.new_page()
    page.add_init_script("window.print = () => { window.printed = true; };")
    prescription = user.patient_records.first().prescriptions.get()
    page.goto(f"/today/{prescription.pk}/print/")

    page.get_by_role("button", name="Print").click()

    assert page.evaluate("() => window.printed")
