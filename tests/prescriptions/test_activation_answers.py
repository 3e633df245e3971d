"""What is said at activation: why there are so many stretches, and how sure the patient is."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from prescriptions.models import CountNotExplainedError, Prescription
from tests.factories import PrescribedStretchFactory
from tests.prescriptions.acting import activate as activate_at_noon
from tests.prescriptions.acting import page

pytestmark = pytest.mark.django_db


def with_stretches(draft, count):
    PrescribedStretchFactory.create_batch(count, prescription=draft)
    return draft


def activate(client, draft, **answers):
    review = client.get(page("prescription_activate", draft.pk)).context["review"]
    return client.post(page("prescription_activate", draft.pk), {"seen": review.seen, "replacing": "", **answers})


# The count ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("count", "reason", "is_stored"),
    [
        (4, "", True),
        (6, "", True),
        (7, "", False),
        (7, "   ", False),
        (7, "Two joints after the fall", True),
    ],
)
def test_more_than_six_take_a_reason(draft, count, reason, is_stored):
    draft.patient.conditions_reviewed_on = "2026-01-15"
    draft.patient.save()
    with_stretches(draft, count)

    if not is_stored:
        with pytest.raises(CountNotExplainedError):
            activate_at_noon(draft, count_reason=reason)
        draft.refresh_from_db()
    else:
        activate_at_noon(draft, count_reason=reason)

    assert (draft.status == "active") is is_stored
    assert draft.count_reason == (reason if is_stored else "")


def test_a_reason_that_is_not_asked_for_is_not_kept(draft):
    draft = with_stretches(draft, 3)

    draft.activate(by=draft.created_by, at=timezone.now(), count_reason="I wrote this when it was longer")

    assert draft.count_reason == ""


@pytest.mark.parametrize(("count", "is_asked"), [(6, False), (7, True)])
def test_prescription_activate_asks_for_the_reason_above_six(clinic_client, draft, count, is_asked):
    with_stretches(draft, count)

    content = clinic_client.get(page("prescription_activate", draft.pk)).content.decode()

    assert ('name="count_reason"' in content) is is_asked


def test_without_a_reason_it_says_so_beside_the_field_and_keeps_the_answer(clinic_client, draft):
    with_stretches(draft, 7)

    response = activate(clinic_client, draft, confidence_score="8", count_reason=" ")

    content = response.content.decode()
    assert response.status_code == 422
    assert 'id="count-reason-error"' in content
    assert "say why they are needed" in content
    assert 'value="8" checked' in content
    assert Prescription.objects.get().status == "draft"


def test_the_reason_and_the_confidence_are_shown_with_the_prescription_and_its_report(clinic_client, draft):
    with_stretches(draft, 7)

    activate(clinic_client, draft, count_reason="Both knees <and> the neck", confidence_score="5")

    for name in ("prescription_detail", "report_detail"):
        content = clinic_client.get(reverse(f"prescriptions:{name}", args=[draft.pk])).content.decode()
        assert "Both knees &lt;and&gt; the neck" in content
        assert "consider a shorter programme" in content


# The confidence -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("sent", "stored"), [("", None), ("0", 0), ("10", 10)])
def test_the_confidence_is_stored_with_the_activation(clinic_client, draft, sent, stored):
    with_stretches(draft, 1)

    response = activate(clinic_client, draft, confidence_score=sent)

    draft.refresh_from_db()
    assert response.url == draft.get_absolute_url()
    assert (draft.status, draft.confidence_score) == ("active", stored)


@pytest.mark.parametrize("wrong", ["11", "-1", "5.5", "very", "1" * 5000, "\0"])
def test_what_is_no_score_is_refused(clinic_client, draft, wrong):
    with_stretches(draft, 7)

    response = activate(clinic_client, draft, confidence_score=wrong, count_reason="Kept.")

    content = response.content.decode()
    assert response.status_code == 422
    assert 'id="confidence-error"' in content
    assert "Kept." in content
    assert Prescription.objects.get().status == "draft"


@pytest.mark.parametrize("wrong", [11, 99])
def test_the_database_refuses_what_is_no_score(draft, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Prescription.objects.filter(pk=draft.pk).update(confidence_score=wrong)


@pytest.mark.parametrize(("score", "is_hinted"), [(6, True), (7, False)])
def test_a_low_confidence_brings_the_hint(clinic_client, draft, score, is_hinted):
    with_stretches(draft, 1)
    activate(clinic_client, draft, confidence_score=str(score))

    content = clinic_client.get(draft.get_absolute_url()).content.decode()

    assert ("consider a shorter programme" in content) is is_hinted


def test_a_new_version_is_asked_anew(clinic_client, draft):
    with_stretches(draft, 7)
    activate(clinic_client, draft, count_reason="Both knees", confidence_score="5")
    draft.refresh_from_db()

    revision = draft.revise(by=draft.created_by)

    assert (revision.count_reason, revision.confidence_score) == ("", None)


def test_resuming_asks_nothing_of_it(clinic_client, draft):
    with_stretches(draft, 7)
    draft.activate(by=draft.created_by, at=timezone.now(), count_reason="Both knees", confidence_score=9)
    draft.hold(by=draft.created_by, at=timezone.now(), reason="Flare")

    content = clinic_client.get(page("prescription_resume", draft.pk)).content.decode()
    draft.resume(by=draft.created_by, at=timezone.now())

    assert "count_reason" not in content
    assert (draft.status, draft.count_reason, draft.confidence_score) == ("active", "Both knees", 9)
