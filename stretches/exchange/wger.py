"""Exercises of wger (https://wger.de) as its API gives them under ``exerciseinfo``.

The English words are taken, with the licence and the author that each names. Pictures and videos are not looked at.
"""

from typing import Any

from django.utils.text import slugify

from stretches.catalogue.checks import fields, optional, slug, text
from stretches.catalogue.reading import FAULTS_MAX
from stretches.exchange.foreign import Foreign, Said, draft_of, faults_of, label_of, lines_of_html, misfits, steps_of

KIND = "Exercises of wger"
ENGLISH = 2
"""The language's number at wger."""
_LICENCE = fields(
    {
        "id": lambda _: iter(()),
        "full_name": text(200, one_line=True),
        "short_name": text(60, one_line=True),
        "url": optional(text(300, blank=True)),
    },
    may_lack=["id", "url"],
)
_CHECKS = {"uuid": slug(36), "license": _LICENCE}
_TRANSLATION_CHECKS = {
    "name": text(120, one_line=True),
    "description": text(20_000, blank=True),
    "license_author": optional(text(600, blank=True)),
}


def _rows(content: object) -> list[Any]:
    if isinstance(content, dict) and isinstance(content.get("results"), list):
        return list(content["results"])
    return content if isinstance(content, list) else [content]


def is_one(content: object) -> bool:
    """Whether it is such a file: a page of the API, its list, or one exercise."""
    first = next(iter(_rows(content)), None)
    return isinstance(first, dict) and "uuid" in first and bool({"translations", "exercises"} & set(first))


def rows_of(content: object) -> Foreign:
    """Its exercises as drafts; what has no English words is left out and counted."""
    found = Foreign()
    sources: dict[str, dict[str, Any]] = {}
    silent = 0
    for place, row in enumerate(_rows(content)):
        if len(found.problems) >= FAULTS_MAX:
            break
        label = label_of(place, row, "uuid")
        faults = faults_of(label, misfits(_CHECKS, row))
        if faults:
            found.problems += faults
            continue
        english = _english(row)
        if english is None:
            silent += 1
            continue
        english = {key: value.strip() if isinstance(value, str) else value for key, value in english.items()}
        faults = faults_of(label, misfits(_TRANSLATION_CHECKS, english))
        steps = [] if faults else steps_of(lines_of_html(english["description"]))
        if faults:
            found.problems += faults
        elif not steps or not _muscles(row):
            silent += 1
        else:
            source = _source(row["license"])
            sources[source["slug"]] = source
            found.stretches.append(draft_of(_said(row, english, steps, source)))
            found.places.append(label)
    found.sources = list(sources.values())
    if silent:
        found.remarks.append(f"{silent:,} exercises are left out: they have no description in English, or no muscles.")
    return found


def _english(row: dict[str, Any]) -> dict[str, Any] | None:
    translations = row.get("translations", row.get("exercises"))
    for translation in translations if isinstance(translations, list) else ():
        if isinstance(translation, dict) and translation.get("language") == ENGLISH:
            return translation
    return None


def _names(rows: Any, *keys: str) -> list[str]:
    """What the rows of a list are called, as short as a name may be."""
    found = []
    for row in rows if isinstance(rows, list) else ():
        names = [row.get(key) for key in keys] if isinstance(row, dict) else []
        found += [name.strip()[:60] for name in names if isinstance(name, str) and slugify(name)][:1]
    return found


def _muscles(row: dict[str, Any]) -> list[str]:
    return _names(row.get("muscles"), "name_en", "name") or _names([row.get("category")], "name")


def _source(licence: dict[str, Any]) -> dict[str, Any]:
    return {
        "slug": f"wger-{slugify(licence['short_name'])}"[:60],
        "citation": f"wger, exercise database, https://wger.de. Licence: {_licence(licence)}."
        " The author of each text is named in its notes.",
        "verification": "background",
    }


def _licence(licence: dict[str, Any]) -> str:
    return ", ".join(filter(None, [f"{licence['full_name']} ({licence['short_name']})", licence.get("url")]))


def _said(row: dict[str, Any], english: dict[str, Any], steps: list[str], source: dict[str, Any]) -> Said:
    authors = english.get("license_author") or row.get("license_author")
    author = " ".join(authors.split()) if isinstance(authors, str) and authors.strip() else "not named at wger"
    return Said(
        slug=f"wger-{slugify(english['name'])[:60]}-{row['uuid'][:8]}",
        name=english["name"],
        muscles=_muscles(row),
        equipment=[name for name in _names(row.get("equipment"), "name") if not name.startswith("none")],
        steps=steps,
        difficulty=5,
        difficulty_basis="not said by wger",
        source=source["slug"],
        notes=f"From wger, exercise {row['uuid']}. Author: {author}. Licence: {_licence(row['license'])}."
        " Changed: divided into steps.",
    )
