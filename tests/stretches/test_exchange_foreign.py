"""What other projects publish becomes drafts: words only, with licence and author, and never offered unreviewed."""

import copy
from typing import Any

import pytest

from prescriptions import safety
from stretches.catalogue.reading import BadCatalogueError
from stretches.exchange import incoming
from stretches.exchange.landing import plan
from stretches.models import Equipment, Muscle, Source, Stretch
from tests.factories import PatientFactory, StretchFactory
from tests.stretches.exchanging import FREE_EXERCISE, WGER, as_bytes, land

pytestmark = pytest.mark.django_db


def with_changes(row: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(row), **changes}


def test_an_exercise_of_free_exercise_db() -> None:
    land(as_bytes([FREE_EXERCISE, with_changes(FREE_EXERCISE, id="Bench_Press", category="strength")]))

    stretch = Stretch.objects.get()
    assert (stretch.slug, stretch.name) == ("free-exercise-db-Invented_Stretch", "Invented Stretch")
    assert stretch.step_list == ["Lie on the floor.", "Raise one leg."]
    assert [muscle.name for muscle in stretch.muscles.all()] == ["hamstrings"]
    assert "public domain (Unlicense)" in stretch.source.citation
    assert "Author: yuhonas and contributors. Licence: public domain" in stretch.notes
    assert ".jpg" not in str([vars(row) for row in (stretch, *Source.objects.all())])


def test_an_exercise_of_wger_keeps_licence_and_author() -> None:
    land(as_bytes({"count": 1, "next": None, "previous": None, "results": [WGER]}))

    stretch = Stretch.objects.get()
    assert stretch.name == "Invented Lunge"
    assert stretch.step_list == ["Kneel & lean.", "Hold.", "Change sides."]
    assert "Author: Bob Author." in stretch.notes
    for text in (stretch.notes, stretch.source.citation):
        assert "Creative Commons Attribution Share Alike 4 (CC-BY-SA 4)" in text
        assert "https://creativecommons.org/licenses/by-sa/4.0/deed.en" in text
    assert not Equipment.objects.exists()


@pytest.mark.parametrize("content", [[FREE_EXERCISE], [WGER]])
def test_what_is_imported_is_a_draft_that_nobody_is_offered(content: list[Any]) -> None:
    patient = PatientFactory()
    reviewed = StretchFactory()

    land(as_bytes(content))

    draft = Stretch.objects.exclude(pk=reviewed.pk).get()
    circumstances = safety.circumstances_of(patient, on=patient.clinic.today())
    everything = Stretch.objects.all()
    found = [safety.with_verdict(circumstances, verdict, everything) for verdict in safety.Verdict]
    offered = [stretch for stretches in found for stretch in stretches]
    assert (draft.status, draft.contraindications.count()) == ("draft", 0)
    assert offered == [reviewed]


def test_the_same_file_again_changes_nothing() -> None:
    content = as_bytes([FREE_EXERCISE])
    land(content)

    planned = plan(incoming.read(content))

    assert (planned.comparison.new_count, planned.comparison.changed_count) == (0, 0)


def test_a_muscle_that_is_known_is_the_same_however_it_is_written() -> None:
    StretchFactory(muscles=["hamstrings"])
    Muscle.objects.update(name="Hamstrings (all three)")

    land(as_bytes([WGER]))

    assert Muscle.objects.count() == 1


def test_what_is_left_out_is_counted() -> None:
    silent = with_changes(WGER, uuid="1" * 36, translations=WGER["translations"][:1])
    strong = with_changes(FREE_EXERCISE, id="x", category="strength")

    remarks = [
        *incoming.read(as_bytes([WGER, silent])).remarks,
        *incoming.read(as_bytes([FREE_EXERCISE, strong])).remarks,
    ]

    assert "1 exercises are left out: they have no description in English, or no muscles." in remarks
    assert "1 exercises are left out: they are not of the category “stretching”." in remarks
    assert any("No pictures are taken" in remark for remark in remarks)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (with_changes(FREE_EXERCISE, level="easy"), 'exercises[1] Invented_Stretch: level: "easy" is none of beginner'),
        (with_changes(FREE_EXERCISE, name="x" * 121), "exercises[1] Invented_Stretch: name: has 121 characters"),
        (with_changes(FREE_EXERCISE, primaryMuscles=[]), "exercises[1] Invented_Stretch: primaryMuscles: is empty"),
        (with_changes(FREE_EXERCISE, instructions="x"), 'instructions: "x" is not a list'),
        (with_changes(FREE_EXERCISE, instructions=["a\x00b"]), "has a NUL byte"),
        (7, "exercises[1]: is not an object"),
    ],
)
def test_what_is_wrong_with_an_exercise_is_told(row: Any, fault: str) -> None:
    with pytest.raises(BadCatalogueError) as refused:
        incoming.read(as_bytes([with_changes(FREE_EXERCISE, id="good"), row]))

    assert fault in str(refused.value)


def test_an_exercise_without_a_licence_is_refused() -> None:
    row = with_changes(WGER)
    del row["license"]

    with pytest.raises(BadCatalogueError, match="license: is missing"):
        incoming.read(as_bytes([row]))


def test_a_long_description_becomes_lines_that_fit() -> None:
    long = with_changes(FREE_EXERCISE, instructions=["Lean forward slowly. " * 60 + "Come back."])

    land(as_bytes([long]))

    assert max(map(len, Stretch.objects.get().step_list)) <= 500
    assert Stretch.objects.get().step_list[-1].endswith("Come back.")
