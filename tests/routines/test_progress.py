"""Looking back: the page, and one's own data to take along."""

import datetime
import io
import json

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from patients.models import OutcomeMeasure, OutcomeScore
from prescriptions.models import StretchPause
from routines.progress import in_a_row, progress_of
from tests.factories import (
    ClinicianFactory,
    ConditionFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SessionLogFactory,
    StretchLogFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
PAGES = ["routines:progress_detail", "routines:own_data_json", "routines:own_data_pdf"]


@pytest.fixture
def patient():
    return PatientFactory(full_name="Ada Lovelace", user=UserFactory())


@pytest.fixture
def item(patient):
    draft = PrescriptionFactory(patient=patient, note="Slow and gentle, Ada.")
    item = PrescribedStretchFactory(prescription=draft, stretch__name="Towel")
    draft.activate(by=draft.created_by, at=timezone.now())
    return item


@pytest.fixture
def signed_in(patient):
    client = Client()
    client.force_login(patient.user)
    return client


def log(item, *, days_ago, part="on-getting-up", **how):
    on = item.clinic.today() - days_ago * DAY
    session = SessionLogFactory(prescription=item.prescription, on=on, part_of_day=part)
    return StretchLogFactory(item=item, session=session, **how)


def own_data(client):
    return json.loads(client.get(reverse("routines:own_data_json")).content)["records"]


@pytest.mark.parametrize(
    ("days_ago", "count"),
    [([], 0), ([0], 1), ([1], 1), ([2], 0), ([0, 1, 2], 3), ([1, 2, 3], 3), ([0, 2, 3], 1), ([0, 1, 3, 4, 5], 2)],
)
def test_days_in_a_row(days_ago, count):
    today = datetime.date(2026, 1, 15)

    assert in_a_row({today - ago * DAY for ago in days_ago}, on=today) == count


def test_progress_counts_days_and_not_sessions(item, patient):
    log(item, days_ago=0)
    log(item, days_ago=0, part="before-bed", outcome="partly")
    log(item, days_ago=1, outcome="skipped")

    progress = progress_of(patient, on=patient.clinic.today(), weeks=4)

    assert (progress.days_done, progress.days_in_a_row) == (1, 1)
    assert [len(week) for week in progress.weeks] == [7, 7, 7, 7]
    assert {week[0].on.isoweekday() for week in progress.weeks} == {1}


def test_progress_detail_shows_days_pain_holds_and_what_was_said(signed_in, item):
    log(item, days_ago=0, pain_score=3, held_seconds=20)

    page = signed_in.get(reverse("routines:progress_detail")).content.decode()

    assert "You stretched on <strong>1</strong>" in page
    assert ["Towel" in page, "3 of 10" in page, "20 s" in page, "Slow and gentle, Ada." in page] == [True] * 4


def test_nothing_logged_blames_nobody(signed_in, item):
    page = signed_in.get(reverse("routines:progress_detail")).content.decode()

    assert "Any day is a good day to begin." in page


@pytest.mark.parametrize(("query", "weeks"), [("", 4), ("?weeks=12", 12), ("?weeks=99", 4), ("?weeks=%00", 4)])
def test_how_far_back(signed_in, item, query, weeks):
    response = signed_in.get(reverse("routines:progress_detail") + query)

    assert len(response.context["every_progress"][0].weeks) == weeks


def test_own_data_json_has_everything_about_the_patient(signed_in, item, patient):
    ConditionFactory(patient=patient, code=None, free_text="Odd knee")
    log(item, days_ago=0, pain_score=3, note="Pulled a little")

    record = own_data(signed_in)[0]

    assert record["person"]["name"] == "Ada Lovelace"
    assert record["conditions"][0]["name"] == "Odd knee"
    assert record["today"]["stretches"][0]["name"] == "Towel"
    assert (record["logs"][0]["pain_score"], record["logs"][0]["note"]) == (3, "Pulled a little")


def test_own_data_json_has_the_outcome_scores(signed_in, item, patient):
    call_command("load_outcome_measures", stdout=io.StringIO())
    measure = OutcomeMeasure.objects.filter(scores__isnull=True).order_by("slug").first()
    by = item.prescription.created_by
    score = OutcomeScore(clinic=patient.clinic, patient=patient, measure=measure, rating=4, recorded_by=by)
    score.on, score.occasion = patient.clinic.today(), "start"
    score.save()

    assert own_data(signed_in)[0]["outcome_scores"][0]["value"] == "4"


def test_own_data_pdf_says_the_same(signed_in, item):
    log(item, days_ago=0, pain_score=3, note="Pulled a little")

    pages = PdfReader(io.BytesIO(signed_in.get(reverse("routines:own_data_pdf")).content)).pages
    text = " ".join("\n".join(page.extract_text() for page in pages).split())

    assert ["Ada Lovelace" in text, "Towel" in text, "Pulled a little" in text] == [True] * 3


def test_what_is_paused_leaves_with_its_name_only(signed_in, item, patient):
    StretchPause.begin(patient, item.stretch, reason="pain", at=timezone.now())

    today = own_data(signed_in)[0]["today"]

    assert (today["stretches"], today["paused"]) == ([], ["Towel"])


def test_two_clinics_are_two_parts_and_nobody_elses(signed_in, item, patient):
    other = PatientFactory(user=patient.user)
    somebody = PatientFactory(clinic=patient.clinic, full_name="Somebody Else", user=UserFactory())

    names = {record["clinic"]["name"] for record in own_data(signed_in)}

    assert names == {patient.clinic.name, other.clinic.name}
    assert somebody.full_name not in json.dumps(own_data(signed_in))


@pytest.mark.parametrize("name", PAGES)
def test_progress_is_the_patients_alone(client, item, name):
    client.force_login(ClinicianFactory(clinic=item.clinic))

    assert client.get(reverse(name)).status_code == 404


@pytest.mark.parametrize("name", PAGES)
def test_visitors_and_other_methods(client, signed_in, item, name):
    assert client.get(reverse(name)).url.startswith(reverse("account_login"))
    assert signed_in.post(reverse(name)).status_code == 405


@pytest.mark.parametrize("name", PAGES)
def test_ten_more_logs_cost_no_more_queries(signed_in, item, name):
    log(item, days_ago=0)
    signed_in.get(reverse(name))  # the first time of many, which begins to count
    with CaptureQueriesContext(connection) as few:
        signed_in.get(reverse(name))
    for days in range(1, 11):
        log(item, days_ago=days)

    with CaptureQueriesContext(connection) as many:
        signed_in.get(reverse(name))

    assert len(many) == len(few)
    assert len(few) <= 12 or name != "routines:progress_detail"
