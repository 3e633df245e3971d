"""The record of a patient, record_detail: plots, outcome measures and timeline."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import outbox
from accounts.models import OutboxMessage
from patients import measures
from patients.models import Invitation, OutcomeMeasure, OutcomeScore, Rated
from prescriptions.models import Override, Prescription, RoutineStop, StretchPause
from routines.adherence import Adherence, adherence
from routines.chart import chart_of, monday_of
from routines.models import Proposal, ProposalStatus
from tests.factories import (
    AdminFactory,
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    PatientFactory,
    PrescribedStretchFactory,
    SessionLogFactory,
    StretchFactory,
    StretchLogFactory,
    UserFactory,
)
from tests.patients.pages import text_of

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def clinician():
    return ClinicianFactory(clinic=ClinicFactory(), full_name="Priya Raman")


@pytest.fixture
def patient(clinician):
    return PatientFactory(
        clinic=clinician.memberships.get().clinic,
        full_name="Walter Brandt",
        email="walter@example.org",
        conditions_reviewed_on=timezone.localdate() - 30 * DAY,
    )


@pytest.fixture
def staff(client, clinician):
    client.force_login(clinician)
    return client


@pytest.fixture
def item(patient, clinician):
    """The line of a prescription that came into force three weeks ago."""
    stretch = StretchFactory(name="Towel Stretch")
    item = PrescribedStretchFactory(
        prescription__patient=patient, prescription__created_by=clinician, stretch=stretch, is_before_bed=True
    )
    prescription = item.prescription
    prescription.note = "Slow and gentle."
    prescription.save()
    prescription.activate(by=clinician, at=timezone.now() - 21 * DAY)
    prescription.history.filter(status="draft").update(history_date=timezone.now() - 22 * DAY)
    return item


@pytest.fixture
def log(item):
    """Log a stretch so many days ago."""

    def record(days_ago, **said):
        on = item.clinic.today() - days_ago * DAY
        session = SessionLogFactory(prescription=item.prescription, on=on)
        return StretchLogFactory(item=item, session=session, logged_at=timezone.now() - days_ago * DAY, **said)

    return record


def address(patient, query=""):
    return reverse("routines:record_detail", args=[patient.pk]) + query


def titles(response):
    return [entry.title for week in response.context["page"] for entry in week.entries]


def entry(response, title):
    every = [entry for week in response.context["page"] for entry in week.entries]
    return next(each for each in every if each.title == title)


# The timeline ---------------------------------------------------------------------------------------------------------
def test_record_detail_tells_the_life_of_a_prescription_newest_first(staff, patient, clinician, item):
    first = item.prescription
    first.hold(by=clinician, at=timezone.now() - 9 * DAY, reason="A cold")
    first.resume(by=clinician, at=timezone.now() - 8 * DAY)
    second = first.revise(by=clinician)
    second.activate(by=clinician, at=timezone.now(), replacing=first)

    response = staff.get(address(patient))

    told = [title for title in titles(response) if title.startswith("Prescription")]
    assert sorted(told[:3]) == ["Prescription activated", "Prescription completed", "Prescription drafted"]
    assert told[3:] == [
        "Prescription resumed",
        "Prescription put on hold",
        "Prescription activated",
        "Prescription drafted",
    ]
    held = entry(response, "Prescription put on hold")
    assert (held.details, held.by) == (("A cold",), "Priya Raman")
    text = text_of(response)
    assert text.count("Message to the patient: “Slow and gentle.”") == 1  # the second version says the same


def test_a_draft_that_is_revoked_was_thrown_away(staff, patient, clinician):
    draft = Prescription.objects.create(patient=patient, clinic=patient.clinic, created_by=clinician)
    draft.revoke(by=clinician, at=timezone.now(), reason="Not needed")

    assert titles(staff.get(address(patient)))[0] == "Draft thrown away"


def test_pauses_and_stops_say_who_ended_them(staff, patient, clinician, item):
    pause = StretchPause.begin(patient, item.stretch, reason="pain", at=timezone.now() - 3 * DAY)
    pause.lift(by=clinician, at=timezone.now() - 2 * DAY, note="Range is full.")
    RoutineStop.objects.create(clinic=patient.clinic, patient=patient, tier="urgent", message="See a doctor.")
    RoutineStop.reopen(patient, by=clinician, at=timezone.now(), note="Seen: nothing found.")

    response = staff.get(address(patient))

    lifted, reopened = entry(response, "Pause lifted: Towel Stretch"), entry(response, "Routine reopened")
    assert (lifted.by, lifted.details) == ("Priya Raman", ("Range is full.",))
    assert (reopened.by, reopened.details) == ("Priya Raman", ("Seen: nothing found.",))
    assert entry(response, "Paused by pain: Towel Stretch").details == ("Because it hurt too much",)
    assert entry(response, "Routine stopped by a red flag").details == ("The patient was told: See a doctor.",)


def test_conditions_are_told_with_what_changed(staff, patient, clinician):
    condition = ConditionFactory(patient=patient, code=ConditionCodeFactory(name="Herniation"), recorded_by=clinician)
    condition.clinical_status = "remission"
    condition.record(by=clinician)
    condition.record(by=clinician)  # which changes nothing

    response = staff.get(address(patient))

    assert [each for each in titles(response) if "Condition" in each] == [
        "Condition changed: Herniation",
        "Condition recorded: Herniation",
    ]
    changed = entry(response, "Condition changed: Herniation")
    assert (changed.details, changed.by) == (("Clinical status: Active → In remission",), "Priya Raman")


def test_reviews_overrides_and_proposals_are_told(staff, patient, clinician, item):
    yesterday = patient.clinic.today() - DAY
    patient.record_review(by=clinician, on=yesterday)
    common = {"clinic": patient.clinic, "patient": patient, "prescription": item.prescription}
    Override.objects.create(
        **common, stretch=item.stretch, reason="adapted", expires_on=yesterday, decided_by=clinician
    )
    proposal = Proposal.objects.create(**common, item=item, kind="up", from_hold_seconds=10, to_hold_seconds=15)
    Proposal.objects.create(**common, kind="next-phase")  # open
    proposal.close(ProposalStatus.DECLINED, by=clinician, at=timezone.now(), note="Not yet.")

    response = staff.get(address(patient))

    told = titles(response)
    assert entry(response, "Conditions reviewed").by == "Priya Raman"
    assert entry(response, "Override: Towel Stretch").by == "Priya Raman"
    assert entry(response, "Proposal declined: hold 15 instead of 10 seconds").details == ("Towel Stretch", "Not yet.")
    assert len([title for title in told if title.startswith("Proposal")]) == 1


def test_messages_are_told_without_what_they_say_once_a_week_for_each_kind(staff, patient, clinician):
    patient.user = UserFactory(email="own@example.org")
    patient.save()
    Invitation.by_mail(patient, by=clinician, at=timezone.now())
    Invitation.by_mail(patient, by=clinician, at=timezone.now())
    outbox_of_staff = {"kind": "needs_you", "due_at": timezone.now(), "clinic": patient.clinic}
    OutboxMessage.objects.create(**outbox_of_staff, recipient=patient.user, unique_key="for staff")
    OutboxMessage.objects.update(last_error="SECRET")

    response = staff.get(address(patient))

    told = titles(response)
    assert [title for title in told if "Message" in title] == ["Message not sent yet: invitation"]
    assert entry(response, "Message not sent yet: invitation").details == ("2 times, the last one here",)
    assert told.count("Invited by mail") == 2
    assert told.count("Invitation withdrawn") == 1
    assert "SECRET" not in response.content.decode()


def test_messages_of_another_clinics_record_are_not_told(staff, patient):
    elsewhere = PatientFactory(user=UserFactory(), email=patient.email)
    patient.user = elsewhere.user
    patient.save()
    Invitation.on_paper(elsewhere, by=ClinicianFactory(clinic=elsewhere.clinic), at=timezone.now())
    message = outbox.draft(
        "invitation", unique_key="x", due_at=timezone.now(), address=patient.email, clinic=elsewhere.clinic
    )
    message.save()

    assert titles(staff.get(address(patient))) == []


def test_sessions_are_told_by_the_week_with_the_patients_words(staff, patient, log):
    log(8, pain_score=4, note="After a long walk")
    log(9, pain_score=1)
    log(15, outcome="skipped")

    response = staff.get(address(patient, "?weeks=all"))

    weeks = {week.monday: week.sessions for week in response.context["page"] if week.sessions}
    today = patient.clinic.today()
    walk = weeks[monday_of(today - 8 * DAY)]
    assert (walk.worst_pain, [note for _day, _stretch, note in walk.notes]) == (4, ["After a long walk"])
    assert sum(week.logged for week in weeks.values()) == 2  # a skipped one is none
    assert "After a long walk" in text_of(response)


def test_only_the_period_that_was_asked_for_is_told(staff, patient, clinician, item):
    StretchPause.begin(patient, item.stretch, reason="pain", at=timezone.now() - 200 * DAY)
    Override.objects.create(
        clinic=patient.clinic,
        patient=patient,
        prescription=item.prescription,
        stretch=item.stretch,
        reason="adapted",
        expires_on=patient.clinic.today(),
        decided_by=clinician,
        decided_at=timezone.now() - 40 * DAY,
    )

    def told(query):
        return {title.partition(":")[0] for title in titles(staff.get(address(patient, query)))}

    assert told("?weeks=4") & {"Override", "Paused by pain"} == set()
    assert told("?weeks=12") & {"Override", "Paused by pain"} == {"Override"}
    assert told("?weeks=all") & {"Override", "Paused by pain"} == {"Override", "Paused by pain"}
    assert told("?weeks=nonsense") == told("?weeks=12") == told("")


def test_a_long_life_is_told_in_pages(staff, patient, item):
    for weeks in range(30):
        Override.objects.create(
            clinic=patient.clinic,
            patient=patient,
            prescription=item.prescription,
            stretch=item.stretch,
            reason="adapted",
            expires_on=patient.clinic.today(),
            decided_by=item.prescription.created_by,
            decided_at=timezone.now() - 7 * weeks * DAY,
        )

    pages = [staff.get(address(patient, f"?weeks=all&page={page}")) for page in (1, 2, "x")]

    assert [len(page.context["page"]) for page in pages] == [26, 4, 26]


# The plots ------------------------------------------------------------------------------------------------------------
def test_the_plots_show_what_was_logged(staff, patient, log):
    log(2, pain_score=6, held_seconds=20)
    log(3, pain_score=1, held_seconds=10)

    html = staff.get(address(patient)).content.decode()

    assert "From 1 of 10 on" in html
    assert "Longest hold: Towel Stretch" in html
    assert re.search(r"From 10 s on .* to 20 s on", html)
    assert html.count("<svg viewBox") == 3


def test_the_patients_own_page_shows_the_plots_and_leads_to_the_record(staff, patient, log):
    log(2, pain_score=6)

    html = staff.get(patient.get_absolute_url()).content.decode()

    assert "Worst pain of the day" in html
    assert f'href="{address(patient)}"' in html


def test_where_nothing_was_logged_that_is_said(staff, patient):
    assert "Nothing was logged since" in text_of(staff.get(address(patient)))


def test_adherence_by_the_week_adds_up_to_what_adherence_says(patient, clinician, item, log):
    for days in (1, 2, 3, 8, 9, 15):
        log(days)
    prescription, now = item.prescription, timezone.now()
    prescription.hold(by=clinician, at=now - 12 * DAY, reason="A cold")
    prescription.resume(by=clinician, at=now - 10 * DAY)
    StretchPause.begin(patient, item.stretch, reason="pain", at=now - 6 * DAY).lift(by=clinician, at=now - 5 * DAY)
    stop = RoutineStop.objects.create(clinic=patient.clinic, patient=patient, tier="urgent", message="Stop.")
    RoutineStop.objects.filter(pk=stop.pk).update(stopped_at=now - 4 * DAY)
    RoutineStop.reopen(patient, by=clinician, at=now - 3 * DAY, note="Well.")
    today = patient.clinic.today()

    weeks = chart_of(patient, today=today).weeks

    expected = {
        monday: adherence(Prescription.objects.all(), since=monday, until=min(monday + 6 * DAY, today - DAY))[
            prescription.pk
        ]
        for monday in weeks
    }
    assert weeks == expected
    assert sum(weeks.values(), start=Adherence()).done == 6
    assert len(weeks) >= 3


# Outcome measures -----------------------------------------------------------------------------------------------------
def test_outcome_measures_show_the_change_and_what_would_matter(staff, patient, clinician):
    measures.load()
    psfs = OutcomeMeasure.objects.get(slug="psfs")
    for days_ago, occasion, rating in ((14, "start", 3), (1, "review", 7)):
        at = timezone.now() - days_ago * DAY
        score = OutcomeScore(patient=patient, measure=psfs, on=patient.clinic.today(at), occasion=occasion)
        score.record(by=clinician, at=at, activities=[Rated("Weeding", rating)])

    response = staff.get(address(patient))

    text = text_of(response)
    assert "4 points better than at the start: at least the smallest change that matters, 2." in text
    assert "Stratford" in text
    assert "From 3 of 10 on" in response.content.decode()
    assert "PSFS 7 of 10, review" in titles(response)
    assert reverse("patients:outcome_score_add", args=[patient.pk, "pain-rating"]) in response.content.decode()


def test_what_was_entered_in_error_is_told_but_not_counted(staff, patient, clinician):
    measures.load()
    pain = OutcomeMeasure.objects.get(slug="pain-rating")
    score = OutcomeScore(patient=patient, measure=pain, on=patient.clinic.today(), occasion="start", rating=9)
    score.record(by=clinician, at=timezone.now())
    score.is_entered_in_error = True
    score.record(by=clinician, at=timezone.now())

    response = staff.get(address(patient))

    assert "Entered in error" in entry(response, "Pain 9 of 10, start of treatment").details
    assert [len(each.scores) for each in response.context["measures"]] == [0, 0]


# Who may, and at what price -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("stranger", [ClinicianFactory, AdminFactory, UserFactory])
def test_a_stranger_finds_nothing(client, patient, stranger):
    client.force_login(stranger())

    assert client.get(address(patient)).status_code == 404


def test_the_patient_finds_nothing(client, patient):
    patient.user = UserFactory()
    patient.save()
    client.force_login(patient.user)

    assert client.get(address(patient)).status_code == 404


def test_a_visitor_is_sent_to_sign_in(client, patient):
    assert client.get(address(patient)).url.startswith(reverse("account_login"))


def test_a_wrong_method_is_refused(staff, patient):
    assert staff.post(address(patient)).status_code == 405


def fill(patient, clinician, item, log, *, days):
    """One of everything that the record tells, for each of these days."""
    for ago in days:
        at = timezone.now() - ago * DAY
        log(ago, note="A note")
        ConditionFactory(patient=patient, recorded_by=clinician).record(by=clinician)
        StretchPause.begin(patient, item.stretch, reason="pain", at=at).lift(by=clinician, at=at)
        RoutineStop.objects.create(clinic=patient.clinic, patient=patient, tier="urgent", message="See a doctor.")
        Invitation.by_mail(patient, by=clinician, at=at)
        PrescribedStretchFactory(prescription=item.prescription)
        proposal = Proposal.objects.create(
            clinic=patient.clinic, patient=patient, prescription=item.prescription, item=item, kind="up"
        )
        proposal.close(ProposalStatus.ACCEPTED, by=clinician, at=at)
        for measure in OutcomeMeasure.objects.all():
            score = OutcomeScore(patient=patient, measure=measure, on=patient.clinic.today(at), occasion="review")
            score.record(by=clinician, at=at, activities=[Rated("Weeding", 4)])


def test_more_of_everything_costs_no_more_queries(staff, patient, clinician, item, log):
    measures.load()
    fill(patient, clinician, item, log, days=[1])
    with CaptureQueriesContext(connection) as few:
        staff.get(address(patient))
    fill(patient, clinician, item, log, days=range(2, 8))

    with CaptureQueriesContext(connection) as many:
        staff.get(address(patient, "?weeks=all"))

    assert len(many) == len(few) <= 12
