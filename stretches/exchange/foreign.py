"""What other projects publish, as drafts: their words are taken, and nothing is made up that they do not say.

A draft is never offered. What the catalogue asks for and a project does not say is filled in with the most cautious
value there is and named in the notes, for the reviewer to decide.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any

from django.utils.text import slugify

from stretches.catalogue.checks import Check, Problem
from stretches.catalogue.records import Row
from stretches.models import Position, Sides, Stretch, StretchStatus

STEP_MAX_LENGTH = 500
TO_BE_DECIDED = "Not said by the source: to be written in review."
LEFT_OPEN = (
    "Not said by the source and only filled in until the review: position, sides, load on the spine, movements, dose,"
    " when to stop."
)
NOT_TOLD = (
    "They come as drafts without contraindications: none is offered before it was reviewed. No pictures are taken."
)


@dataclasses.dataclass
class Foreign:
    """Rows made of what another project says, where each stood, what was left out, and what is wrong with the file."""

    sources: list[Row] = dataclasses.field(default_factory=list)
    stretches: list[Row] = dataclasses.field(default_factory=list)
    places: list[str] = dataclasses.field(default_factory=list)
    remarks: list[str] = dataclasses.field(default_factory=list)
    problems: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Said:
    """What another project says of an exercise."""

    slug: str
    name: str
    muscles: list[str]
    equipment: list[str]
    steps: list[str]
    difficulty: int
    difficulty_basis: str
    source: str
    notes: str


def draft_of(said: Said) -> Row:
    """A stretch of the catalogue that says so much and no more."""
    muscles = list(dict.fromkeys(name.strip().lower() for name in said.muscles if slugify(name)))
    shortest = dict.fromkeys(
        ["start_hold_seconds_min", "start_hold_seconds_max", "hold_seconds_min", "hold_seconds_max"], 10
    )
    return {
        "slug": said.slug,
        "name": said.name,
        "status": StretchStatus.DRAFT.value,
        "family": "imported",
        "founding": False,
        "article_rank_hardest_first": None,
        "target_muscles": muscles,
        "position": Position.STANDING.value,
        "spinal_load": Stretch.SpinalLoad.HIGH.value,
        "spinal_loading_flags": [],
        "movement_flags": [],
        "equipment": list(dict.fromkeys(name.strip().lower() for name in said.equipment if slugify(name))),
        "difficulty": said.difficulty,
        "difficulty_basis": said.difficulty_basis,
        "sides": Sides.PER_SIDE.value,
        "dosage": {
            "kind": Stretch.DoseKind.STATIC_HOLD.value,
            **shortest,
            "default_hold_seconds": 10,
            "repetitions": 1,
            "repetitions_stated_in_source": False,
            "times_per_day": 1,
            "days_per_week": 1,
            "routine_anchors": [],
            "note": TO_BE_DECIDED,
        },
        "steps": said.steps,
        "purpose": f"Stretches: {', '.join(muscles)}.",
        "stop_if": [TO_BE_DECIDED],
        "easier": [],
        "harder": [],
        "notes": f"{said.notes}\n{LEFT_OPEN}",
        "source": said.source,
        "confidence": "low",
    }


def steps_of(texts: Iterable[str]) -> list[str]:
    """Texts as steps of one line each; a long one is divided after a full stop, and what is said twice stands once."""
    steps: dict[str, None] = {}
    for text in texts:
        for line in _short_lines(" ".join(text.split())):
            steps.setdefault(line)
    return list(steps)


def _short_lines(text: str) -> Iterator[str]:
    line = ""
    for sentence in re.split(r"(?<=[.!?]) ", text):
        if line and len(line) + len(sentence) >= STEP_MAX_LENGTH:
            yield line
            line = ""
        line = f"{line} {sentence}".strip()
    if line:
        yield line


class _TextOnly(HTMLParser):
    """Collects the text of HTML, a line for each block."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = [""]
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in {"script", "style"}:
            self._silent += 1
        elif tag in {"p", "li", "br", "div", "ol", "ul"} or tag[:1] == "h":
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._silent = max(0, self._silent - 1)
        else:
            self.handle_starttag(tag, ())

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.lines[-1] += data


def lines_of_html(html: str) -> list[str]:
    """The text of a piece of HTML, line by line; nothing of its markup is kept."""
    parser = _TextOnly()
    parser.feed(html)
    parser.close()
    return [line for line in parser.lines if line.strip()]


def misfits(checks: dict[str, Check], row: object) -> Iterator[Problem]:
    """What is wrong with the fields that are used; others may be there."""
    if not isinstance(row, dict):
        yield "", "is not an object"
        return
    for name, check in checks.items():
        if name not in row:
            yield name, "is missing"
        else:
            yield from ((f"{name}{path}", words) for path, words in check(row[name]))


def label_of(place: int, row: object, key: str) -> str:
    """Name an exercise by its place in the file, counted from 0, and by its own name there."""
    name = row.get(key) if isinstance(row, dict) else None
    return f"exercises[{place}] {ascii(name)[1:-1][:60]}" if isinstance(name, str) else f"exercises[{place}]"


def faults_of(label: str, problems: Iterable[Problem]) -> list[str]:
    """A sentence for each fault."""
    return [f"{label}: {path}: {words}" if path else f"{label}: {words}" for path, words in problems]
