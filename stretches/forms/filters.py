"""What one looks for in the catalogue."""

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Count, QuerySet

from stretches.forms.selects import KeptSelect
from stretches.models import Position, Source, Stretch, StretchStatus
from stretches.models.condition_code import ConditionCodeQuerySet
from stretches.searching import Meant, condition_codes_meant_by, stretches_meant_by

if TYPE_CHECKING:
    from stretches.browsing.shelf import Choice
    from stretches.inventory import Inventory, Places

NOTHING = "nothing"
"""As equipment: those that need none."""

NOTHING_SUCH = ("", 0)
ANY_STATUS = "any"
DIFFICULTIES = ((1, "1, easiest"), (2, "2"), (3, "3"), (4, "4"), (5, "5, hardest"))
_BEST_FIRST = (StretchStatus.REVIEWED, StretchStatus.DRAFT, StretchStatus.RETIRED)
PAGE_MAX = 5000

_SEARCH = {"class": "form-control", "autocomplete": "off"}
_SELECT = {"class": "form-select"}


class _FilterForm(forms.Form):
    """Every field may be empty; what is wrong says so and narrows nothing."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data if data is not None else {}, auto_id="filter_%s")
        self.full_clean()
        for name in self.errors:
            self.fields[name].widget.attrs.update({"aria-invalid": "true", "aria-describedby": f"filter_{name}_error"})

    @property
    def words(self) -> str:
        """What is searched for."""
        return str(self.cleaned_data.get("q") or "")


class StretchFilterForm(_FilterForm):
    """Which stretches to show: by what they are called, and by what they are like."""

    FACETS: tuple[str, ...] = ("muscle", "position", "equipment", "difficulty")

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=100,
        widget=forms.SearchInput({**_SEARCH, "placeholder": "Name, muscle or movement"}),
    )
    muscle = forms.SlugField(required=False, max_length=60, widget=KeptSelect(_SELECT))
    position = forms.ChoiceField(
        required=False, choices=[("", "Any position"), *Position.choices], widget=KeptSelect(_SELECT)
    )
    equipment = forms.SlugField(required=False, max_length=60, widget=KeptSelect(_SELECT))
    difficulty = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "Any"), *DIFFICULTIES],
        widget=KeptSelect(_SELECT),
    )

    def offer(self, muscles: Iterable[tuple[str, str]], equipment: Iterable[tuple[str, str]]) -> None:
        """Fill the two lists that come from the catalogue."""
        self.fields["muscle"].widget.choices = [("", "Any muscle"), *muscles]
        offered = [("", "Any equipment"), (NOTHING, "Nothing needed"), *equipment]
        self.fields["equipment"].widget.choices = offered

    def narrow(self, stretches: QuerySet[Stretch], *, but: Collection[str] = ()) -> QuerySet[Stretch]:
        """Keep the stretches that were asked for; ``but`` names fields that are left out of account."""
        asked = {name: value for name, value in self.cleaned_data.items() if value and name not in but}
        if "q" in asked:
            stretches = stretches.filter(self.meant.rows)
        if muscle := asked.get("muscle"):
            stretches = stretches.filter(muscles__slug=muscle)
        if position := asked.get("position"):
            stretches = stretches.filter(position=position)
        if equipment := asked.get("equipment"):
            needs_none = equipment == NOTHING
            stretches = stretches.filter(equipment=None) if needs_none else stretches.filter(equipment__slug=equipment)
        if difficulty := asked.get("difficulty"):
            stretches = stretches.filter(difficulty=difficulty)
        return stretches

    def places_in(self, inventory: "Inventory") -> "Places":
        """Find in memory what ``narrow`` finds in the database."""
        asked, found = self.cleaned_data, inventory.meant_by(self.words)
        if muscle := asked.get("muscle"):
            found &= inventory.muscles.get(muscle, NOTHING_SUCH)[1]
        if position := asked.get("position"):
            found &= inventory.positions.get(position, 0)
        if equipment := asked.get("equipment"):
            needs_none = equipment == NOTHING
            found &= inventory.unequipped if needs_none else inventory.equipment.get(equipment, NOTHING_SUCH)[1]
        if difficulty := asked.get("difficulty"):
            found &= inventory.difficulties.get(difficulty, 0)
        return found

    @functools.cached_property
    def meant(self) -> Meant:
        """What the words stand for."""
        return stretches_meant_by(self.words)

    @property
    def asked(self) -> tuple[tuple[str, Any], ...]:
        """Everything that was asked for but the page: what is told of all pages is kept by it."""
        return tuple((name, self.cleaned_data.get(name)) for name in ("q", *self.FACETS))

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return any(self.cleaned_data.get(name) for name in ("q", *self.FACETS))


class CatalogueFilterForm(StretchFilterForm):
    """What staff look for: also what is not reviewed, but only if they say so."""

    FACETS = (*StretchFilterForm.FACETS, "status")

    status = forms.ChoiceField(
        required=False,
        choices=[("", "Reviewed"), *StretchStatus.choices, (ANY_STATUS, "Any status")],
        widget=KeptSelect(_SELECT),
    )
    page = forms.IntegerField(required=False, min_value=1, max_value=PAGE_MAX, widget=forms.HiddenInput)

    def offer_counted(self, facets: Mapping[str, Sequence["Choice"]]) -> None:
        """Fill every list with what there is, each with its count; what was chosen stays, though nothing has it."""
        for name in StretchFilterForm.FACETS:
            offered = {each.value: f"{each.words} ({each.count})" for each in facets[name]}
            if asked := str(self.cleaned_data.get(name) or ""):
                offered.setdefault(asked, f"{asked.replace('-', ' ').capitalize()} (0)")
            self.fields[name].widget.choices = [("", "Any"), *offered.items()]
        counts = {each.value: each.count for each in facets["status"]}
        statuses = [("" if status == StretchStatus.REVIEWED else status.value, status) for status in _BEST_FIRST]
        every = [(value, f"{status.label} ({counts.get(status.value, 0)})") for value, status in statuses]
        every.append((ANY_STATUS, f"Any status ({sum(counts.values())})"))
        self.fields["status"].widget.choices = every

    def narrow(self, stretches: QuerySet[Stretch], *, but: Collection[str] = ()) -> QuerySet[Stretch]:
        """Keep those that were asked for; without a status, the reviewed ones."""
        stretches = super().narrow(stretches, but=but)
        status = self.asked_of(("status",)).get("status")
        return stretches.filter(status=status) if status and "status" not in but else stretches

    def asked_of(self, names: Collection[str]) -> dict[str, str]:
        """What these fields narrow to; nothing of those that narrow nothing."""
        asked = {name: str(self.cleaned_data.get(name) or "") for name in names}
        if "status" in asked:
            asked["status"] = {"": StretchStatus.REVIEWED.value, ANY_STATUS: ""}.get(asked["status"], asked["status"])
        return {name: value for name, value in asked.items() if value}


class ConditionCodeFilterForm(_FilterForm):
    """Which condition codes to show."""

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=100,
        widget=forms.SearchInput({**_SEARCH, "placeholder": "Name, synonym or ICD-10 code"}),
    )
    region = forms.CharField(required=False, max_length=60, widget=KeptSelect(_SELECT))
    page = forms.IntegerField(required=False, min_value=1, max_value=PAGE_MAX, widget=forms.HiddenInput)

    def offer_regions(self, codes: ConditionCodeQuerySet) -> None:
        """Fill the list of regions, each with its count: one query."""
        narrowed = self.narrow(codes, but=("region",)).order_by("region")
        counts = narrowed.values_list("region").annotate(of_rows=Count("pk"))
        offered = {region: f"{region.capitalize()} ({count})" for region, count in counts if region}
        if asked := self.cleaned_data.get("region"):
            offered.setdefault(asked, f"{asked.capitalize()} (0)")
        self.fields["region"].widget.choices = [("", "Any"), *offered.items()]

    @functools.cached_property
    def meant(self) -> Meant:
        """What the words stand for."""
        return condition_codes_meant_by(self.words)

    def narrow(self, codes: ConditionCodeQuerySet, *, but: Collection[str] = ()) -> ConditionCodeQuerySet:
        """Keep the codes that were asked for."""
        if self.words:
            codes = codes.meant(self.meant)
        region = self.cleaned_data.get("region")
        return codes.filter(region=region) if region and "region" not in but else codes


class SourceFilterForm(_FilterForm):
    """Which sources to show."""

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=100,
        widget=forms.SearchInput({**_SEARCH, "placeholder": "Author, title or year"}),
    )
    verification = forms.ChoiceField(
        label="How far it was read",
        required=False,
        choices=[("", "Any"), *Source.Verification.choices],
        widget=KeptSelect(_SELECT),
    )
    page = forms.IntegerField(required=False, min_value=1, max_value=PAGE_MAX, widget=forms.HiddenInput)

    def narrow(self, sources: QuerySet[Source]) -> QuerySet[Source]:
        """Keep the sources that were asked for."""
        for word in self.words.split():
            sources = sources.filter(citation__icontains=word)
        verification = self.cleaned_data.get("verification")
        return sources.filter(verification=verification) if verification else sources
