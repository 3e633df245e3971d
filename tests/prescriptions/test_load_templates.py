"""``manage.py load_templates``: idempotent, never a clinic's own, and files that cannot be used."""

import json

import pytest
from django.core.management import CommandError, call_command

from prescriptions import library
from prescriptions.models import Template
from tests.factories import SourceFactory, StretchFactory, TemplateFactory, TemplateLineFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(tmp_path):
    """Write a file with one template, changed as the test wants it."""
    SourceFactory(slug="article")
    StretchFactory(slug="wall", repetitions=4)
    StretchFactory(slug="towel")

    def write(**changes):
        phase = {"name": "One", "weeks": 2, "criterion": "", "stretches": ["wall", "towel"]}
        row = {
            "slug": "ladder",
            "name": "Ladder",
            "for_whom": "Backs",
            "summary": "",
            "source": "article",
            "phases": [phase | changes.pop("phase", {})],
        }
        path = tmp_path / "templates.json"
        path.write_text(json.dumps({"meta": {"sign_off": "Awaits it."}, "templates": [row | changes]}))
        return path

    return write


def counts(loaded):
    return loaded.new, loaded.changed, loaded.same, loaded.retired


def test_a_second_time_changes_nothing(write):
    assert counts(library.load(write())) == (1, 0, 0, 0)
    rows = Template.history.count()

    assert counts(library.load(write())) == (0, 0, 1, 0)
    assert Template.history.count() == rows


def test_the_doses_are_the_catalogues(write):
    library.load(write())

    line = Template.objects.get().phases.get().lines.first()

    assert (line.stretch.slug, line.repetitions, line.target_hold_seconds, line.times_per_day) == ("wall", 4, 30, 2)


def test_what_the_file_says_otherwise_is_followed(write):
    library.load(write())

    loaded = library.load(write(name="New name", phase={"stretches": ["towel"], "weeks": 3}))

    template = Template.objects.get()
    assert counts(loaded) == (0, 1, 0, 0)
    assert (template.name, template.phases.get().weeks) == ("New name", 3)
    assert [line.stretch.slug for line in template.phases.get().lines.all()] == ["towel"]


def test_what_the_file_has_no_longer_is_retired(write):
    library.load(write())

    loaded = library.load(write(slug="other"))

    assert counts(loaded) == (1, 0, 0, 1)
    assert Template.objects.get(slug="ladder").is_retired


def test_a_clinics_own_is_never_touched(write):
    own = TemplateFactory(name="Ladder")
    line = TemplateLineFactory(phase__template=own)
    before = list(Template.objects.filter(pk=own.pk).values())

    library.load(write())
    library.load(write(slug="other"))

    assert list(Template.objects.filter(pk=own.pk).values()) == before
    line.refresh_from_db()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"source": "nowhere"}, "the source “nowhere”"),
        ({"phase": {"stretches": ["handstand"]}}, "the stretch “handstand”"),
        ({"phase": {"stretches": ["wall", "wall"]}}, "a stretch twice"),
        ({"phase": {"weeks": 99}}, "52"),
        ({"phase": {"weeks": "two"}}, "not laid out"),
        ({"phase": {"stretches": "wall"}}, "stretch"),
        ({"phases": 5}, "not laid out"),
        ({"name": ""}, "blank"),
        ({"name": None}, "not laid out"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(write, changes, words):
    library.load(write())

    with pytest.raises(library.LibraryError, match=words):
        library.load(write(**changes))

    assert Template.objects.get().name == "Ladder"
    assert Template.objects.get().phases.get().lines.count() == 2


def test_no_json_and_no_file(tmp_path):
    (tmp_path / "broken.json").write_text("{")

    with pytest.raises(library.LibraryError, match="no JSON"):
        library.load(tmp_path / "broken.json")
    with pytest.raises(library.LibraryError, match="cannot be read"):
        library.load(tmp_path / "missing.json")


def test_without_a_catalogue_the_command_says_what_to_do_first():
    with pytest.raises(CommandError, match="load_catalogue"):
        call_command("load_templates")


def test_the_command_says_what_it_did(capsys):
    call_command("load_catalogue", verbosity=0)

    call_command("load_templates")
    call_command("load_templates")

    out = capsys.readouterr().out
    assert "6 new" in out
    assert "6 the same" in out
