"""A patient who reads Spanish meets no English of ours, page by page."""

import datetime
import html
import io
import re

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from prescriptions.models import StretchPause
from routines.models import SessionLog, StretchLog
from stretches.models import CatalogueText, ConditionCode, RedFlagQuestion, Stretch
from tests import words
from tests.factories import (
    ConditionFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def patient():
    """Somebody with a disc disorder: two stretches, one of which is paused by pain and the other hurt yesterday."""
    call_command("load_catalogue", stdout=io.StringIO())
    patient = PatientFactory(full_name="Ada Lovelace", clinic__phone="01632 960 123", user=UserFactory(language="es"))
    ConditionFactory(patient=patient, code=ConditionCode.objects.get(slug="lumbar-disc-disorder"))
    draft = PrescriptionFactory(patient=patient)
    chair, towel = (Stretch.objects.get(slug=f"{each}-hamstring-stretch") for each in ("chair", "towel"))
    for position, stretch in enumerate([chair, towel]):
        PrescribedStretchFactory(prescription=draft, stretch=stretch, position=position, is_before_bed=True)
    draft.activate(by=draft.created_by, at=timezone.now())
    StretchPause.begin(patient, towel, reason="pain", at=timezone.now())
    session = SessionLog.objects.create(
        clinic=patient.clinic,
        patient=patient,
        prescription=draft,
        on=patient.clinic.today() - datetime.timedelta(days=1),
        part_of_day="before-bed",
    )
    item = draft.items.first()
    StretchLog.objects.create(
        clinic=patient.clinic, session=session, item=item, stretch=item.stretch, outcome="done", pain_score=3
    )
    return patient


@pytest.fixture
def reader(client, patient):
    client.force_login(patient.user)
    return client


def prescription_of(patient):
    return patient.prescriptions.get()


def english():
    """Our messages in English, long enough not to occur by chance."""
    for message in words.messages(words.read("es")):
        for text, spanish in zip(words.ids_of(message), words.texts_of(message), strict=True):
            for part in re.split(r"%\(\w+\)\w|\{\w+\}|<[^>]*>", text):
                if len(part.split()) >= 2 and part.strip() not in spanish:
                    yield part.strip()
    yield from CatalogueText.objects.filter(language="en").exclude(kind="stretch-steps").values_list("text", flat=True)
    yield from Stretch.objects.values_list("name", flat=True)
    yield from RedFlagQuestion.objects.values_list("question", flat=True)


def left_english(content):
    text = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", content.decode())).split())
    return {each for each in english() if re.search(rf"(?<!\w){re.escape(each)}(?!\w)", text)}


def addresses(patient):
    prescription = prescription_of(patient)
    item = prescription.items.first()
    return {
        "routine_today": reverse("routines:routine_today"),
        "routine_print": reverse("routines:routine_print", args=[prescription.pk]),
        "stretch_log_record": reverse("routines:stretch_log_record", args=[prescription.pk])
        + f"?item={item.pk}&part_of_day=before-bed",
        "session_log_record": reverse("routines:session_log_record", args=[prescription.pk, "before-bed"]),
        "red_flags_record": reverse("routines:red_flags_record", args=[patient.pk]),
        "reminder_edit": reverse("routines:reminder_edit", args=[patient.pk]),
        "progress_detail": reverse("routines:progress_detail"),
        "reading_edit": reverse("accounts:reading_edit"),
        "password": reverse("account_change_password"),
    }


PAGES = ["routine_today", "routine_print", "stretch_log_record", "session_log_record", "red_flags_record"]
PAGES += ["reminder_edit", "progress_detail", "reading_edit", "password"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_in_spanish_has_no_english_left(reader, patient, page):
    response = reader.get(addresses(patient)[page])

    assert response.status_code == 200
    assert left_english(response.content) == set()


@pytest.mark.parametrize("page", ["stretch_log_record", "session_log_record", "red_flags_record"])
def test_a_refusal_in_spanish_has_no_english_left(reader, patient, page):
    response = reader.post(addresses(patient)[page], {"pain_score": "11", "note": "x" * 2000})

    assert response.status_code == 422
    assert left_english(response.content) == set()


def test_a_red_flag_is_answered_in_spanish_and_stored_as_configured(reader, patient):
    page = addresses(patient)["red_flags_record"]

    response = reader.post(page, {"rf-bladder": "yes"}, follow=True)
    stop = patient.routine_stops.get()

    assert "Llame ahora al número de emergencias de su zona" in response.content.decode()
    assert left_english(response.content) == set()
    assert stop.message.startswith("Stop all stretches.")


def test_the_players_data_are_spanish(reader):
    data = reader.get(reverse("routines:routine_data")).json()

    (routine,) = data["routines"]
    said = [data["red_flag_questions"], data["red_flag_messages"], routine]
    assert left_english(str(said).encode()) == set()
    assert routine["parts"][0]["stretches"][0]["alt"].startswith("Una persona sentada en una silla")
    assert routine["unsettled"][0]["name"] == "Estiramiento de isquiotibiales con silla"
    assert routine["paused"] == [{"name": "Estiramiento de isquiotibiales con toalla", "reason": "dolió demasiado"}]


def test_english_that_is_left_is_noticed(patient):
    assert left_english(b"<p>Chair Hamstring Stretch</p>") == {"Chair Hamstring Stretch"}
    assert left_english(b"<p>Do not do these for now.</p>") == {"Do not do these for now."}
