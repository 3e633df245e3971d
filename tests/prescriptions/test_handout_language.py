"""The handout speaks the patient's language, on the patient's own pages and from the clinician's."""

import io

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from patients.models import Patient
from patients.reading import reading_language
from stretches.models import ConditionCode, Stretch
from tests.factories import (
    ClinicianFactory,
    ConditionFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    UserFactory,
)
from tests.prescriptions.paper import page_text, pdf_text

pytestmark = pytest.mark.django_db

ENGLISH_OF_CLINICIANS = ("MPa", "If prescribed", "Lengthen the hamstring")
IN_SPANISH = (
    "Sus estiramientos",
    "Estiramiento de isquiotibiales con silla",
    "Siéntese en una silla, con otra silla enfrente.",
    "Mantenga la espalda recta y fíjese en cómo reacciona su cuerpo.",
    "Por la mañana, espere al menos de 30 a 60 minutos después de levantarse",
    "un dolor agudo o repentino en la espalda o en la pierna",
    "Al levantarse",
    "3 veces",
    "mantenga 10 segundos y vaya aumentando hasta 30 segundos",
    "cada lado",
    "todos los días",
    "Cuándo pedir ayuda",
    "Si cree que es una emergencia, llame ahora al número de emergencias de su zona.",
    "Nadie en la clínica ve",
)
IN_ENGLISH = (
    "Chair hamstring stretch",
    "almost twice as much as sitting upright. Keep your back straight",
    "In the morning, wait at least 30 to 60 minutes after getting up",
    "a sharp or sudden pain in your back or leg",
    "3 times",
    "Nobody at the clinic sees",
)


@pytest.fixture
def prescription():
    """The chair stretch for somebody with a disc disorder, which brings advice and a time of day."""
    call_command("load_catalogue", stdout=io.StringIO())
    patient = PatientFactory(full_name="Ada Lovelace", user=UserFactory())
    ConditionFactory(patient=patient, code=ConditionCode.objects.get(slug="lumbar-disc-disorder"))
    draft = PrescriptionFactory(patient=patient)
    chair = Stretch.objects.get(slug="chair-hamstring-stretch")
    PrescribedStretchFactory(prescription=draft, stretch=chair)
    draft.activate(by=draft.created_by, at=timezone.now())
    return draft


def texts(client, prescription, whose, **query):
    """Page and PDF, for the patient or the clinician."""
    names = {
        "patient": ("routines:routine_print", "routines:routine_pdf"),
        "clinician": ("prescriptions:prescription_print", "prescriptions:handout_pdf"),
    }
    client.force_login(prescription.patient.user if whose == "patient" else prescription.created_by)
    paper, pdf = (client.get(reverse(name, args=[prescription.pk]), query) for name in names[whose])
    yield page_text(paper.content, inside="article")
    yield pdf_text(pdf.content)


def assert_said(text, phrases):
    assert [phrase for phrase in phrases if phrase not in text] == []
    assert [words for words in ENGLISH_OF_CLINICIANS if words in text] == []


def test_a_patient_reads_plain_english(client, prescription):
    for text in texts(client, prescription, "patient"):
        assert_said(text, IN_ENGLISH)
    assert_said(page_text(client.get("/today/").content), IN_ENGLISH)


def test_a_patient_reads_spanish(client, prescription):
    prescription.patient.user.choose_reading(language="es", text_size="")

    for text in texts(client, prescription, "patient"):
        assert_said(text, IN_SPANISH)


def test_today_is_spanish_from_end_to_end(client, prescription):
    prescription.patient.user.choose_reading(language="es", text_size="")
    client.force_login(prescription.patient.user)

    text = page_text(client.get("/today/").content)

    assert_said(text, set(IN_SPANISH) - {"Sus estiramientos", "todos los días"})
    for phrase in ("Hola, Ada", "1 estiramiento, alrededor de", "Tenga cuidado", "Pare si nota", " de "):
        assert phrase in text


def test_a_stop_is_told_in_the_patients_language(client, prescription):
    patient = prescription.patient
    patient.user.choose_reading(language="es", text_size="")
    emergency = (
        "Stop all stretches. Call your local emergency number or go to an emergency department now."
        " Do not wait for the clinic to reply."
    )
    for message in (emergency, "Configured here: stop."):
        patient.routine_stops.create(clinic=patient.clinic, tier="emergency", message=message)
    client.force_login(patient.user)

    text = page_text(client.get("/today/").content)

    assert "Llame ahora al número de emergencias de su zona o vaya ahora a un servicio de urgencias." in text
    assert "Configured here: stop." in text
    assert emergency not in text


def test_a_clinician_prints_in_the_patients_language(client, prescription):
    Patient.objects.update(language="es")

    for text in texts(client, prescription, "clinician"):
        assert_said(text, IN_SPANISH)


def test_what_the_patient_chose_comes_before_what_the_clinic_noted(client, prescription):
    Patient.objects.update(language="es")
    prescription.patient.user.choose_reading(language="en-gb", text_size="")

    for text in texts(client, prescription, "clinician"):
        assert_said(text, IN_ENGLISH)


@pytest.mark.parametrize(("asked", "phrases"), [("es", IN_SPANISH), ("en-gb", IN_ENGLISH), ("tlh", IN_ENGLISH)])
def test_a_clinician_may_ask_for_another_language(client, prescription, asked, phrases):
    for text in texts(client, prescription, "clinician", language=asked):
        assert_said(text, phrases)


def test_the_page_around_the_handout_stays_english(client, prescription):
    client.force_login(prescription.created_by)

    response = client.get(reverse("prescriptions:prescription_print", args=[prescription.pk]), {"language": "es"})
    page = response.content.decode()

    assert '<html lang="en-gb"' in page
    assert '<article class="sheet" lang="es">' in page
    assert "Open as PDF" in page
    assert f"{reverse('prescriptions:handout_pdf', args=[prescription.pk])}?language=es" in page


def test_staff_pages_keep_the_words_of_clinicians(client, prescription):
    client.force_login(ClinicianFactory(clinic=prescription.clinic, language="es"))

    page = client.get(prescription.get_absolute_url()).content.decode()

    assert "Chair Hamstring Stretch" in page
    assert "0.83 v 0.46 MPa" in page
    assert "3 times" in page


def test_a_clinician_notes_the_language(client):
    patient = PatientFactory()
    client.force_login(ClinicianFactory(clinic=patient.clinic))
    url = reverse("patients:patient_edit", args=[patient.pk])
    form = client.get(url).context["form"]
    data = {name: form[name].value() or "" for name in form.fields if name != "confirms_namesake"}

    response = client.post(url, data | {"language": "es", "born_on": "1960-05-04"})
    refused = client.post(url, data | {"language": "tlh", "born_on": "1960-05-04"})
    patient.refresh_from_db()

    assert response.status_code == 302
    assert reading_language(patient) == "es"
    assert "language" in refused.context["form"].errors
