"""The attestation that every condition was asked about."""

import pytest

from tests.factories import ClinicianFactory, ConditionCodeFactory, ConditionFactory
from tests.patients.pages import hidden, messages_of, page, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def unreviewed(patient):
    patient.conditions_reviewed_on = None
    patient.save()
    return patient


def test_conditions_review_record_lists_what_to_go_through(staff, unreviewed, condition):
    ConditionFactory(patient=unreviewed, code=ConditionCodeFactory(name="Old sprain"), clinical_status="resolved")

    response = staff.get(page("conditions_review_record", unreviewed))

    assert "Lumbar disc herniation" in text_of(response)
    assert "Old sprain" not in text_of(response)
    assert f'href="{page("condition_edit", condition)}"' in response.content.decode()
    unreviewed.refresh_from_db()
    assert unreviewed.conditions_reviewed_on is None


def test_conditions_review_record_attests(staff, clinician, unreviewed, condition):
    address = page("conditions_review_record", unreviewed)

    response = staff.post(address, {"seen": hidden(staff.get(address), "seen")}, follow=True)

    unreviewed.refresh_from_db()
    assert response.redirect_chain == [(unreviewed.get_absolute_url(), 302)]
    assert unreviewed.conditions_reviewed_on == unreviewed.clinic.today()
    assert unreviewed.conditions_reviewed_by == clinician
    assert unreviewed.history.first().history_user == clinician
    assert messages_of(response) == ["Every condition was asked about today: that is recorded."]


def test_that_there_are_none_can_be_attested(staff, unreviewed):
    address = page("conditions_review_record", unreviewed)

    asked = staff.get(address)
    staff.post(address, {"seen": hidden(asked, "seen")})

    assert "None is recorded." in text_of(asked)
    unreviewed.refresh_from_db()
    assert unreviewed.conditions_reviewed_on is not None


def one_more(patient, condition):
    ConditionFactory(patient=patient)


def one_settled(patient, condition):
    condition.clinical_status = "resolved"
    condition.save()


def another_date(patient, condition):
    condition.anchor_on = patient.born_on
    condition.save()


@pytest.mark.parametrize("change", [one_more, one_settled, another_date])
def test_what_changed_since_has_to_be_gone_through_again(staff, unreviewed, condition, change):
    address = page("conditions_review_record", unreviewed)
    seen = hidden(staff.get(address), "seen")
    change(unreviewed, condition)

    response = staff.post(address, {"seen": seen})

    assert response.status_code == 409
    assert "The conditions changed since you opened this page" in text_of(response)
    unreviewed.refresh_from_db()
    assert unreviewed.conditions_reviewed_on is None

    staff.post(address, {"seen": hidden(response, "seen")})
    unreviewed.refresh_from_db()
    assert unreviewed.conditions_reviewed_on is not None


@pytest.mark.parametrize("data", [{}, {"seen": ""}, {"seen": "\x00"}])
def test_who_saw_nothing_attests_nothing(staff, unreviewed, condition, data):
    response = staff.post(page("conditions_review_record", unreviewed), data)

    assert response.status_code == 409
    unreviewed.refresh_from_db()
    assert unreviewed.conditions_reviewed_on is None


def test_attesting_twice_is_once_and_by_another_is_another(staff, client, clinic, unreviewed, condition):
    address = page("conditions_review_record", unreviewed)
    data = {"seen": hidden(staff.get(address), "seen")}
    before = unreviewed.history.count()

    for _ in range(3):
        staff.post(address, data)
    assert unreviewed.history.count() == before + 1

    client.force_login(ClinicianFactory(clinic=clinic))
    client.post(address, data)
    assert unreviewed.history.count() == before + 2
