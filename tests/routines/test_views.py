"""The patient's own pages: routine_today, and routine_print and routine_pdf for paper."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Clinic
from stretches.models import Movement, TimingRule
from tests.factories import (
    AdminFactory,
    ClinicFactory,
    ClinicianFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SourceFactory,
    UserFactory,
)
from tests.prescriptions.paper import page_text, pdf_text
from tests.walled import TOLD

pytestmark = pytest.mark.django_db

TODAY = "/today/"
PAPER = ["routines:routine_print", "routines:routine_pdf"]
URGENT = "Call 999 if you lose control of your bladder."


@pytest.fixture
def user():
    return UserFactory(full_name="Ada Lovelace")


@pytest.fixture
def clinic():
    return ClinicFactory(name="Riverside Physiotherapy", phone="01632 960 123", urgent_care_text=URGENT)


@pytest.fixture
def patient(user, clinic):
    return PatientFactory(full_name="Ada Lovelace", user=user, clinic=clinic)


def prescribe(patient, name="Towel Stretch", **kwargs):
    """Put a prescription of one stretch into force."""
    draft = PrescriptionFactory(patient=patient, note="Slow and gentle, please.")
    PrescribedStretchFactory(prescription=draft, stretch__name=name, note="Left first", **kwargs)
    draft.activate(by=draft.created_by, at=timezone.now())
    return draft


@pytest.fixture
def signed_in(client, user, patient):
    client.force_login(user)
    return client


def today_text(client):
    return page_text(client.get(TODAY).content)


def paper_text(response):
    return pdf_text(response.content) if response["Content-Type"] == "application/pdf" else page_text(response.content)


def test_routine_today_shows_all_that_is_due(signed_in, patient):
    prescribe(patient, is_before_bed=True)

    text = today_text(signed_in)

    for said in (
        "Hello Ada",
        "Riverside Physiotherapy",
        "1 stretch, about 7 minutes a day",
        "Slow and gentle, please.",
        "On getting up",
        "Before bed",
        "Towel Stretch",
        "3 times, hold 10 seconds, building up to 30 seconds, each side",
        "Lie on your back.",
        "Left first",
        "Stop if you notice sharp pain",
        URGENT,
        "Nobody at the clinic sees this page or how you are while you stretch.",
    ):
        assert said in text
    assert "At midday" not in text


def test_routine_today_moves_its_pictures_only_for_who_likes_it(signed_in, patient):
    item = prescribe(patient).items.get()
    picture, version = reverse("stretches:stretch_picture", args=[item.stretch_id]), item.stretch.picture_version

    moving = signed_in.get(TODAY).content.decode()
    still = signed_in.get(TODAY, {"still": ""}).content.decode()

    assert f'<source media="(prefers-reduced-motion: reduce)" srcset="{picture}?theme=light&amp;v={version}">' in moving
    assert f'<img src="{picture}?theme=light&amp;animated=1&amp;v={version}"' in moving
    assert "animated" not in still
    assert signed_in.get(picture, {"theme": "light", "animated": "1"}).status_code == 200


def test_routine_today_calls_the_clinic(signed_in, patient):
    prescribe(patient)

    assert b'href="tel:01632960123"' in signed_in.get(TODAY).content


def test_routine_today_gives_the_advice_of_conditions(signed_in, patient):
    item = prescribe(patient).items.get()
    condition = ConditionFactory(patient=patient)
    ContraindicationFactory(
        stretch=item.stretch, condition_code=condition.code, severity="precaution", rationale="Keep your back straight."
    )
    bending = Movement.objects.create(slug="bending", name="Bending")
    item.stretch.movements.add(bending)
    rule = TimingRule.objects.create(
        condition_code=condition.code, advice="Wait half an hour.", source=SourceFactory(), confidence="high"
    )
    rule.movements.add(bending)

    text = today_text(signed_in)

    assert "Take care Keep your back straight." in text
    assert "When to stretch Towel Stretch Wait half an hour." in text


def test_routine_today_before_anything_is_prescribed(signed_in, patient):
    text = today_text(signed_in)

    assert "No stretches yet" in text
    assert "01632 960 123" in text
    assert URGENT in text


def test_routine_today_on_hold_shows_no_stretch(signed_in, patient):
    prescription = prescribe(patient)
    prescription.hold(by=prescription.created_by, at=timezone.now(), reason="Fell on the stairs")

    text = today_text(signed_in)

    assert "Your stretches are on hold" in text
    assert "Towel Stretch" not in text
    assert "Fell on the stairs" not in text


def test_routine_today_with_nothing_safe_names_what_is_paused(signed_in, patient):
    item = prescribe(patient).items.get()
    condition = ConditionFactory(patient=patient)
    ContraindicationFactory(
        stretch=item.stretch, condition_code=condition.code, severity="absolute", rationale="Loads the disc."
    )

    text = today_text(signed_in)

    assert "All your stretches are paused: ask your clinic Do not do these for now. Towel Stretch" in text
    assert "Lie on your back." not in text
    assert "Loads the disc." not in text


def test_routine_today_of_two_clinics_shows_both_under_their_names(signed_in, user, patient):
    prescribe(patient)
    prescribe(PatientFactory(user=user, clinic=ClinicFactory(name="Zenith Clinic")), name="Calf Stretch")

    text = today_text(signed_in)

    assert text.index("Riverside Physiotherapy") < text.index("Towel Stretch") < text.index("Zenith Clinic")
    assert text.index("Zenith Clinic") < text.index("Calf Stretch")


def test_routine_today_is_the_day_in_the_clinics_time_zone(signed_in, patient, monkeypatch):
    at = datetime.datetime(2026, 1, 15, 23, 30, tzinfo=datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: at)
    Clinic.objects.update(time_zone="Pacific/Auckland")

    assert "Friday 16 January" in today_text(signed_in)


def test_nobody_sees_another_patients_routine(client, patient):
    prescribe(patient)
    other = PatientFactory(full_name="Eve Other", clinic=patient.clinic, user=UserFactory())
    prescribe(other, name="Calf Stretch")
    client.force_login(other.user)

    text = today_text(client)

    assert "Hello Eve" in text
    assert "Calf Stretch" in text
    assert "Towel Stretch" not in text


@pytest.mark.parametrize("staff", [ClinicianFactory, AdminFactory])
def test_who_is_no_patient_finds_no_routine_today(client, clinic, staff):
    client.force_login(staff(clinic=clinic))

    assert client.get(TODAY).status_code == 404


@pytest.mark.parametrize("name", PAPER)
def test_routine_print_and_routine_pdf_hold_the_handout(signed_in, patient, name):
    response = signed_in.get(reverse(name, args=[prescribe(patient).pk]))

    text = paper_text(response)
    for said in ("For Ada Lovelace", "Towel Stretch", "Lie on your back.", "sharp pain", URGENT):
        assert said in text


@pytest.mark.parametrize("name", PAPER)
def test_paper_of_another_patient_is_not_found(client, patient, name):
    prescription = prescribe(patient)
    client.force_login(PatientFactory(clinic=patient.clinic, user=UserFactory()).user)

    assert client.get(reverse(name, args=[prescription.pk])).status_code == 404


@pytest.mark.parametrize("name", PAPER)
@pytest.mark.parametrize("status", ["draft", "completed", "revoked"])
def test_paper_of_what_is_not_in_force_is_not_found(signed_in, patient, name, status):
    prescription = prescribe(patient)
    prescription.status = status
    prescription.save()

    assert signed_in.get(reverse(name, args=[prescription.pk])).status_code == 404


def addresses(patient):
    prescription = prescribe(patient)
    return [TODAY, *(reverse(name, args=[prescription.pk]) for name in PAPER)]


def test_the_patients_pages_are_never_kept(signed_in, patient):
    for url in addresses(patient):
        assert {"no-store", "private"} <= set(signed_in.get(url)["Cache-Control"].split(", "))


def test_a_visitor_goes_to_the_login(client, patient):
    for url in addresses(patient):
        response = client.get(url)
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_patients_pages_are_only_read(signed_in, patient, method):
    for url in addresses(patient):
        assert getattr(signed_in, method)(url).status_code == 405


def test_ten_more_stretches_cost_no_more_queries(signed_in, patient):
    prescription = prescribe(patient)
    condition = ConditionFactory(patient=patient)
    ContraindicationFactory(
        stretch=prescription.items.get().stretch, condition_code=condition.code, severity="precaution"
    )
    with CaptureQueriesContext(connection) as few:
        signed_in.get(TODAY)
    for _ in range(10):
        item = PrescribedStretchFactory(prescription=prescription)
        ContraindicationFactory(stretch=item.stretch, condition_code=condition.code, severity="precaution")

    with CaptureQueriesContext(connection) as many:
        signed_in.get(TODAY)

    assert len(many) == len(few) <= 12 + TOLD
