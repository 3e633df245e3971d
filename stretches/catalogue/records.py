"""A checked catalogue file as records: one for each row that the database should hold."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.text import slugify

from stretches.catalogue.layout import EVERY_STRETCH
from stretches.models import CatalogueNote, StretchStatus

Row = dict[str, Any]
Value = str | int | bool | None | tuple[str, ...]
Values = dict[str, Value]


@dataclasses.dataclass(frozen=True)
class Record:
    """A row as the file has it. Other rows are named by their keys; ``initial`` counts for a new row only."""

    key: str
    values: Values
    initial: Values = dataclasses.field(default_factory=dict)


def digest_of(values: Values) -> str:
    """Fingerprint a row's content, to see later whether somebody edited it."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def code_of(values: Mapping[str, Value], *names: str) -> str:
    """Name a row that has no name in the file by the content that makes it unique."""
    return hashlib.sha256(json.dumps([values[name] for name in names]).encode()).hexdigest()[:40]


DOSE_COLUMNS = (
    "start_hold_seconds_min",
    "start_hold_seconds_max",
    "hold_seconds_min",
    "hold_seconds_max",
    "default_hold_seconds",
    "repetitions",
    "repetitions_stated_in_source",
    "times_per_day",
    "days_per_week",
)
SAME_IN_STRETCH = (
    "name",
    "family",
    "difficulty",
    "difficulty_basis",
    "position",
    "spinal_load",
    "sides",
    "purpose",
    "notes",
    "confidence",
    "source",
)


def word_key(content: Row, kind: str, name: str) -> str:
    """Short name of a muscle or of equipment: a file may give it itself, or else it follows from the name."""
    return name if name in content.get("words", {}).get(kind, ()) else slugify(name)[:60]


def _lines(items: list[str]) -> str:
    return "\n".join(items)


def sources_of(content: Row) -> Iterator[Record]:
    """What facts are cited from."""
    yield from (Record(slug, {**row}) for slug, row in content["sources"].items())


def movements_of(content: Row) -> Iterator[Record]:
    """Every movement that a stretch has, and those that the file names besides."""
    words = content.get("words", {}).get("movements", {})
    spinal = {name for row in content["stretches"] for name in row["spinal_loading_flags"]}
    spinal |= {slug for slug, word in words.items() if word["spinal_loading"]}
    flags = (name for row in content["stretches"] for name in row["movement_flags"])
    for slug in dict.fromkeys([*words, *flags]):
        name = words[slug]["name"] if slug in words else slug.replace("_", " ").replace("-", " ").strip().capitalize()
        yield Record(slug, {"is_spinal_loading": slug in spinal}, initial={"name": name or slug})


def named_in(key: str) -> Callable[[Row], Iterator[Record]]:
    """Muscles or equipment: what the stretches name under a key."""

    def records(content: Row) -> Iterator[Record]:
        words = content.get("words", {}).get(key, {})
        names = (name for row in content["stretches"] for name in row[key])
        named = {word_key(content, key, name): name for name in dict.fromkeys(names)}
        yield from (Record(slug, {}, initial={"name": name}) for slug, name in {**named, **words}.items())

    return records


def conditions_of(content: Row) -> Iterator[Record]:
    """The condition codes, each with the broader ones, main one first."""
    for row in content["conditions"]:
        parents = [row["parent"], *sorted(row["additional_parents"])] if row["parent"] else []
        values: Values = {
            "name": row["name"],
            "kind": row["kind"],
            "region": row["region"],
            "tier": row["tier"],
            "is_selectable": row["selectable"],
            "is_red_flag": row["red_flag"],
            "is_non_resolving": row["non_resolving"],
            "window_anchor": row["window_anchor"] or "",
            "icd10cm": ", ".join(row["icd10cm"]),
            "icd10cm_categories": ", ".join(row["icd10cm_categories"]),
            "synonyms": _lines(row["synonyms"]),
            "note": row["note"],
            "confidence": row["confidence"],
            "source": row["source"],
            "broader": tuple(parents),
        }
        yield Record(row["slug"], values)


def stretches_of(content: Row) -> Iterator[Record]:
    """The stretches; the easier ones are stored, the harder ones follow from them."""
    for row in content["stretches"]:
        values: Values = {
            **{name: row[name] for name in SAME_IN_STRETCH},
            **{name: row["dosage"][name] for name in DOSE_COLUMNS},
            "is_founding": row["founding"],
            "article_rank": row["article_rank_hardest_first"],
            "steps": _lines(row["steps"]),
            "stop_rules": _lines(row["stop_if"]),
            "dose_kind": row["dosage"]["kind"],
            "routine_anchors": _lines(row["dosage"]["routine_anchors"]),
            "dose_note": row["dosage"]["note"],
            "muscles": tuple(sorted(word_key(content, "target_muscles", name) for name in row["target_muscles"])),
            "equipment": tuple(sorted(word_key(content, "equipment", name) for name in row["equipment"])),
            "movements": tuple(sorted(row["movement_flags"])),
            "easier": tuple(sorted(row["easier"])),
        }
        yield Record(row["slug"], values, initial={"status": row.get("status", StretchStatus.REVIEWED.value)})


def _weeks(window: Row | None) -> Values:
    window = window or {"from_week": None, "until_week": None}
    return {"from_week": window["from_week"], "until_week": window["until_week"]}


OF_A_CONTRAINDICATION = ("stretch", "condition_code", "severity", "rationale", "from_week", "until_week")
"""What one written in the admin, which has no id, is known by."""


def contraindications_of(content: Row) -> Iterator[Record]:
    """The contraindications."""
    for row in content["contraindications"]:
        values: Values = {
            **{name: row[name] for name in ("severity", "rationale", "confidence", "origin", "source", "stretch")},
            **_weeks(row["window"]),
            "condition_code": row["condition"],
            "movements": tuple(sorted(row["matched_flags"])),
        }
        yield Record(row["id"], values)


def movement_rules_of(content: Row) -> Iterator[Record]:
    """The rules by which contraindications are proposed."""
    for row in content["movement_rules"]:
        values: Values = {
            **{name: row[name] for name in ("severity", "rationale", "confidence", "source")},
            **_weeks(row["window"]),
            "condition_code": row["condition"],
            "applies_to_every_stretch": row["any_flags"] == [EVERY_STRETCH],
            "movements": tuple(sorted(name for name in row["any_flags"] if name != EVERY_STRETCH)),
        }
        yield Record(row.get("id") or code_of(values, "condition_code", "rationale"), values)


def red_flag_actions_of(content: Row) -> Iterator[Record]:
    """What to say to a patient with a red flag."""
    actions = content["meta"]["red_flag_actions"].items()
    yield from (Record(tier, {"message": message}) for tier, message in actions if tier != "note")


def red_flag_questions_of(content: Row) -> Iterator[Record]:
    """The red-flag questions, in order."""
    for position, row in enumerate(content["meta"]["red_flag_screen"], start=1):
        same = {name: row[name] for name in ("question", "action", "source")}
        yield Record(row["id"], {**same, "position": position})


def timing_rules_of(content: Row) -> Iterator[Record]:
    """Advice on the time of day."""
    for row in content["meta"]["timing_rules"]:
        values: Values = {
            **{name: row[name] for name in ("advice", "confidence", "source")},
            "condition_code": row["condition"],
            "movements": tuple(sorted(row["flags"])),
        }
        yield Record(row.get("id") or code_of(values, "condition_code", "advice"), values)


def notes_of(content: Row) -> Iterator[Record]:
    """All that a reviewing physiotherapist should see besides."""
    meta, kinds = content["meta"], CatalogueNote.Kind
    if "notes" in meta:
        yield from (Record(row["slug"], {key: row[key] for key in row if key != "slug"}) for row in meta["notes"])
        return
    for row in meta["dosage_evidence"]:
        yield _note(kinds.DOSAGE_EVIDENCE, row["claim"], source_text=row["source"])
    for text in meta["disagreements"]:
        yield _note(kinds.DISAGREEMENT, text)
    for row in meta.get("open_questions", []):
        yield _note(kinds.OPEN_QUESTION, row["question"], slug=row["id"])
    for name, text in meta["pain_rules"].items():
        if name != "source":
            yield _note(kinds.PAIN_RULE, text, slug=f"pain-{name}", source_text=meta["pain_rules"]["source"])
    if "note" in meta["red_flag_actions"]:
        yield _note(kinds.RED_FLAG, meta["red_flag_actions"]["note"], slug="red-flags")
    semantics = {**meta["semantics"], **{f"severity-{name}": text for name, text in meta["severity_levels"].items()}}
    semantics["outcome-by-severity"] = meta["outcome_by_severity"]
    for name, content_of_name in semantics.items():
        yield _note(kinds.SEMANTICS, _prose(content_of_name), slug=f"semantics-{name.replace('_', '-')}")


def _note(kind: CatalogueNote.Kind, text: str, *, slug: str = "", source_text: str = "") -> Record:
    values: Values = {"kind": kind.value, "text": text, "source_text": source_text}
    return Record(slug or f"{slugify(kind)}-{slugify(text)}"[:49] + "-" + code_of(values, "text")[:10], values)


def _prose(content: str | Row) -> str:
    """Write an object as lines, one a key."""
    if isinstance(content, str):
        return content
    told = {
        name: ", ".join(word or "none" for word in words) if isinstance(words, list) else words
        for name, words in content.items()
    }
    return _lines([f"{name.replace('_', ' ').capitalize()}: {words}" for name, words in told.items()])
