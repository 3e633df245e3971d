"""From the bytes that somebody sends to rows of the catalogue that were checked, or to all that is wrong with them."""

import dataclasses
import itertools
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from django.utils.text import slugify

from stretches.catalogue.checks import shown, shown_key
from stretches.catalogue.consistency import contradictions
from stretches.catalogue.layout import row_label
from stretches.catalogue.reading import FAULTS_MAX, BadCatalogueError, check_catalogue, decoded, parse_json
from stretches.catalogue.records import Row, code_of, word_key
from stretches.exchange import free_exercise_db, wger
from stretches.exchange.columns import SHEETS, Sheet
from stretches.exchange.foreign import NOT_TOLD, Foreign
from stretches.exchange.mistaken import refuse_no_text
from stretches.exchange.rows import column_names, misfits, rows_and_faults
from stretches.exchange.spreadsheets import Table, read_csv, read_xlsx
from stretches.exchange.stored import stored_catalogue
from stretches.models import Equipment, Muscle, StretchStatus

BYTES_MAX = 40_000_000
"""10,000 stretches as JSON have 25 million."""

NO_STATUS = (
    "The status of stretches is not taken from a file: new ones are drafts, the others keep theirs or go back to draft."
)


@dataclasses.dataclass(frozen=True)
class Incoming:
    """What a file holds: its own rows in the layout of a catalogue file, stretches as drafts.

    ``remarks`` say what of it is not taken.
    """

    kind: str
    content: Row
    remarks: tuple[str, ...] = ()


def read(content: bytes) -> Incoming:
    """Read and check a file, whatever its name says it is; raises ``BadCatalogueError`` that names every fault."""
    if len(content) > BYTES_MAX:
        raise BadCatalogueError([f"it is larger than {BYTES_MAX // 1_000_000} MB"])
    if not content.strip():
        raise BadCatalogueError(["it is empty"])
    if content.startswith(b"PK\x03\x04"):
        return _from_sheets("A workbook", read_xlsx(content, is_header=lambda header: _meant(header) is not None))
    refuse_no_text(content)
    start = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if start in {b"{", b"["}:
        return _from_json(parse_json(decoded(content)))
    return _from_sheets("A table as CSV", {"": read_csv(content)})


def _from_json(content: object) -> Incoming:
    for project in (free_exercise_db, wger):
        if project.is_one(content):
            return _from_elsewhere(project.KIND, project.rows_of(content))
    catalogue = check_catalogue(content)
    has_status = any("status" in row for row in catalogue["stretches"])
    _become_drafts(catalogue["stretches"])
    return Incoming("A catalogue", catalogue, (NO_STATUS,) if has_status else ())


def _from_elsewhere(kind: str, found: Foreign) -> Incoming:
    problems = list(found.problems)
    for row, place in zip(found.stretches, found.places, strict=True):
        if len(problems) >= FAULTS_MAX:
            break
        problems += [f"{place}: {path.removeprefix('.')}: {words}" for path, words in misfits("stretches", row)]
    if not problems and not found.stretches:
        problems = ["it has no stretches in it", *found.remarks]
    if problems:
        raise BadCatalogueError(problems)
    words = {
        "target_muscles": set(Muscle.objects.values_list("slug", flat=True)),
        "equipment": set(Equipment.objects.values_list("slug", flat=True)),
    }
    for row in found.stretches:
        for kind_of_word, known in words.items():  # by their short names, however they are written elsewhere
            row[kind_of_word] = [
                short if (short := slugify(name)[:60]) in known else name for name in row[kind_of_word]
            ]
    rows = {"sources": found.sources, "stretches": found.stretches}
    return _checked(kind, rows, {"stretches": found.places}, (*found.remarks, NOT_TOLD))


def _become_drafts(stretches: list[Row]) -> None:
    for row in stretches:
        row["status"] = StretchStatus.DRAFT.value


# Tables of a spreadsheet ----------------------------------------------------------------------------------------------
def _from_sheets(kind: str, sheets: dict[str, Table]) -> Incoming:
    rows: dict[str, list[Row]] = {}
    places: dict[str, list[str]] = {}
    problems: list[str] = []
    others: dict[str, list[str]] = {}
    for title, table in sheets.items():
        if not table:
            continue
        sheet, faults = _sheet_of(title, table[0])
        if sheet is None and slugify(title).replace("-", "_") not in {sheet.name for sheet in SHEETS}:
            others[title] = faults
            continue
        problems += faults
        if sheet is None:
            continue
        if sheet.name in rows:
            problems.append(f"{title} row 1: another sheet has {sheet.name} already: put all of them into one")
            continue
        label = f"{title} row" if title else "row"
        rows[sheet.name], places[sheet.name], faults = rows_and_faults(sheet, table, label)
        problems += faults
    if not rows:
        problems += itertools.chain.from_iterable(others.values())
    if problems:
        raise BadCatalogueError(problems)
    if not any(rows.values()):
        raise BadCatalogueError(["it has no rows"])
    has_status = any("status" in row for row in rows.get("stretches", ()))
    remarks = [f"The sheet “{title}” is left out: it names no columns of the catalogue." for title in others]
    return _checked(kind, rows, places, (*remarks, NO_STATUS) if has_status else tuple(remarks))


def _meant(header: list[str]) -> Sheet | None:
    """The table that a header means: that which it has most columns of, if it has two."""
    names = set(column_names(header))
    sheet = max(SHEETS, key=lambda sheet: len(sheet.required & names) / len(sheet.required))
    return sheet if len(sheet.required & names) >= 2 else None


def _sheet_of(title: str, header: list[str]) -> tuple[Sheet | None, list[str]]:
    """The table that a header means, and what is wrong with the header."""
    names = column_names(header)
    sheet = _meant(header)
    label = f"{title} row 1" if title else "row 1"
    if sheet is None:
        known = "; ".join(f"{sheet.name} has {', '.join(sheet.paths[:4])} and others" for sheet in SHEETS)
        given = f"the first row has to, as in what the export gives: {known}"
        return None, [f"{label}: it names no columns of the catalogue; {given}"]
    lacking = "no column has this name; the first row has to name it, as in what the export gives"
    faults = [f"{label}: {name}: {lacking}" for name in sheet.paths if name in sheet.required - set(names)]
    unknown = [name for name in names if name not in sheet.paths]
    faults += [f"{label}: {shown_key(name)}: is not a column of {sheet.name}" for name in unknown if name]
    faults += [f"{label}: a column has no name" for name in unknown if not name]
    faults += [
        f"{label}: {name}: stands there twice" for name in sorted({n for n in names if n and names.count(n) > 1})
    ]
    return sheet, faults


# Held against what is here --------------------------------------------------------------------------------------------
def _checked(kind: str, rows: dict[str, list[Row]], places: dict[str, list[str]], remarks: tuple[str, ...]) -> Incoming:
    """Check rows together with the library that they join; what was wrong there before is not the file's fault."""
    library = stored_catalogue()
    before = set(contradictions(_linked(library)))
    together = dict(library)
    labels: dict[str, str] = {}
    repeated: list[str] = []
    for name, found in rows.items():
        together[name] = _joined(name, library[name], found, places.get(name, []), labels, repeated)
    if repeated:
        raise BadCatalogueError(repeated)
    _become_drafts(rows.get("stretches", []))
    faults = [fault for fault in contradictions(_linked(together)) if fault not in before]
    faults += _strange_movements(library, rows, places)
    if faults:
        raise BadCatalogueError([_placed(fault, labels) for fault in faults])
    return Incoming(kind, _alone(library, together, rows), remarks)


def _strange_movements(library: Row, rows: dict[str, list[Row]], places: dict[str, list[str]]) -> Iterator[str]:
    """Movements that neither the library knows nor a rule of the file: slips of the hand, and nothing is proposed.

    An empty library knows none, and is filled by such files.
    """
    known = set(library["words"]["movements"])
    if not known:
        return
    ruled = known.union(*(row["any_flags"] for row in rows.get("movement_rules", ())))
    stretches = rows.get("stretches", [])
    for row, where in zip(stretches, places.get("stretches") or [""] * len(stretches), strict=True):
        for name in dict.fromkeys([*row["movement_flags"], *row["spinal_loading_flags"]]):
            if name not in ruled:
                like = get_close_matches(name, sorted(known), n=1)
                meant = f"Did you mean {shown(like[0])}?" if like else "A new one is added under Movements first."
                yield f"{where or row['slug']}: movement_flags: {shown(name)} is no movement of the library. {meant}"


def _key(name: str, row: Row) -> Any:
    match name:
        case "contraindications":
            return row["id"]
        case "movement_rules":
            return row.get("id") or code_of({**row, "condition_code": row["condition"]}, "condition_code", "rationale")
        case _:
            return row["slug"]


def _joined(
    name: str, stored: Any, found: list[Row], places: list[str], labels: dict[str, str], repeated: list[str]
) -> Any:
    """Rows of the library with those of the file in their place or after them."""
    if name == "sources":
        slugs = [row["slug"] for row in found]
        again = sorted({slug for slug in slugs if slugs.count(slug) > 1})
        repeated += [f"sources: {ascii(slug)[1:-1]} stands there twice" for slug in again]
        new = {row["slug"]: {key: value for key, value in row.items() if key != "slug"} for row in found}
        return {**stored, **new}
    joined = list(stored)
    at = {_key(name, row): place for place, row in enumerate(joined)}
    seen: dict[Any, str] = {}
    for row, where in zip(found, places or [""] * len(found), strict=True):
        key = _key(name, row)
        if key in seen:
            repeated.append(f"{where or name}: {ascii(key)[1:-1]} stands in {seen[key] or 'the file'} already")
            continue
        seen[key] = where
        place = at.setdefault(key, len(joined))
        joined[place : place + 1] = [row]
        if where:
            labels[row_label(name, place, row)] = where
    return joined


def _linked(content: Row) -> Row:
    """Fill in what follows: the harder stretches, and the day from which a window counts."""
    harder: dict[str, list[str]] = {row["slug"]: [] for row in content["stretches"]}
    for row in content["stretches"]:
        for easier in row["easier"]:
            harder.setdefault(easier, []).append(row["slug"])
    stretches = [{**row, "harder": harder[row["slug"]]} for row in content["stretches"]]
    return {**content, "stretches": stretches}


def _placed(fault: str, labels: dict[str, str]) -> str:
    label, colon, rest = fault.partition(": ")
    return f"{labels.get(label, label)}{colon}{rest}"


def _alone(library: Row, together: Row, rows: dict[str, list[Row]]) -> Row:
    """Only the file's own rows, in the layout of a catalogue file."""
    meta = {**library["meta"], "timing_rules": [], "red_flag_screen": [], "red_flag_actions": {}, "notes": []}
    own: Row = {"meta": meta, "words": {"movements": {}}, "texts": []}
    for kind in ("target_muscles", "equipment"):
        used = {word_key(library, kind, name) for row in rows.get("stretches", ()) for name in row[kind]}
        own["words"][kind] = {slug: name for slug, name in library["words"][kind].items() if slug in used}
    slugs = [row["slug"] for row in rows.get("sources", ())]
    own["sources"] = {slug: together["sources"][slug] for slug in slugs}
    for name in ("conditions", "stretches", "contraindications", "movement_rules"):
        own[name] = rows.get(name, [])
    return own
