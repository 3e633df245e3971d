"""The library as it is stored, as the content of a catalogue file: loading that again changes nothing."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.text import slugify

from stretches.catalogue.comparison import Keys, stored_rows
from stretches.catalogue.layout import EVERY_STRETCH
from stretches.catalogue.layout_meta import OUTCOME_BY_SEVERITY
from stretches.catalogue.records import DOSE_COLUMNS, SAME_IN_STRETCH, Row, Values, code_of
from stretches.catalogue.tables import TABLES
from stretches.models import (
    CatalogueNote,
    CatalogueRelease,
    CatalogueText,
    ConditionCode,
    Contraindication,
    Equipment,
    Movement,
    MovementRule,
    Muscle,
    RedFlagAction,
    RedFlagQuestion,
    Source,
    Stretch,
    TimingRule,
)

Stored = dict[type[models.Model], dict[str, Any]]
"""The values of every row by model and key. They are looked at as a file would have them."""


def stored_catalogue() -> Row:
    """Read the whole library, in a few queries a table."""
    keys: dict[type[models.Model], Keys] = {}
    rows = {table.model: stored_rows(table, keys) for table in TABLES}
    stored: Stored = {model: {key: row.values for key, row in of_model.items()} for model, of_model in rows.items()}
    of_pk = dict(Stretch.objects.values_list("pk", "status"))
    statuses = {slug: of_pk[row.pk] for slug, row in rows[Stretch].items()}
    words = _words(stored)
    conditions = stored[ConditionCode]
    return {
        "meta": _meta(stored),
        "sources": stored[Source],
        "words": words,
        "conditions": [_condition(slug, values) for slug, values in conditions.items()],
        "stretches": _stretches(stored, words, statuses),
        "contraindications": [
            _contraindication(key, values, conditions) for key, values in stored[Contraindication].items()
        ],
        "movement_rules": [_movement_rule(key, values) for key, values in stored[MovementRule].items()],
        "texts": list(stored[CatalogueText].values()),
    }


def _meta(stored: Stored) -> Row:
    latest = CatalogueRelease.objects.of_library().first() or CatalogueRelease(
        version="0", as_of=timezone.localdate(), status="-"
    )
    questions = sorted(stored[RedFlagQuestion].items(), key=lambda item: item[1]["position"])
    return {
        "title": latest.title,
        "version": latest.version,
        "as_of": str(latest.as_of),
        "icd10cm_release": latest.icd10cm_release,
        "status": latest.status,
        "outcome_by_severity": OUTCOME_BY_SEVERITY,
        "timing_rules": [_timing_rule(key, values) for key, values in stored[TimingRule].items()],
        "red_flag_screen": [
            {"id": slug, **{name: values[name] for name in ("question", "action", "source")}}
            for slug, values in questions
        ],
        "red_flag_actions": {tier: values["message"] for tier, values in stored[RedFlagAction].items()},
        "notes": [{"slug": slug, **values} for slug, values in stored[CatalogueNote].items()],
    }


def _words(stored: Stored) -> Row:
    names = dict(Movement.objects.values_list("slug", "name"))
    return {
        "movements": {
            slug: {"name": names[slug], "spinal_loading": values["is_spinal_loading"]}
            for slug, values in sorted(stored[Movement].items())
        },
        "target_muscles": dict(sorted(Muscle.objects.values_list("slug", "name"))),
        "equipment": dict(sorted(Equipment.objects.values_list("slug", "name"))),
    }


def _name(slug: str, names: Mapping[str, str]) -> str:
    """The name, if the short name can be told from it; otherwise the short name, which a file may use as well."""
    name = names[slug]
    is_plain = slugify(name)[:60] == slug and (name == slug or name not in names)
    return name if is_plain else slug


def _lines(value: Any) -> list[str]:
    return [line.strip() for line in str(value).splitlines() if line.strip()]


def _codes(value: Any) -> list[str]:
    return [code.strip() for code in str(value).split(",") if code.strip()]


def _condition(slug: str, values: Values) -> Row:
    parents = list(_names(values["broader"]))
    return {
        "slug": slug,
        "name": values["name"],
        "icd10cm": _codes(values["icd10cm"]),
        "icd10cm_categories": _codes(values["icd10cm_categories"]),
        "parent": parents[0] if parents else None,
        "additional_parents": parents[1:],
        "region": values["region"],
        "kind": values["kind"],
        "selectable": values["is_selectable"],
        "red_flag": values["is_red_flag"],
        "non_resolving": values["is_non_resolving"],
        "window_anchor": values["window_anchor"] or None,
        "synonyms": _lines(values["synonyms"]),
        "note": values["note"],
        "source": values["source"],
        "confidence": values["confidence"],
        "tier": values["tier"],
    }


def _names(value: Any) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _stretches(stored: Stored, words: Row, statuses: Mapping[str, str]) -> list[Row]:
    harder: dict[str, list[str]] = defaultdict(list)
    for slug, values in sorted(stored[Stretch].items()):
        for easier in _names(values["easier"]):
            harder[easier].append(slug)
    return [
        {
            "slug": slug,
            "status": statuses[slug],
            **{name: values[name] for name in SAME_IN_STRETCH},
            "founding": values["is_founding"],
            "article_rank_hardest_first": values["article_rank"],
            "target_muscles": [_name(muscle, words["target_muscles"]) for muscle in _names(values["muscles"])],
            "spinal_loading_flags": [
                name for name in _names(values["movements"]) if words["movements"][name]["spinal_loading"]
            ],
            "movement_flags": list(_names(values["movements"])),
            "equipment": [_name(thing, words["equipment"]) for thing in _names(values["equipment"])],
            "dosage": {
                "kind": values["dose_kind"],
                **{name: values[name] for name in DOSE_COLUMNS},
                "routine_anchors": _lines(values["routine_anchors"]),
                "note": values["dose_note"],
            },
            "steps": _lines(values["steps"]),
            "stop_if": _lines(values["stop_rules"]),
            "easier": list(_names(values["easier"])),
            "harder": harder[slug],
        }
        for slug, values in sorted(stored[Stretch].items())
    ]


def _window(values: Values, **anchor: Any) -> Row | None:
    if values["from_week"] is None and values["until_week"] is None:
        return None
    return {**anchor, "from_week": values["from_week"] or 0, "until_week": values["until_week"]}


def _contraindication(key: str, values: Values, conditions: Mapping[str, Values]) -> Row:
    condition = str(values["condition_code"])
    return {
        "id": key,
        "stretch": values["stretch"],
        "condition": condition,
        "severity": values["severity"],
        "window": _window(values, anchor=conditions[condition]["window_anchor"]),
        "rationale": values["rationale"],
        "source": values["source"],
        "confidence": values["confidence"],
        "origin": values["origin"],
        "matched_flags": list(_names(values["movements"])),
    }


def _with_id(row: Row, key: str, derived: str) -> Row:
    """Add the key of a row that was edited since it got it; of others it follows from the content."""
    return row if key == derived else {**row, "id": key}


def _movement_rule(key: str, values: Values) -> Row:
    row = {
        "condition": values["condition_code"],
        "any_flags": [EVERY_STRETCH] if values["applies_to_every_stretch"] else list(_names(values["movements"])),
        "severity": values["severity"],
        "window": _window(values),
        "rationale": values["rationale"],
        "source": values["source"],
        "confidence": values["confidence"],
    }
    return _with_id(row, key, code_of(values, "condition_code", "rationale"))


def _timing_rule(key: str, values: Values) -> Row:
    row = {
        "condition": values["condition_code"],
        "flags": list(_names(values["movements"])),
        "advice": values["advice"],
        "source": values["source"],
        "confidence": values["confidence"],
    }
    return _with_id(row, key, code_of(values, "condition_code", "advice"))
