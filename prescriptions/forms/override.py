"""Why a stretch is prescribed in spite of a relative contraindication."""

import datetime
import uuid
from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from prescriptions.models import Override


class OverrideForm(forms.ModelForm):  # type: ignore[type-arg]
    """The decision in the clinician's words. ``shown`` names the reasons against it that stood on the page."""

    shown = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    class Meta:
        model = Override
        fields = ("reason", "reason_text", "mitigation", "alternatives", "expires_on")
        widgets = {
            "reason": forms.RadioSelect,
            "reason_text": forms.Textarea(attrs={"rows": 2}),
            "mitigation": forms.Textarea(attrs={"rows": 2}),
            "alternatives": forms.Textarea(attrs={"rows": 2}),
            "expires_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(
        self,
        data: Any = None,
        *,
        instance: Override,
        reasons: Collection[tuple[int, uuid.UUID]],
        days: tuple[datetime.date, datetime.date],
    ) -> None:
        super().__init__(data, instance=instance)
        self.first_day, self.last_day = days
        self.initial.update(shown=as_text(reasons), expires_on=self.last_day)
        self.fields["reason"].choices = Override.Reason.choices  # type: ignore[attr-defined]
        self.fields["reason"].error_messages["required"] = "Choose a reason."
        self.fields["reason_text"].help_text = "Required for “Other”."
        self.fields["expires_on"].widget.attrs.update(min=self.first_day.isoformat(), max=self.last_day.isoformat())
        self.fields["expires_on"].help_text = f"At the latest {self.last_day:%-d %B %Y}."

    def clean_expires_on(self) -> datetime.date:
        """Keep the decision between today and the next review."""
        day: datetime.date = self.cleaned_data["expires_on"]
        if day < self.first_day:
            raise ValidationError("This day is past.")
        if day > self.last_day:
            raise ValidationError(f"At the latest {self.last_day:%-d %B %Y}: then the conditions are reviewed.")
        return day

    def clean_shown(self) -> set[tuple[int, uuid.UUID]]:
        """Read the pairs back; what is not a pair of ours counts as nothing shown."""
        try:
            return from_text(self.cleaned_data["shown"])
        except ValueError:
            return set()


def as_text(pairs: Collection[tuple[int, uuid.UUID]]) -> str:
    """Write (contraindication id, condition id) pairs into one hidden field."""
    return " ".join(sorted(f"{contraindication}:{condition}" for contraindication, condition in pairs))


def from_text(text: str) -> set[tuple[int, uuid.UUID]]:
    """Read them back. Raises ``ValueError`` for anything else."""
    pairs = (each.split(":") for each in text.split())
    return {(int(contraindication), uuid.UUID(condition)) for contraindication, condition in pairs}
