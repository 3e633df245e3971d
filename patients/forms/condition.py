"""What is typed about a patient's conditions."""

import datetime
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms.fields import NewIdField
from patients.forms.fields import ConfirmField, DateInput
from patients.models import CONDITION_FIELDS, SETTLED_CLINICAL, SETTLED_VERIFICATION, Condition
from patients.versions import as_seen
from stretches.models import ConditionCode, WindowAnchor

LONGEST_PREGNANCY_DAYS = 310
"""Beyond this one asks. Ours: 44 weeks and two days; a pregnancy ends by week 42, give or take a date misremembered."""


class ConditionForm(forms.ModelForm):  # type: ignore[type-arg]
    """One condition: coded, or in free text when no code fits. The instance names the patient.

    ``chosen`` is the code being recorded; without one, what is typed is free text.
    """

    class Meta:
        model = Condition
        fields = CONDITION_FIELDS
        widgets = {"note": forms.Textarea(attrs={"rows": 2})}
        labels = {"free_text": "Condition, in your own words"}

    code = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    new_id = NewIdField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    confirms_resolved = ConfirmField(label="It is resolved all the same")
    confirms_old_date = ConfirmField(label="The date is right all the same")
    field_order = (
        "free_text",
        "clinical_status",
        "confirms_resolved",
        "verification_status",
        "anchor_on",
        "confirms_old_date",
        "note",
    )

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.is_new = self.instance._state.adding
        if not self.is_new:
            self.initial = {
                **self.initial,
                "code": self.instance.code.slug if self.instance.code else "",
                "seen": as_seen([self.instance], CONDITION_FIELDS),
                **kwargs.get("initial", {}),
            }
        del self.fields["seen" if self.is_new else "new_id"]
        self.slug = self._said_slug()
        self.chosen = self._code_of(self.slug)
        if self.slug:
            del self.fields["free_text"]
        else:
            self.fields["free_text"].required = True
        self._word_date()

    def _said_slug(self) -> str:
        said = self.data.get(self.add_prefix("code")) if self.is_bound else self.initial.get("code")
        return str(said or "").strip()

    def _code_of(self, slug: str) -> ConditionCode | None:
        """The code with this slug if it may be recorded; one that the condition has already may stay."""
        own: ConditionCode | None = self.instance.code
        if own and own.slug == slug:
            return own
        try:
            forms.SlugField(max_length=60).clean(slug)
        except ValidationError:
            return None
        return ConditionCode.objects.selectable().filter(slug=slug).first()

    def _word_date(self) -> None:
        field = self.fields["anchor_on"]
        field.widget = DateInput(
            attrs={"min": self.instance.patient.born_on.isoformat(), "max": self.today.isoformat()}
        )
        if self.chosen and self.chosen.window_anchor:
            field.label = WindowAnchor(self.chosen.window_anchor).label
            field.help_text = "Some stretches are unsafe in certain weeks only. Without this date every week counts."
        else:
            field.label = "Onset"
            field.help_text = "If known."

    def clean_code(self) -> ConditionCode | None:
        """Turn the slug into its code; refuses what nobody can choose."""
        if self.slug and self.chosen is None:
            raise ValidationError("This condition is not one that can be recorded. Search for it and choose one.")
        return self.chosen

    def clean_anchor_on(self) -> datetime.date | None:
        """Refuse a day to come, or one before birth."""
        anchor_on = cast(datetime.date | None, self.cleaned_data["anchor_on"])
        if anchor_on and anchor_on > self.today:
            raise ValidationError("This date lies in the future.")
        if anchor_on and anchor_on < self.instance.patient.born_on:
            raise ValidationError("This date lies before the patient's birth.")
        return anchor_on

    def clean(self) -> dict[str, Any]:
        """Ask before a condition that does not resolve is called resolved, and before a very long pregnancy."""
        cleaned = super().clean() or self.cleaned_data
        if self.is_new:
            self.instance.pk = cleaned["new_id"]
        if self.chosen:
            self.instance.free_text = ""
            self._ask_about_resolving(self.chosen, cleaned)
            self._ask_about_pregnancy(self.chosen, cleaned)
        return cleaned

    def _ask_about_resolving(self, code: ConditionCode, cleaned: dict[str, Any]) -> None:
        if code.is_non_resolving and cleaned.get("clinical_status") in SETTLED_CLINICAL:
            self._ask(
                "confirms_resolved", "clinical_status", f"{code} does not resolve. Confirm, or choose “In remission”."
            )

    def _ask_about_pregnancy(self, code: ConditionCode, cleaned: dict[str, Any]) -> None:
        began_on = cleaned.get("anchor_on")
        if code.window_anchor != WindowAnchor.LAST_MENSTRUAL_PERIOD or began_on is None:
            return
        is_settled = (
            cleaned.get("clinical_status") in SETTLED_CLINICAL
            or cleaned.get("verification_status") in SETTLED_VERIFICATION
        )
        days = (self.today - began_on).days
        if days > LONGEST_PREGNANCY_DAYS and not is_settled:
            self._ask("confirms_old_date", "anchor_on", f"That is {days // 7} weeks ago. Check the year, or confirm.")

    def _ask(self, confirmation: str, field: str, message: str) -> None:
        cast(ConfirmField, self.fields[confirmation]).ask()
        if not self.cleaned_data.get(confirmation):
            self.add_error(field, message)
