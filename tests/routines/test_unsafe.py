"""What became unsafe since it was prescribed is on none of the pages and papers, but for its name."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from prescriptions.models import Override
from tests.factories import (
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    UserFactory,
)
from tests.prescriptions.paper import page_text, pdf_text

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
WEEK = 7 * DAY
NAME = "Windmill"
SECRETS = ("Bend down far", "a stabbing pain", "Mind the lamp")


@pytest.fixture
def prescription():
    """Prescribed three days ago: Towel, and Windmill, which was safe then."""
    patient = PatientFactory(user=UserFactory())
    patient.conditions_reviewed_on = patient.clinic.today() - 3 * DAY
    patient.save()
    draft = PrescriptionFactory(patient=patient)
    PrescribedStretchFactory(prescription=draft, stretch__name="Towel")
    PrescribedStretchFactory(
        prescription=draft,
        position=1,
        stretch__name=NAME,
        stretch__steps="Bend down far",
        stretch__stop_rules="a stabbing pain",
        note="Mind the lamp",
        is_midday=True,
    )
    return draft


def activate(draft):
    draft.activate(by=draft.created_by, at=timezone.now() - 3 * DAY)


def windmill(draft):
    return draft.items.get(stretch__name=NAME).stretch


def condition_recorded_later(draft):
    code = ContraindicationFactory(stretch=windmill(draft)).condition_code
    activate(draft)
    ConditionFactory(patient=draft.patient, code=code)


def narrower_condition_recorded_later(draft):
    code = ContraindicationFactory(stretch=windmill(draft)).condition_code
    activate(draft)
    ConditionFactory(patient=draft.patient, code=ConditionCodeFactory(broader=[code]))


def contraindication_added_later(draft):
    condition = ConditionFactory(patient=draft.patient)
    activate(draft)
    ContraindicationFactory(stretch=windmill(draft), condition_code=condition.code, severity="relative")


def override_expired(draft):
    condition = ConditionFactory(patient=draft.patient)
    ContraindicationFactory(stretch=windmill(draft), condition_code=condition.code, severity="relative")
    line = draft.lines_on(draft.clinic.today())[1]
    Override(
        clinic=draft.clinic,
        patient=draft.patient,
        prescription=draft,
        stretch=line.item.stretch,
        reason="adapted",
        expires_on=draft.clinic.today() - DAY,
        decided_by=draft.created_by,
    ).record(line.assessment)
    activate(draft)


def stretch_retired(draft):
    activate(draft)
    stretch = windmill(draft)
    stretch.status = "retired"
    stretch.save()


def window_opened(draft):
    condition = ConditionFactory(patient=draft.patient, anchor_on=draft.clinic.today() - 6 * WEEK)
    ContraindicationFactory(stretch=windmill(draft), condition_code=condition.code, from_week=6)
    activate(draft)


WAYS = [
    condition_recorded_later,
    narrower_condition_recorded_later,
    contraindication_added_later,
    override_expired,
    stretch_retired,
    window_opened,
]


def texts(client, prescription):
    """What the patient and the clinician find on each page and paper."""
    client.force_login(prescription.patient.user)
    yield page_text(client.get("/today/").content)
    yield page_text(client.get(reverse("routines:routine_print", args=[prescription.pk])).content)
    yield pdf_text(client.get(reverse("routines:routine_pdf", args=[prescription.pk])).content)
    client.force_login(prescription.created_by)
    yield page_text(client.get(reverse("prescriptions:prescription_print", args=[prescription.pk])).content)
    yield pdf_text(client.get(reverse("prescriptions:handout_pdf", args=[prescription.pk])).content)


def test_what_is_safe_is_on_all_of_them(client, prescription):
    activate(prescription)

    for text in texts(client, prescription):
        assert "Paused" not in text
        for secret in SECRETS:
            assert secret in text


@pytest.mark.parametrize("became_unsafe", WAYS)
def test_what_became_unsafe_is_named_as_paused_and_nothing_else(client, prescription, became_unsafe):
    became_unsafe(prescription)

    for text in texts(client, prescription):
        assert "Towel" in text
        assert text.count(NAME) == 1
        assert text.index("Paused: ask your clinic") < text.index(NAME)
        for secret in SECRETS:
            assert secret not in text
