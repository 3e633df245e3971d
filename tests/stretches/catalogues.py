"""Catalogue files for tests: the shipped one, and a small one that is quick to load."""

import json
from pathlib import Path
from typing import Any

from stretches.catalogue.reading import SHIPPED

SMALL_STRETCHES = {"standing-hamstring-stretch", "chair-hamstring-stretch", "seated-hamstring-stretch"}


def shipped() -> dict[str, Any]:
    """The content of the catalogue that comes with Limber."""
    return json.loads(SHIPPED.read_text(encoding="utf-8"))


def small() -> dict[str, Any]:
    """All conditions and sources, but three stretches with what belongs to them."""
    content = shipped()
    content["stretches"] = [row for row in content["stretches"] if row["slug"] in SMALL_STRETCHES]
    for row in content["stretches"]:
        for key in ("easier", "harder"):
            row[key] = [slug for slug in row[key] if slug in SMALL_STRETCHES]
    movements = {name for row in content["stretches"] for name in row["movement_flags"]}
    content["contraindications"] = [row for row in content["contraindications"] if row["stretch"] in SMALL_STRETCHES]
    rules = [row for row in content["movement_rules"] if movements.issuperset(row["any_flags"])]
    content["movement_rules"] = rules[:10]
    timing = content["meta"]["timing_rules"][0]
    timing["flags"] = [name for name in timing["flags"] if name in movements]
    return content


def written(content: Any, folder: Path) -> Path:
    """Write a file and say where it is."""
    path = folder / "catalogue.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
