"""One page of the stretches that were looked for, and what they could be narrowed by."""

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, QuerySet, TextField, Value
from django.db.models.functions import Cast

from stretches.browsing.face import Face
from stretches.forms.filters import DIFFICULTIES, NOTHING, CatalogueFilterForm
from stretches.keeping import Kept
from stretches.models import CatalogueRelease, Equipment, Muscle, Position, Stretch, StretchStatus
from stretches.models.stretch import StretchQuerySet

PAGE = 24
ONE_OF_EACH = ("position", "difficulty", "status")
NOTHING_NEEDED = "Nothing needed"


Counts = Counter[tuple[Any, ...]]
_KEPT: Kept[Counts] = Kept(200)


@dataclasses.dataclass(frozen=True)
class Choice:
    """One value of a facet, and how many stretches have it along with everything else that was asked for."""

    value: str
    words: str
    count: int


@dataclasses.dataclass(frozen=True)
class Shelf:
    """One page of stretches, and what they could be narrowed by."""

    page: "Page[Stretch]"
    facets: dict[str, tuple[Choice, ...]]

    @property
    def faces(self) -> Iterator[Face]:
        """What the cards of the page show."""
        for stretch in self.page:
            muscles = (muscle.name for muscle in stretch.muscles.all())
            yield Face.of(stretch, muscles, (each.name for each in stretch.equipment.all()))

    @property
    def count(self) -> int:
        """How many there are on all pages."""
        return self.page.paginator.count


def shelf_of(stretches: StretchQuerySet, filters: CatalogueFilterForm) -> Shelf:
    """Read the page that is asked for, or else the last: six queries at most, and one while the words are new."""
    facets, count = _facets(_counts_of(stretches, filters), filters)
    found: Any = filters.narrow(stretches)
    found = found.for_a_card()
    paginator = Paginator(found.prefetch_related("muscles", "equipment"), PAGE)
    paginator.count = count  # it need not be counted again
    return Shelf(paginator.get_page(filters.cleaned_data.get("page")), facets)


def _counts_of(stretches: StretchQuerySet, filters: CatalogueFilterForm) -> Counts:
    """Those of the library, which are the same for everybody and are kept, and those of the reader's clinics."""
    own = stretches.of_clinics()
    releases = CatalogueRelease.objects.annotate(has_own=Exists(own))
    latest = releases.values_list("pk", "released_at", "has_own").first()
    if latest is None:  # a catalogue that nobody loaded
        return _counted(stretches, filters)
    *version, has_own = latest
    of_library = _KEPT.of(tuple(version), filters.asked, lambda: _counted(stretches.of_library(), filters))
    return of_library + _counted(own, filters) if has_own else of_library


def _counted(stretches: QuerySet[Stretch], filters: CatalogueFilterForm) -> Counts:
    """How many stretches have what, not narrowed by the facet itself: one query.

    Of what every stretch has exactly one of (position, difficulty, status) all combinations are counted in one go:
    there are few. Muscles and equipment are one GROUP BY each, by id, with their names beside them.
    """
    parts = [_part("one of each", filters.narrow(stretches, but=ONE_OF_EACH), *ONE_OF_EACH)]
    for facet, relation, model in (("muscle", "muscles", Muscle), ("equipment", "equipment", Equipment)):
        parts.append(_part(facet, filters.narrow(stretches, but=(facet,)), relation))
        parts.append(_part(f"{facet} names", model.objects.all(), "pk", "slug", "name"))
    return Counts({tuple(row): count for *row, count in parts[0].union(*parts[1:], all=True)})


def _facets(counts: Counts, filters: CatalogueFilterForm) -> tuple[dict[str, tuple[Choice, ...]], int]:
    """For every facet its values with their counts, and how many stretches there are."""
    rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for (kind, *row), count in counts.items():
        rows[kind].append((*row, count))
    of_each: dict[str, Counter[str]] = {facet: Counter() for facet in (*ONE_OF_EACH, "all")}
    asked = filters.asked_of(ONE_OF_EACH)
    for *values, count in rows["one of each"]:
        missed = [facet for facet, value in zip(ONE_OF_EACH, values, strict=True) if asked.get(facet, value) != value]
        for facet, value in zip(ONE_OF_EACH, values, strict=True):
            if missed in ([], [facet]):
                of_each[facet][value] += count
        of_each["all"][""] += 0 if missed else count
    facets = {
        facet: [Choice(value, _LABELS.get((facet, value), value), count) for value, count in of_each[facet].items()]
        for facet in ONE_OF_EACH
    }
    for facet in ("muscle", "equipment"):
        names = {key: (slug, name[:1].upper() + name[1:]) for key, slug, name, _ in rows[f"{facet} names"]}
        names |= {None: (NOTHING, NOTHING_NEEDED)} if facet == "equipment" else {}
        facets[facet] = [Choice(*names[key], count) for key, _, _, count in rows[facet] if key in names]
    return {facet: tuple(sorted(choices, key=_place)) for facet, choices in facets.items()}, of_each["all"][""]


def _part(kind: str, rows: QuerySet[Any, Any], *columns: str) -> QuerySet[Any, Any]:
    """Rows of (kind, three columns as text, how many rows have these): what can be put into one query with others."""
    text = TextField()
    three = [Cast(F(column), text) for column in columns] + [Value("", output_field=text)] * (3 - len(columns))
    named: dict[str, Any] = dict(zip(("of_first", "of_second", "of_third"), three, strict=True))
    counted = rows.order_by().annotate(of_kind=Value(kind, output_field=text), **named).values("of_kind", *named)
    part: QuerySet[Any, Any] = counted.annotate(of_count=Count("pk")).values_list("of_kind", *named, "of_count")
    return part


_CHOICES: dict[str, Iterable[tuple[Any, Any]]] = {
    "position": Position.choices,
    "difficulty": DIFFICULTIES,
    "status": StretchStatus.choices,
}
_LABELS = {(facet, str(value)): str(words) for facet, choices in _CHOICES.items() for value, words in choices}
_ORDER = {words: place for place, words in enumerate([NOTHING_NEEDED, *_LABELS.values()])}


def _place(choice: Choice) -> tuple[int, str]:
    """Positions and difficulties as they are declared, the rest by name."""
    return _ORDER.get(choice.words, len(_ORDER)), choice.words.lower()
