"""What a catalogue file looks like: every key, and what may stand there."""

from collections.abc import Iterator
from typing import Any

from stretches.catalogue.checks import (
    Check,
    Problem,
    as_field,
    choice,
    fields,
    flag,
    icd10cm,
    list_of,
    mapping_of,
    number,
    optional,
    shown,
    shown_key,
    slug,
    text,
)
from stretches.catalogue.layout_meta import EXPORTED_META, TEXT, WORDS, WRITTEN_META
from stretches.models import (
    ConditionCode,
    Contraindication,
    Equipment,
    Movement,
    MovementRule,
    Muscle,
    Source,
    Stretch,
    WindowAnchor,
)

EVERY_STRETCH = "__any__"
"""Stands among a rule's movements for: whatever the movements."""

_source = slug(60)
_movements = list_of(as_field(Movement, "slug"))
_lines = list_of(text(500, one_line=True))
_weeks = {
    "from_week": as_field(MovementRule, "from_week"),
    "until_week": optional(as_field(MovementRule, "until_week")),
}

SOURCE = fields({"citation": as_field(Source, "citation"), "verification": as_field(Source, "verification")})

CONDITION = fields(
    {
        "slug": as_field(ConditionCode, "slug"),
        "name": as_field(ConditionCode, "name"),
        "icd10cm": list_of(icd10cm, joined_max_length=120),
        "icd10cm_categories": list_of(icd10cm, joined_max_length=120),
        "parent": optional(slug(60)),
        "additional_parents": list_of(slug(60)),
        "region": as_field(ConditionCode, "region"),
        "kind": as_field(ConditionCode, "kind"),
        "selectable": flag,
        "red_flag": flag,
        "non_resolving": flag,
        "window_anchor": optional(choice(WindowAnchor.values)),
        "synonyms": _lines,
        "note": as_field(ConditionCode, "note"),
        "source": _source,
        "confidence": as_field(ConditionCode, "confidence"),
        "tier": as_field(ConditionCode, "tier"),
    }
)

DOSAGE = fields(
    {
        "kind": as_field(Stretch, "dose_kind"),
        "start_hold_seconds_min": as_field(Stretch, "start_hold_seconds_min"),
        "start_hold_seconds_max": as_field(Stretch, "start_hold_seconds_max"),
        "hold_seconds_min": as_field(Stretch, "hold_seconds_min"),
        "hold_seconds_max": as_field(Stretch, "hold_seconds_max"),
        "default_hold_seconds": as_field(Stretch, "default_hold_seconds"),
        "repetitions": as_field(Stretch, "repetitions"),
        "repetitions_stated_in_source": flag,
        "times_per_day": as_field(Stretch, "times_per_day"),
        "days_per_week": as_field(Stretch, "days_per_week"),
        "routine_anchors": _lines,
        "note": as_field(Stretch, "dose_note"),
    }
)

STRETCH = fields(
    {
        "slug": as_field(Stretch, "slug"),
        "name": as_field(Stretch, "name"),
        "family": as_field(Stretch, "family"),
        "founding": flag,
        "article_rank_hardest_first": optional(number(1, 1000)),
        "target_muscles": list_of(as_field(Muscle, "name"), at_least=1),
        "position": as_field(Stretch, "position"),
        "spinal_load": as_field(Stretch, "spinal_load"),
        "spinal_loading_flags": _movements,
        "movement_flags": _movements,
        "equipment": list_of(as_field(Equipment, "name")),
        "difficulty": as_field(Stretch, "difficulty"),
        "difficulty_basis": as_field(Stretch, "difficulty_basis"),
        "sides": as_field(Stretch, "sides"),
        "dosage": DOSAGE,
        "steps": list_of(text(500, one_line=True), at_least=1),
        "purpose": as_field(Stretch, "purpose"),
        "stop_if": list_of(text(500, one_line=True), at_least=1),
        "easier": list_of(slug(80)),
        "harder": list_of(slug(80)),
        "notes": as_field(Stretch, "notes"),
        "source": _source,
        "confidence": as_field(Stretch, "confidence"),
        "status": as_field(Stretch, "status"),
    },
    may_lack=["status"],  # then it is reviewed
)

CONTRAINDICATION = fields(
    {
        "id": slug(40),
        "stretch": slug(80),
        "condition": slug(60),
        "severity": as_field(Contraindication, "severity"),
        "window": optional(fields({"anchor": choice(WindowAnchor.values), **_weeks})),
        "rationale": as_field(Contraindication, "rationale"),
        "source": _source,
        "confidence": as_field(Contraindication, "confidence"),
        "origin": as_field(Contraindication, "origin"),
        "matched_flags": _movements,
    }
)

MOVEMENT_RULE = fields(
    {
        "condition": slug(60),
        "any_flags": list_of(as_field(Movement, "slug"), at_least=1),
        "severity": as_field(MovementRule, "severity"),
        "window": optional(fields(_weeks)),
        "rationale": as_field(MovementRule, "rationale"),
        "source": _source,
        "confidence": as_field(MovementRule, "confidence"),
        "id": slug(40),
    },
    may_lack=["id"],  # then it follows from condition and rationale
)

TABLES: dict[str, Check] = {
    "conditions": CONDITION,
    "stretches": STRETCH,
    "contraindications": CONTRAINDICATION,
    "movement_rules": MOVEMENT_RULE,
    "texts": TEXT,
}
MAY_LACK = {"words", "texts"}
"""Keys of an exported file."""


def row_label(table: str, place: int, row: Any) -> str:
    """Name a row as a reader finds it: its place, counted from 0, and its own name where it has one."""
    name = next((row[key] for key in ("slug", "id", "condition") if isinstance(row, dict) and key in row), "")
    readable = isinstance(name, str) and name.isascii() and name.isprintable()
    return f"{table}[{place}] {name[:80]}".strip() if readable else f"{table}[{place}]"


def misfits(content: object) -> Iterator[str]:
    """Say, row by row, what does not fit the layout."""
    if not isinstance(content, dict):
        yield f"it is not a catalogue: {shown(content)} where an object was expected"
        return
    known = {"meta", "sources", "words", *TABLES}
    if not known & set(content):
        yield "it is not a catalogue: none of its keys is one of a catalogue's"
        return
    yield from (f"{shown_key(key)}: is not a known key" for key in content if key not in known)
    yield from (f"{key}: is missing" for key in sorted(known - set(content) - MAY_LACK))
    if "meta" in content:
        is_exported = isinstance(content["meta"], dict) and "notes" in content["meta"]
        check_meta = EXPORTED_META if is_exported else WRITTEN_META
        yield from (_sentence("meta", problem) for problem in check_meta(content["meta"]))
    if "words" in content:
        yield from (_sentence("words", problem) for problem in WORDS(content["words"]))
    if "sources" in content:
        yield from (_sentence("sources", problem) for problem in mapping_of(slug(60), SOURCE)(content["sources"]))
    for table, check in TABLES.items():
        rows = content.get(table, [])
        if not isinstance(rows, list):
            yield f"{table}: {shown(rows)} is not a list"
            continue
        for place, row in enumerate(rows):
            yield from (_sentence(row_label(table, place, row), problem) for problem in check(row))


def _sentence(label: str, problem: Problem) -> str:
    path, words = problem
    return f"{label}: {path.removeprefix('.')}: {words}" if path else f"{label}: {words}"
