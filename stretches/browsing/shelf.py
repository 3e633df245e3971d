"""One page of the stretches that were looked for, and what they could be narrowed by."""

import dataclasses
from collections import defaultdict

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, QuerySet, TextField, Value
from django.db.models.functions import Cast

from stretches.forms.filters import NOTHING, CatalogueFilterForm
from stretches.models import Stretch

PAGE = 24


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
    def count(self) -> int:
        """How many there are on all pages."""
        return self.page.paginator.count


def shelf_of(stretches: QuerySet[Stretch], filters: CatalogueFilterForm) -> Shelf:
    """Read the page that is asked for, or else the last: four queries, of which one counts everything."""
    facets = _facets(stretches, filters)
    asked = filters.cleaned_data.get("position")
    count = sum(choice.count for choice in facets["position"] if not asked or choice.value == asked)
    found = filters.narrow(stretches).prefetch_related("muscles", "equipment")
    paginator = Paginator(found, PAGE)
    paginator.count = count  # it need not be counted again
    return Shelf(paginator.get_page(filters.cleaned_data.get("page")), facets)


def _facets(stretches: QuerySet[Stretch], filters: CatalogueFilterForm) -> dict[str, tuple[Choice, ...]]:
    """For every facet its values: one GROUP BY each, all in one query. A facet is not narrowed by itself."""
    columns = {
        "muscle": (F("muscles__slug"), F("muscles__name")),
        "equipment": (F("equipment__slug"), F("equipment__name")),
        "position": (F("position"), Value("")),
        "difficulty": (F("difficulty"), Value("")),
        "status": (F("status"), Value("")),
    }
    text = TextField()
    parts = [
        filters.narrow(stretches, but=facet)
        .order_by()
        .annotate(of_facet=Value(facet, output_field=text), of_key=Cast(key, text), of_words=Cast(words, text))
        .values("of_facet", "of_key", "of_words")
        .annotate(of_count=Count("pk"))
        .values_list("of_facet", "of_key", "of_words", "of_count")
        for facet, (key, words) in columns.items()
    ]
    found: dict[str, list[Choice]] = defaultdict(list)
    for facet, key, words, count in parts[0].union(*parts[1:], all=True):
        if key is not None:
            found[facet].append(Choice(key, _LABELS.get((facet, key)) or words[:1].upper() + words[1:], count))
        elif facet == "equipment":
            found[facet].append(Choice(NOTHING, "Nothing needed", count))
    return {facet: tuple(sorted(found[facet], key=_place)) for facet in columns}


_LABELS = {
    (facet, str(value)): str(words)
    for facet in ("position", "difficulty", "status")
    for value, words in CatalogueFilterForm.base_fields[facet].choices  # type: ignore[attr-defined]
}
_ORDER = {words: place for place, words in enumerate(["Nothing needed", *_LABELS.values()])}


def _place(choice: Choice) -> tuple[int, str]:
    """Positions and difficulties as they are declared, the rest by name."""
    return _ORDER.get(choice.words, len(_ORDER)), choice.words.lower()
