"""Changing the dose of a line in a draft."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prescriptions import drafting
from prescriptions.models import PrescribedStretch
from tests.factories import (
    ClinicFactory,
    ClinicianFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    StretchFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    clinician = ClinicianFactory(clinic=ClinicFactory())
    patient = PatientFactory(clinic=clinician.memberships.get().clinic)
    return PrescriptionFactory(patient=patient, created_by=clinician)


@pytest.fixture
def clinic_client(client: Client, draft) -> Client:
    client.force_login(draft.created_by)
    return client


@pytest.fixture
def line(draft):
    return PrescribedStretchFactory(prescription=draft)


def dose_url(line: PrescribedStretch) -> str:
    return reverse("prescriptions:prescribed_stretch_edit", args=[line.pk])


def dose(line: PrescribedStretch, **changed: object) -> dict[str, object]:
    """What the form sends, with some of it changed; ``None`` leaves a field out."""
    sent = {
        "start_hold_seconds": 15,
        "target_hold_seconds": 45,
        "repetitions": 4,
        "days_per_week": 5,
        "side": "left",
        "parts": ["is_midday", "is_before_bed"],
        "note": "Gently.",
        "seen": drafting.dose_as_seen(line),
    }
    return {name: value for name, value in {**sent, **changed}.items() if value is not None}


def test_prescribed_stretch_edit_shows_the_dose_in_its_line(clinic_client, line):
    content = clinic_client.get(dose_url(line)).content.decode()

    assert 'name="target_hold_seconds" value="30"' in content
    assert f'action="{dose_url(line)}' in content


def test_prescribed_stretch_edit_stores_the_dose(clinic_client, draft, line):
    response = clinic_client.post(dose_url(line), dose(line))

    line.refresh_from_db()
    assert response.url == reverse("prescriptions:prescription_edit", args=[draft.pk])
    assert line.dose_words == [
        "4 times",
        "hold 15 seconds, building up to 45 seconds",
        "left only",
        "at midday, before bed",
        "5 days a week",
    ]
    assert line.note == "Gently."


WHOLE_NUMBERS = ["start_hold_seconds", "target_hold_seconds", "repetitions", "days_per_week"]


@pytest.mark.parametrize(
    ("field", "value"),
    [(field, value) for field in WHOLE_NUMBERS for value in ["", "0", "-1", "100000", "9" * 5000, "ten", "1.5", "1\0"]]
    + [
        ("start_hold_seconds", "46"),
        ("target_hold_seconds", "14"),
        ("target_hold_seconds", "181"),
        ("repetitions", "31"),
        ("days_per_week", "8"),
        ("side", "middle"),
        ("side", ""),
        ("parts", None),
        ("parts", ["is_never"]),
        ("note", "x" * 301),
        ("note", "a\0b"),
    ],
)
def test_a_dose_that_makes_no_sense_says_so_beside_the_field_and_is_kept(clinic_client, line, field, value):
    before = drafting.dose_as_seen(line)

    response = clinic_client.post(dose_url(line), dose(line, **{field: value}))

    line.refresh_from_db()
    form = response.context["dose_form"]
    assert response.status_code == 200
    assert drafting.dose_as_seen(line) == before
    assert form.errors
    assert set(form.errors) <= {field, "target_hold_seconds"}
    assert "invalid-feedback" in response.content.decode() or "is-invalid" in response.content.decode()
    assert form["repetitions"].value() == (value if field == "repetitions" else "4")


def test_a_movement_without_a_hold_asks_for_none(clinic_client, draft):
    swing = StretchFactory(hold_seconds_min=0, hold_seconds_max=0, sides="midline")
    line = PrescribedStretchFactory(
        prescription=draft, stretch=swing, start_hold_seconds=None, target_hold_seconds=None
    )

    form = clinic_client.get(dose_url(line)).context["dose_form"]
    clinic_client.post(dose_url(line), dose(line, repetitions=9))

    line.refresh_from_db()
    assert not {"start_hold_seconds", "target_hold_seconds", "side"} & set(form.fields)
    assert (line.repetitions, line.target_hold_seconds, line.side) == (9, None, "both")


def test_a_dose_is_not_stored_for_what_became_unsafe(clinic_client, draft, line):
    condition = ConditionFactory(patient=draft.patient)
    ContraindicationFactory(stretch=line.stretch, condition_code=condition.code, rationale="New finding.")

    response = clinic_client.post(dose_url(line), dose(line))

    line.refresh_from_db()
    assert (response.status_code, line.repetitions) == (422, 3)
    assert "New finding." in " ".join(response.context["dose_form"].non_field_errors())


def test_a_dose_that_somebody_else_changed_meanwhile_is_not_overwritten_unseen(clinic_client, line):
    mine = dose(line)
    PrescribedStretch.objects.filter(pk=line.pk).update(repetitions=8)

    response = clinic_client.post(dose_url(line), mine)

    content = response.content.decode()
    line.refresh_from_db()
    assert (response.status_code, line.repetitions) == (409, 8)
    assert "8 times" in content
    again = re.search(r'name="seen" value="(\w+)" id="dose', content)[1]
    clinic_client.post(dose_url(line), {**mine, "seen": again})
    line.refresh_from_db()
    assert line.repetitions == 4


def test_a_dose_without_what_was_seen_is_asked_again(clinic_client, line):
    assert clinic_client.post(dose_url(line), dose(line, seen=None)).status_code == 409


def test_prescribed_stretch_edit_keeps_what_was_typed_when_the_stretch_became_unsafe(client):
    line = PrescribedStretchFactory()
    client.force_login(line.prescription.created_by)
    url = reverse("prescriptions:prescribed_stretch_edit", args=[line.pk])
    typed = {name: field.value() for name, field in field_values(client.get(url)).items() if field.value() is not None}
    ContraindicationFactory(
        stretch=line.stretch, condition_code=ConditionFactory(patient=line.prescription.patient).code
    )

    response = client.post(url, typed | {"repetitions": "7", "note": "Slowly."})

    assert response.status_code == 422
    assert "The dose was not saved." in response.content.decode()
    assert "Slowly." in response.content.decode()
    line.refresh_from_db()
    assert (line.repetitions, line.note) == (3, "")


def test_a_line_that_was_taken_out_meanwhile_is_said_to_be_gone(client, monkeypatch):
    line = PrescribedStretchFactory()
    client.force_login(line.prescription.created_by)
    url = reverse("prescriptions:prescribed_stretch_edit", args=[line.pk])
    typed = {name: field.value() for name, field in field_values(client.get(url)).items() if field.value() is not None}
    change_dose = drafting.change_dose

    def removed_before(stored, **kwargs):
        PrescribedStretch.objects.filter(pk=stored.pk).delete()
        change_dose(stored, **kwargs)

    monkeypatch.setattr(drafting, "change_dose", removed_before)
    response = client.post(url, {**typed, "note": "Slowly."})

    assert response.status_code == 409
    assert "was taken out of the prescription in the meantime" in response.content.decode()
    assert re.search(r"readonly>Slowly\.</textarea>", response.content.decode())


@pytest.mark.parametrize(("headers", "status_code"), [({}, 409), ({"HX-Request": "true"}, 200)])
def test_a_dose_for_what_is_no_draft_any_more_is_given_back(client, headers, status_code):
    line = PrescribedStretchFactory()
    client.force_login(line.prescription.created_by)
    url = reverse("prescriptions:prescribed_stretch_edit", args=[line.pk])
    typed = {name: field.value() for name, field in field_values(client.get(url)).items() if field.value() is not None}
    line.prescription.activate(by=line.prescription.created_by, at=timezone.now())

    response = client.post(url, {**typed, "note": "Slowly.", "repetitions": "7"}, headers=headers)

    line.refresh_from_db()
    content = response.content.decode()
    assert (response.status_code, line.note) == (status_code, "")
    assert "This prescription is active now." in content
    for words in ("Slowly.", "7"):
        assert re.search(rf"readonly>{words}</textarea>", content)
    assert ("<html" in content) is not bool(headers)


def field_values(response):
    return {field.html_name: field for field in response.context["dose_form"]}
