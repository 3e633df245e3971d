"""What a clinician says to a proposal."""

from django import forms
from django.db import models

from prescriptions.forms.lifecycle import UUIDsField


class Decision(models.TextChoices):
    """The three answers to a proposal."""

    ACCEPT = "accept", "Accept"
    CHANGE = "change", "Change first"
    DECLINE = "decline", "Decline"


class DecisionForm(forms.Form):
    """One button of three; ``acknowledged`` holds the free-text conditions that were ticked."""

    decision = forms.ChoiceField(choices=Decision)
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept with the decision. The patient does not see it.",
    )
    acknowledged = UUIDsField(required=False)
