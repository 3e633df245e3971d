"""The clinician's day as a page: who sees what, in which order, at what cost."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from clinic.attention.queue import SHOWN
from clinic.models import AttentionKind
from patients.models import Patient
from prescriptions.models import PrescribedStretch, Prescription, RoutineStop, StretchPause
from routines.models import Proposal, SessionLog, StretchLog
from tests.clinic.queueing import DAY, active_line, queue_for
from tests.factories import (
    AdminFactory,
    ClinicFactory,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    SourceFactory,
    StretchFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

QUEUE = "/queue/"
ACTIVE_PATIENTS = 500
QUERIES_AT_MOST = 12


def stop(patient, *, at=None):
    return RoutineStop.objects.create(
        clinic=patient.clinic, patient=patient, tier="urgent", message="See a doctor.", stopped_at=at or timezone.now()
    )


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


# A clinic of many -----------------------------------------------------------------------------------------------------
def fill(clinic, clinician, *, patients):
    """So many active patients with logs; every fifth for another reason in the queue, some for several."""
    now = timezone.now()
    today = clinic.today(now)
    stretch = StretchFactory(source=SourceFactory())
    code = ConditionCodeFactory()
    ContraindicationFactory(stretch=stretch, condition_code=code)
    people = Patient.objects.bulk_create(
        Patient(
            clinic=clinic,
            clinician=clinician,
            full_name=f"Patient {number}",
            born_on="1960-05-04",
            conditions_reviewed_on=None if number % 5 == 0 else today,
        )
        for number in range(patients)
    )
    prescriptions = Prescription.objects.bulk_create(
        Prescription(
            clinic=clinic,
            patient=patient,
            status="active",
            created_by=clinician,
            activated_by=clinician,
            activated_at=now - 30 * DAY,
        )
        for patient in people
    )
    items = PrescribedStretch.objects.bulk_create(
        PrescribedStretch(
            clinic=clinic, prescription=each, stretch=stretch, repetitions=3, is_on_getting_up=True, is_before_bed=True
        )
        for each in prescriptions
    )
    chosen = [(number, each, item) for number, (each, item) in enumerate(zip(prescriptions, items, strict=True))]
    sessions = SessionLog.objects.bulk_create(
        SessionLog(
            clinic=clinic, patient=each.patient, prescription=each, on=today - ago * DAY, part_of_day="before-bed"
        )
        for number, each, _ in chosen
        for ago in (range(8, 15) if number % 5 == 1 else range(1, 15))
        if number % 5 != 2
    )
    item_of = {item.prescription_id: item for item in items}
    StretchLog.objects.bulk_create(
        StretchLog(
            clinic=clinic,
            session=each,
            item=item_of[each.prescription_id],
            stretch=stretch,
            outcome="done",
            pain_score=1,
        )
        for each in sessions
    )
    RoutineStop.objects.bulk_create(
        RoutineStop(clinic=clinic, patient=each.patient, tier="urgent", message="Stop.")
        for number, each, _ in chosen
        if number % 25 == 0
    )
    StretchPause.objects.bulk_create(
        StretchPause(clinic=clinic, patient=each.patient, stretch=stretch, reason="pain")
        for number, each, _ in chosen
        if number % 25 == 1
    )
    Proposal.objects.bulk_create(
        Proposal(clinic=clinic, patient=each.patient, prescription=each, item=item, kind="up", rationale="Green.")
        for number, each, item in chosen
        if number % 10 == 3
    )
    for number, each, _ in chosen:
        if number % 100 == 4:
            ConditionFactory(patient=each.patient, code=code, recorded_by=clinician)
    # Somebody without any prescription, who is in the queue all the same.
    stop(PatientFactory(clinic=clinic, full_name="Nobody's patient"))


def counted(client, path):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    assert response.status_code == 200
    return len(queries), response


def test_the_queue_of_500_active_patients_takes_12_queries_at_most(staff, clinic, clinician):
    fill(clinic, clinician, patients=50)
    few, _ = counted(staff, QUEUE)
    fill(clinic, clinician, patients=ACTIVE_PATIENTS - 50)

    many, response = counted(staff, QUEUE)

    assert Prescription.objects.active().count() == ACTIVE_PATIENTS
    assert {line.kind for line in response.context["queue"].waiting} == set(AttentionKind) - {AttentionKind.OVERRIDE}
    assert many == few <= QUERIES_AT_MOST, (few, many)


def test_one_line_or_ten_cost_the_same(staff, clinic, clinician):
    stop(PatientFactory(clinic=clinic, clinician=clinician))
    one, _ = counted(staff, QUEUE)
    for _ in range(9):
        stop(PatientFactory(clinic=clinic, clinician=clinician))

    ten, _ = counted(staff, QUEUE)

    assert ten == one


# Who sees what --------------------------------------------------------------------------------------------------------
def test_attention_list_shows_the_clinics_patients_to_both_clinicians(client, clinic, clinician, colleague, stranger):
    stop(PatientFactory(clinic=clinic, full_name="Walter Brandt", clinician=clinician))

    seen = {}
    for user in (clinician, colleague, stranger):
        client.force_login(user)
        seen[user] = "Walter Brandt" in client.get(QUEUE).content.decode()

    assert seen == {clinician: True, colleague: True, stranger: False}


def test_attention_list_can_be_narrowed_to_ones_own_patients(staff, clinic, clinician, colleague):
    stop(PatientFactory(clinic=clinic, full_name="Mine Own", clinician=clinician))
    stop(PatientFactory(clinic=clinic, full_name="Hers Alone", clinician=colleague))
    stop(PatientFactory(clinic=clinic, full_name="Nobody Charged", clinician=None))

    everybodys, mine = (staff.get(path).content.decode() for path in (QUEUE, QUEUE + "?whose=mine"))

    assert all(name in everybodys for name in ("Mine Own", "Hers Alone", "Nobody Charged", "Nobody in charge"))
    assert "Mine Own" in mine
    assert "Hers Alone" not in mine
    assert "Nobody Charged" not in mine


@pytest.mark.parametrize("whose", ["", "theirs", "mine%00", "MINE"])
def test_attention_list_takes_any_other_wish_for_everybodys(staff, clinic, whose):
    stop(PatientFactory(clinic=clinic, full_name="Walter Brandt"))

    assert "Walter Brandt" in staff.get(f"{QUEUE}?whose={whose}").content.decode()


def test_with_two_clinics_each_line_names_its_clinic(staff, clinic, clinician):
    stop(PatientFactory(clinic=clinic))
    assert "Hill Road" not in staff.get(QUEUE).content.decode().partition("<main")[2]

    second = ClinicFactory(name="Mill Lane")
    Membership.objects.create(user=clinician, clinic=second, role="clinician")
    stop(PatientFactory(clinic=second))

    page = staff.get(QUEUE).content.decode().partition("<main")[2]
    assert "Hill Road" in page
    assert "Mill Lane" in page


@pytest.mark.parametrize("make", [UserFactory, AdminFactory, lambda: PatientFactory(user=UserFactory()).user])
def test_attention_list_is_for_clinicians_alone(client, make):
    client.force_login(make())

    assert client.get(QUEUE).status_code == 404


def test_attention_list_sends_a_visitor_to_sign_in(client):
    assert client.get(QUEUE).url.startswith(reverse("account_login"))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_attention_list_is_only_read(staff, method):
    assert staff.generic(method, QUEUE).status_code == 405


@pytest.mark.parametrize("has_own_record", [True, False])
def test_the_navigation_knows_who_is_asking(staff, clinician, has_own_record):
    if has_own_record:
        PatientFactory(user=clinician)

    page = staff.get(QUEUE).content.decode()

    assert 'aria-current="page">Today</a>' in page
    assert ("My routine" in page) is has_own_record
    assert "Hill Road" in page


# How it reads ---------------------------------------------------------------------------------------------------------
def test_the_worst_comes_first_then_the_oldest(clinic, clinician):
    now = timezone.now()
    stretch = StretchFactory()
    new, old, hurt = (PatientFactory(clinic=clinic, full_name=name) for name in ("New", "Old", "Hurt"))
    StretchPause.begin(hurt, stretch, reason="pain", at=now - 9 * DAY)
    stop(new, at=now - DAY)
    stop(old, at=now - 5 * DAY)

    assert [str(line.patient) for line in queue_for(clinician, at=now).waiting] == ["Old", "New", "Hurt"]


def test_groups_say_how_many(staff, clinic):
    for _ in range(3):
        stop(PatientFactory(clinic=clinic))

    response = staff.get(QUEUE)

    (group,) = response.context["groups"]
    assert (group.kind, len(group.lines)) == (AttentionKind.RED_FLAG, 3)
    assert "3 things need attention, worst first" in text_of(response)
    assert "Stopped by a red flag , 3" in text_of(response)


def test_many_of_a_kind_are_shown_in_full_when_asked_for(staff, clinic):
    for number in range(SHOWN + 2):
        active_line(clinic=clinic, full_name=f"Quiet {number:02}", conditions_reviewed_on=None)

    first, in_full = staff.get(QUEUE), staff.get(f"{QUEUE}?kind=review")

    assert "Show all 27" in text_of(first)
    assert "?kind=review" in first.content.decode()
    assert len(re.findall("Quiet", text_of(first))) < len(re.findall("Quiet", text_of(in_full)))
    assert all(f"Quiet {number:02}" in in_full.content.decode() for number in range(SHOWN + 2))
    assert "Show all 27 : Conditions review due" not in text_of(in_full)


def test_of_what_was_stopped_nothing_is_left_out(staff, clinic):
    for number in range(SHOWN + 2):
        stop(PatientFactory(clinic=clinic, full_name=f"Stopped {number:02}"))

    page = staff.get(QUEUE).content.decode()

    assert all(f"Stopped {number:02}" in page for number in range(SHOWN + 2))


@pytest.mark.parametrize(("days", "words"), [(0, "today"), (1, "since yesterday"), (2, "for 2 days")])
def test_a_line_says_since_when_and_who_is_in_charge(staff, clinic, clinician, days, words):
    stop(PatientFactory(clinic=clinic, clinician=clinician), at=timezone.now() - days * DAY)

    line = text_of(staff.get(QUEUE)).partition("The routine is stopped.")[2]

    assert "Priya Raman" in line
    assert words in line


def test_an_empty_queue_is_said_to_be_quiet(staff):
    page = text_of(staff.get(QUEUE))

    assert "All quiet" in page
    assert "Nothing waits for you" in page


def test_what_patients_and_colleagues_wrote_is_escaped(staff, clinic):
    stop(PatientFactory(clinic=clinic, full_name="<b>Bold</b>"))

    page = staff.get(QUEUE).content.decode()

    assert "<b>Bold" not in page
    assert "&lt;b&gt;Bold" in page
