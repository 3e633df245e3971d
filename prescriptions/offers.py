"""What the builder shows: the stretches that may be offered to a patient, page by page, and the draft as it stands.

It reads and decides nothing: which stretches, and why, comes from ``prescriptions.safety`` alone. The number of queries
depends on what is shown, never on how much.
"""

import dataclasses
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db.models import Count, F, QuerySet, TextField, UUIDField, Value
from django.db.models.functions import Cast

from prescriptions import safety
from prescriptions.builder import Builder, Card, DraftLine, LeftOut, Section, Timing
from prescriptions.models import Line, Prescription, TemplateLine
from prescriptions.neighbours import nearest_neighbours
from prescriptions.safety import Verdict
from stretches.models import Equipment, Muscle, SignOff, Stretch, TimingRule

PAGE = 24
COUNTED_MAX = 99
"""So many of those held back are counted: who reads them turns pages, and all of them are the whole catalogue."""
OFFERED = (Verdict.ALLOWED, Verdict.CAUTION)
WITHHELD = (Verdict.NEEDS_OVERRIDE, Verdict.EXCLUDED)


def build(
    prescription: Prescription,
    circumstances: safety.Circumstances,
    stretches: QuerySet[Stretch],
    *,
    pages: Mapping[Verdict, int],
) -> Builder:
    """Read the screen: ``stretches`` is what the clinician looks for, ``pages`` which page of each section.

    Six queries, two of them only when a contraindication applies; four more when a line became unsafe, or a template's
    stretch was left out, and one for a template. Nothing is offered while the record has a problem.
    """
    items = list(prescription.items.as_lines())
    chosen = {item.stretch_id for item in items}
    if not circumstances.may_prescribe:
        stretches = stretches.none()
    rows = _rows(circumstances, stretches, pages)
    proposed = _proposed(prescription, chosen)
    shown = {stretch.pk: stretch for stretch in [*rows, *(item.stretch for item in items), *proposed]}
    decisions = prescription.patient.overrides.decisions(on=circumstances.on)
    assessments = safety.assess(circumstances, list(shown.values()), covered=decisions)
    words = _words(circumstances, stretches, [row.pk for row in rows], [item.stretch_id for item in items])
    lines = [Line.of(item, assessments[item.stretch_id], decisions.get(item.stretch_id, {})) for item in items]
    left_out = [assessments[stretch.pk] for stretch in proposed if assessments[stretch.pk].verdict in WITHHELD]
    unsafe = [line.item.stretch for line in lines if not line.is_safe] + [each.stretch for each in left_out]
    neighbours = nearest_neighbours(circumstances, unsafe) if unsafe and circumstances.may_prescribe else {}
    cards = [
        Card(
            row,
            assessments[row.pk],
            muscles=words.muscles_of[row.pk],
            equipment=words.equipment_of[row.pk],
            is_chosen=row.pk in chosen,
        )
        for row in rows
    ]
    return Builder(
        sections=tuple(_section(verdict, cards, pages[verdict]) for verdict in OFFERED),
        withheld=words.withheld,
        muscles=words.muscles,
        equipment=words.equipment,
        lines=tuple(
            DraftLine(line, words.timings_of[line.item.stretch_id], neighbours.get(line.item.stretch_id))
            for line in lines
        ),
        left_out=tuple(
            LeftOut(each, neighbour, neighbour is not None and neighbour.pk in chosen)
            for each in left_out
            for neighbour in [neighbours.get(each.stretch.pk)]
        ),
    )


def _proposed(prescription: Prescription, chosen: Collection[uuid.UUID]) -> list[Stretch]:
    """The stretches of the phase that the draft came from, without those that are in it: one query, or none."""
    if prescription.template_phase_id is None:
        return []
    lines = TemplateLine.objects.filter(phase=prescription.template_phase_id).exclude(stretch__in=chosen)
    return [line.stretch for line in lines.select_related("stretch__adapted_from")]


def withheld(
    prescription: Prescription,
    circumstances: safety.Circumstances,
    stretches: QuerySet[Stretch],
    *,
    verdict: Verdict,
    page: int,
) -> Section:
    """One page of what is not offered, each with its reasons and the safe neighbour: at most nine queries."""
    if not circumstances.may_prescribe:
        stretches = stretches.none()
    rows = _rows(circumstances, stretches, {verdict: page})
    covered = prescription.patient.overrides.covering(on=circumstances.on) if verdict in _OVERRIDABLE else {}
    assessments = safety.assess(circumstances, rows, covered=covered)
    neighbours = nearest_neighbours(circumstances, rows) if rows else {}
    cards = [Card(row, assessments[row.pk], neighbour=neighbours.get(row.pk)) for row in rows]
    rules = {each.contraindication.pk for row in assessments.values() for each in row.issues if each.contraindication}
    signed = SignOff.objects.under(rules) if rules else {}
    return dataclasses.replace(_section(verdict, cards, page), unsigned=frozenset(rules - set(signed)))


_OVERRIDABLE = frozenset({Verdict.NEEDS_OVERRIDE})


def _section(verdict: Verdict, cards: Collection[Card], page: int) -> Section:
    """Keep the cards with this verdict, and one card fewer than was read if there is another page."""
    own = [card for card in cards if card.assessment.verdict is verdict]
    return Section(verdict, tuple(own[:PAGE]), page, has_next=len(own) > PAGE)


def _rows(
    circumstances: safety.Circumstances, stretches: QuerySet[Stretch], pages: Mapping[Verdict, int]
) -> list[Stretch]:
    """One page for each verdict, and one row more, in one query.

    Each part finds its page's ids first: a database walks the index until the page is full, then fetches by id.
    """
    parts = [
        Stretch.objects.order_by()
        .for_a_card()
        .filter(
            pk__in=safety.with_verdict(circumstances, verdict, stretches).values("pk")[
                (page - 1) * PAGE : page * PAGE + 1
            ]
        )
        for verdict, page in pages.items()
    ]
    return list(parts[0].union(*parts[1:], all=True).order_by("difficulty", "name", "id"))


class _Words:
    """What ``_words`` read, sorted."""

    def __init__(self, rows: list[tuple[str, str, str, uuid.UUID | None]]) -> None:
        by_kind: dict[str, list[tuple[str, str, uuid.UUID | None]]] = defaultdict(list)
        for kind, key, words, stretch_id in sorted(rows, key=lambda row: (row[0], row[2], row[1])):
            by_kind[kind].append((key, words, stretch_id))
        counts = {verdict: sum(int(key) for key, _, _ in by_kind[verdict.value]) for verdict in WITHHELD}
        self.withheld = {
            verdict: f"{COUNTED_MAX}+" if n > COUNTED_MAX else str(n or "") for verdict, n in counts.items()
        }
        self.muscles = tuple((key, words) for key, words, _ in by_kind["muscle"])
        self.equipment = tuple((key, words) for key, words, _ in by_kind["equipment"])
        self.muscles_of = _by_stretch((words, stretch_id) for _, words, stretch_id in by_kind["muscle of"])
        self.equipment_of = _by_stretch((words, stretch_id) for _, words, stretch_id in by_kind["equipment of"])
        self.timings_of = _by_stretch((Timing(key, words), stretch_id) for key, words, stretch_id in by_kind["timing"])


def _by_stretch(pairs: Iterator[tuple[Any, uuid.UUID | None]]) -> Mapping[uuid.UUID | None, tuple[Any, ...]]:
    found: dict[uuid.UUID | None, tuple[Any, ...]] = defaultdict(tuple)
    for value, stretch_id in pairs:
        found[stretch_id] += (value,)
    return found


def _words(
    circumstances: safety.Circumstances,
    stretches: QuerySet[Stretch],
    shown: Collection[uuid.UUID],
    prescribed: Collection[uuid.UUID],
) -> _Words:
    """Everything beside the stretches themselves, in one query: what to filter by, how many are withheld, names.

    A row is (kind, key, words, stretch or none). One query and not seven, for each costs a way to the database.
    """
    nobody = Cast(Value(None), UUIDField())
    of_muscle = Stretch.muscles.through.objects.filter(stretch__in=shown)
    of_equipment = Stretch.equipment.through.objects.filter(stretch__in=shown)
    timings = TimingRule.objects.concerning(code_ids=circumstances.code_ids, stretch_ids=prescribed)
    parts = [
        _part(Muscle.objects.all(), "muscle", F("slug"), F("name"), nobody),
        _part(Equipment.objects.all(), "equipment", F("slug"), F("name"), nobody),
        _part(of_muscle, "muscle of", F("muscle__slug"), F("muscle__name"), F("stretch_id")),
        _part(of_equipment, "equipment of", F("equipment__slug"), F("equipment__name"), F("stretch_id")),
        _part(timings, "timing", F("advice"), F("source__citation"), F("movements__stretches")),
    ]
    for verdict in WITHHELD:
        held_back = safety.with_verdict(circumstances, verdict, stretches).order_by().values("pk")[: COUNTED_MAX + 1]
        some = Stretch.objects.order_by().filter(pk__in=held_back)
        counted = some.annotate(row_kind=Value(verdict.value)).values("row_kind").annotate(row_count=Count("pk"))
        parts.append(_part(counted, verdict.value, F("row_count"), Value(""), nobody))
    return _Words(list(parts[0].union(*parts[1:])))


def _part(rows: QuerySet[Any, Any], kind: str, key: Any, words: Any, stretch: Any) -> QuerySet[Any, Any]:
    text = TextField()
    part: QuerySet[Any, Any] = (
        rows.order_by()
        .annotate(
            of_kind=Value(kind, output_field=text),
            of_key=Cast(key, text),
            of_words=Cast(words, text),
            of_stretch=stretch,
        )
        .values_list("of_kind", "of_key", "of_words", "of_stretch")
    )
    return part
