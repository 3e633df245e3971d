"""The handout for clinicians: prescription_print and handout_pdf."""

import io

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from patients.models import Invitation
from prescriptions.handout import _qr_svg, handout_of
from prescriptions.showing import routine_of
from tests.factories import (
    AdminFactory,
    ClinicianFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    StretchFactory,
    UserFactory,
)
from tests.prescriptions.paper import page_text, pdf_text, words

pytestmark = pytest.mark.django_db

PAGES = ["prescriptions:prescription_print", "prescriptions:handout_pdf"]


@pytest.fixture
def prescription():
    """An active prescription of one stretch, with a note and a message."""
    draft = PrescriptionFactory(
        patient__full_name="Ada Lovelace",
        patient__clinic__name="Riverside Physiotherapy",
        patient__clinic__phone="01632 960 123",
        patient__clinic__urgent_care_text="Call 999 if you lose control of your bladder.",
        note="Slow and gentle, please.",
    )
    PrescribedStretchFactory(
        prescription=draft,
        stretch__name="Towel Stretch",
        stretch__stop_rules="sharp pain\nfeeling faint",
        note="Left first",
    )
    draft.activate(by=draft.created_by, at=timezone.now())
    return draft


@pytest.fixture
def signed_in(client, prescription):
    client.force_login(prescription.created_by)
    return client


def url_of(name, prescription):
    return reverse(name, args=[prescription.pk])


def text_of(response):
    return pdf_text(response.content) if response["Content-Type"] == "application/pdf" else page_text(response.content)


@pytest.mark.parametrize("name", PAGES)
def test_handout_holds_all_that_was_prescribed(signed_in, prescription, name):
    text = text_of(signed_in.get(url_of(name, prescription)))

    for said in (
        "Riverside Physiotherapy · 01632 960 123",
        "Your stretches",
        "For Ada Lovelace",
        f"by {prescription.created_by.full_name}",
        "1 stretch, about 4 minutes a day.",
        "Slow and gentle, please.",
        "Towel Stretch",
        "3 times",
        "hold 10 seconds, building up to 30 seconds",
        "each side",
        "on getting up",
        "every day",
        "Lie on your back.",
        "Lift one leg.",
        "sharp pain",
        "feeling faint",
        "Left first",
        "Tick off each day",
        "Call 999 if you lose control of your bladder.",
        "Nobody at the clinic sees how you are while you stretch.",
    ):
        assert said in text


def test_prescription_print_and_handout_pdf_say_the_same(signed_in, prescription):
    condition = ConditionFactory(patient=prescription.patient)
    shaky = PrescribedStretchFactory(prescription=prescription, stretch__name="Shaky Stretch", days_per_week=3)
    paused = PrescribedStretchFactory(prescription=prescription, stretch__name="Paused Stretch")
    for item, severity in ((shaky, "precaution"), (paused, "absolute")):
        ContraindicationFactory(stretch=item.stretch, condition_code=condition.code, severity=severity)

    page = signed_in.get(url_of("prescriptions:prescription_print", prescription))
    pdf = signed_in.get(url_of("prescriptions:handout_pdf", prescription))

    on_page, in_pdf = words(page_text(page.content, inside="article")), words(pdf_text(pdf.content))
    assert on_page - in_pdf == set()
    assert in_pdf - on_page == {"Page"}  # which page of how many


def test_a_handout_pdf_is_tagged_and_names_no_patient(signed_in, prescription):
    response = signed_in.get(url_of("prescriptions:handout_pdf", prescription))

    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="stretches.pdf"'
    document = PdfReader(io.BytesIO(response.content))
    assert document.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert document.trailer["/Root"]["/Lang"] == "en-GB"
    assert b"pdfuaid:part" in document.trailer["/Root"]["/Metadata"].get_data()
    assert document.metadata is not None
    assert document.metadata.title == "Your stretches"


def test_the_same_handout_is_the_same_file(signed_in, prescription):
    url = url_of("prescriptions:handout_pdf", prescription)

    assert signed_in.get(url).content == signed_in.get(url).content


@pytest.mark.parametrize("name", PAGES)
def test_a_handout_is_never_kept(signed_in, prescription, name):
    kept = signed_in.get(url_of(name, prescription))["Cache-Control"]

    assert {"no-store", "private"} <= set(kept.split(", "))


@pytest.mark.parametrize("name", PAGES)
def test_a_draft_is_marked_and_holds_only_what_is_safe(client, name):
    safe = PrescribedStretchFactory(stretch__name="Safe Stretch")
    unsafe = PrescribedStretchFactory(prescription=safe.prescription, stretch=StretchFactory(steps="Bend down far."))
    condition = ConditionFactory(patient=safe.prescription.patient)
    ContraindicationFactory(stretch=unsafe.stretch, condition_code=condition.code, severity="relative")
    client.force_login(safe.prescription.created_by)

    text = text_of(client.get(url_of(name, safe.prescription)))

    assert "Draft: not in force" in text
    assert "Safe Stretch" in text
    assert "Bend down far." not in text


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("ending", ["complete", "revoke"])
def test_what_has_ended_is_marked(signed_in, prescription, name, ending):
    reason = {"reason": "Moved away"} if ending == "revoke" else {}
    getattr(prescription, ending)(by=prescription.created_by, at=timezone.now(), **reason)

    assert "No longer in force" in text_of(signed_in.get(url_of(name, prescription)))


@pytest.mark.parametrize("name", PAGES)
def test_on_hold_prints_no_stretch(signed_in, prescription, name):
    prescription.hold(by=prescription.created_by, at=timezone.now(), reason="Fell on the stairs")

    text = text_of(signed_in.get(url_of(name, prescription)))

    assert "On hold: do not stretch for now" in text
    assert "Towel Stretch" not in text
    assert "Fell on the stairs" not in text


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    "stranger",
    [
        lambda _: ClinicianFactory(),
        lambda prescription: AdminFactory(clinic=prescription.clinic),
        lambda prescription: PatientFactory(clinic=prescription.clinic, user=UserFactory()).user,
        lambda prescription: prescription.patient.user,
    ],
    ids=["clinician of another clinic", "admin", "another patient", "the patient, who has a page of their own"],
)
def test_a_stranger_finds_nothing(client, prescription, name, stranger):
    prescription.patient.user = UserFactory()
    prescription.patient.save()
    client.force_login(stranger(prescription))

    assert client.get(url_of(name, prescription)).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_a_colleague_opens_it(client, prescription, name):
    client.force_login(ClinicianFactory(clinic=prescription.clinic))

    assert client.get(url_of(name, prescription)).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_a_visitor_goes_to_the_login(client, prescription, name):
    response = client.get(url_of(name, prescription))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(signed_in, prescription, name, method):
    assert getattr(signed_in, method)(url_of(name, prescription)).status_code == 405


@pytest.mark.parametrize("name", PAGES)
def test_ten_more_stretches_cost_no_more_queries(signed_in, prescription, name):
    condition = ConditionFactory(patient=prescription.patient)
    ContraindicationFactory(
        stretch=prescription.items.get().stretch, condition_code=condition.code, severity="precaution"
    )
    url = url_of(name, prescription)
    signed_in.get(url)  # the first time of many, which begins to count
    with CaptureQueriesContext(connection) as few:
        signed_in.get(url)
    for _ in range(10):
        item = PrescribedStretchFactory(prescription=prescription)
        ContraindicationFactory(stretch=item.stretch, condition_code=condition.code, severity="precaution")

    with CaptureQueriesContext(connection) as many:
        signed_in.get(url)

    assert len(many) == len(few) <= 12


# The code that lets the patient in ------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", PAGES)
def test_posting_prints_a_code_that_lets_the_patient_in_once(signed_in, prescription, name):
    before = text_of(signed_in.get(url_of(name, prescription)))

    after = text_of(signed_in.post(url_of(name, prescription)))

    invitation = Invitation.objects.get()
    assert (invitation.patient, invitation.channel) == (prescription.patient, "paper")
    assert ["Works once, until" in text for text in (before, after)] == [False, True]


def test_the_code_opens_the_invitation(prescription):
    routine = routine_of(prescription.patient, on=prescription.clinic.today())

    handout = handout_of(routine, link="/join/a-token/", link_until=timezone.now())

    assert handout.qr == _qr_svg(settings.SITE_URL + "/join/a-token/") != handout_of(routine).qr


@pytest.mark.parametrize("name", PAGES)
def test_strangers_make_no_code(client, prescription, name):
    client.force_login(ClinicianFactory())

    assert client.post(url_of(name, prescription)).status_code == 404
    assert not Invitation.objects.exists()
