"""Recording why a stretch is prescribed in spite of a relative contraindication."""

import datetime
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import acting
from patients.models import Condition, Patient
from prescriptions import drafting
from prescriptions.models import OverriddenContraindication, Override
from tests.factories import (
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    StretchFactory,
)

pytestmark = pytest.mark.django_db


def said(response) -> str:
    """The messages on a page."""
    return " ".join(str(message) for message in response.context["messages"])


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
def stretch(draft):
    """A stretch with a relative contraindication on a broader code, and a precaution on the patient's own."""
    broad = ConditionCodeFactory(name="Disc disorder")
    narrow = ConditionCodeFactory(name="Disc herniation", broader=[broad])
    ConditionFactory(patient=draft.patient, code=narrow)
    stretch = StretchFactory(name="Chair hamstring")
    ContraindicationFactory(
        stretch=stretch, condition_code=broad, severity="relative", rationale="Sitting bent loads the disc."
    )
    ContraindicationFactory(stretch=stretch, condition_code=narrow, severity="precaution", rationale="Go slowly.")
    return stretch


def form_url(draft, stretch) -> str:
    return reverse("prescriptions:override_add", args=[draft.pk, stretch.pk])


def decision(client: Client, draft, stretch, **changed: object) -> dict[str, object]:
    """What the form sends, as it stands on the page; ``None`` leaves a field out."""
    content = client.get(form_url(draft, stretch)).content.decode()
    sent = {
        "reason": "adapted",
        "reason_text": "Back kept straight.",
        "mitigation": "First session supervised.",
        "alternatives": "Wall hamstring: no wall at home.",
        "expires_on": re.search(r'name="expires_on" value="([\d-]+)"', content)[1],
        "shown": re.search(r'name="shown" value="([^"]+)"', content)[1],
    }
    return {name: value for name, value in {**sent, **changed}.items() if value is not None}


def test_override_add_shows_every_reason_in_full(clinic_client, draft, stretch):
    content = clinic_client.get(form_url(draft, stretch)).content.decode()

    for contraindication in stretch.contraindications.all():
        assert contraindication.rationale in content
        assert contraindication.source.citation in content
    assert re.search(r"<li>Disc herniation</li>\s*<li>Disc disorder</li>", content)


def test_override_add_stores_the_decision_and_the_line(clinic_client, draft, stretch):
    response = clinic_client.post(form_url(draft, stretch), decision(clinic_client, draft, stretch))

    override = Override.objects.get()
    assert response.url == reverse("prescriptions:prescription_edit", args=[draft.pk])
    assert (override.stretch, override.patient, override.prescription) == (stretch, draft.patient, draft)
    assert (override.reason, override.decided_by) == ("adapted", draft.created_by)
    assert override.expires_on == draft.patient.conditions_review_due_on
    assert [(each.rationale, each.path) for each in override.contraindications.all()] == [
        ("Sitting bent loads the disc.", "Disc herniation → Disc disorder"),
        ("Go slowly.", "Disc herniation"),
    ]
    assert draft.items.get().stretch == stretch
    assert draft.lines_on(draft.clinic.today())[0].is_safe


def test_a_decision_posted_twice_is_stored_once(clinic_client, draft, stretch):
    data = decision(clinic_client, draft, stretch)

    clinic_client.post(form_url(draft, stretch), data)
    clinic_client.post(form_url(draft, stretch), data)

    assert Override.objects.count() == draft.items.count() == 1


def test_a_line_that_became_relative_gets_its_reason_and_stays_one(clinic_client, draft, stretch):
    line = PrescribedStretchFactory(prescription=draft, stretch=stretch, repetitions=9)

    clinic_client.post(form_url(draft, stretch), decision(clinic_client, draft, stretch))

    assert draft.items.get() == line
    assert draft.items.get().repetitions == 9


@pytest.mark.parametrize(
    ("reason", "words", "is_stored"),
    [
        ("adapted", "", True),
        ("supervised-trial", "", True),
        ("other", "The patient is a dancer.", True),
        ("other", "", False),
        ("other", "   \n ", False),
        ("", "Words alone", False),
        ("because", "", False),
        ("adapted", "x" * 1001, False),
        ("adapted", "a\0b", False),
    ],
)
def test_a_reason_is_required_and_other_needs_words(clinic_client, draft, stretch, reason, words, is_stored):
    data = decision(clinic_client, draft, stretch, reason=reason, reason_text=words)

    response = clinic_client.post(form_url(draft, stretch), data)

    assert Override.objects.exists() is draft.items.exists() is is_stored
    assert response.status_code == (302 if is_stored else 200)
    if not is_stored:
        assert "invalid-feedback" in response.content.decode()
        assert "First session supervised." in response.content.decode()


@pytest.mark.parametrize(
    ("days_to_due", "is_stored"), [(-90, True), (-91, False), (0, True), (1, False), (10_000, False)]
)
def test_a_decision_holds_from_today_to_the_next_review_at_most(clinic_client, draft, stretch, days_to_due, is_stored):
    day = draft.patient.conditions_review_due_on + datetime.timedelta(days=days_to_due)
    data = decision(clinic_client, draft, stretch, expires_on=day.isoformat())

    clinic_client.post(form_url(draft, stretch), data)

    assert Override.objects.exists() is draft.items.exists() is is_stored


@pytest.mark.parametrize("value", ["", "tomorrow", "2026-02-31", "0000-00-00", "1\0"])
def test_a_day_that_is_none_says_so(clinic_client, draft, stretch, value):
    data = decision(clinic_client, draft, stretch, expires_on=value)

    response = clinic_client.post(form_url(draft, stretch), data)

    assert "expires_on" in response.context["form"].errors
    assert not Override.objects.exists()


@pytest.mark.parametrize("shown", ["", "nonsense", "1:2", "1:2:3", "\0", "99999:" + "0" * 32])
def test_reasons_that_were_not_shown_have_to_be_read_first(clinic_client, draft, stretch, shown):
    data = decision(clinic_client, draft, stretch, shown=shown)

    response = clinic_client.post(form_url(draft, stretch), data)

    assert response.status_code == 200
    assert not Override.objects.exists()
    assert not draft.items.exists()


def test_reasons_that_changed_meanwhile_are_shown_again(clinic_client, draft, stretch):
    data = decision(clinic_client, draft, stretch)
    ContraindicationFactory(
        stretch=stretch, condition_code=Condition.objects.get().code, severity="relative", rationale="Just published."
    )

    response = clinic_client.post(form_url(draft, stretch), data)

    content = response.content.decode()
    assert "Just published." in content
    assert "Read them again" in content
    assert "Back kept straight." in content
    assert not Override.objects.exists()
    assert not draft.items.exists()
    again = re.search(r'name="shown" value="([^"]+)"', content)[1]
    clinic_client.post(form_url(draft, stretch), {**data, "shown": again})
    assert draft.items.exists()


def assert_given_back(response, why: str, way_on: str) -> None:
    """Refused with a page that says why, leads on, and shows every word that ``decision`` sends."""
    content = response.content.decode()
    assert response.status_code == 409
    assert why in content
    assert f'href="{way_on}"' in content
    for typed in ("Back kept straight.", "First session supervised.", "Wall hamstring: no wall at home.", "Adapted"):
        assert re.search(rf"readonly>[^<]*{typed}", content), typed
    assert not Override.objects.exists()


def test_what_is_excluded_is_refused_whatever_is_posted(clinic_client, draft, stretch):
    data = decision(clinic_client, draft, stretch)
    absolute = ContraindicationFactory(
        stretch=stretch, condition_code=Condition.objects.get().code, severity="absolute", rationale="Never."
    )
    data["shown"] += f" {absolute.pk}:{Condition.objects.get().pk}"

    asked = clinic_client.get(form_url(draft, stretch), follow=True)
    posted = clinic_client.post(form_url(draft, stretch), data)

    assert "Never." in said(asked)
    instead = reverse("prescriptions:withheld_stretch_list", args=[draft.pk, "excluded"])
    assert_given_back(posted, "Never.", instead)
    assert not draft.items.exists()


def test_what_the_door_refuses_gives_back_what_was_typed(clinic_client, draft, stretch, monkeypatch):
    data = decision(clinic_client, draft, stretch)
    add_overriding = drafting.add_overriding

    def excluded_before(*args, **kwargs):
        code = Condition.objects.get().code
        with acting.everywhere("somebody who edits the catalogue"):
            ContraindicationFactory(stretch=stretch, condition_code=code, severity="absolute", rationale="Never.")
        add_overriding(*args, **kwargs)

    monkeypatch.setattr(drafting, "add_overriding", excluded_before)
    response = clinic_client.post(form_url(draft, stretch), data)

    assert_given_back(response, "Never.", reverse("prescriptions:withheld_stretch_list", args=[draft.pk, "excluded"]))


def test_a_reason_that_is_needed_no_more_is_given_back(clinic_client, draft, stretch):
    data = decision(clinic_client, draft, stretch)
    Condition.objects.update(clinical_status="resolved")

    response = clinic_client.post(form_url(draft, stretch), data)

    edit_url = reverse("prescriptions:prescription_edit", args=[draft.pk])
    assert_given_back(response, "needs no recorded reason", edit_url)


def test_what_became_excluded_after_the_page_looked_is_refused_by_the_door(draft, stretch):
    shown = drafting.named(drafting.assess(draft, stretch, at=timezone.now()))
    override = Override(stretch=stretch, reason="adapted", expires_on=draft.clinic.today(), decided_by=draft.created_by)
    ContraindicationFactory(stretch=stretch, condition_code=Condition.objects.get().code, severity="absolute")

    with pytest.raises(drafting.UnsafePrescriptionError):
        drafting.add_overriding(draft, override, shown=shown, at=timezone.now())

    assert not Override.objects.exists()


@pytest.mark.parametrize("severity", [None, "precaution"])
def test_what_needs_no_reason_asks_for_none(clinic_client, draft, severity):
    stretch = StretchFactory()
    if severity:
        condition = ConditionFactory(patient=draft.patient)
        ContraindicationFactory(stretch=stretch, condition_code=condition.code, severity=severity)

    response = clinic_client.get(form_url(draft, stretch), follow=True)

    assert "needs no recorded reason" in said(response)


def test_what_has_a_reason_already_asks_for_none(clinic_client, draft, stretch):
    clinic_client.post(form_url(draft, stretch), decision(clinic_client, draft, stretch))

    response = clinic_client.get(form_url(draft, stretch), follow=True)

    assert "still holds" in said(response)


def test_no_reason_helps_a_record_with_a_problem(clinic_client, draft, stretch):
    data = decision(clinic_client, draft, stretch)
    Patient.objects.update(conditions_reviewed_on=None)

    response = clinic_client.post(form_url(draft, stretch), data)

    review_url = reverse("patients:conditions_review_record", args=[draft.patient_id])
    assert_given_back(response, "never reviewed", review_url)


def test_no_reason_is_recorded_with_what_is_no_draft(clinic_client, draft, stretch):
    data = decision(clinic_client, draft, stretch)
    draft.revoke(by=draft.created_by, at=timezone.now(), reason="Wrong patient")

    response = clinic_client.post(form_url(draft, stretch), data)

    assert_given_back(response, "This prescription is revoked now.", draft.get_absolute_url())
    assert clinic_client.get(form_url(draft, stretch)).url == draft.get_absolute_url()


def test_an_unknown_stretch_is_not_found(clinic_client, draft):
    assert clinic_client.get(form_url(draft, draft)).status_code == 404


def test_more_reasons_cost_no_more_queries(clinic_client, draft, stretch, django_assert_max_num_queries):
    for number in range(12):
        ContraindicationFactory(
            stretch=stretch, condition_code=Condition.objects.get().code, severity="relative", rationale=f"No. {number}"
        )

    with django_assert_max_num_queries(12):
        clinic_client.get(form_url(draft, stretch))


def test_the_stored_wording_outlives_the_catalogue(clinic_client, draft, stretch):
    clinic_client.post(form_url(draft, stretch), decision(clinic_client, draft, stretch))

    stretch.contraindications.update(rationale="Reworded.")

    assert not OverriddenContraindication.objects.filter(rationale="Reworded.").exists()
