"""The outcome measures that come with Limber, read from ``patients/data/outcome_measures.json``: data, no code."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from patients.models import OutcomeMeasure

MEASURES = Path(__file__).parent / "data" / "outcome_measures.json"
SCALE = ("activities_max", "scale_min", "scale_max", "is_more_better")
"""What gives a stored score its meaning: it cannot be changed under it."""


class MeasuresError(Exception):
    """The file cannot be loaded; says which measure, and why."""


@dataclasses.dataclass(frozen=True)
class Loaded:
    """How many measures are new, changed, and the same as before."""

    new: int
    changed: int
    same: int


def load(path: Path = MEASURES) -> Loaded:
    """Make the stored measures say what the file says, all or nothing; a second time changes nothing.

    What the file no longer names stays, for scores may stand on it. Raises ``MeasuresError`` when the file is no such
    list, a measure is incomplete, or the scale of one would change that has scores: that is another measure.
    """
    counts = {"new": 0, "changed": 0, "same": 0}
    with transaction.atomic():
        for row in _rows(path):
            counts[_store(row)] += 1
    return Loaded(**counts)


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["measures"]
        slugs = [row["slug"] for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MeasuresError(f"{path.name} is no list of measures: {error!r}.") from error
    if twice := {str(slug) for slug in slugs if slugs.count(slug) > 1}:
        raise MeasuresError(f"Named twice: {', '.join(sorted(twice))}.")
    return list(rows)


def _store(row: dict[str, Any]) -> str:
    names = {field.name for field in OutcomeMeasure._meta.fields} - {"id"}
    if names != row.keys():
        raise MeasuresError(f"{row['slug']}: missing or unknown: {', '.join(sorted(names ^ row.keys()))}.")
    stored = OutcomeMeasure.objects.filter(slug=row["slug"]).first()
    measure = OutcomeMeasure(pk=stored.pk if stored else None, **row)
    measure._state.adding = stored is None
    try:
        measure.full_clean()
    except ValidationError as error:
        faults = [f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items()]
        raise MeasuresError(f"{row['slug']}: {'; '.join(faults)}") from error
    if stored is None:
        measure.save(force_insert=True)
        return "new"
    differing = {name for name in names if getattr(stored, name) != getattr(measure, name)}
    if differing.intersection(SCALE) and stored.scores.exists():
        raise MeasuresError(f"{row['slug']}: it has scores, so its scale stays. Give the new scale a slug of its own.")
    if not differing:
        return "same"
    measure.save(force_update=True)
    return "changed"
