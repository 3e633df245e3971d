"""The pages about patients in a browser: what is found while one types, and whether everybody can read them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from patients.models import Patient
from stretches.models import ConditionCode
from tests.browser.conftest import NewContext
from tests.factories import (
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
SignIn = Callable[[BrowserContext, User], None]


@pytest.fixture
def patient() -> Patient:
    """Somebody with a bit of everything: a red flag, own words, a paused stretch, something settled."""
    clinic = ClinicFactory(name="Hill Road")
    clinician = ClinicianFactory(clinic=clinic, full_name="Priya Raman")
    patient = PatientFactory(clinic=clinic, clinician=clinician, full_name="Walter Brandt")
    PatientFactory(clinic=clinic, full_name="Ana Lund", conditions_reviewed_on=None)
    herniation = ConditionCodeFactory(slug="herniation", name="Lumbar disc herniation", synonyms="slipped disc")
    ConditionCodeFactory(slug="sprain", name="Ankle sprain", tier="core")
    line = PrescribedStretchFactory(
        prescription=PrescriptionFactory(patient=patient, status="active", activated_by=clinician)
    )
    ContraindicationFactory(stretch=line.stretch, condition_code=herniation)
    flag = ConditionCodeFactory(name="Cauda equina syndrome", is_red_flag=True, window_anchor="onset_date")
    for what in ({"code": herniation}, {"code": flag}, {"code": None, "free_text": "Funny knee"}):
        ConditionFactory(patient=patient, recorded_by=clinician, **what)
    ConditionFactory(patient=patient, recorded_by=clinician, clinical_status="resolved")
    return patient


@pytest.fixture
def staff_page(new_context: NewContext, sign_in: SignIn, patient: Patient) -> Page:
    context = new_context()
    assert patient.clinician is not None
    sign_in(context, patient.clinician)
    return context.new_page()


def test_the_list_narrows_while_one_types(staff_page: Page) -> None:
    staff_page.goto("/patients/")
    expect(staff_page.get_by_role("row")).to_have_count(3)

    staff_page.get_by_label("Search patients").press_sequentially("walt")

    expect(staff_page.get_by_role("row")).to_have_count(2)
    expect(staff_page.get_by_role("status").filter(has_text="1 patient found")).to_be_visible()
    expect(staff_page.get_by_label("Search patients")).to_be_focused()
    assert staff_page.url.endswith("/patients/")  # a name belongs into no history

    staff_page.get_by_label("Search patients").fill("zorro")
    expect(staff_page.get_by_role("heading", name="Nobody called “zorro”")).to_be_visible()


def test_a_code_is_found_while_one_types(staff_page: Page, patient: Patient) -> None:
    address = f"/patients/{patient.pk}/conditions/add/"
    staff_page.goto(address)
    expect(staff_page.get_by_label("Search conditions")).to_be_focused()

    staff_page.keyboard.type("slipped disc")

    choices = staff_page.get_by_role("button", name="Choose")
    expect(choices).to_have_count(1)
    expect(choices).to_contain_text("also called “slipped disc”")
    choices.click()
    expect(staff_page.get_by_role("heading", name="Lumbar disc herniation")).to_be_visible()
    assert staff_page.url.endswith(address)  # and what ails whom, into no address


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_everybody_can_read_the_pages(
    staff_page: Page, patient: Patient, assert_accessible: Callable[[Page], None], color_scheme: str, width: int
) -> None:
    staff_page.set_viewport_size({"width": width, "height": 800})
    staff_page.emulate_media(color_scheme="dark" if color_scheme == "dark" else "light")
    condition = patient.conditions.all()[1]
    about = f"/patients/{patient.pk}/"

    for address in (
        "/patients/",
        "/patients/add/",
        about,
        f"{about}edit/",
        f"{about}conditions/add/",
        f"{about}conditions/review/",
        f"/conditions/{condition.pk}/",
        f"/conditions/{condition.pk}/edit/",
    ):
        staff_page.goto(address)
        assert_accessible(staff_page)
        assert staff_page.evaluate("() => document.documentElement.scrollWidth") <= width, address


def test_a_refused_form_is_accessible(
    staff_page: Page, assert_accessible: Callable[[Page], None], complaints: list[str]
) -> None:
    staff_page.goto("/patients/add/")

    staff_page.get_by_role("button", name="Add patient").click()

    expect(staff_page.get_by_text("This field is required.").first).to_be_visible()
    assert_accessible(staff_page)
    assert all("422" in complaint for complaint in complaints)
    complaints.clear()


def test_what_a_new_condition_changes_is_said_and_one_click_holds_it(
    staff_page: Page, patient: Patient, assert_accessible: Callable[..., None]
) -> None:
    prescription = patient.prescriptions.get()
    for severity in ("relative", "precaution"):
        line = PrescribedStretchFactory(prescription=prescription, stretch__name=f"Stretch {severity}")
        sprain = ConditionCode.objects.get(slug="sprain")
        ContraindicationFactory(stretch=line.stretch, condition_code=sprain, severity=severity)
    staff_page.goto(f"/patients/{patient.pk}/conditions/add/")
    staff_page.get_by_role("button", name="Ankle sprain").click()
    staff_page.get_by_role("button", name="Save condition").click()

    effect = staff_page.get_by_role("alert").filter(has_text="What “Ankle sprain” changes for Walter Brandt")
    expect(effect).to_contain_text("Stretch relative")
    expect(effect).to_contain_text("These stay")
    for scheme in ("light", "dark"):
        staff_page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        staff_page.reload()  # it is asked anew, and nothing is still changing its colour
        expect(effect).to_be_visible()
        assert_accessible(staff_page)
    staff_page.set_viewport_size({"width": 320, "height": 700})
    assert staff_page.evaluate("() => document.documentElement.scrollWidth") <= 320

    effect.get_by_role("button", name="Put all of it on hold").click()

    expect(staff_page.get_by_role("main")).to_contain_text("Recorded: Ankle sprain.")
    prescription.refresh_from_db()
    assert prescription.status == "on-hold"


def test_the_question_before_the_catalogue_pauses_something(
    new_context: NewContext, sign_in: SignIn, patient: Patient, assert_accessible: Callable[..., None]
) -> None:
    flag = ConditionCode.objects.get(name="Cauda equina syndrome")
    line = PrescribedStretchFactory(prescription=patient.prescriptions.get())
    row = ContraindicationFactory(stretch=line.stretch, condition_code=flag, severity="precaution")
    context = new_context()
    sign_in(context, User.objects.create_superuser("operator@example.org", full_name="Olga Operator"))
    page = context.new_page()
    page.goto(f"/admin/stretches/contraindication/{row.pk}/change/")

    page.get_by_label("Severity").select_option("absolute")
    page.get_by_label("Why you change it").fill("The guideline of this year says so.")
    page.get_by_role("button", name="Save", exact=True).first.click()

    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Back to what I typed").click()
    expect(page.get_by_label("Severity")).to_have_value("absolute")
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.get_by_role("button", name="Save, pause and tell them").click()
    expect(page.get_by_text("Prescribed stretches paused: 1. Clinicians told: 1.")).to_be_visible()
