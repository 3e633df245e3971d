"""The page before activation, and before going on after a hold: what it shows, what it refuses, what it never does."""

import datetime
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from prescriptions import safety
from prescriptions.models import Override, PermissibilityReport, Prescription
from stretches.models import CatalogueRelease, Movement, TimingRule
from tests.factories import (
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SourceFactory,
    StretchFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinician():
    return ClinicianFactory(clinic=ClinicFactory())


@pytest.fixture
def patient(clinician):
    return PatientFactory(clinic=clinician.memberships.get().clinic)


@pytest.fixture
def draft(clinician, patient):
    prescription = PrescriptionFactory(patient=patient, created_by=clinician)
    PrescribedStretchFactory(prescription=prescription, stretch=StretchFactory(name="Towel stretch"))
    return prescription


@pytest.fixture
def clinic_client(client: Client, clinician) -> Client:
    client.force_login(clinician)
    return client


def url_of(prescription: Prescription, name: str = "prescription_activate") -> str:
    return reverse(f"prescriptions:{name}", args=[prescription.pk])


def as_shown(response, **answers):
    """What the page's form sends back, with the clinician's answers."""
    review = response.context["review"]
    return {"seen": review.seen, "replacing": review.replaced.pk if review.replaced else "", **answers}


def is_active(prescription: Prescription) -> bool:
    prescription.refresh_from_db()
    return prescription.status == "active"


def on_hold(prescription: Prescription, **answers) -> Prescription:
    prescription.activate(by=prescription.created_by, at=timezone.now(), **answers)
    prescription.hold(by=prescription.created_by, at=timezone.now(), reason="Flare of pain")
    return prescription


def contraindicate(prescription: Prescription, **fields):
    """Let the patient have a condition with which the first stretch is contraindicated."""
    condition = ConditionFactory(patient=prescription.patient)
    stretch = prescription.items.first().stretch
    return condition, ContraindicationFactory(stretch=stretch, condition_code=condition.code, **fields)


def record_override(prescription: Prescription, *, days: int = 30, **fields) -> Override:
    on = prescription.clinic.today()
    stretch = prescription.items.first().stretch
    circumstances = safety.circumstances_of(prescription.patient, on=on)
    override = Override(
        clinic=prescription.clinic,
        patient=prescription.patient,
        prescription=prescription,
        stretch=stretch,
        decided_by=prescription.created_by,
        expires_on=on + datetime.timedelta(days=days),
        **{"reason": "adapted", "mitigation": "Knee kept bent", **fields},
    )
    override.record(safety.assess(circumstances, [stretch])[stretch.pk])
    return override


# What the page shows --------------------------------------------------------------------------------------------------
def test_prescription_activate_shows_dose_minutes_count_and_sign_off(clinic_client, draft):
    CatalogueRelease.objects.create(
        version="0.1.0",
        as_of="2026-01-15",
        status="Draft for clinical sign-off by a registered physiotherapist",
        reason="Loaded",
    )

    response = clinic_client.get(url_of(draft))

    content = response.content.decode()
    assert response.status_code == 200
    assert "Towel stretch" in content
    assert "hold 10 seconds, building up to 30 seconds" in content
    assert response.context["review"].minutes_a_day == 4  # (30 + 5) s, 3 times, 2 sides
    assert "Up to four are kept up best." in content
    assert "Draft for clinical sign-off by a registered physiotherapist" in content
    assert "Activate prescription" in content


@pytest.mark.parametrize(
    ("count", "words"), [(4, "Up to four are kept up best."), (5, "More than four"), (7, "More than six stretches")]
)
def test_the_count_stands_against_the_evidence(clinic_client, draft, count, words):
    for _ in range(count - 1):
        PrescribedStretchFactory(prescription=draft)

    assert words in clinic_client.get(url_of(draft)).content.decode()


def test_a_caution_is_shown_with_its_advice_and_source(clinic_client, draft):
    _, contraindication = contraindicate(draft, severity="precaution", rationale="Keep the knee soft.")

    content = clinic_client.get(url_of(draft)).content.decode()

    assert "Keep the knee soft." in content
    assert contraindication.source.citation in content
    assert "Activate prescription" in content


def test_an_override_is_shown_with_reason_person_and_expiry(clinic_client, draft, clinician):
    contraindicate(draft, severity="relative")
    override = record_override(draft, reason_text="Tried twice here")

    content = clinic_client.get(url_of(draft)).content.decode()

    assert "Adapted so that the concern does not arise" in content
    assert "Tried twice here" in content
    assert "Knee kept bent" in content
    assert clinician.full_name in content
    assert f"{override.expires_on:%-d %B %Y}" in content
    assert "Activate prescription" in content


def test_a_condition_without_its_date_is_named(clinic_client, draft):
    ConditionFactory(patient=draft.patient, code=ConditionCodeFactory(name="Hip surgery", window_anchor="onset_date"))

    assert "Date missing" in clinic_client.get(url_of(draft)).content.decode()


def test_advice_on_the_time_of_day_is_shown(clinic_client, draft):
    movement = Movement.objects.create(slug="bend", name="Bend")
    draft.items.get().stretch.movements.add(movement)
    broader = ConditionCodeFactory()
    ConditionFactory(patient=draft.patient, code=ConditionCodeFactory(broader=[broader]))
    rule = TimingRule.objects.create(
        condition_code=broader, advice="Not within an hour of getting up.", source=SourceFactory(), confidence="high"
    )
    rule.movements.add(movement)

    assert "Not within an hour of getting up." in clinic_client.get(url_of(draft)).content.decode()


def test_what_is_replaced_is_shown_with_its_differences(clinic_client, clinician, draft):
    draft.activate(by=clinician, at=timezone.now())
    kept = draft.items.get().stretch
    gone = StretchFactory(name="Chair stretch")
    PrescribedStretchFactory(prescription=draft, stretch=gone)
    new = PrescriptionFactory(patient=draft.patient, created_by=clinician)
    PrescribedStretchFactory(prescription=new, stretch=kept, repetitions=5)
    PrescribedStretchFactory(prescription=new, stretch=StretchFactory(name="Wall stretch"))

    response = clinic_client.get(url_of(new))

    changes = response.context["review"].changes
    assert [item.stretch.name for item in changes.added] == ["Wall stretch"]
    assert [item.stretch.name for item in changes.removed] == ["Chair stretch"]
    assert [(before.repetitions, after.repetitions) for before, after in changes.dosed_anew] == [(3, 5)]
    content = response.content.decode()
    assert "What it replaces" in content
    assert "Chair stretch" in content


# What it refuses ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("severity", "way_out"),
    [("absolute", "No reason can be recorded."), ("relative", "or record a reason.")],
)
def test_what_blocks_is_on_top_with_source_and_way_out_and_there_is_no_button(clinic_client, draft, severity, way_out):
    neighbour = StretchFactory(name="Doorway stretch")
    _, contraindication = contraindicate(draft, severity=severity)

    content = clinic_client.get(url_of(draft)).content.decode()

    assert "Not safe as it is" in content
    assert contraindication.rationale in content
    assert contraindication.source.citation in content
    assert way_out in content
    assert neighbour.name in content
    assert "Activate prescription" not in content


@pytest.mark.parametrize("reviewed_days_ago", [None, 91, -1])
def test_conditions_that_were_not_reviewed_block(clinic_client, draft, reviewed_days_ago):
    on = None if reviewed_days_ago is None else draft.clinic.today() - datetime.timedelta(days=reviewed_days_ago)
    draft.patient.conditions_reviewed_on = on
    draft.patient.save()

    page = clinic_client.get(url_of(draft))
    response = clinic_client.post(url_of(draft), as_shown(page))

    assert "Activate prescription" not in page.content.decode()
    assert "Not known before the review" in page.content.decode(), "and not “Safe”"
    assert response.status_code == 422
    assert not is_active(draft)


def test_an_empty_draft_cannot_be_activated(clinic_client, draft):
    draft.items.all().delete()

    page = clinic_client.get(url_of(draft))
    response = clinic_client.post(url_of(draft), as_shown(page))

    assert "There is no stretch in this prescription yet." in page.content.decode()
    assert "Activate prescription" not in page.content.decode()
    assert response.status_code == 409
    assert not is_active(draft)


def test_a_condition_recorded_after_the_page_was_opened_is_not_missed(clinic_client, draft):
    page = clinic_client.get(url_of(draft))
    contraindicate(draft)

    response = clinic_client.post(url_of(draft), as_shown(page))

    content = response.content.decode()
    assert response.status_code == 422
    assert "Nothing was changed." in content
    assert "Bending forward loads the disc." in content
    assert "Activate prescription" not in content
    assert not is_active(draft)
    assert not PermissibilityReport.objects.exists()


def test_a_stretch_retired_since_the_draft_is_refused(clinic_client, draft):
    page = clinic_client.get(url_of(draft))
    stretch = draft.items.get().stretch
    stretch.status = "retired"
    stretch.save()

    response = clinic_client.post(url_of(draft), as_shown(page))

    assert response.status_code == 422
    assert "not reviewed (retired)" in response.content.decode()
    assert not is_active(draft)


def test_an_override_that_expired_does_not_help(clinic_client, draft):
    contraindicate(draft, severity="relative")
    record_override(draft, days=-1)

    response = clinic_client.post(url_of(draft), as_shown(clinic_client.get(url_of(draft))))

    assert response.status_code == 422
    assert not is_active(draft)


def test_advice_that_came_since_the_page_was_opened_has_to_be_read_first(clinic_client, draft):
    page = clinic_client.get(url_of(draft))
    contraindicate(draft, severity="precaution", rationale="Keep the knee soft.")

    response = clinic_client.post(url_of(draft), as_shown(page))

    content = response.content.decode()
    assert response.status_code == 409
    assert "Something changed since this page was opened." in content
    assert "Keep the knee soft." in content
    assert not is_active(draft)
    assert clinic_client.post(url_of(draft), as_shown(response)).status_code == 302
    assert is_active(draft)


@pytest.mark.parametrize(
    "change",
    [
        lambda draft: draft.items.update(repetitions=9),
        lambda draft: draft.items.update(note="Only on the left"),
        lambda draft: PrescribedStretchFactory(prescription=draft),
        lambda draft: Prescription.objects.filter(pk=draft.pk).update(note="Other words"),
        lambda draft: ConditionFactory(patient=draft.patient),
    ],
    ids=["dose", "note", "line", "message", "condition"],
)
def test_what_a_colleague_changed_meanwhile_has_to_be_read_first(clinic_client, draft, change):
    page = clinic_client.get(url_of(draft))
    change(draft)

    response = clinic_client.post(url_of(draft), as_shown(page))

    assert response.status_code == 409
    assert not is_active(draft)
    assert response.context["review"].seen != page.context["review"].seen
    assert clinic_client.post(url_of(draft), as_shown(response)).status_code == 302


def test_another_prescription_that_came_into_force_is_shown_first(clinic_client, clinician, draft):
    page = clinic_client.get(url_of(draft))
    other = PrescriptionFactory(patient=draft.patient, created_by=clinician)
    PrescribedStretchFactory(prescription=other, stretch=StretchFactory(name="Wall stretch"))
    other.activate(by=clinician, at=timezone.now())

    response = clinic_client.post(url_of(draft), as_shown(page))

    content = response.content.decode()
    assert response.status_code == 409
    assert "Another prescription came into force" in content
    assert "Wall stretch" in content
    assert not is_active(draft)
    assert is_active(other)


def test_what_was_to_be_replaced_and_ended_meanwhile_is_noticed(clinic_client, clinician, draft):
    old = PrescriptionFactory(patient=draft.patient, created_by=clinician)
    PrescribedStretchFactory(prescription=old)
    old.activate(by=clinician, at=timezone.now())
    page = clinic_client.get(url_of(draft))
    old.revoke(by=clinician, at=timezone.now(), reason="Flare")

    assert clinic_client.post(url_of(draft), as_shown(page)).status_code == 409
    assert not is_active(draft)


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"seen": ""},
        {"seen": "x" * 65},
        {"seen": "a\x00"},
        {"seen": "x", "replacing": "no id"},
        {"seen": "x", "acknowledged": ["no id"]},
    ],
)
def test_a_form_that_came_back_incomplete_does_nothing(clinic_client, draft, answers):
    response = clinic_client.post(url_of(draft), answers)

    assert response.status_code == 422
    assert "The page came back incomplete" in response.content.decode()
    assert not is_active(draft)


# Free text ------------------------------------------------------------------------------------------------------------
def test_each_free_text_condition_has_to_be_acknowledged(clinic_client, draft):
    knee = ConditionFactory(patient=draft.patient, code=None, free_text="Funny knee")
    toe = ConditionFactory(patient=draft.patient, code=None, free_text="Sore toe")
    page = clinic_client.get(url_of(draft))

    refused = clinic_client.post(url_of(draft), as_shown(page, acknowledged=[knee.pk]))

    content = refused.content.decode()
    assert "I know that this is not safety-checked." in page.content.decode()
    assert refused.status_code == 422
    assert "Tick each of them" in content
    assert f'value="{knee.pk}" checked' in content, "what was ticked stays ticked"
    assert f'value="{toe.pk}" checked' not in content
    assert not is_active(draft)

    assert clinic_client.post(url_of(draft), as_shown(page, acknowledged=[knee.pk, toe.pk])).status_code == 302
    assert is_active(draft)
    assert [each["is_acknowledged"] for each in draft.report.document["conditions"]] == [True, True]


def test_a_free_text_condition_that_came_since_the_page_was_opened_is_asked_about(clinic_client, draft):
    page = clinic_client.get(url_of(draft))
    ConditionFactory(patient=draft.patient, code=None, free_text="Funny knee")

    response = clinic_client.post(url_of(draft), as_shown(page))

    assert response.status_code == 422
    assert "Funny knee" in response.content.decode()
    assert not is_active(draft)


def test_another_patients_condition_acknowledges_nothing(clinic_client, draft):
    ConditionFactory(patient=draft.patient, code=None, free_text="Funny knee")
    other = ConditionFactory(code=None, free_text="Funny knee")

    response = clinic_client.post(
        url_of(draft), as_shown(clinic_client.get(url_of(draft)), acknowledged=[other.pk, uuid.uuid4()])
    )

    assert response.status_code == 422
    assert not is_active(draft)


# What it does ---------------------------------------------------------------------------------------------------------
def test_activation_replaces_what_is_in_force_and_writes_the_report(clinic_client, clinician, draft):
    old = PrescriptionFactory(patient=draft.patient, created_by=clinician)
    PrescribedStretchFactory(prescription=old)
    old.activate(by=clinician, at=timezone.now())

    response = clinic_client.post(url_of(draft), as_shown(clinic_client.get(url_of(draft))), follow=True)

    assert response.redirect_chain == [(draft.get_absolute_url(), 302)]
    assert is_active(draft)
    old.refresh_from_db()
    assert (old.status, draft.replaces, draft.activated_by) == ("completed", old, clinician)
    assert draft.report.document["stretches"][0]["name"] == "Towel stretch"


def test_a_double_post_says_that_it_is_active_already(clinic_client, draft):
    answers = as_shown(clinic_client.get(url_of(draft)))
    clinic_client.post(url_of(draft), answers)

    response = clinic_client.post(url_of(draft), answers, follow=True)

    assert response.redirect_chain == [(draft.get_absolute_url(), 302)]
    assert "This prescription is already active." in response.content.decode()
    assert PermissibilityReport.objects.count() == 1


# After a hold: the same door ------------------------------------------------------------------------------------------
def test_prescription_resume_goes_on(clinic_client, draft):
    on_hold(draft)
    url = url_of(draft, "prescription_resume")

    page = clinic_client.get(url)
    response = clinic_client.post(url, as_shown(page))

    assert "Flare of pain" in page.content.decode()
    assert response.status_code == 302
    assert is_active(draft)


def test_prescription_resume_refuses_what_became_unsafe(clinic_client, draft):
    on_hold(draft)
    url = url_of(draft, "prescription_resume")
    page = clinic_client.get(url)
    contraindicate(draft)

    response = clinic_client.post(url, as_shown(page))

    content = response.content.decode()
    assert response.status_code == 422
    assert "Not safe as it is" in content
    assert "Make a new version without it" in content
    assert "Resume prescription" not in content
    assert not is_active(draft)


def test_prescription_resume_asks_for_acknowledgements(clinic_client, draft):
    on_hold(draft)
    url = url_of(draft, "prescription_resume")
    condition = ConditionFactory(patient=draft.patient, code=None, free_text="Funny knee")
    page = clinic_client.get(url)

    assert clinic_client.post(url, as_shown(page)).status_code == 422
    assert not is_active(draft)
    assert clinic_client.post(url, as_shown(page, acknowledged=[condition.pk])).status_code == 302
    assert is_active(draft)


def test_prescription_resume_asks_to_read_what_changed(clinic_client, draft):
    on_hold(draft)
    url = url_of(draft, "prescription_resume")
    page = clinic_client.get(url)
    contraindicate(draft, severity="precaution")

    assert clinic_client.post(url, as_shown(page)).status_code == 409
    assert not is_active(draft)


def test_what_is_unsafe_costs_the_same_few_queries_for_its_neighbours(
    clinic_client, draft, django_assert_max_num_queries
):
    StretchFactory(name="Doorway stretch")
    contraindicate(draft)
    with django_assert_max_num_queries(13) as few:
        clinic_client.get(url_of(draft))
    for _ in range(10):
        line = PrescribedStretchFactory(prescription=draft)
        condition = ConditionFactory(patient=draft.patient)
        ContraindicationFactory(stretch=line.stretch, condition_code=condition.code)

    with django_assert_max_num_queries(len(few)):
        clinic_client.get(url_of(draft))
