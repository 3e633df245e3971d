"""The JSON of free-exercise-db (https://github.com/yuhonas/free-exercise-db): its stretches, in words only.

Its texts are in the public domain (Unlicense). Its pictures are none of ours and are not looked at.
"""

import re
from typing import Any

from stretches.catalogue.checks import choice, list_of, optional, slug, text
from stretches.catalogue.reading import FAULTS_MAX
from stretches.exchange.foreign import Foreign, Said, draft_of, faults_of, label_of, misfits, steps_of

KIND = "Exercises of free-exercise-db"
LEVELS = {"beginner": 2, "intermediate": 3, "expert": 5}
_SOURCE = {
    "slug": "free-exercise-db",
    "citation": "free-exercise-db, an open dataset of exercises, public domain (Unlicense),"
    " https://github.com/yuhonas/free-exercise-db. Author: yuhonas and contributors.",
    "verification": "background",
}
_CHECKS = {
    "id": slug(60),
    "name": text(120, one_line=True),
    "level": choice(LEVELS),
    "category": text(60),
    "equipment": optional(text(60)),
    "primaryMuscles": list_of(text(60), at_least=1),
    "instructions": list_of(text(5000), joined_max_length=20_000),
}


def _rows(content: object) -> list[Any]:
    return content if isinstance(content, list) else [content]


def is_one(content: object) -> bool:
    """Whether it is such a file: one exercise, or a list of them."""
    first = next(iter(_rows(content)), None)
    return isinstance(first, dict) and {"primaryMuscles", "instructions"} <= set(first)


def rows_of(content: object) -> Foreign:
    """Its stretches as drafts; what is no stretch, or has no instructions, is left out and counted."""
    found = Foreign(sources=[_SOURCE])
    others = silent = 0
    for place, row in enumerate(map(_tidy, _rows(content))):
        if len(found.problems) >= FAULTS_MAX:
            break
        if isinstance(row, dict) and row.get("category", "stretching") != "stretching":
            others += 1
            continue
        label = label_of(place, row, "id")
        faults = faults_of(label, misfits(_CHECKS, row))
        if faults:
            found.problems += faults
        elif not row["instructions"]:
            silent += 1
        else:
            found.stretches.append(draft_of(_said(row)))
            found.places.append(label)
    if others:
        found.remarks.append(f"{others:,} exercises are left out: they are not of the category “stretching”.")
    if silent:
        found.remarks.append(f"{silent:,} stretches are left out: they have no instructions.")
    return found


def _tidy(row: Any) -> Any:
    """Take the spaces away that some of its texts end with, and lines without a word."""
    if not isinstance(row, dict):
        return row
    row = {key: value.strip() if isinstance(value, str) else value for key, value in row.items()}
    if "id" not in row and isinstance(row.get("name"), str):  # one exercise is a file of that name
        row["id"] = re.sub(r"[^0-9a-zA-Z]+", "_", row["name"])[:60]
    lines = row.get("instructions")
    if isinstance(lines, list):
        stripped = [line.strip() if isinstance(line, str) else line for line in lines]
        unique = {repr(line): line for line in stripped if line != ""}
        row["instructions"] = list(unique.values())
    return row


def _said(row: dict[str, Any]) -> Said:
    equipment = row["equipment"]
    return Said(
        slug=f"free-exercise-db-{row['id']}",
        name=row["name"],
        muscles=row["primaryMuscles"],
        equipment=[] if equipment in {None, "body only", "other"} else [equipment],
        steps=steps_of(row["instructions"]),
        difficulty=LEVELS[row["level"]],
        difficulty_basis=f"level in free-exercise-db: {row['level']}",
        source=_SOURCE["slug"],
        notes=f"From free-exercise-db, {row['id']}. Author: yuhonas and contributors."
        " Licence: public domain (Unlicense).",
    )
