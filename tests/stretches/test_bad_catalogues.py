"""Every way in which a catalogue file can be wrong is told by row and field, and changes nothing."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from stretches.catalogue import reading
from stretches.models import CatalogueRelease, Source, Stretch
from tests.stretches.catalogues import small, written

pytestmark = pytest.mark.django_db

Change = Callable[[dict[str, Any]], object]


def refusal(path: Path) -> str:
    """What the command says of a bad file, having changed nothing."""
    out, errors = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("load_catalogue", path, stdout=out, stderr=errors)
    assert [model._default_manager.count() for model in (Source, Stretch, CatalogueRelease)] == [0, 0, 0]
    assert out.getvalue() == errors.getvalue() == ""
    return str(refused.value)


def a(content: dict[str, Any], table: str, name: str) -> dict[str, Any]:
    """A row by its name."""
    return next(row for row in content[table] if name in (row.get("slug"), row.get("id"), row.get("condition")))


def chair(content: dict[str, Any]) -> dict[str, Any]:
    return a(content, "stretches", "chair-hamstring-stretch")


def with_window(content: dict[str, Any]) -> dict[str, Any]:
    """A contraindication that counts from a procedure."""
    rows = content["contraindications"]
    return next(row for row in rows if row["window"] and row["window"]["anchor"] == "procedure_date")


def with_movements(content: dict[str, Any]) -> dict[str, Any]:
    return next(row for row in content["movement_rules"] if row["any_flags"] != ["__any__"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        # the whole
        (lambda c: c.pop("stretches"), "stretches: is missing"),
        (lambda c: c.update(extra=1), "extra: is not a known key"),
        (lambda c: c.update(stretches={}), "stretches: an object is not a list"),
        (lambda c: c.update(sources=[]), "sources: a list is not an object"),
        (lambda c: c.update(meta="x"), 'meta: "x" is not an object'),
        (lambda c: c["stretches"].append(7), "stretches[3]: 7 is not an object"),
        # keys and types
        (lambda c: chair(c).pop("purpose"), "stretches[1] chair-hamstring-stretch: purpose: is missing"),
        (lambda c: chair(c).update(colour=1), "stretches[1] chair-hamstring-stretch: colour: is not a known key"),
        (lambda c: chair(c).update(difficulty=9), "stretches[1] chair-hamstring-stretch: difficulty: 9 is not 1 to 5"),
        (lambda c: chair(c).update(difficulty="4"), 'difficulty: "4" is not a whole number'),
        (lambda c: chair(c).update(difficulty=4.0), "difficulty: 4.0 is not a whole number"),
        (lambda c: chair(c).update(difficulty=True), "difficulty: true is not a whole number"),
        (lambda c: chair(c).update(difficulty=10**30), f"difficulty: {10**30} is not 1 to 5"),
        (lambda c: chair(c).update(founding=1), "founding: 1 is neither true nor false"),
        (lambda c: chair(c).update(founding=None), "founding: null is neither true nor false"),
        (lambda c: chair(c).update(position="upside_down"), 'position: "upside_down" is none of standing,'),
        (lambda c: chair(c).update(steps="One."), 'steps: "One." is not a list'),
        (lambda c: chair(c).update(steps=[]), "steps: is empty"),
        (lambda c: chair(c).update(steps=["Sit.", 5]), "steps[1]: 5 is not text"),
        (lambda c: chair(c).update(steps=["Sit.", "Sit."]), 'steps[1]: "Sit." is repeated'),
        (lambda c: chair(c).update(steps=["Sit.\nBend."]), 'steps[0]: "Sit.\\nBend." has a line break'),
        (lambda c: chair(c).update(steps=["Sit.\u2028Bend."]), "has a line break"),
        (lambda c: chair(c).update(dosage=None), "dosage: null is not an object"),
        (lambda c: chair(c)["dosage"].update(days_per_week=8), "dosage.days_per_week: 8 is not 1 to 7"),
        (lambda c: chair(c)["dosage"].update(times_per_day=0), "dosage.times_per_day: 0 is not 1 to 4"),
        (lambda c: chair(c)["dosage"].update(repetitions=31), "dosage.repetitions: 31 is not 1 to 30"),
        (lambda c: chair(c)["dosage"].update(hold_seconds_max=181), "dosage.hold_seconds_max: 181 is not 0 to 180"),
        (lambda c: chair(c)["dosage"].update(hold_seconds_min=-1), "dosage.hold_seconds_min: -1 is not 0 to 180"),
        # texts
        (lambda c: chair(c).update(name="A\x00B"), 'name: "A\\u0000B" has a NUL byte'),
        (lambda c: chair(c).update(name="A\x1bB"), 'name: "A\\u001bB" has a control character'),
        (lambda c: chair(c).update(name="A\ud800B"), "has a control character"),
        (lambda c: chair(c).update(name="x" * 121), "name: has 121 characters, at most 120 are allowed"),
        (lambda c: chair(c).update(name=""), "name: is empty"),
        (lambda c: chair(c).update(name="   "), "name: is empty"),
        (lambda c: chair(c).update(name=" Chair"), 'name: " Chair" starts or ends with a space'),
        (lambda c: chair(c).update(purpose="x" * 5001), "purpose: has 5001 characters, at most 5000 are allowed"),
        (lambda c: chair(c).update(slug="chair stretch"), "is not made of letters, digits, hyphens and underscores"),
        (lambda c: chair(c).update(target_muscles=["???"]), 'target_muscles: "???" has no letters of a short name'),
        (lambda c: chair(c).update(target_muscles=["Hamstrings"]), 'is too like "hamstrings" in another row'),
        (
            lambda c: c["conditions"][0].update(icd10cm=["M51.2X", "back"]),
            'conditions[0] medical-red-flag: icd10cm[1]: "back" is not an ICD-10-CM code',
        ),
        (
            lambda c: c["conditions"][0].update(icd10cm=[f"M{number}.11" for number in range(10, 30)]),
            "icd10cm: has 160 characters in all, at most 120 are allowed",
        ),
        (
            lambda c: c["sources"].update({"no name": c["sources"]["wilke1999"]}),
            'sources: no name: "no name" is not made of letters',
        ),
        (lambda c: c["sources"]["wilke1999"].update(verification="heard"), "sources: wilke1999.verification: "),
        # words
        (lambda c: c["contraindications"][0].update(severity="severe"), '"severe" is none of absolute, relative'),
        (lambda c: c["movement_rules"][0].update(severity="high"), 'severity: "high" is none of absolute'),
        (lambda c: c["contraindications"][0].update(origin="author "), 'origin: "author " is none of founding'),
        (lambda c: c["contraindications"][0].update(confidence=None), "confidence: null is none of high, medium, low"),
        (lambda c: c["meta"].update(as_of="15 January"), 'meta: as_of: "15 January" is not a date like 2026-01-15'),
        (lambda c: c["meta"].update(as_of="20260115"), "is not a date like 2026-01-15"),
        (lambda c: c["meta"].update(version="v" * 41), "meta: version: has 41 characters, at most 40 are allowed"),
        (
            lambda c: c["meta"]["outcome_by_severity"].update(relative="allowed"),
            'meta: outcome_by_severity.relative: "allowed" is none of needs_override',
        ),
        (lambda c: c["meta"]["severity_levels"].update(mild="-"), "severity_levels.mild: is not a known key"),
        # references
        (lambda c: chair(c).update(source="nobody"), 'source: "nobody" is not a source in this file'),
        (lambda c: c["conditions"][3].update(source="nobody"), '"nobody" is not a source in this file'),
        (lambda c: c["contraindications"][0].update(stretch="none"), 'stretch: "none" is not a stretch in this file'),
        (lambda c: c["contraindications"][0].update(condition="none"), '"none" is not a condition in this file'),
        (lambda c: c["conditions"][3].update(parent="none"), 'parent: "none" is not a condition in this file'),
        (
            lambda c: with_movements(c).update(any_flags=["flying"]),
            'any_flags: "flying" is not a movement of a stretch in this file',
        ),
        (lambda c: with_movements(c)["any_flags"].append("__any__"), '"__any__" stands alone or not at all'),
        (
            lambda c: c["contraindications"][0].update(matched_flags=["flying"]),
            'matched_flags: "flying" is no movement of the stretch',
        ),
        (lambda c: c["meta"]["timing_rules"][0].update(condition="none"), "meta.timing_rules[0] none: condition: "),
        (lambda c: c["meta"]["red_flag_screen"][0].update(action="run"), '"run" is not a red-flag action in this file'),
        (lambda c: c["meta"]["red_flag_screen"][0].update(action="note"), "is not a red-flag action in this file"),
        # repeats
        (lambda c: c["stretches"].append(chair(c)), "slug is used by stretches[1] already"),
        (lambda c: c["conditions"].append(c["conditions"][0]), "slug is used by conditions[0] already"),
        (lambda c: c["contraindications"].append(c["contraindications"][0]), "id is used by contraindications[0]"),
        (
            lambda c: c["movement_rules"].append(c["movement_rules"][0]),
            "condition and rationale are those of movement_rules[0] already",
        ),
        (
            lambda c: c["meta"]["red_flag_screen"].append(c["meta"]["red_flag_screen"][0]),
            "meta.red_flag_screen[11] rf-bladder: id is used by meta.red_flag_screen[0] already",
        ),
        (
            lambda c: c["meta"]["open_questions"].append({"id": "pain-red", "question": "Why?"}),
            "meta: two catalogue notes are named pain-red",
        ),
        # hierarchy
        (
            lambda c: a(c, "conditions", "hypertension").update(parent="hypertensive-crisis"),
            "circle: hypertension → hypertensive-crisis → uncontrolled-hypertension → hypertension",
        ),
        (
            lambda c: a(c, "conditions", "hypertension").update(parent="hypertension"),
            "the hierarchy has a circle: hypertension → hypertension",
        ),
        (
            lambda c: a(c, "conditions", "hypertension").update(additional_parents=["sciatica"]),
            "additional_parents: there is no parent",
        ),
        (
            lambda c: a(c, "conditions", "hypertensive-crisis").update(
                additional_parents=["uncontrolled-hypertension"]
            ),
            'additional_parents: "uncontrolled-hypertension" is the parent already',
        ),
        # windows
        (lambda c: with_window(c)["window"].update(from_week=12, until_week=6), "ends in week 6, before it starts in"),
        (lambda c: with_window(c)["window"].update(from_week=6, until_week=6), "ends in week 6, before it starts in"),
        (lambda c: with_window(c)["window"].update(from_week=-1), "window.from_week: -1 is not 0 to 5200"),
        (lambda c: with_window(c)["window"].update(from_week=None), "window.from_week: null is not a whole number"),
        (lambda c: with_window(c)["window"].update(anchor="birthday"), 'window.anchor: "birthday" is none of'),
        (lambda c: with_window(c)["window"].update(anchor="lmp_date"), 'window.anchor: "lmp_date", but '),
        (lambda c: with_window(c)["window"].pop("until_week"), "window.until_week: is missing"),
        (
            lambda c: c["contraindications"][0].update(
                window={"anchor": "onset_date", "from_week": 0, "until_week": 6}
            ),
            "contraindications[0] ci-0001: window: medical-red-flag has no window_anchor to count from",
        ),
        (
            lambda c: c["movement_rules"][0].update(
                window={"from_week": 0, "until_week": 6}, condition="medical-red-flag"
            ),
            "window: medical-red-flag has no window_anchor to count from",
        ),
        # holds
        (
            lambda c: chair(c)["dosage"].update(hold_seconds_min=90),
            "dosage.hold_seconds_max: The longest hold is shorter than the shortest.",
        ),
        (
            lambda c: chair(c)["dosage"].update(default_hold_seconds=15),
            "dosage.default_hold_seconds: The usual hold has to lie between 30 and 60 s.",
        ),
        (
            lambda c: chair(c)["dosage"].update(start_hold_seconds_min=25),
            "dosage.start_hold_seconds_max: The longest start hold is shorter than the shortest.",
        ),
        # neighbours
        (lambda c: chair(c)["easier"].append("none"), 'easier: "none" is not a stretch in this file'),
        (
            lambda c: chair(c).update(easier=[]),
            "stretches[2] seated-hamstring-stretch: harder: chair-hamstring-stretch does not name it as easier",
        ),
        (
            lambda c: a(c, "stretches", "seated-hamstring-stretch").update(harder=[]),
            "stretches[1] chair-hamstring-stretch: easier: seated-hamstring-stretch does not name it as harder",
        ),
        (
            lambda c: chair(c).update(difficulty=1),
            "easier: seated-hamstring-stretch is not easier: difficulty 3 against 1",
        ),
        (
            lambda c: [
                (chair(c)[key].append("chair-hamstring-stretch"), chair(c)[key]) for key in ("easier", "harder")
            ],
            "in a circle: chair-hamstring-stretch → chair-hamstring-stretch",
        ),
        # movements
        (
            lambda c: chair(c)["movement_flags"].append("Lumbar-flexion-loaded-sitting"),
            '"lumbar_flexion_loaded_sitting" and "Lumbar-flexion-loaded-sitting" are one movement in two spellings',
        ),
        (
            lambda c: chair(c).update(spinal_loading_flags=["flying"]),
            'spinal_loading_flags: "flying" is not among its movement_flags',
        ),
        (
            lambda c: a(c, "stretches", "seated-hamstring-stretch").update(
                movement_flags=["lumbar_flexion_loaded_sitting"], spinal_loading_flags=[]
            ),
            'spinal_loading_flags: "lumbar_flexion_loaded_sitting" is missing, though another stretch has it there',
        ),
    ],
)
def test_a_bad_row_is_named(change: Change, message: str, tmp_path: Path) -> None:
    content = small()
    change(content)

    said = refusal(written(content, tmp_path))

    assert message in said
    assert said.startswith(f"{tmp_path / 'catalogue.json'} cannot be loaded. Nothing was changed.")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is not JSON: line 1, column 1: Expecting value"),
        (b"\x00\x00", "it is not JSON"),
        (b"{", "it is not JSON: line 1, column 2"),
        (b'{"meta": NaN}', "it is not JSON: NaN is not a number"),
        (b'{"meta": -Infinity}', "it is not JSON: -Infinity is not a number"),
        (b'{"meta": 1, "meta": 2}', "it is not JSON: the key 'meta' occurs twice in one object"),
        (b'{"meta": ' + b"9" * 5000 + b"}", "it is not JSON: Exceeds the limit"),
        (b"[" * 100_000, "it is nested too deeply"),
        ('{"meta": "é"}'.encode("latin-1"), "it is not UTF-8: byte 10 is not valid there"),
        ('{"meta": "é"}'.encode("utf-16"), "it is not UTF-8: byte 0 is not valid there"),
        (b"[]", "it is not a catalogue: a list where an object was expected"),
        (b'"catalogue"', 'it is not a catalogue: "catalogue" where an object was expected'),
        (b'{"patients": []}', "it is not a catalogue: none of its keys is one of a catalogue's"),
    ],
)
def test_what_is_no_catalogue_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    path.write_bytes(content)

    assert message in refusal(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "it cannot be read: No such file or directory" in refusal(tmp_path / "none.json")
    assert "it cannot be read: Is a directory" in refusal(tmp_path)


def test_a_huge_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(small(), tmp_path)
    monkeypatch.setattr(reading, "BYTES_MAX", path.stat().st_size - 1)

    assert "it is larger than" in refusal(path)


def test_every_bad_row_is_named_up_to_a_hundred(tmp_path: Path) -> None:
    content = small()
    content["stretches"] = [{}] * 20

    lines = refusal(written(content, tmp_path)).splitlines()

    assert len(lines) == 102
    assert lines[1] == "  stretches[0]: slug: is missing"
    assert lines[-1] == "  and 360 more"


def test_a_long_chain_of_conditions_is_no_circle(tmp_path: Path) -> None:
    content = small()
    first = a(content, "conditions", "hypertension")
    for number in range(5000):
        parent = f"chain-{number - 1}" if number else None
        content["conditions"].append(first | {"slug": f"chain-{number}", "parent": parent})
    content["conditions"].reverse()

    call_command("load_catalogue", written(content, tmp_path), stdout=io.StringIO(), stderr=io.StringIO())

    assert Stretch.objects.count() == 3


def test_a_byte_order_mark_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps(small()), encoding="utf-8-sig")

    call_command("load_catalogue", path, stdout=io.StringIO())

    assert Stretch.objects.count() == 3
