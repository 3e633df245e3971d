"""Files for tests of import and export: catalogues, tables, workbooks, and what other projects publish."""

import csv
import io
import json
import zipfile
from typing import Any

from django.utils import timezone
from openpyxl import Workbook

from accounts.models import User
from stretches.exchange import incoming
from stretches.exchange.columns import SHEETS
from stretches.exchange.landing import Landed, landing, plan
from stretches.models import (
    CatalogueNote,
    CatalogueRelease,
    ConditionCode,
    Contraindication,
    MovementRule,
    Source,
    Stretch,
)

COUNTED = [CatalogueNote, CatalogueRelease, ConditionCode, Contraindication, MovementRule, Source, Stretch]


def counts() -> list[int]:
    """How many rows there are: what a refused file must not change."""
    return [model._default_manager.count() for model in COUNTED]


def land(content: bytes, *, with_changes: bool = False, by: User | None = None, seen: str = "") -> Landed:
    """Import a file to the end."""
    steps = landing(
        plan(incoming.read(content)),
        with_changes=with_changes,
        by=by,
        origin="Imported from “test”",
        at=timezone.now(),
        seen=seen,
    )
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def header(name: str) -> list[str]:
    return next(sheet for sheet in SHEETS if sheet.name == name).paths


def table(name: str, *rows: dict[str, Any], columns: list[str] | None = None, delimiter: str = ",") -> bytes:
    """A CSV file of one table; what a row lacks is empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(columns or header(name))
    writer.writerows([[row.get(column, "") for column in columns or header(name)] for row in rows])
    return text.getvalue().encode()


def workbook(**sheets: list[list[Any]]) -> bytes:
    """A workbook of these cells."""
    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """A workbook with parts of it put in other words: ``sheet1=b"…"`` replaces that sheet."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            stem = part.filename.rpartition("/")[2].partition(".")[0]
            new.writestr(part.filename, parts.pop(stem, b"") or old.read(part))
        for name, added in parts.items():
            new.writestr(name, added)
    return file.getvalue()


SOURCE = {"slug": "smith-2020", "citation": "Smith A. Backs. Spine 2020;1:1-9.", "verification": "read"}
STRETCH = {
    "slug": "new-stretch",
    "name": "New stretch",
    "family": "hamstring",
    "founding": "false",
    "target_muscles": "hamstrings\ncalves",
    "position": "supine",
    "spinal_load": "low",
    "spinal_loading_flags": "",
    "movement_flags": "hamstring_lengthening, end_range",
    "difficulty": 2,
    "sides": "per_side",
    "dosage.kind": "static_hold",
    "dosage.start_hold_seconds_min": 10,
    "dosage.start_hold_seconds_max": 20,
    "dosage.hold_seconds_min": 30,
    "dosage.hold_seconds_max": 60,
    "dosage.default_hold_seconds": 30,
    "dosage.repetitions": 3,
    "dosage.repetitions_stated_in_source": "yes",
    "dosage.times_per_day": 2,
    "dosage.days_per_week": 7,
    "steps": "Lie down.\nLift one leg.",
    "purpose": "Lengthen the hamstrings.",
    "stop_if": "sharp pain",
    "source": "smith-2020",
    "confidence": "high",
}
CONDITION = {
    "slug": "sore-knee",
    "name": "Sore knee",
    "kind": "symptom",
    "region": "knee",
    "tier": "core",
    "selectable": "true",
    "red_flag": "no",
    "non_resolving": "no",
    "source": "smith-2020",
    "confidence": "high",
}
CONTRAINDICATION = {
    "stretch": "new-stretch",
    "condition": "sore-knee",
    "severity": "absolute",
    "rationale": "It loads the knee.",
    "source": "smith-2020",
    "confidence": "high",
    "origin": "author",
}

FREE_EXERCISE = {
    "id": "Invented_Stretch",
    "name": "Invented Stretch",
    "force": "static",
    "level": "beginner",
    "mechanic": None,
    "equipment": "body only",
    "primaryMuscles": ["hamstrings"],
    "secondaryMuscles": [],
    "instructions": ["Lie on the floor.  ", "Raise one leg.", "Raise one leg."],
    "category": "stretching",
    "images": ["Invented_Stretch/0.jpg"],
}
WGER = {
    "id": 7,
    "uuid": "0ca1b2c3-1111-4222-8333-444455556666",
    "category": {"id": 9, "name": "Legs"},
    "muscles": [{"id": 11, "name": "Biceps femoris", "name_en": "Hamstrings", "is_front": False}],
    "muscles_secondary": [],
    "equipment": [{"id": 7, "name": "none (bodyweight exercise)"}],
    "license": {
        "id": 2,
        "full_name": "Creative Commons Attribution Share Alike 4",
        "short_name": "CC-BY-SA 4",
        "url": "https://creativecommons.org/licenses/by-sa/4.0/deed.en",
    },
    "license_author": "wger.de",
    "images": [{"id": 1, "image": "https://wger.de/media/1.png"}],
    "translations": [
        {"id": 1, "name": "Erfunden", "description": "<p>Liegen.</p>", "language": 1, "license_author": "Anna"},
        {
            "id": 2,
            "name": "Invented Lunge",
            "description": "<p>Kneel &amp; lean.</p><ol><li>Hold.</li><li>Change <b>sides</b>.</li></ol>"
            "<script>alert(1)</script>",
            "language": 2,
            "license": 2,
            "license_author": "Bob Author",
        },
    ],
}


def as_bytes(content: Any) -> bytes:
    return json.dumps(content).encode()
