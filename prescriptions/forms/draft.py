"""The small forms around a draft: looking for stretches, choosing one, moving it, the message to the patient."""

from typing import Any

from django import forms

from prescriptions import drafting
from prescriptions.models import PrescribedStretch, Prescription
from prescriptions.safety import Verdict
from stretches.forms.filters import PAGE_MAX, StretchFilterForm
from stretches.models import Stretch


class OfferFilterForm(StretchFilterForm):
    """Which stretches to offer, and which page of each section."""

    allowed = forms.IntegerField(required=False, min_value=1, max_value=PAGE_MAX, widget=forms.HiddenInput)
    caution = forms.IntegerField(required=False, min_value=1, max_value=PAGE_MAX, widget=forms.HiddenInput)
    page = forms.IntegerField(required=False, min_value=1, max_value=PAGE_MAX, widget=forms.HiddenInput)

    def page_of(self, verdict: Verdict) -> int:
        """Which page of a section is asked for; the first unless it says otherwise."""
        return self.cleaned_data.get(verdict.value) or 1


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
