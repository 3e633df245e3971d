"""What somebody decides about a line: what it does to the queue, what is refused, what is kept."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from clinic.attention.queue import place_of
from clinic.attention.subjects import was_about
from clinic.models import ENDED_BY_WORD, LASTING, AttentionDecision, AttentionKind
from prescriptions.models import RoutineStop, StretchPause
from tests.clinic.queueing import DAY, active_line, log, queue_for
from tests.factories import NOON, TODAY, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db

Decision = AttentionDecision.Decision


@pytest.fixture
def silent(clinic):
    """Somebody who has logged nothing in five days: a line that may be put off, and closed."""
    today = clinic.today()
    return active_line(
        clinic=clinic,
        full_name="Walter Brandt",
        conditions_reviewed_on=today,
        prescription={"activated_at": timezone.now() - 5 * DAY},
    )


@pytest.fixture
def stopped(clinic):
    patient = PatientFactory(clinic=clinic)
    return RoutineStop.objects.create(clinic=clinic, patient=patient, tier="urgent", message="Stop.")


def address(line):
    return reverse("attention_decision_record", args=[line.patient.pk, line.kind.value, line.subject])


def only_line(user, *, at=None):
    queue = queue_for(user, at=at or timezone.now())
    (line,) = [*queue.waiting, *queue.seen, *queue.put_off]
    return line


def where(user, *, at=None):
    """In which part of the queue the only line stands."""
    queue = queue_for(user, at=at or timezone.now())
    return next((name for name in ("waiting", "seen", "put_off") if getattr(queue, name)), "gone")


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def test_attention_decision_record_moves_a_line_to_seen_for_everybody(staff, clinician, colleague, stopped):
    line = only_line(clinician)

    response = staff.post(address(line), {"decision": "acknowledged"}, follow=True)

    assert response.redirect_chain == [("/queue/", 302)]
    assert messages_of(response) == [f"Seen: {line.patient} is in your hands."]
    assert "Seen by Priya Raman" in response.content.decode()
    assert where(colleague) == "seen"
    stored = AttentionDecision.objects.get()
    assert (stored.patient, stored.decided_by, stored.clinic_id) == (line.patient, clinician, line.patient.clinic_id)


def test_a_line_that_was_put_off_comes_back_on_the_day(staff, clinic, clinician, silent):
    until_on = clinic.today() + 3 * DAY

    response = staff.post(
        address(only_line(clinician)), {"decision": "snoozed", "until_on": until_on, "note": "Away."}, follow=True
    )

    assert "Put off by Priya Raman" in response.content.decode()
    assert "Away." in response.content.decode()
    days = [where(clinician, at=timezone.now() + ahead * DAY) for ahead in (0, 2, 3, 4)]
    assert days == ["put_off", "put_off", "waiting", "waiting"]


def test_a_line_that_was_dealt_with_is_gone(staff, clinician, silent):
    staff.post(address(only_line(clinician)), {"decision": "resolved", "note": "Called: starts tomorrow."})

    assert where(clinician) == "gone"
    assert where(clinician, at=timezone.now() + 20 * DAY) == "gone"


def test_what_is_new_shows_again(staff, clinician, stopped):
    staff.post(address(only_line(clinician)), {"decision": "acknowledged"})
    assert where(clinician) == "seen"

    RoutineStop.objects.create(clinic=stopped.clinic, patient=stopped.patient, tier="urgent", message="Stop.")

    assert where(clinician) == "waiting"


def test_a_new_prescription_is_asked_about_anew(staff, clinician, silent):
    staff.post(address(only_line(clinician)), {"decision": "resolved"})
    silent.prescription.complete(by=clinician, at=timezone.now())

    active_line(
        clinic=silent.clinic,
        conditions_reviewed_on=silent.clinic.today(),
        prescription={"activated_at": timezone.now() - 4 * DAY},
    )

    assert where(clinician) == "waiting"


def test_a_line_can_be_put_back(staff, clinician, silent):
    line = only_line(clinician)
    staff.post(address(line), {"decision": "acknowledged"})

    response = staff.post(address(line), {"decision": "returned"}, follow=True)

    assert where(clinician) == "waiting"
    assert messages_of(response)[-1] == "Walter Brandt waits in the queue again."


# What nobody can wave away --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("decision", ["snoozed", "resolved"])
def test_what_was_stopped_is_refused_by_the_form(staff, clinic, clinician, stopped, decision):
    until_on = clinic.today() + DAY

    response = staff.post(address(only_line(clinician)), {"decision": decision, "until_on": until_on})

    assert response.status_code == 422
    assert "This cannot be decided here. Choose one of these." in response.content.decode()
    assert where(clinician) == "waiting"


@pytest.mark.parametrize("kind", list(AttentionKind))
@pytest.mark.parametrize(
    ("decision", "until_on"), [("acknowledged", None), ("snoozed", TODAY), ("resolved", None), ("returned", None)]
)
def test_the_database_refuses_what_must_not_be(clinician, clinic, kind, decision, until_on):
    is_refused = (decision == "snoozed" and kind in LASTING) or (decision == "resolved" and kind not in ENDED_BY_WORD)
    patient = PatientFactory(clinic=clinic)

    def record():
        with transaction.atomic():
            AttentionDecision.record(
                patient, kind=kind, subject="x", decision=decision, by=clinician, at=NOON, until_on=until_on
            )

    if is_refused:
        with pytest.raises(IntegrityError):
            record()
    else:
        record()
    assert AttentionDecision.objects.exists() is not is_refused


def test_lasting_are_red_flag_pause_and_unsafe():
    assert {AttentionKind.RED_FLAG, AttentionKind.PAUSE, AttentionKind.UNSAFE} == LASTING
    assert not LASTING & ENDED_BY_WORD


@pytest.mark.parametrize(
    ("decision", "until_on", "place"),
    [
        ("acknowledged", None, Decision.ACKNOWLEDGED),
        ("snoozed", TODAY + 900 * DAY, Decision.RETURNED),
        ("resolved", None, Decision.RETURNED),
        ("a decision added later", None, Decision.RETURNED),
    ],
)
def test_whatever_is_stored_nothing_lasting_is_hidden(clinician, stopped, decision, until_on, place):
    line = only_line(clinician)
    stored = AttentionDecision(decision=decision, until_on=until_on)

    assert place_of(type(line)(**{**vars(line), "decision": stored})) is place


def test_a_pause_stays_until_it_is_lifted(staff, clinician, silent):
    log(silent, days_ago=0)
    pause = StretchPause.begin(silent.prescription.patient, silent.stretch, reason="pain", at=timezone.now())
    line = next(each for each in queue_for(clinician, at=timezone.now()).waiting if each.kind == "pause")

    staff.post(address(line), {"decision": "acknowledged"})
    queue = queue_for(clinician, at=timezone.now())
    pause.lift(by=clinician, at=timezone.now())

    assert [each.kind for each in queue.seen] == ["pause"]
    assert [each.kind for each in queue_for(clinician, at=timezone.now()).seen] == []


# What is typed --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ({}, "Choose one of these."),
        ({"decision": "forgotten"}, "This cannot be decided here."),
        ({"decision": "snoozed"}, "Until when?"),
        ({"decision": "snoozed", "until_on": "soon"}, "Give a day, such as 2026-03-31."),
        ({"decision": "snoozed", "until_on": 0}, "Choose a day from tomorrow to"),
        ({"decision": "snoozed", "until_on": -1}, "Choose a day from tomorrow to"),
        ({"decision": "snoozed", "until_on": 31}, "Choose a day from tomorrow to"),
        ({"decision": "resolved", "note": "x" * 501}, "at most 500 characters"),
        ({"decision": "resolved", "note": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_attention_decision_record_says_what_is_wrong_and_keeps_what_was_typed(
    staff, clinic, clinician, silent, typed, complaint
):
    if isinstance(days := typed.get("until_on"), int):
        typed = {**typed, "until_on": clinic.today() + days * DAY}

    response = staff.post(address(only_line(clinician)), {"note": "Keep me.", **typed})

    assert response.status_code == 422
    assert complaint in response.content.decode()
    assert "note" in typed or 'value="Keep me."' in response.content.decode()
    assert not AttentionDecision.objects.exists()


@pytest.mark.parametrize("days", [1, 30])
def test_a_line_can_be_put_off_for_thirty_days(staff, clinic, clinician, silent, days):
    staff.post(address(only_line(clinician)), {"decision": "snoozed", "until_on": clinic.today() + days * DAY})

    assert AttentionDecision.objects.get().until_on == clinic.today() + days * DAY


@pytest.mark.parametrize("until_on", ["", "soon", "2026-01-01"])
def test_a_day_that_is_not_asked_for_is_not_kept(staff, clinician, silent, until_on):
    staff.post(address(only_line(clinician)), {"decision": "resolved", "until_on": until_on})

    assert AttentionDecision.objects.get().until_on is None


def test_twenty_identical_posts_make_one_row(staff, clinician, silent):
    line = only_line(clinician)

    answers = {staff.post(address(line), {"decision": "acknowledged", "note": "Mine."}).status_code for _ in range(20)}

    assert answers == {302}
    assert AttentionDecision.objects.count() == 1


def test_a_colleague_deciding_the_same_is_kept_too(client, staff, clinician, colleague, silent):
    line = only_line(clinician)
    staff.post(address(line), {"decision": "acknowledged"})
    client.force_login(colleague)

    client.post(address(line), {"decision": "acknowledged"})

    assert [each.decided_by for each in AttentionDecision.objects.all()] == [clinician, colleague]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_line_that_is_gone_is_said_kindly(staff, clinician, stopped, method):
    line = only_line(clinician)
    RoutineStop.reopen(stopped.patient, by=clinician, at=timezone.now(), note="Examined.")

    response = getattr(staff, method)(address(line), {"decision": "acknowledged"}, follow=True)

    assert response.status_code == 200
    assert messages_of(response) == [f"This line about {line.patient} is gone already: nothing is left to decide."]
    assert not AttentionDecision.objects.exists()


@pytest.mark.parametrize("whose", ["", "mine"])
def test_attention_decision_record_leads_back_to_the_queue_as_it_was_filtered(staff, clinician, silent, whose):
    response = staff.post(address(only_line(clinician)), {"decision": "acknowledged", "whose": whose})

    assert response.url == "/queue/" + ("?whose=mine" if whose else "")


def test_attention_decision_record_shows_the_line_and_what_was_decided(staff, clinician, silent):
    line = only_line(clinician)
    staff.post(address(line), {"decision": "acknowledged", "note": "I call her."})

    page = staff.get(address(line)).content.decode()

    assert line.reason in page
    assert "I call her." in page
    assert "Priya Raman" in page


# Who may --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["get", "post"])
def test_attention_decision_record_is_nothing_to_strangers(client, clinician, stranger, silent, method):
    line = only_line(clinician)
    patient = PatientFactory(user=UserFactory())
    answers = []
    for user in (stranger, patient.user, UserFactory()):
        client.force_login(user)
        answers.append(getattr(client, method)(address(line), {"decision": "resolved"}).status_code)

    assert answers == [404, 404, 404]
    assert not AttentionDecision.objects.exists()


@pytest.mark.parametrize("kind", ["red-flags", "x", "unsafe-"])
def test_a_kind_that_does_not_exist_is_nothing(staff, silent, kind):
    patient = silent.prescription.patient

    assert staff.get(reverse("attention_decision_record", args=[patient.pk, kind, "1"])).status_code == 404


def test_a_line_is_decided_about_for_its_own_patient_only(staff, clinic, clinician, silent):
    line, other = only_line(clinician), PatientFactory(clinic=clinic)

    answer = staff.post(
        reverse("attention_decision_record", args=[other.pk, line.kind.value, line.subject]), {"decision": "resolved"}
    )

    assert answer.status_code == 404
    assert not AttentionDecision.objects.exists()


@pytest.mark.parametrize("kind", sorted(set(AttentionKind.values) - {"review"}))
@pytest.mark.parametrize(
    "subject", ["1", "00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-00000000000x"]
)
def test_a_subject_that_never_was_is_nothing(staff, silent, kind, subject):
    patient = silent.prescription.patient

    assert staff.get(reverse("attention_decision_record", args=[patient.pk, kind, subject])).status_code == 404


def test_a_patient_that_does_not_exist_is_nothing(staff):
    path = reverse("attention_decision_record", args=[uuid.uuid4(), "pause", "1"])

    assert staff.post(path, {"decision": "acknowledged"}).status_code == 404


def test_attention_decision_record_sends_a_visitor_to_sign_in(client, clinician, silent):
    assert client.post(address(only_line(clinician))).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_attention_decision_record_is_read_or_posted(staff, clinician, silent, method):
    assert staff.generic(method, address(only_line(clinician))).status_code == 405


def test_there_was_no_line_for_who_may_not_see_what_it_is_about(clinician, stopped):
    about = {"kind": AttentionKind.RED_FLAG, "subject": str(stopped.pk)}

    assert was_about(stopped.patient_id, **about, by=clinician)
    assert not was_about(stopped.patient_id, **about, by=UserFactory())
