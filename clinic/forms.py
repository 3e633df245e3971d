"""What a clinician decides about a line of the queue, and what people say about erasing a record."""

import datetime
from typing import Any

from django import forms
from django.utils import dateformat
from django.utils.translation import gettext_lazy as _

from clinic.attention.line import Line
from clinic.models import AttentionDecision, ErasureRequest
from patients.forms.fields import DateInput

PUT_OFF_DAYS_MAX = 30
PUT_OFF_DAYS = 7

Decision = AttentionDecision.Decision
_WORDS = {
    Decision.ACKNOWLEDGED: "I have seen it and look after it",
    Decision.SNOOZED: "Put it off",
    Decision.RESOLVED: "It is dealt with",
    Decision.RETURNED: "Put it back among what waits",
}


class DecisionForm(forms.Form):
    """One decision. What a line allows depends on its kind: what was stopped can only be seen."""

    decision = forms.ChoiceField(label="What about it?", widget=forms.RadioSelect)
    until_on = forms.DateField(
        label="Until", required=False, error_messages={"invalid": "Give a day, such as 2026-03-31."}, widget=DateInput
    )
    note = forms.CharField(label="Note", required=False, max_length=500, help_text="For your colleagues.")

    def __init__(self, *args: Any, line: Line, today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.last_day = today + datetime.timedelta(days=PUT_OFF_DAYS_MAX)
        allowed = [Decision.ACKNOWLEDGED]
        if line.is_lasting:
            del self.fields["until_on"]
        else:
            allowed.append(Decision.SNOOZED)
            self.fields["until_on"].initial = today + datetime.timedelta(days=PUT_OFF_DAYS)
            self.fields["until_on"].help_text = f"Only where you put it off: {PUT_OFF_DAYS_MAX} days at most."
        if line.ends_by_word:
            allowed.append(Decision.RESOLVED)
        if line.decision:
            allowed.append(Decision.RETURNED)
        field = self.fields["decision"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(each.value, _WORDS[each]) for each in allowed]
            field.error_messages["invalid_choice"] = "This cannot be decided here. Choose one of these."
            field.error_messages["required"] = "Choose one of these."

    def clean(self) -> dict[str, Any]:
        """Ask for the day where it is put off, and forget it where it is not."""
        cleaned: dict[str, Any] = super().clean() or {}
        until_on = cleaned.get("until_on")
        if cleaned.get("decision") != Decision.SNOOZED:
            cleaned["until_on"] = None
            self.errors.pop("until_on", None)
        elif until_on is None:
            if "until_on" not in self.errors:
                self.add_error("until_on", "Until when?")
        elif not self.today < until_on <= self.last_day:
            self.add_error("until_on", f"Choose a day from tomorrow to {dateformat.format(self.last_day, 'j F Y')}.")
        return cleaned


class ErasureRequestForm(forms.ModelForm):  # type: ignore[type-arg]
    """What somebody says who wants a record erased; nobody has to give a reason."""

    class Meta:
        model = ErasureRequest
        fields = ("words",)
        labels = {"words": _("Anything that you want to say about it")}
        help_texts = {"words": _("You need not give a reason.")}
        widgets = {"words": forms.Textarea(attrs={"rows": 3})}


class ErasureDecisionForm(forms.Form):
    """What a clinic's admin decides. Erasing cannot be taken back: it asks for one more tick."""

    decision = forms.ChoiceField(
        label="What do you decide?",
        widget=forms.RadioSelect,
        choices=[("erased", "Erase it, as said above"), ("refused", "Do not erase it")],
        error_messages={"required": "Choose one."},
    )
    reason = forms.CharField(
        label="Why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with the record as long as that is kept. The patient can read it.",
        error_messages={"required": "Say why."},
    )
    is_sure = forms.BooleanField(
        label="I have read what is erased, and know that nobody can bring it back", required=False
    )

    def clean(self) -> dict[str, Any]:
        """Ask whoever erases whether they are sure."""
        cleaned = super().clean() or {}
        if cleaned.get("decision") == ErasureRequest.Decision.ERASED and not cleaned.get("is_sure"):
            self.add_error("is_sure", "Tick this to erase.")
        return cleaned
