"""What a clinician says when a patient may go on."""

from django import forms


class LiftForm(forms.Form):
    """Why a stretch may be done again; may be left out."""

    note = forms.CharField(
        label="What was found", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReopenForm(forms.Form):
    """Why a routine may be done again after a red flag."""

    note = forms.CharField(
        label="What was found",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with the stop.",
        error_messages={"required": "Say what was found."},
    )
