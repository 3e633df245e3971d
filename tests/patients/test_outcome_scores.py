"""What a clinician records by outcome measures: outcome_score_add, outcome_score_edit, and what the scores say."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from patients import measures
from patients.models import AlreadyScoredError, OutcomeMeasure, OutcomeScore, Rated
from patients.outcomes import change_since_start
from tests.factories import NOON, TODAY, AdminFactory, ClinicianFactory, PatientFactory, UserFactory
from tests.patients.pages import hidden, text_of

pytestmark = pytest.mark.django_db
WEEK = datetime.timedelta(days=7)


@pytest.fixture(autouse=True)
def loaded():
    measures.load()


@pytest.fixture
def scored(patient, clinician):
    """Record a score: a number, or activities with numbers."""

    def record(rating=None, *, slug="pain-rating", on=TODAY, occasion="review", **rated):
        score = OutcomeScore(
            patient=patient, measure=OutcomeMeasure.objects.get(slug=slug), on=on, occasion=occasion, rating=rating
        )
        activities = [Rated(activity.replace("_", " "), number) for activity, number in rated.items()]
        score.record(by=clinician, at=NOON, activities=activities)
        return score

    return record


def add(patient, slug="pain-rating"):
    return reverse("patients:outcome_score_add", args=[patient.pk, slug])


def edit(score):
    return reverse("patients:outcome_score_edit", args=[score.pk])


def sent(**changes):
    return {"on": "2026-01-10", "occasion": "start", **changes}


def errors_of(response):
    return {name: list(messages) for name, messages in response.context["form"].errors.items()}


# Recording ------------------------------------------------------------------------------------------------------------
def test_outcome_score_add_stores_a_pain_rating(staff, patient, clinician):
    response = staff.post(add(patient), sent(rating="0"))

    score = patient.outcome_scores.get()
    assert response.url == reverse("routines:record_detail", args=[patient.pk])
    assert (score.rating, score.value, score.words) == (0, 0, "0 of 10")
    assert (score.recorded_by, score.clinic) == (clinician, patient.clinic)
    assert score.history.get().history_user == clinician


def test_outcome_score_add_stores_activities_as_rows_and_means_them(staff, patient):
    typed = {"activity_1": "Weeding", "rating_1": "3", "activity_3": "Socks", "rating_3": "6"}
    staff.post(add(patient, "psfs"), sent(**typed))

    score = patient.outcome_scores.get()
    rows = list(score.activities.values_list("position", "activity", "rating"))
    assert rows == [(1, "Weeding", 3), (2, "Socks", 6)]
    assert (score.rating, score.value, score.words) == (None, Decimal("4.5"), "4.5 of 10")


def test_the_same_form_sent_twice_makes_one_score(staff, patient):
    new_id = hidden(staff.get(add(patient)), "new_id")

    answers = [staff.post(add(patient), sent(rating="4", new_id=new_id)).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert patient.outcome_scores.count() == 1


def test_other_numbers_under_the_same_id_are_not_taken_for_those_stored(staff, patient):
    new_id = hidden(staff.get(add(patient, "psfs")), "new_id")
    typed = {"new_id": new_id, "activity_1": "Weeding"}
    staff.post(add(patient, "psfs"), sent(rating_1="3", **typed))

    same_day = staff.post(add(patient, "psfs"), sent(rating_1="6", **typed))
    next_day = staff.post(add(patient, "psfs"), {**sent(rating_1="6", **typed), "on": "2026-01-11"})

    assert (same_day.status_code, list(errors_of(same_day)), next_day.status_code) == (422, ["on"], 302)
    assert sorted(score.words for score in patient.outcome_scores.all()) == ["3 of 10", "6 of 10"]


def test_somebody_elses_id_makes_another_row(staff, patient, scored):
    other = OutcomeScore(patient=PatientFactory(), measure=OutcomeMeasure.objects.first(), on=TODAY, occasion="start")
    other.record(by=UserFactory(), at=NOON)

    staff.post(add(patient), sent(rating="4", new_id=other.pk))

    assert patient.outcome_scores.get().pk != other.pk
    assert OutcomeScore.objects.get(pk=other.pk).patient_id == other.patient_id


def test_a_review_asks_about_the_same_activities_again(staff, patient, scored):
    scored(slug="psfs", occasion="start", Weeding=3, Socks=6)

    response = staff.get(add(patient, "psfs"))

    form = response.context["form"]
    assert [activity.value() for activity, _rating in form.rows] == ["Weeding", "Socks", None, None, None]
    assert form["occasion"].value() == "review"
    assert "last time 4.5 of 10" in text_of(response)


@pytest.mark.parametrize(
    ("slug", "typed", "field"),
    [
        ("pain-rating", {"rating": ""}, "rating"),
        ("pain-rating", {"rating": "11"}, "rating"),
        ("pain-rating", {"rating": "-1"}, "rating"),
        ("pain-rating", {"rating": "4.5"}, "rating"),
        ("pain-rating", {"rating": "bad"}, "rating"),
        ("pain-rating", {"rating": "4", "on": "2999-01-01"}, "on"),
        ("pain-rating", {"rating": "4", "on": "1900-01-01"}, "on"),
        ("pain-rating", {"rating": "4", "on": ""}, "on"),
        ("pain-rating", {"rating": "4", "occasion": "lunch"}, "occasion"),
        ("psfs", {}, "activity_1"),
        ("psfs", {"activity_1": "Weeding"}, "rating_1"),
        ("psfs", {"rating_2": "3"}, "activity_2"),
        ("psfs", {"activity_1": "Weeding", "rating_1": "11"}, "rating_1"),
        ("psfs", {"activity_1": "x" * 121, "rating_1": "3"}, "activity_1"),
        ("psfs", {"activity_1": "Weeding", "rating_1": "3", "activity_2": "weeding", "rating_2": "4"}, "activity_2"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(staff, patient, slug, typed, field):
    response = staff.post(add(patient, slug), sent(**typed))

    form = response.context["form"]
    assert response.status_code == 422
    assert list(errors_of(response)) == [field]
    assert all(form[name].value() == words for name, words in typed.items())
    assert not OutcomeScore.objects.exists()


def test_a_second_score_of_the_day_is_refused_beside_the_day(staff, patient, scored):
    scored(4, on=datetime.date(2026, 1, 10))

    response = staff.post(add(patient), sent(rating="5"))

    assert errors_of(response) == {
        "on": ["There is a score of this day already: 4 of 10. Correct that one instead."],
    }
    assert patient.outcome_scores.count() == 1


def test_an_error_of_that_day_does_not_stand_in_the_way(patient, clinician, scored):
    mistaken = scored(4)
    with pytest.raises(AlreadyScoredError):
        scored(5)
    mistaken.is_entered_in_error = True
    mistaken.record(by=clinician, at=NOON)

    scored(5)

    assert [score.rating for score in patient.outcome_scores.counted()] == [5]


# Correcting -----------------------------------------------------------------------------------------------------------
def test_outcome_score_edit_keeps_what_was_said_before(staff, patient, scored):
    score = scored(slug="psfs", occasion="start", Weeding=3, Socks=6)
    seen = hidden(staff.get(edit(score)), "seen")

    staff.post(edit(score), sent(seen=seen, activity_1="Weeding", rating_1="5"))

    stored = OutcomeScore.objects.get()
    assert (stored.value, stored.on) == (5, datetime.date(2026, 1, 10))
    history = [version.words for version in staff.get(edit(score)).context["versions"]]
    assert history == [
        "10 January 2026 · Start of treatment · Weeding 5",
        "15 January 2026 · Start of treatment · Weeding 3 · Socks 6",
    ]


def test_a_stale_correction_overwrites_nothing_unseen(staff, patient, clinician, scored):
    score = scored(slug="psfs", occasion="start", Weeding=3)
    seen = hidden(staff.get(edit(score)), "seen")
    OutcomeScore.objects.get().record(by=clinician, at=timezone.now(), activities=[Rated("Weeding", 9)])
    typed = sent(seen=seen, activity_1="Weeding", rating_1="5")

    refused = staff.post(edit(score), typed)
    value_between = OutcomeScore.objects.get().value
    again = staff.post(edit(score), {**typed, "seen": hidden(refused, "seen")})

    assert (refused.status_code, value_between, again.status_code) == (409, 9, 302)
    assert refused.context["form"]["rating_1"].value() == "5"
    assert OutcomeScore.objects.get().value == 5


def test_an_entry_in_error_no_longer_counts(staff, patient, scored):
    score = scored(4, on=datetime.date(2026, 1, 10))
    seen = hidden(staff.get(edit(score)), "seen")

    staff.post(edit(score), sent(seen=seen, rating="4", is_entered_in_error="on"))

    assert not patient.outcome_scores.counted().exists()
    assert "entered in error" in text_of(staff.get(edit(score)))


# Who may -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("stranger", [ClinicianFactory, AdminFactory, UserFactory])
def test_a_stranger_finds_nothing(client, patient, scored, stranger, method):
    score = scored(4)
    client.force_login(stranger())

    answers = {client.generic(method, address).status_code for address in (add(patient), edit(score))}

    assert answers == {404}


def test_the_patient_finds_nothing(client, patient, scored):
    score = scored(4)
    patient.user = UserFactory()
    patient.save()
    client.force_login(patient.user)

    assert {client.get(address).status_code for address in (add(patient), edit(score))} == {404}


def test_no_such_measure_is_not_found(staff, patient):
    assert staff.get(add(patient, "no-such-measure")).status_code == 404


def test_a_visitor_is_sent_to_sign_in(client, patient, scored):
    answers = [client.get(address) for address in (add(patient), edit(scored(4)))]

    assert all(answer.url.startswith(reverse("account_login")) for answer in answers)


def test_a_wrong_method_is_refused(staff, patient, scored):
    addresses = (add(patient), edit(scored(4)))

    answers = {staff.generic(method, address).status_code for address in addresses for method in ("PUT", "DELETE")}

    assert answers == {405}


# What the scores say --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (6, 4, "2 points better than at the start: at least the smallest change that matters, 2."),
        (6, 5, "1 point better than at the start: less than the smallest change that matters, 2."),
        (4, 7, "3 points worse than at the start: at least the smallest change that matters, 2."),
        (4, 4, "The same as at the start."),
    ],
)
def test_the_change_of_pain_in_words(scored, before, now, words):
    scores = [scored(before, on=TODAY - WEEK, occasion="start"), scored(now)]

    change = change_since_start(scores)

    assert change is not None
    assert change.words == words


def test_more_is_better_where_the_measure_says_so(scored):
    scores = [
        scored(slug="psfs", on=TODAY - WEEK, occasion="start", Weeding=2),
        scored(slug="psfs", Weeding=4),
    ]

    assert change_since_start(scores).words.startswith("2 points better")


def test_only_activities_named_both_times_are_compared_and_that_is_said(scored):
    scores = [
        scored(slug="psfs", on=TODAY - WEEK, occasion="start", Weeding=2, Socks=9),
        scored(slug="psfs", weeding=5, Running=0),
    ]

    change = change_since_start(scores)

    assert (change.difference, change.caveat) == (
        3,
        "Compared by the 1 of 3 activities that were named both times.",
    )


def test_nothing_in_common_is_no_change(scored):
    scores = [
        scored(slug="psfs", on=TODAY - WEEK, occasion="start", Weeding=2),
        scored(slug="psfs", Running=9),
    ]

    assert change_since_start(scores) is None


def test_the_latest_start_counts(scored):
    scores = [
        scored(9, on=TODAY - 4 * WEEK, occasion="start"),
        scored(3, on=TODAY - 2 * WEEK, occasion="start"),
        scored(4),
    ]

    assert change_since_start(scores).difference == 1
    assert change_since_start(scores[:2]) is None
    assert change_since_start([]) is None
