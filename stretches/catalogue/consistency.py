"""Whether the rows of a catalogue file agree with each other. Takes a file whose layout was checked."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from stretches.catalogue.checks import shown
from stretches.catalogue.layout import EVERY_STRETCH, row_label
from stretches.catalogue.records import notes_of, word_key
from stretches.models.stretch import HOLD_FIELDS, hold_problems

Row = dict[str, Any]
Sentences = Iterator[str]


def contradictions(content: Row) -> Sentences:
    """Say, row by row, what contradicts another row."""
    yield from _repeated_names(content)
    yield from _conditions(content)
    yield from _stretches(content)
    yield from _movements(content)
    yield from _contraindications(content)
    yield from _movement_rules(content)
    yield from _advice(content)


def circle(edges: Mapping[str, Iterable[str]]) -> list[str]:
    """Find one way that leads back to its start, the start named at both ends; empty where there is none.

    Walks without recursion: a file may hold a chain of thousands.
    """
    done: set[str] = set()
    for start in edges:
        way: list[str] = []
        waiting = [(start, False)]
        while waiting:
            name, is_left = waiting.pop()
            if is_left:
                way.pop()
                done.add(name)
            elif name in way:
                return [*way[way.index(name) :], name]
            elif name not in done:
                way.append(name)
                waiting.append((name, True))
                waiting.extend((above, False) for above in edges.get(name, ()))
    return []


def _repeated_names(content: Row) -> Sentences:
    for table, key in (("conditions", "slug"), ("stretches", "slug"), ("contraindications", "id")):
        yield from _repeats(table, content[table], itemgetter(key), f"{key} is used by")
    rules, timing = content["movement_rules"], content["meta"]["timing_rules"]
    same_rule = "condition and rationale are those of"
    yield from _repeats("movement_rules", rules, itemgetter("condition", "rationale"), same_rule)
    same_advice = "condition and advice are those of"
    yield from _repeats("meta.timing_rules", timing, itemgetter("condition", "advice"), same_advice)
    screen = content["meta"]["red_flag_screen"]
    yield from _repeats("meta.red_flag_screen", screen, itemgetter("id"), "id is used by")
    names = Counter(record.key for record in notes_of(content))
    yield from (f"meta: two catalogue notes are named {name}" for name, count in names.items() if count > 1)
    for key in ("target_muscles", "equipment"):
        yield from _names_that_become_one(content, key)


def _repeats(table: str, rows: list[Row], name_of: Callable[[Row], object], words: str) -> Sentences:
    first: dict[object, int] = {}
    for place, row in enumerate(rows):
        earlier = first.setdefault(name_of(row), place)
        if earlier != place:
            yield f"{row_label(table, place, row)}: {words} {table}[{earlier}] already"


def _names_that_become_one(content: Row, key: str) -> Sentences:
    names: dict[str, str] = {}
    for place, row in enumerate(content["stretches"]):
        for name in row[key]:
            short = word_key(content, key, name)
            if not short:
                yield f"{row_label('stretches', place, row)}: {key}: {shown(name)} has no letters of a short name"
            elif names.setdefault(short, name) != name:
                other = shown(names[short])
                yield f"{row_label('stretches', place, row)}: {key}: {shown(name)} is too like {other} in another row"


def _unknown(label: str, key: str, names: Iterable[str], known: Iterable[str], what: str) -> Sentences:
    yield from (f"{label}: {key}: {shown(name)} is not a {what} in this file" for name in names if name not in known)


def _conditions(content: Row) -> Sentences:
    known = {row["slug"] for row in content["conditions"]}
    edges: dict[str, list[str]] = defaultdict(list)
    for place, row in enumerate(content["conditions"]):
        label = row_label("conditions", place, row)
        yield from _unknown(label, "source", [row["source"]], content["sources"], "source")
        yield from _unknown(label, "parent", filter(None, [row["parent"]]), known, "condition")
        yield from _unknown(label, "additional_parents", row["additional_parents"], known, "condition")
        if row["additional_parents"] and not row["parent"]:
            yield f"{label}: additional_parents: there is no parent"
        if row["parent"] in row["additional_parents"]:
            yield f"{label}: additional_parents: {shown(row['parent'])} is the parent already"
        edges[row["slug"]] += [*filter(None, [row["parent"]]), *row["additional_parents"]]
    if found := circle(edges):
        yield f"conditions: the hierarchy has a circle: {' → '.join(found)}"


def _stretches(content: Row) -> Sentences:
    rows = {row["slug"]: row for row in content["stretches"]}
    for place, row in enumerate(content["stretches"]):
        label = row_label("stretches", place, row)
        yield from _unknown(label, "source", [row["source"]], content["sources"], "source")
        holds = {name: row["dosage"][name] for name in HOLD_FIELDS}
        yield from (f"{label}: dosage.{name}: {words}" for name, words in hold_problems(holds).items())
        for key, back in (("easier", "harder"), ("harder", "easier")):
            yield from _unknown(label, key, row[key], rows, "stretch")
            for name in row[key]:
                if name in rows and row["slug"] not in rows[name][back]:
                    yield f"{label}: {key}: {name} does not name it as {back}"
        for name in row["easier"]:
            if name in rows and rows[name]["difficulty"] > row["difficulty"]:
                levels = f"{rows[name]['difficulty']} against {row['difficulty']}"
                yield f"{label}: easier: {name} is not easier: difficulty {levels}"
    if found := circle({slug: row["easier"] for slug, row in rows.items()}):
        yield f"stretches: each is easier than the one before, in a circle: {' → '.join(found)}"


def _known_movements(content: Row) -> set[str]:
    of_stretches = {name for row in content["stretches"] for name in row["movement_flags"]}
    return of_stretches | set(content.get("words", {}).get("movements", ()))


def _one_by_sight(names: Iterable[str]) -> Iterator[list[str]]:
    """Names that differ in nothing but how their words are joined, or in capitals."""
    alike: dict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        alike[re.sub(r"[\W_]", "", name).lower()].append(name)
    yield from (same for same in alike.values() if len(same) > 1)


def _movements(content: Row) -> Sentences:
    words = content.get("words", {}).get("movements", {})
    for names in _one_by_sight([*words, *(name for row in content["stretches"] for name in row["movement_flags"])]):
        yield f"movements: {' and '.join(map(shown, names))} are one movement in two spellings: no rule knows both"
    spinal = {name for row in content["stretches"] for name in row["spinal_loading_flags"]}
    spinal |= {name for name, word in words.items() if word["spinal_loading"]}
    for place, row in enumerate(content["stretches"]):
        label = row_label("stretches", place, row)
        has, says = set(row["movement_flags"]), set(row["spinal_loading_flags"])
        for name in sorted(says - has):
            yield f"{label}: spinal_loading_flags: {shown(name)} is not among its movement_flags"
        for name in sorted((has & spinal) - says):
            yield f"{label}: spinal_loading_flags: {shown(name)} is missing, though another stretch has it there"


def _contraindications(content: Row) -> Sentences:
    conditions = {row["slug"]: row for row in content["conditions"]}
    stretches = {row["slug"]: row for row in content["stretches"]}
    for place, row in enumerate(content["contraindications"]):
        label = row_label("contraindications", place, row)
        yield from _unknown(label, "source", [row["source"]], content["sources"], "source")
        yield from _unknown(label, "stretch", [row["stretch"]], stretches, "stretch")
        yield from _unknown(label, "condition", [row["condition"]], conditions, "condition")
        yield from _window(label, row["window"], conditions.get(row["condition"]))
        if row["stretch"] in stretches:
            has = stretches[row["stretch"]]["movement_flags"]
            missing = [name for name in row["matched_flags"] if name not in has]
            yield from (f"{label}: matched_flags: {shown(name)} is no movement of the stretch" for name in missing)


def _window(label: str, window: Row | None, condition: Row | None) -> Sentences:
    if window is None:
        return
    if window["until_week"] is not None and window["until_week"] <= window["from_week"]:
        yield f"{label}: window: ends in week {window['until_week']}, before it starts in week {window['from_week']}"
    if condition is None:
        return
    if condition["window_anchor"] is None:
        yield f"{label}: window: {condition['slug']} has no window_anchor to count from"
    elif window.get("anchor", condition["window_anchor"]) != condition["window_anchor"]:
        counted = f"{condition['slug']} counts from {condition['window_anchor']}"
        yield f"{label}: window.anchor: {shown(window['anchor'])}, but {counted}"


def _movement_rules(content: Row) -> Sentences:
    conditions = {row["slug"]: row for row in content["conditions"]}
    movements = _known_movements(content)
    for place, row in enumerate(content["movement_rules"]):
        label = row_label("movement_rules", place, row)
        yield from _unknown(label, "source", [row["source"]], content["sources"], "source")
        yield from _unknown(label, "condition", [row["condition"]], conditions, "condition")
        yield from _window(label, row["window"], conditions.get(row["condition"]))
        named = [name for name in row["any_flags"] if name != EVERY_STRETCH]
        yield from _unknown(label, "any_flags", named, movements, "movement of a stretch")
        if named and len(named) < len(row["any_flags"]):
            yield f'{label}: any_flags: "{EVERY_STRETCH}" stands alone or not at all'


def _advice(content: Row) -> Sentences:
    meta = content["meta"]
    conditions = {row["slug"] for row in content["conditions"]}
    movements = _known_movements(content)
    for place, row in enumerate(meta["timing_rules"]):
        label = row_label("meta.timing_rules", place, row)
        yield from _unknown(label, "source", [row["source"]], content["sources"], "source")
        yield from _unknown(label, "condition", [row["condition"]], conditions, "condition")
        yield from _unknown(label, "flags", row["flags"], movements, "movement of a stretch")
    tiers = set(meta["red_flag_actions"]) - {"note"}
    for place, row in enumerate(meta["red_flag_screen"]):
        label = row_label("meta.red_flag_screen", place, row)
        yield from _unknown(label, "source", [row["source"]], content["sources"], "source")
        yield from _unknown(label, "action", [row["action"]], tiers, "red-flag action")
