"""How it went, by pages and by a device: stretch_log_record, session_log_record, settled_record, red_flags_record."""

import datetime
import json
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from prescriptions.models import RoutineStop, StretchPause
from routines.models import RedFlagScreen, SessionLog, StretchLog
from stretches.models import RedFlagAction, RedFlagQuestion
from tests.factories import (
    ClinicFactory,
    ClinicianFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SessionLogFactory,
    SourceFactory,
    StretchLogFactory,
    UserFactory,
)
from tests.prescriptions.paper import page_text

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
UP, BED = "on-getting-up", "before-bed"
READS = "Nobody is watching this right now."
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def patient():
    clinic = ClinicFactory(phone="01632 960 123", urgent_care_text="Call 999 now.")
    return PatientFactory(user=UserFactory(), clinic=clinic, conditions_reviewed_on=clinic.today() - 6 * DAY)


@pytest.fixture
def item(patient):
    return prescribe(patient)


@pytest.fixture
def signed_in(client, patient):
    client.force_login(patient.user)
    return client


@pytest.fixture
def questions():
    for tier, slug in (("urgent", "rf-weight"), ("emergency", "rf-bladder")):
        action = RedFlagAction.objects.create(tier=tier, message=f"Stop all stretches: {tier}.")
        RedFlagQuestion.objects.create(slug=slug, question=f"Is it {slug}?", action=action, source=SourceFactory())


def prescribe(patient, name="Towel Stretch", **kwargs):
    draft = PrescriptionFactory(patient=patient)
    item = PrescribedStretchFactory(prescription=draft, stretch__name=name, **kwargs)
    draft.activate(by=draft.created_by, at=timezone.now() - 5 * DAY)
    return item


def url_of(item, *, on=None, part=UP, name="stretch_log_record"):
    on = on or item.clinic.today()
    if name == "session_log_record":
        return reverse("routines:session_log_record", args=[item.prescription_id, part]) + f"?on={on}"
    page = reverse("routines:stretch_log_record", args=[item.prescription_id])
    return f"{page}?item={item.pk}&part_of_day={part}&on={on}"


def said(item, *, on=None, prefix="", of=None, **kwargs):
    words = {
        "id": uuid.uuid4(),
        "item": of or item.pk,
        "on": on or item.clinic.today(),
        "part_of_day": UP,
        "outcome": "done",
        "pain_score": "2",
        "has_spread": "no",
    } | kwargs
    return {f"{prefix}-{name}" if prefix else name: str(value) for name, value in words.items()}


def send(client, item, **kwargs):
    """As a device sends it."""
    return client.post(
        reverse("routines:stretch_log_record", args=[item.prescription_id]), said(item, **kwargs), **JSON
    )


def yesterday(item):
    return item.clinic.today() - DAY


# A page ---------------------------------------------------------------------------------------------------------------


def test_stretch_log_record_asks_and_stores_and_today_shows_it(signed_in, item):
    page = page_text(signed_in.get(url_of(item)).content)
    for words in (
        "How was it?",
        "Towel Stretch",
        "0: no pain",
        "10: the worst there is",
        "further down your leg",
        READS,
    ):
        assert words in page

    answer = signed_in.post(url_of(item), said(item, held_seconds="20", note="Left is stiff\r\nagain"), follow=True)

    log = StretchLog.objects.get()
    assert (log.outcome, log.pain_score, log.held_seconds, log.note) == ("done", 2, 20, "Left is stiff\nagain")
    today = page_text(answer.content)
    assert "Done, pain 2" in today
    assert "Correct it" in today
    assert "All logged" in today
    assert "Log it" not in today


def test_stretch_log_record_corrects_what_was_logged(signed_in, item):
    signed_in.post(url_of(item), said(item, note="Stiff"))
    page = signed_in.get(url_of(item)).content.decode()
    assert "Stiff" in page
    assert "is a correction" in page

    answer = signed_in.post(url_of(item), said(item, pain_score="4", note="Stiff"), follow=True)

    assert "Your clinic can see what you said before." in page_text(answer.content)
    assert StretchLog.objects.get().pain_score == 4
    assert "Done, pain 4" in page_text(answer.content)


def test_red_pain_takes_the_stretch_away_at_once(signed_in, item):
    answer = signed_in.post(url_of(item), said(item, pain_score="7"), follow=True)

    text = page_text(answer.content)
    assert "Stop doing “Towel Stretch”." in text
    assert "Towel Stretch : it hurt too much" in text
    assert "Lie on your back." not in text
    assert StretchPause.objects.open().exists()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"pain_score": "11"}, "Choose a number from 0 to 10."),
        ({"pain_score": "abc"}, "Choose a number from 0 to 10."),
        ({"pain_score": "-1"}, "Choose a number from 0 to 10."),
        ({"pain_score": ""}, "Choose a number from 0 to 10."),
        ({"has_spread": ""}, "Choose yes or no."),
        ({"has_spread": "perhaps"}, "Choose yes or no."),
        ({"outcome": ""}, "Choose one of these."),
        ({"outcome": "skipped"}, "Choose why."),
        ({"held_seconds": "601"}, "less than or equal to 600"),
        ({"held_seconds": "long"}, "Enter a whole number."),
        ({"note": "x" * 1001}, "At most 1000 characters, please; these are 1001."),
        ({"on": "2999-01-01"}, "This day has not come yet."),
        ({"on": "2020-01-01"}, "You did not have these stretches yet on that day."),
        ({"on": "soon"}, "Enter a valid date."),
        ({"part_of_day": BED}, "This stretch is not for this part of the day."),
        ({"of": uuid.UUID(int=7)}, "This stretch is not one of these."),
    ],
)
def test_bad_input_gets_its_message_and_nothing_is_lost(signed_in, item, wrong, message):
    answer = signed_in.post(url_of(item), said(item, **({"note": "Keep this"} | wrong)))

    assert answer.status_code == 422
    assert message in page_text(answer.content)
    if "note" not in wrong:
        assert "Keep this" in answer.content.decode()
    assert not SessionLog.objects.exists()


def test_a_note_of_a_megabyte_gets_a_message_and_the_rest_is_kept(signed_in, item):
    answer = signed_in.post(url_of(item), said(item, note="ä" * 500_000, held_seconds="17"))

    assert answer.status_code == 422
    html = answer.content.decode()
    assert "At most 1000 characters, please; these are 500000." in html
    assert 'value="17"' in html
    assert not StretchLog.objects.exists()


def test_after_the_end_410_and_what_was_typed_is_still_there(signed_in, item):
    item.prescription.complete(by=item.prescription.created_by, at=timezone.now())

    answer = signed_in.post(url_of(item), said(item, note="Keep this"))

    assert answer.status_code == 410
    assert "Your clinic has ended or changed these stretches." in page_text(answer.content)
    assert "Keep this" in answer.content.decode()
    signed_in.post(url_of(item, on=yesterday(item)), said(item, on=yesterday(item)))
    assert StretchLog.objects.get().session.on == yesterday(item)


@pytest.mark.parametrize("query", ["", "?item=nonsense&part_of_day=on-getting-up", "?item={item}&part_of_day=tea-time"])
def test_a_page_about_nothing_is_not_found(signed_in, item, query):
    page = reverse("routines:stretch_log_record", args=[item.prescription_id])

    assert signed_in.get(page + query.format(item=item.pk)).status_code == 404


# A whole part of the day ----------------------------------------------------------------------------------------------


def test_session_log_record_stores_a_part_of_the_day_at_once(signed_in, item):
    second = PrescribedStretchFactory(prescription=item.prescription, stretch__name="Calf Stretch", position=1)
    url = url_of(item, name="session_log_record")
    assert "Calf Stretch" in page_text(signed_in.get(url).content)

    data = said(item, prefix=item.pk) | said(second, prefix=second.pk, pain_score="8")
    answer = signed_in.post(url, data, follow=True)

    assert dict(StretchLog.objects.values_list("item", "pain_score")) == {item.pk: 2, second.pk: 8}
    assert SessionLog.objects.count() == 1
    assert "Stop doing “Calf Stretch”." in page_text(answer.content)


def test_session_log_record_with_one_mistake_stores_nothing_and_keeps_the_rest(signed_in, item):
    second = PrescribedStretchFactory(prescription=item.prescription)
    data = said(item, prefix=item.pk, pain_score="3") | said(second, prefix=second.pk, pain_score="11")

    answer = signed_in.post(url_of(item, name="session_log_record"), data)

    assert answer.status_code == 422
    assert f'name="{item.pk}-pain_score" value="3"' in answer.content.decode()
    assert not StretchLog.objects.exists()


def test_session_log_record_of_a_part_without_stretches_is_not_found(signed_in, item):
    assert signed_in.get(url_of(item, part="midday", name="session_log_record")).status_code == 404


# A device -------------------------------------------------------------------------------------------------------------


def test_a_device_is_told_what_became_of_its_log(signed_in, item):
    own_id = uuid.uuid4()
    moment = timezone.now().isoformat()

    first = send(signed_in, item, id=own_id, logged_at=moment, pain_score="")
    again = send(signed_in, item, id=own_id, logged_at=moment, pain_score="")
    corrected = send(signed_in, item, id=own_id, pain_score="6")

    assert [each.status_code for each in (first, again, corrected)] == [200, 200, 200]
    assert [each.json()["status"] for each in (first, again, corrected)] == ["stored", "known", "corrected"]
    assert [each.json()["is_paused"] for each in (first, again, corrected)] == [False, False, True]
    assert StretchLog.objects.get().pk == own_id


def test_a_device_may_send_json(signed_in, item):
    words = said(item) | {"pain_score": 3, "has_spread": False, "held_seconds": None}
    url = reverse("routines:stretch_log_record", args=[item.prescription_id])

    answer = signed_in.post(url, json.dumps(words), content_type="application/json")

    assert answer.json()["status"] == "stored"
    assert StretchLog.objects.get().pain_score == 3


@pytest.mark.parametrize("body", [" ", "[]", "null", "{", '"text"', '{"id": 5}', '{"item": {}}', "[" * 100_000])
def test_what_is_no_log_gets_an_answer(signed_in, item, body):
    url = reverse("routines:stretch_log_record", args=[item.prescription_id])

    answer = signed_in.post(url, body, content_type="application/json")

    assert answer.status_code == 400
    assert "outcome" in answer.json()["errors"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"pain_score": "11"}, "pain_score"), ({"on": "2999-01-01"}, "on"), ({"logged_at": "noon"}, "logged_at")],
)
def test_a_device_is_told_what_is_wrong(signed_in, item, wrong, field):
    answer = send(signed_in, item, **wrong)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_a_device_is_told_that_the_prescription_has_ended(signed_in, item):
    before = timezone.now().isoformat()
    item.prescription.revoke(by=item.prescription.created_by, at=timezone.now(), reason="Moved")

    assert send(signed_in, item, logged_at=before).json()["status"] == "stored"
    assert send(signed_in, item, pain_score="4").status_code == 410


def test_a_device_whose_session_has_ended_is_told_where_to_sign_in(client, item):
    answer = send(client, item)

    assert answer.status_code == 401
    assert answer.json() == {"sign_in": reverse("account_login")}


# The next morning -----------------------------------------------------------------------------------------------------


def yesterdays_log(item, pain=3, **kwargs):
    session = SessionLogFactory(prescription=item.prescription, on=yesterday(item))
    return StretchLogFactory(item=item, session=session, pain_score=pain, **kwargs)


@pytest.mark.parametrize(("answer", "words"), [("yes", "Stored."), ("no", "Stop doing “Towel Stretch”.")])
def test_today_asks_whether_yesterdays_pain_has_settled_once(signed_in, item, answer, words):
    log = yesterdays_log(item)
    assert "Yesterday Towel Stretch hurt 3 out of 10." in page_text(signed_in.get("/today/").content)

    response = signed_in.post(reverse("routines:settled_record", args=[log.pk]), {"has_settled": answer}, follow=True)

    text = page_text(response.content)
    assert words in text
    assert "Has it settled?" not in text
    log.refresh_from_db()
    assert log.has_settled is (answer == "yes")


@pytest.mark.parametrize("pain", [0, None])
def test_today_does_not_ask_where_nothing_hurt(signed_in, item, pain):
    yesterdays_log(item, pain)

    assert "Has it settled?" not in page_text(signed_in.get("/today/").content)


def test_settled_record_answers_a_device(signed_in, item):
    log = yesterdays_log(item)
    url = reverse("routines:settled_record", args=[log.pk])

    wrong = signed_in.post(url, {"has_settled": "perhaps"}, **JSON)
    right = signed_in.post(url, {"has_settled": "no"}, **JSON)

    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["has_settled"])
    assert right.json()["is_paused"] is True


# Something is wrong ---------------------------------------------------------------------------------------------------


def test_red_flags_record_asks_in_the_words_of_the_catalogue(signed_in, patient, questions):
    text = page_text(signed_in.get(reverse("routines:red_flags_record", args=[patient.pk])).content)

    for words in ("Is it rf-bladder?", "Is it rf-weight?", "Call 999 now.", "01632 960 123", READS):
        assert words in text


def test_a_yes_leads_to_the_message_and_stops_everything(signed_in, patient, item, questions):
    url = reverse("routines:red_flags_record", args=[patient.pk])

    answer = signed_in.post(url, {"rf-bladder": "yes"}, follow=True)

    text = page_text(answer.content)
    for words in ("Stop all stretches: emergency.", "Call 999 now.", READS, "01632 960 123"):
        assert words in text
    assert "Towel Stretch" not in text
    assert signed_in.get(url_of(item, name="session_log_record")).status_code == 404


def test_without_a_yes_every_question_wants_an_answer(signed_in, patient, questions):
    url = reverse("routines:red_flags_record", args=[patient.pk])

    answer = signed_in.post(url, {"rf-bladder": "no"})

    assert answer.status_code == 422
    html = answer.content.decode()
    assert html.count("Answer this one too.") == 1
    assert 'name="rf-bladder" value="no" checked' in html
    assert not RedFlagScreen.objects.exists()


def test_a_device_is_told_the_messages_and_an_unknown_question_is_asked_anew(signed_in, patient, questions):
    url = reverse("routines:red_flags_record", args=[patient.pk])
    words = {"id": str(uuid.uuid4()), "answers": {"rf-weight": "yes", "rf-bladder": "yes"}}

    stopped = signed_in.post(url, json.dumps(words), content_type="application/json")
    again = signed_in.post(url, json.dumps(words), content_type="application/json")
    gone = signed_in.post(url, json.dumps({"answers": {"rf-gone": "yes"}}), content_type="application/json")

    messages = ["Stop all stretches: emergency.", "Stop all stretches: urgent."]
    assert stopped.json() == {"status": "stored", "is_stopped": True, "messages": messages}
    assert again.json()["status"] == "known"
    assert RoutineStop.objects.count() == 1
    assert gone.status_code == 400


def test_the_questions_are_asked_once_before_a_new_prescription(signed_in, patient, item, questions):
    asked = "Before you start these stretches"
    assert asked in page_text(signed_in.get("/today/").content)
    url = reverse("routines:red_flags_record", args=[patient.pk])

    answer = signed_in.post(url, {"rf-bladder": "no", "rf-weight": "no"}, follow=True)

    assert asked not in page_text(answer.content)


# The day as data ------------------------------------------------------------------------------------------------------


def test_routine_data_says_what_the_page_shows(signed_in, patient, item, questions):
    send(signed_in, item)
    calf = PrescribedStretchFactory(prescription=item.prescription, stretch__name="Calf Stretch", position=1)
    StretchPause.begin(patient, calf.stretch, reason="pain", at=timezone.now())

    data = signed_in.get(reverse("routines:routine_data")).json()

    (routine,) = data["routines"]
    assert routine["state"] == "active"
    (stretch,) = routine["parts"][0]["stretches"]
    assert (stretch["name"], stretch["sides"], stretch["hold_seconds"]) == ("Towel Stretch", ["left", "right"], 10)
    assert stretch["logged"]["pain_score"] == 2
    assert routine["paused"] == [{"name": "Calf Stretch", "reason": "it hurt too much"}]
    assert {question["slug"] for question in data["red_flag_questions"]} == {"rf-bladder", "rf-weight"}
    assert data["red_flag_tiers"] == ["emergency", "urgent"]
    made, expires = (datetime.datetime.fromisoformat(data[name]) for name in ("made_at", "expires_at"))
    assert expires - made == DAY


def test_routine_data_of_a_stopped_routine_holds_no_stretch(signed_in, patient, item, questions):
    signed_in.post(reverse("routines:red_flags_record", args=[patient.pk]), {"rf-bladder": "yes"})

    (routine,) = signed_in.get(reverse("routines:routine_data")).json()["routines"]

    assert (routine["state"], routine["parts"]) == ("stopped", [])
    assert routine["messages"] == ["Stop all stretches: emergency."]


# Who may --------------------------------------------------------------------------------------------------------------


def addresses(item):
    log = yesterdays_log(item)
    return {
        "stretch_log_record": url_of(item),
        "session_log_record": url_of(item, name="session_log_record"),
        "settled_record": reverse("routines:settled_record", args=[log.pk]),
        "red_flags_record": reverse("routines:red_flags_record", args=[item.prescription.patient_id]),
    }


@pytest.mark.parametrize("stranger", [UserFactory, ClinicianFactory, lambda: PatientFactory(user=UserFactory()).user])
def test_a_stranger_finds_nothing(client, item, stranger):
    client.force_login(stranger())

    for name, url in addresses(item).items():
        assert client.post(url, said(item)).status_code == 404, name
    assert StretchLog.objects.count() == 1


def test_a_visitor_goes_to_the_login(client, item):
    for url in [*addresses(item).values(), reverse("routines:routine_data")]:
        assert client.get(url)["Location"].startswith(reverse("account_login"))


def test_wrong_methods_are_refused(signed_in, item):
    urls = addresses(item)

    assert signed_in.get(urls.pop("settled_record")).status_code == 405
    assert signed_in.post(reverse("routines:routine_data")).status_code == 405
    for url in urls.values():
        assert signed_in.put(url).status_code == 405


@pytest.mark.parametrize("url", ["/today/", "/today/routine.json"])
def test_logs_of_ten_more_stretches_cost_no_more_queries(signed_in, item, url):
    send(signed_in, item)
    yesterdays_log(item)
    with CaptureQueriesContext(connection) as few:
        signed_in.get(url)
    for _ in range(10):
        more = PrescribedStretchFactory(prescription=item.prescription)
        StretchLogFactory(item=more, session=SessionLog.objects.earliest("on"), pain_score=2)
        send(signed_in, more)

    with CaptureQueriesContext(connection) as many:
        signed_in.get(url)

    assert len(few) == len(many) <= 12
