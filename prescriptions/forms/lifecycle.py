"""What a clinician says when a prescription starts, pauses or ends."""

import uuid
from typing import Any

from django import forms

from prescriptions import dosage


class ReasonForm(forms.Form):
    """Why a prescription is put on hold or revoked; at most as long as the record keeps it."""

    reason = forms.CharField(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Kept with the prescription.",
        error_messages={"required": "Say why."},
    )

    def __init__(self, *args: Any, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label


class UUIDsField(forms.Field):
    """Several ids under one name."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> frozenset[uuid.UUID]:
        """Turn each into an id; refuses what is none."""
        one = forms.UUIDField()
        return frozenset(one.clean(each) for each in value or ())


class GoAheadForm(forms.Form):
    """What comes back from the page before activation, or before going on after a hold.

    ``seen`` and ``replacing`` tell what the page said; the model compares them with what is. ``acknowledged`` takes any
    ids: one of a condition that no longer counts does no harm, and one that is missing is the model's to notice.
    """

    seen = forms.CharField(max_length=64)
    replacing = forms.UUIDField(required=False)
    acknowledged = UUIDsField(required=False)


class ActivateForm(GoAheadForm):
    """The same before activation, with what the clinician and the patient say about the length of the programme."""

    count_reason = forms.CharField(required=False, max_length=1000, strip=True)
    confidence_score = forms.TypedChoiceField(
        required=False,
        choices=[("", "Not asked"), *((score, str(score)) for score in range(dosage.CONFIDENCE_MAX + 1))],
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": f"Choose a number from 0 to {dosage.CONFIDENCE_MAX}."},
    )
