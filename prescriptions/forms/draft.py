"""The small forms around a draft: looking for stretches, choosing one, moving it, the message to the patient."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet

from prescriptions import drafting
from prescriptions.models import PrescribedStretch, Prescription
from prescriptions.safety import Verdict
from stretches.models import Position, Stretch

NOTHING = "nothing"
"""As equipment: those that need none."""

PAGE_MAX = 5000

_SEARCH = {"class": "form-control", "placeholder": "Search by name or muscle", "autocomplete": "off"}
_SELECT = {"class": "form-select"}


class StretchFilterForm(forms.Form):
    """Which stretches to offer. Every field may be empty; what is wrong says so and narrows nothing."""

    q = forms.CharField(label="Search", required=False, max_length=100, widget=forms.SearchInput(_SEARCH))
    muscle = forms.SlugField(required=False, max_length=60, widget=forms.Select(_SELECT))
    position = forms.ChoiceField(
        required=False, choices=[("", "Any position"), *Position.choices], widget=forms.Select(_SELECT)
    )
    equipment = forms.SlugField(required=False, max_length=60, widget=forms.Select(_SELECT))
    difficulty = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "Any"), (1, "1, easiest"), (2, "2"), (3, "3"), (4, "4"), (5, "5, hardest")],
        widget=forms.Select(_SELECT),
    )
    allowed = forms.IntegerField(required=False, min_value=1, max_value=PAGE_MAX, widget=forms.HiddenInput)
    caution = forms.IntegerField(required=False, min_value=1, max_value=PAGE_MAX, widget=forms.HiddenInput)
    page = forms.IntegerField(required=False, min_value=1, max_value=PAGE_MAX, widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data if data is not None else {}, auto_id="filter_%s")
        self.full_clean()
        for name in self.errors:
            self.fields[name].widget.attrs.update({"aria-invalid": "true", "aria-describedby": f"filter_{name}_error"})

    def offer(self, muscles: Iterable[tuple[str, str]], equipment: Iterable[tuple[str, str]]) -> None:
        """Fill the two lists that come from the catalogue."""
        self.fields["muscle"].widget.choices = [("", "Any muscle"), *muscles]
        self.fields["equipment"].widget.choices = [("", "Any equipment"), (NOTHING, "Nothing needed"), *equipment]

    def narrow(self, stretches: QuerySet[Stretch]) -> QuerySet[Stretch]:
        """Keep the stretches that were asked for."""
        asked = self.cleaned_data
        if words := asked.get("q"):
            stretches = stretches & Stretch.objects.matching(words)
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

    def page_of(self, verdict: Verdict) -> int:
        """Which page of a section is asked for; the first unless it says otherwise."""
        return self.cleaned_data.get(verdict.value) or 1

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for."""
        return any(self.cleaned_data.get(name) for name in ("q", "muscle", "position", "equipment", "difficulty"))


class ChosenStretchForm(forms.Form):
    """One stretch of the catalogue, and the line of the draft that it replaces, if any."""

    stretch = forms.ModelChoiceField(Stretch.objects.none())
    instead_of = forms.ModelChoiceField(PrescribedStretch.objects.none(), required=False)

    def __init__(self, data: Any, *, prescription: Prescription) -> None:
        super().__init__(data)
        known = Stretch.objects.in_clinic(prescription.clinic_id).order_by()
        self.fields["stretch"].queryset = known  # type: ignore[attr-defined]
        self.fields["instead_of"].queryset = prescription.items.all()  # type: ignore[attr-defined]


class PlaceForm(forms.Form):
    """Where a line goes: one place up or one down."""

    move = forms.TypedChoiceField(choices=[("up", "Up"), ("down", "Down")], coerce={"up": -1, "down": 1}.__getitem__)


class MessageForm(forms.ModelForm):  # type: ignore[type-arg]
    """The message to the patient. ``seen`` tells whether somebody else wrote one meanwhile."""

    seen = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    class Meta:
        model = Prescription
        fields = ("note",)
        widgets = {"note": forms.Textarea(attrs={"rows": 3, "class": "form-control"})}

    def __init__(self, data: Any = None, *, instance: Prescription) -> None:
        super().__init__(data, instance=instance, auto_id="message_%s")
        self.initial["seen"] = drafting.note_as_seen(instance)
        self.fields["note"].widget.attrs["placeholder"] = "For example: slow and gentle; a pull is fine, pain is not."
