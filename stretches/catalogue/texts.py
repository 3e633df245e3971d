"""The catalogue in the words of patients: a file for each language, beside the catalogue's own.

Each text stands beside the words of the catalogue that it puts differently, so that whoever translates or reviews has
both before them, and so that a text is never shown for words that have changed since. See docs/languages.md.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stretches.catalogue.checks import Check, fields, list_of, mapping_of, shown, slug, text
from stretches.catalogue.reading import SHIPPED, BadCatalogueError, read_json
from stretches.catalogue.records import Record, Row, Values, code_of
from stretches.models import CatalogueText
from stretches.models.text import digest_of_words

FOLDER = SHIPPED.parent / "texts"
"""The languages that come with Limber: ``es.json`` is Spanish."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?")
Kind = CatalogueText.Kind

_words = fields({"original": text(), "text": text()})
_line = fields({"original": text(500, one_line=True), "text": text(500, one_line=True)})
_lines = list_of(_line, at_least=1)

LANGUAGE: Check = fields(
    {
        "stretches": mapping_of(
            slug(80),
            fields(
                {
                    "name": fields({"original": text(120, one_line=True), "text": text(120, one_line=True)}),
                    "purpose": _words,
                    "steps": _lines,
                    "stop_if": _lines,
                    "picture": text(500, one_line=True),
                }
            ),
        ),
        "rationales": list_of(_words),
        "timing_advice": list_of(_words),
        "red_flag_questions": mapping_of(slug(40), _words),
        "red_flag_actions": mapping_of(slug(20), _words),
    }
)


def read_texts(folder: Path = FOLDER) -> dict[str, Any]:
    """Read and check every language in a folder; raises ``BadCatalogueError`` that names each fault and its file."""
    languages, problems = {}, []
    for path in sorted(folder.glob("*.json")):
        if not _LANGUAGE.fullmatch(path.stem):
            problems.append(f"{path.name}: {shown(path.stem)} is not a language's code such as es or pt-br")
            continue
        try:
            content = read_json(path)
        except BadCatalogueError as error:
            problems += [f"{path.name}: {problem}" for problem in error.problems]
            continue
        problems += [f"{path.name}: {where.removeprefix('.')}: {what}" for where, what in LANGUAGE(content)]
        languages[path.stem] = content
    if problems:
        raise BadCatalogueError(problems)
    return languages


def texts_of(content: Row) -> Iterator[Record]:
    """The texts for what a catalogue file has; what it lacks is not put into words either."""
    given = content.get("texts", {})
    if isinstance(given, list):  # as they were stored
        yield from (Record(code_of(row, "language", "kind", "key"), {**row}) for row in given)
        return
    known = set(_keys_of(content))
    for language, texts in given.items():
        for kind, key, original, words in _texts_in(texts):
            if (kind, key) in known:
                values: Values = {
                    "language": language,
                    "kind": kind.value,
                    "key": key,
                    "text": words,
                    "original_digest": digest_of_words(original),
                }
                yield Record(code_of(values, "language", "kind", "key"), values)


def _texts_in(texts: Row) -> Iterator[tuple[Kind, str, str, str]]:
    """Kind, key, words of the catalogue and words for the patient."""
    for key, row in texts["stretches"].items():
        steps, steps_text = _joined(row["steps"])
        yield Kind.STRETCH_NAME, key, row["name"]["original"], row["name"]["text"]
        yield Kind.STRETCH_PURPOSE, key, row["purpose"]["original"], row["purpose"]["text"]
        yield Kind.STRETCH_STEPS, key, steps, steps_text
        yield Kind.STRETCH_STOP_RULES, key, *_joined(row["stop_if"])
        yield Kind.STRETCH_PICTURE, key, steps, row["picture"]
    for kind, rows in ((Kind.RATIONALE, texts["rationales"]), (Kind.TIMING_ADVICE, texts["timing_advice"])):
        for row in rows:
            yield kind, digest_of_words(row["original"]), row["original"], row["text"]
    for key, row in texts["red_flag_questions"].items():
        yield Kind.RED_FLAG_QUESTION, key, row["original"], row["text"]
    for key, row in texts["red_flag_actions"].items():
        yield Kind.RED_FLAG_ACTION, key, row["original"], row["text"]


def _keys_of(content: Row) -> Iterator[tuple[Kind, str]]:
    for row in content["stretches"]:
        yield from ((kind, row["slug"]) for kind in Kind if kind.value.startswith("stretch-"))
    for row in content["contraindications"]:
        yield Kind.RATIONALE, digest_of_words(row["rationale"])
    for row in content["meta"]["timing_rules"]:
        yield Kind.TIMING_ADVICE, digest_of_words(row["advice"])
    yield from ((Kind.RED_FLAG_QUESTION, row["id"]) for row in content["meta"]["red_flag_screen"])
    yield from ((Kind.RED_FLAG_ACTION, tier) for tier in content["meta"]["red_flag_actions"])


def _joined(rows: list[Row]) -> tuple[str, str]:
    """Originals and texts, a line each, as the database stores them."""
    return "\n".join(row["original"] for row in rows), "\n".join(row["text"] for row in rows)
