"""``load_outcome_measures``: data only, cited, and never another scale under a stored score."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from patients import measures
from patients.models import OutcomeMeasure, OutcomeScore
from tests.factories import NOON, TODAY, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db


def load(*arguments):
    out = io.StringIO()
    call_command("load_outcome_measures", *arguments, stdout=out)
    return out.getvalue().strip()


@pytest.fixture
def file_with(tmp_path):
    """The shipped file with its pain rating changed."""

    def write(**changes):
        document = json.loads(measures.MEASURES.read_text())
        document["measures"][1] |= changes
        document["measures"][1] = {name: value for name, value in document["measures"][1].items() if value != "gone"}
        file = tmp_path / "measures.json"
        file.write_text(json.dumps(document))
        return file

    return write


def test_a_second_time_changes_nothing():
    assert load() == "Outcome measures: 2 new, 0 changed, 0 the same."
    assert load() == "Outcome measures: 0 new, 0 changed, 2 the same."


def test_what_is_shipped_is_cited():
    load()

    assert {measure.slug: str(measure.smallest_change) for measure in OutcomeMeasure.objects.all()} == {
        "psfs": "2.0",
        "pain-rating": "2.0",
    }
    assert "Stratford" in OutcomeMeasure.objects.get(slug="psfs").smallest_change_citation
    assert "Farrar" in OutcomeMeasure.objects.get(slug="pain-rating").smallest_change_citation
    assert OutcomeMeasure.objects.get(slug="pain-rating").code == "72514-3"


def test_another_measure_is_data_only(file_with):
    load()

    words = load(file_with(slug="ndi", name="Neck Disability Index", scale_max=50))

    assert words == "Outcome measures: 1 new, 0 changed, 1 the same."
    assert OutcomeMeasure.objects.count() == 3


def test_better_words_replace_the_old_ones(file_with):
    load()

    assert load(file_with(instructions="Ask.")) == "Outcome measures: 0 new, 1 changed, 1 the same."
    assert OutcomeMeasure.objects.get(slug="pain-rating").instructions == "Ask."


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"citation": ""}, "citation"),
        ({"smallest_change_citation": ""}, "smallest_change_is_cited"),
        ({"scale_max": 0}, "scale_rises"),
        ({"is_more_better": "perhaps"}, "is_more_better"),
        ({"slug": "psfs"}, "Named twice: psfs"),
        ({"citation": "gone"}, "missing or unknown: citation"),
        ({"colour": "red"}, "missing or unknown: colour"),
        ({"slug": "gone"}, "no list of measures"),
    ],
)
def test_a_faulty_file_changes_nothing(file_with, changes, words):
    with pytest.raises(CommandError, match=words) as refused:
        load(file_with(**changes))

    assert "Nothing was changed." in str(refused.value)
    assert not OutcomeMeasure.objects.exists()


def test_a_scale_stays_once_it_has_scores(file_with):
    load()
    file = file_with(scale_max=100)
    measure = OutcomeMeasure.objects.get(slug="pain-rating")
    score = OutcomeScore(patient=PatientFactory(), measure=measure, on=TODAY, occasion="start", rating=4)
    score.record(by=UserFactory(), at=NOON)

    with pytest.raises(CommandError, match="it has scores"):
        load(file)

    score.delete()
    assert load(file) == "Outcome measures: 0 new, 1 changed, 1 the same."


def test_the_database_refuses_a_figure_without_its_source():
    load()

    with pytest.raises(IntegrityError), transaction.atomic():
        OutcomeMeasure.objects.update(smallest_change_citation="")
