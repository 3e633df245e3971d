"""Recording a condition, and correcting one."""

import datetime
import re
import uuid

import pytest

from patients.models import Condition
from tests.factories import (
    NOON,
    ConditionCodeFactory,
    ConditionFactory,
    PatientFactory,
)
from tests.patients.pages import condition_data, hidden, messages_of, page, stored_data, text_of

pytestmark = pytest.mark.django_db
HERNIATION = "lumbar-disc-herniation"


def days_ago(patient, days: int) -> str:
    return (patient.clinic.today() - datetime.timedelta(days=days)).isoformat()


@pytest.fixture
def osteoporosis():
    return ConditionCodeFactory(slug="osteoporosis", name="Osteoporosis", is_non_resolving=True)


@pytest.fixture
def pregnancy():
    return ConditionCodeFactory(slug="pregnancy", name="Pregnancy", window_anchor="lmp_date")


# Choosing a code ------------------------------------------------------------------------------------------------------
def offered(response) -> list[str]:
    return re.findall(r'name="choose" value="([^"]+)"', response.content.decode())


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("slipped disc", [HERNIATION]),
        ("SLIPPED", [HERNIATION]),
        ("disc lumbar", [HERNIATION]),
        ("M51", [HERNIATION]),
        ("osteo", ["osteoporosis"]),
        ("100%", []),
        ("zorro", []),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_condition_add_finds_codes_by_name_synonym_and_classification(
    staff, patient, herniation, osteoporosis, words, found, method
):
    herniation.icd10cm = "M51.2"
    herniation.save()

    response = getattr(staff, method)(page("condition_add", patient), {"q": words, "search": "1"})

    assert offered(response) == found
    assert not Condition.objects.exists()


def test_condition_add_says_by_which_synonym_a_code_was_found(staff, patient, herniation):
    response = staff.post(page("condition_add", patient), {"q": "slipped disc", "search": "1"})

    assert "also called “slipped disc”" in text_of(response)


@pytest.mark.parametrize(
    ("words", "says"), [("herniaton", True), ("herniation", False), ("stroke", False), ("COPD", False)]
)
def test_condition_add_says_that_it_guessed(staff, patient, herniation, words, says):
    text = text_of(staff.post(page("condition_add", patient), {"q": words, "search": "1"}))

    assert (f"Nothing is called “{words}”. Close to it:" in text) is says


def test_condition_add_says_that_limber_has_no_such_condition_and_own_words_are_not_checked(staff, patient, herniation):
    searched = text_of(staff.post(page("condition_add", patient), {"q": "stroke", "search": "1"}))
    in_words = text_of(staff.post(page("condition_add", patient), {"q": "stroke", "in_words": "1"}))

    assert "Limber has no condition called “stroke”" in searched
    assert "not checked against the stretches" in searched
    assert "not checked against the stretches" in in_words


def test_condition_add_shows_first_what_is_called_so(staff, patient):
    for slug, name in (("a", "Acute ankle sprain"), ("b", "Ankle stiffness"), ("c", "Ankle")):
        ConditionCodeFactory(slug=slug, name=name)

    assert offered(staff.get(page("condition_add", patient), {"q": "ankle"})) == ["c", "b", "a"]


def test_condition_add_offers_no_group_and_without_words_the_core(staff, patient, herniation):
    ConditionCodeFactory(slug="group", is_selectable=False, tier="core")
    ConditionCodeFactory(slug="core", tier="core")

    assert offered(staff.get(page("condition_add", patient))) == ["core"]
    assert offered(staff.get(page("condition_add", patient), {"q": "condition"})) == ["core"]


def test_condition_add_shows_twenty_and_says_how_many_there_are(staff, patient):
    ConditionCodeFactory.create_batch(21)

    response = staff.get(page("condition_add", patient), {"q": "condition"})

    assert len(offered(response)) == 20
    assert "The first 20 of 21" in text_of(response)


@pytest.mark.parametrize("words", ["a\x00b", "x" * 101])
def test_condition_add_says_what_it_cannot_search_for(staff, patient, words):
    response = staff.post(page("condition_add", patient), {"q": words, "search": "1"})

    assert response.status_code == 200
    assert response.context["search"].errors
    assert 'id="id_q_error"' in response.content.decode()
    assert response.context["search"]["q"].value() == words


def test_a_condition_never_stands_in_an_address(staff, patient, herniation):
    chosen = staff.post(page("condition_add", patient), {"choose": HERNIATION})

    html = chosen.content.decode()
    assert "Save condition" in html
    assert not re.search(rf'(href|action|hx-\w+)="[^"]*({HERNIATION}|\?)', html)


def test_choosing_keeps_what_was_typed(staff, patient, herniation, osteoporosis):
    typed = condition_data(code="osteoporosis", note="Letter of 2019", verification_status="provisional")

    searching = staff.post(page("condition_add", patient), typed | {"search": "1"})
    typed_again = {name: hidden(searching, name) for name in ("note", "verification_status", "new_id")}
    chosen = staff.post(page("condition_add", patient), typed_again | {"choose": HERNIATION})

    form = chosen.context["form"]
    assert form.chosen == herniation
    assert form["note"].value() == "Letter of 2019"
    assert form["verification_status"].value() == "provisional"
    assert str(form["new_id"].value()) == hidden(searching, "new_id")


@pytest.mark.parametrize("slug", ["no-such-code", "group", "", "\x00", "x" * 500, "1"])
def test_choosing_what_cannot_be_recorded_leads_back_to_the_list(staff, patient, herniation, slug):
    ConditionCodeFactory(slug="group", is_selectable=False)

    response = staff.post(page("condition_add", patient), {"choose": slug})

    assert response.status_code == 200
    assert ("is not one that can be recorded" in text_of(response)) is (slug != "")


@pytest.mark.parametrize(
    ("window_anchor", "label"),
    [
        ("onset_date", "Onset"),
        ("procedure_date", "Surgery or procedure"),
        ("lmp_date", "First day of the last menstrual period"),
        ("", "Onset"),
    ],
)
def test_the_date_is_called_what_the_code_counts_from(staff, patient, window_anchor, label):
    ConditionCodeFactory(slug="counted", window_anchor=window_anchor)

    form = staff.post(page("condition_add", patient), {"choose": "counted"}).context["form"]

    assert form["anchor_on"].label == label
    assert ("every week counts" in form["anchor_on"].help_text) is bool(window_anchor)


def test_a_red_flag_is_announced_before_it_is_saved(staff, patient):
    ConditionCodeFactory(slug="flag", is_red_flag=True)

    response = staff.post(page("condition_add", patient), {"choose": "flag"})

    assert re.search(r'verdict-excluded[^>]*role="alert"', response.content.decode())
    assert "Arrange the medical assessment first." in text_of(response)


def test_the_same_condition_recorded_already_is_pointed_out(staff, patient, condition):
    response = staff.post(page("condition_add", patient), {"choose": HERNIATION})

    assert "Recorded already" in text_of(response)
    assert f'href="{page("condition_edit", condition)}"' in response.content.decode()


# What is stored -------------------------------------------------------------------------------------------------------
def test_condition_add_stores_a_code(staff, clinician, patient, herniation):
    anchor_on = days_ago(patient, 30)
    data = condition_data(code=HERNIATION, anchor_on=anchor_on, note="L4/5", verification_status="provisional")

    response = staff.post(page("condition_add", patient), data, follow=True)

    stored = Condition.objects.get()
    assert response.redirect_chain == [(patient.get_absolute_url(), 302)]
    assert (stored.patient, stored.clinic, stored.code) == (patient, patient.clinic, herniation)
    assert (stored.anchor_on.isoformat(), stored.note) == (anchor_on, "L4/5")
    assert (stored.clinical_status, stored.verification_status) == ("active", "provisional")
    assert stored.recorded_by == clinician
    assert stored.history.get().history_user == clinician
    assert messages_of(response) == ["Lumbar disc herniation is recorded."]


def test_condition_add_stores_own_words_and_says_that_they_are_not_checked(staff, patient):
    asked = staff.post(page("condition_add", patient), {"q": "Funny knee", "in_words": "1"})
    assert asked.context["form"]["free_text"].value() == "Funny knee"
    assert "Own words are not safety-checked" in text_of(asked)

    response = staff.post(page("condition_add", patient), condition_data(free_text="Funny knee"), follow=True)

    stored = Condition.objects.get()
    assert (stored.code, stored.free_text) == (None, "Funny knee")
    assert "Not safety-checked" in text_of(response)


def test_a_code_wins_over_own_words(staff, patient, herniation):
    staff.post(page("condition_add", patient), condition_data(code=HERNIATION, free_text="Funny knee"))

    stored = Condition.objects.get()
    assert (stored.code, stored.free_text) == (herniation, "")


def test_recording_leads_to_the_review_where_it_is_due(staff, clinic, herniation):
    patient = PatientFactory(clinic=clinic, conditions_reviewed_on=None)

    response = staff.post(page("condition_add", patient), condition_data(code=HERNIATION))

    assert response.url == page("conditions_review_record", patient)


def test_condition_edit_stores_the_change_and_keeps_what_it_said(staff, clinician, patient, condition):
    response = staff.post(page("condition_edit", condition), stored_data(condition, clinical_status="remission"))

    condition.refresh_from_db()
    assert response.url == patient.get_absolute_url()
    assert condition.clinical_status == "remission"
    assert [each.clinical_status for each in condition.history.all()] == ["remission", "active"]
    assert condition.history.first().history_user == clinician


def test_condition_edit_gives_own_words_a_code(staff, clinician, patient, herniation):
    condition = ConditionFactory(patient=patient, code=None, free_text="Disc thing", recorded_by=clinician)
    searching = staff.post(page("condition_edit", condition), stored_data(condition, search="1"))
    chosen = staff.post(
        page("condition_edit", condition), {"choose": HERNIATION, "seen": hidden(searching, "seen"), "note": "kept"}
    )
    assert chosen.context["form"]["note"].value() == "kept"

    staff.post(page("condition_edit", condition), stored_data(condition, code=HERNIATION))

    condition.refresh_from_db()
    assert (condition.code, condition.free_text) == (herniation, "")
    assert "Disc thing" in text_of(staff.get(page("condition_detail", condition)))


def test_condition_edit_keeps_a_code_that_is_not_offered_any_more(staff, condition, herniation):
    herniation.is_selectable = False
    herniation.save()

    staff.post(page("condition_edit", condition), stored_data(condition, note="Still so"))

    condition.refresh_from_db()
    assert (condition.code, condition.note) == (herniation, "Still so")


# What is refused ------------------------------------------------------------------------------------------------------
BAD = [
    ("code", "no-such-code", "not one that can be recorded"),
    ("code", "group", "not one that can be recorded"),
    ("code", "12", "not one that can be recorded"),
    ("code", "x" * 61, "at most 60 characters"),
    ("code", "\x00", "Null characters are not allowed."),
    ("free_text", "", "This field is required."),
    ("free_text", "   ", "This field is required."),
    ("free_text", "x" * 201, "at most 200 characters"),
    ("free_text", "x\x00", "Null characters are not allowed."),
    ("clinical_status", "cured", "Select a valid choice."),
    ("clinical_status", "\x00", "Select a valid choice."),
    ("clinical_status", "", "This field is required."),
    ("verification_status", "sure", "Select a valid choice."),
    ("verification_status", "", "This field is required."),
    ("anchor_on", "last week", "Enter a valid date."),
    ("anchor_on", "2026-02-30", "Enter a valid date."),
    ("anchor_on", "2026-01-01\x00", "Enter a valid date."),
    ("anchor_on", "9999-12-31", "lies in the future"),
    ("anchor_on", "1960-05-03", "before the patient's birth"),
    ("note", "x" * 2001, "at most 2000 characters"),
    ("note", "x\x00", "Null characters are not allowed."),
]


@pytest.mark.parametrize(("field", "value", "complaint"), BAD)
def test_condition_add_says_beside_the_field_what_is_wrong(staff, patient, herniation, field, value, complaint):
    ConditionCodeFactory(slug="group", is_selectable=False)
    base = {"free_text": "Funny knee"} if field == "free_text" else {"code": HERNIATION}
    data = condition_data(**base, note="Letter of 2019") | {field: value}

    response = staff.post(page("condition_add", patient), data)

    form = response.context["form"]
    assert response.status_code == 422
    assert list(form.errors) == [field]
    assert complaint in form.errors[field][0]
    assert complaint.replace("'", "&#x27;") in response.content.decode()
    assert all(form[name].value() == data[name] for name in data if name in form.fields)
    assert not Condition.objects.exists()


@pytest.mark.parametrize(("field", "value", "complaint"), [case for case in BAD if case[0] != "free_text"])
def test_condition_edit_says_beside_the_field_what_is_wrong(staff, condition, field, value, complaint):
    ConditionCodeFactory(slug="group", is_selectable=False)

    response = staff.post(page("condition_edit", condition), stored_data(condition) | {field: value})

    assert response.status_code == 422
    assert complaint in response.context["form"].errors[field][0]
    assert condition.history.count() == 1


def test_a_condition_may_begin_today_and_at_birth(staff, patient, herniation):
    for anchor_on in (days_ago(patient, 0), patient.born_on.isoformat()):
        staff.post(page("condition_add", patient), condition_data(code=HERNIATION, anchor_on=anchor_on))

    assert Condition.objects.count() == 2


@pytest.mark.parametrize(("days", "is_asked"), [(310, False), (311, True)])
def test_a_very_long_pregnancy_is_asked_about(staff, patient, pregnancy, days, is_asked):
    data = condition_data(code="pregnancy", anchor_on=days_ago(patient, days))

    asked = staff.post(page("condition_add", patient), data)
    assert Condition.objects.exists() is not is_asked
    if is_asked:
        assert asked.context["form"].errors["anchor_on"] == ["That is 44 weeks ago. Check the year, or confirm."]
        assert 'type="checkbox" name="confirms_old_date"' in asked.content.decode()

    staff.post(page("condition_add", patient), data | {"confirms_old_date": "on", "new_id": str(uuid.uuid4())})
    assert Condition.objects.exists()


@pytest.mark.parametrize("settled", [{"clinical_status": "resolved"}, {"verification_status": "refuted"}])
def test_a_pregnancy_that_is_over_may_be_long_ago(staff, patient, pregnancy, settled):
    staff.post(
        page("condition_add", patient),
        condition_data(code="pregnancy", anchor_on=days_ago(patient, 2000), **settled),
    )

    assert Condition.objects.exists()


def test_an_old_surgery_is_not_asked_about(staff, patient):
    ConditionCodeFactory(slug="surgery", window_anchor="procedure_date")

    staff.post(page("condition_add", patient), condition_data(code="surgery", anchor_on=days_ago(patient, 2000)))

    assert Condition.objects.exists()


def test_what_does_not_resolve_is_called_resolved_only_on_purpose(staff, patient, osteoporosis):
    condition = ConditionFactory(patient=patient, code=osteoporosis)
    data = stored_data(condition, clinical_status="resolved")

    plain = staff.get(page("condition_edit", condition))
    assert 'type="checkbox"' not in plain.content.decode()

    asked = staff.post(page("condition_edit", condition), data)
    assert "Osteoporosis does not resolve" in asked.context["form"].errors["clinical_status"][0]
    assert 'type="checkbox" name="confirms_resolved"' in asked.content.decode()
    condition.refresh_from_db()
    assert condition.clinical_status == "active"

    staff.post(page("condition_edit", condition), data | {"confirms_resolved": "on"})
    condition.refresh_from_db()
    assert condition.clinical_status == "resolved"


def test_what_resolves_is_not_asked_about(staff, condition):
    staff.post(page("condition_edit", condition), stored_data(condition, clinical_status="resolved"))

    condition.refresh_from_db()
    assert condition.clinical_status == "resolved"


# The same twice, and somebody faster ----------------------------------------------------------------------------------
def test_the_same_form_sent_twice_records_one_condition(staff, patient, herniation):
    new_id = hidden(staff.post(page("condition_add", patient), {"choose": HERNIATION}), "new_id")
    data = condition_data(code=HERNIATION, new_id=new_id)

    responses = [staff.post(page("condition_add", patient), data) for _ in range(20)]

    assert {response.status_code for response in responses} == {302}
    assert Condition.objects.get().history.count() == 1


def test_another_condition_under_the_same_id_is_another_and_stored_once_too(staff, patient):
    new_id = str(uuid.uuid4())
    data = [condition_data(free_text=words, new_id=new_id) for words in ("Hip replacement", "Osteoporosis")]

    for sent in (*data, *data):  # sent, gone back in the browser, typed over, sent; and all of that a second time
        staff.post(page("condition_add", patient), sent)

    assert sorted(map(str, patient.conditions.all())) == ["Hip replacement", "Osteoporosis"]


def test_an_id_of_another_patients_condition_is_left_alone(staff, patient, herniation):
    theirs = ConditionFactory()

    staff.post(page("condition_add", patient), condition_data(code=HERNIATION, new_id=str(theirs.pk)))

    assert patient.conditions.get().pk != theirs.pk
    assert Condition.objects.get(pk=theirs.pk).code == theirs.code


def test_a_stale_edit_of_a_condition_is_shown_beside_what_is_stored(staff, patient, condition):
    data = stored_data(condition, note="typed")
    staff.post(page("condition_edit", condition), stored_data(condition, clinical_status="remission"))

    response = staff.post(page("condition_edit", condition), data)

    assert response.status_code == 409
    assert "Clinical status: stored by now is In remission , you typed Active" in text_of(response)
    assert response.context["form"]["note"].value() == "typed"
    condition.refresh_from_db()
    assert (condition.clinical_status, condition.note) == ("remission", "")

    again = staff.post(page("condition_edit", condition), data | {"seen": hidden(response, "seen")})
    assert again.status_code == 302
    condition.refresh_from_db()
    assert (condition.clinical_status, condition.note) == ("active", "typed")


# History --------------------------------------------------------------------------------------------------------------
def test_condition_detail_tells_who_changed_what_and_when(staff, clinician, patient, condition):
    condition.history.update(history_user=clinician, history_date=NOON)
    data = stored_data(condition, clinical_status="remission", anchor_on="2020-02-01", note="Better")
    staff.post(page("condition_edit", condition), data)
    condition.history.filter(clinical_status="remission").update(history_date=NOON.replace(month=7))

    response = staff.get(page("condition_detail", condition))

    text = text_of(response)
    versions = response.context["versions"]
    assert [change.field for change in versions[0].changes] == ["clinical status", "date", "note"]
    assert "Clinical status: before: Active → , now: In remission" in text
    assert "now: 1 February 2020" in text
    assert "Priya Raman · 15 July 2026, 13:00" in text  # the clinic's time, not the server's
    assert versions[-1].is_first
    assert "Recorded" in text
