"""What recording a condition does to the prescription in force: said at once, on the page that comes next."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import OutboxMessage
from prescriptions import safety
from prescriptions.models import Override
from tests.factories import (
    NOON,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    StretchFactory,
)
from tests.patients.pages import condition_data, hidden, messages_of, page, stored_data, text_of

pytestmark = pytest.mark.django_db
HERNIATION = "lumbar-disc-herniation"


@pytest.fixture
def prescription(patient, clinician, herniation):
    """An active one of four stretches, of which three have a contraindication with a disc herniation."""
    prescription = PrescriptionFactory(patient=patient, created_by=clinician)
    for position, severity in enumerate(("absolute", "relative", "precaution", None)):
        stretch = StretchFactory(name=f"Stretch {severity}")
        PrescribedStretchFactory(prescription=prescription, stretch=stretch, position=position)
        if severity:
            rationale = f"Because of {severity}."
            ContraindicationFactory(stretch=stretch, condition_code=herniation, severity=severity, rationale=rationale)
    prescription.activate(by=clinician, at=timezone.now())
    return prescription


def record(staff, patient, **data):
    return staff.post(page("condition_add", patient), condition_data(**{"code": HERNIATION, **data}), follow=True)


def names(lines) -> list[str]:
    return [str(each.line.item) for each in lines]


def test_recording_says_at_once_what_is_paused_and_what_gets_advice(staff, patient, prescription):
    response = record(staff, patient)

    text = text_of(response)
    assert messages_of(response) == ["Lumbar disc herniation is recorded."]
    assert names(response.context["effect"].paused) == ["Stretch absolute", "Stretch relative"]
    assert names(response.context["effect"].advised) == ["Stretch precaution"]
    assert "From now on Walter Brandt sees “Paused: ask your clinic” in place of" in text
    assert "Stretch absolute Excluded Because of absolute. Author N." in text
    assert "Stretch relative Needs a recorded reason Because of relative." in text
    assert "Walter Brandt reads the advice with them: Stretch precaution With advice Because of precaution." in text
    assert "stretches paused: not safe today" not in text  # not the same twice


def test_what_is_said_is_what_the_patient_sees(staff, patient, prescription):
    response = record(staff, patient)

    unsafe = [line for line in prescription.lines_on(patient.clinic.today()) if not line.is_safe]
    assert names(response.context["effect"].paused) == [str(line.item) for line in unsafe]


def test_one_click_puts_it_on_hold(staff, patient, prescription):
    html = record(staff, patient).content.decode()
    action = f'action="/prescriptions/{prescription.pk}/hold/"'
    reason = "Recorded: Lumbar disc herniation. Not safe with it: 2 of the stretches."
    assert action in html
    assert f'name="reason" value="{reason}"' in html

    staff.post(f"/prescriptions/{prescription.pk}/hold/", {"reason": reason})

    prescription.refresh_from_db()
    assert (prescription.status, prescription.status_reason) == ("on-hold", reason)


def test_one_click_changes_it(staff, patient, prescription):
    html = record(staff, patient).content.decode()
    assert f'action="/prescriptions/{prescription.pk}/revise/"' in html

    response = staff.post(f"/prescriptions/{prescription.pk}/revise/")

    assert patient.prescriptions.drafts().get().replaces == prescription
    assert response.status_code == 302


def test_advice_alone_is_no_alarm(staff, patient, prescription, herniation):
    herniation.contraindications.exclude(severity="precaution").delete()

    response = record(staff, patient)

    assert "Every stretch stays. Walter Brandt reads this advice from now on" in text_of(response)
    assert "/hold/" not in response.content.decode()


def test_where_the_review_is_due_it_is_said_there(staff, patient, prescription):
    type(patient).objects.update(conditions_reviewed_on=None)

    response = record(staff, patient)

    assert response.redirect_chain[0][0].startswith(page("conditions_review_record", patient))
    assert "Stretch absolute Excluded" in text_of(response)


def test_what_a_condition_does_not_touch_is_not_spoken_of(staff, patient, prescription):
    ConditionCodeFactory(slug="hypertension", name="Hypertension")

    response = record(staff, patient, code="hypertension")

    assert response.redirect_chain == [(patient.get_absolute_url(), 302)]
    assert response.context["effect"] is None


def test_what_was_so_before_is_not_told_again(staff, patient, prescription, condition):
    data = stored_data(condition, note="Letter of 2019")

    response = staff.post(page("condition_edit", condition), data, follow=True)

    assert response.context["effect"] is None
    assert "2 of 4 stretches paused: not safe today" in text_of(response)


def test_a_correction_that_makes_it_unsafe_is_told(staff, patient, prescription, condition):
    condition.verification_status = "refuted"
    condition.save()

    data = stored_data(condition, verification_status="confirmed")
    response = staff.post(page("condition_edit", condition), data, follow=True)

    assert names(response.context["effect"].paused) == ["Stretch absolute", "Stretch relative"]


def test_settling_says_what_is_safe_again(staff, prescription, condition):
    data = stored_data(condition, verification_status="refuted")

    response = staff.post(page("condition_edit", condition), data, follow=True)

    assert messages_of(response)[1] == "Safe for Walter Brandt again: Stretch absolute, Stretch relative."
    assert response.context["effect"] is None


def test_what_is_paused_for_another_reason_is_said_beside_it(staff, patient, prescription):
    other = ConditionFactory(patient=patient)
    ContraindicationFactory(
        stretch=prescription.items.get(stretch__name="Stretch None").stretch, condition_code=other.code
    )

    response = record(staff, patient)

    assert "1 more of 4 stretches paused: not safe today" in text_of(response)


def test_on_hold_it_says_that_nothing_can_go_on(staff, patient, clinician, prescription):
    prescription.hold(by=clinician, at=NOON, reason="Flare of pain")

    response = record(staff, patient)

    text = text_of(response)
    assert "The prescription is on hold: Walter Brandt sees no stretch." in text
    assert "From now on" not in text
    assert "Put all of it on hold" not in text


def test_what_a_recorded_reason_covers_is_no_effect(staff, patient, clinician, prescription):
    record(staff, patient)
    condition = patient.conditions.get()
    today = patient.clinic.today()
    stretch = prescription.items.get(stretch__name="Stretch relative").stretch
    Override(
        clinic=patient.clinic,
        patient=patient,
        prescription=prescription,
        stretch=stretch,
        reason="adapted",
        expires_on=today,
        decided_by=clinician,
    ).record(safety.assess(safety.circumstances_of(patient, on=today), [stretch])[stretch.pk])

    response = staff.get(page("patient_detail", patient), {"affected_by": condition.pk})

    assert names(response.context["effect"].paused) == ["Stretch absolute"]


@pytest.mark.parametrize("asked", ["", "x", "\x00", "x" * 500, str(uuid.UUID(int=0))])
@pytest.mark.parametrize("name", ["patient_detail", "conditions_review_record"])
def test_a_condition_that_is_not_the_patients_has_no_effect(staff, patient, prescription, condition, asked, name):
    ConditionFactory(pk=uuid.UUID(int=0), code=condition.code)

    response = staff.get(page(name, patient), {"affected_by": asked})

    assert response.status_code == 200
    assert response.context["effect"] is None


@pytest.mark.parametrize("name", ["patient_detail", "conditions_review_record"])
def test_ten_more_lines_cost_no_more_queries(staff, patient, prescription, condition, name):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            response = staff.get(page(name, patient), {"affected_by": condition.pk})
        assert response.context["effect"]
        return len(captured)

    queries()
    before = queries()
    for _ in range(10):
        line = PrescribedStretchFactory(prescription=prescription)
        ContraindicationFactory(stretch=line.stretch, condition_code=condition.code)

    assert queries() == before <= 12


# Who is told ----------------------------------------------------------------------------------------------------------
def told() -> list[tuple[str, str]]:
    return list(OutboxMessage.objects.values_list("recipient__full_name", "path"))


@pytest.fixture
def colleague(clinic, client):
    """Somebody else of the clinic, who is signed in."""
    client.force_login(ClinicianFactory(clinic=clinic))
    return client


def test_the_patients_clinician_is_told_what_a_colleague_recorded(colleague, patient, prescription):
    record(colleague, patient)

    condition = patient.conditions.get()
    assert told() == [("Priya Raman", f"/patients/{patient.pk}/?affected_by={condition.pk}")]
    message = OutboxMessage.objects.get()
    assert (message.kind, message.clinic) == ("needs_you", patient.clinic)
    assert "Walter" not in f"{message.unique_key}{message.path}"


def test_nobody_is_told_what_they_recorded_themselves(staff, patient, prescription):
    record(staff, patient)

    assert told() == []


def test_advice_alone_needs_nobody(colleague, patient, prescription, herniation):
    herniation.contraindications.exclude(severity="precaution").delete()

    record(colleague, patient)

    assert told() == []


def test_who_does_not_treat_at_the_clinic_any_more_is_not_told(colleague, patient, clinician, prescription):
    clinician.memberships.all().delete()

    record(colleague, patient)

    assert told() == []


def test_each_change_for_the_worse_is_told_once(colleague, patient, prescription):
    record(colleague, patient)
    condition = patient.conditions.get()

    for verification_status in ("refuted", "confirmed", "provisional"):
        condition.refresh_from_db()
        data = stored_data(condition, verification_status=verification_status)
        colleague.post(page("condition_edit", condition), data)

    assert len(told()) == 2  # recorded, refuted and confirmed again; how sure it is pauses nothing anew


def test_the_same_form_sent_twice_tells_once(colleague, patient, prescription):
    new_id = hidden(colleague.post(page("condition_add", patient), {"choose": HERNIATION}), "new_id")

    for _ in range(3):
        record(colleague, patient, new_id=new_id)

    assert len(told()) == 1
