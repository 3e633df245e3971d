"""From a path to a checked catalogue file, or to every reason why it is none."""

import itertools
import json
from pathlib import Path
from typing import Any

from stretches.catalogue.consistency import contradictions
from stretches.catalogue.layout import misfits

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "catalogue.json"
"""The catalogue that comes with Limber."""

BYTES_MAX = 100_000_000
"""A file of 10,000 stretches with 50,000 contraindications has half of that."""


FAULTS_MAX = 500
"""Nobody reads more, and a file can be made to have millions: reading stops there."""


class BadCatalogueError(Exception):
    """The file cannot be loaded; ``problems`` says why, a sentence a row."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def read_catalogue(path: Path) -> dict[str, Any]:
    """Read and check a whole file; nothing in it is taken on trust afterwards."""
    return check_catalogue(read_json(path))


def check_catalogue(content: object) -> dict[str, Any]:
    """Give back what was parsed if it is a catalogue; raises ``BadCatalogueError`` that names each fault."""
    problems = list(itertools.islice(misfits(content), FAULTS_MAX))
    if not problems and isinstance(content, dict):
        problems = list(itertools.islice(contradictions(content), FAULTS_MAX))
    if problems or not isinstance(content, dict):
        raise BadCatalogueError(problems)
    return content


def read_json(path: Path) -> object:
    """Read a file of JSON in which no key occurs twice."""
    try:
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
    except (OSError, ValueError) as error:
        raise BadCatalogueError([f"it cannot be read: {getattr(error, 'strerror', None) or error}"]) from error
    if len(content) > BYTES_MAX:
        raise BadCatalogueError([f"it is larger than {BYTES_MAX // 1_000_000} MB"])
    return parse_json(decoded(content))


def decoded(content: bytes) -> str:
    """Text of a file, which has to be UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadCatalogueError([f"it is not UTF-8: byte {error.start} is not valid there"]) from error


def parse_json(text: str) -> object:
    """Parse JSON in which no key occurs twice."""
    try:
        return json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        problem = f"it is not JSON: line {error.lineno}, column {error.colno}: {error.msg}"
        raise BadCatalogueError([problem]) from error
    except RecursionError as error:
        raise BadCatalogueError(["it is nested too deeply"]) from error
    except ValueError as error:
        raise BadCatalogueError([f"it is not JSON: {error}"]) from error


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content: dict[str, object] = {}
    for key, value in pairs:
        if key in content:
            raise ValueError(f"the key {ascii(key)[:80]} occurs twice in one object")
        content[key] = value
    return content


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number")
