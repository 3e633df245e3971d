"""What is typed about patients and their conditions."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Clinic, User
from patients.models import ClinicalStatus, Condition, Patient
from stretches.models import ConditionCode, WindowAnchor

EARLIEST_BIRTH = datetime.date(1900, 1, 1)
LONGEST_PREGNANCY_WEEKS = 44


class DateInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class SearchForm(forms.Form):
    """What is looked for. What cannot be understood finds everything."""

    q = forms.CharField(required=False, max_length=100)

    @property
    def words(self) -> str:
        """What is looked for; empty when nothing sensible was typed."""
        return str(self.cleaned_data.get("q", "")) if self.is_valid() else ""


class PatientFilterForm(SearchForm):
    """The filter bar of the patient list."""

    whose = forms.ChoiceField(required=False, choices=[("", "The clinic's"), ("mine", "Mine")])

    @property
    def is_mine(self) -> bool:
        """Whether only one's own patients are wanted."""
        return self.is_valid() and self.cleaned_data["whose"] == "mine"


class PatientForm(forms.ModelForm):  # type: ignore[type-arg]
    """A patient's particulars, for a clinician of the clinic."""

    class Meta:
        model = Patient
        fields = ("clinic", "full_name", "born_on", "email", "phone", "clinician", "note")
        widgets = {"born_on": DateInput(), "note": forms.Textarea(attrs={"rows": 3})}
        labels = {"clinician": "Treated by", "note": "Goal or note"}
        help_texts = {"email": "For signing in by a code. May stay empty.", "note": "What the patient wants to reach."}

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clinics = Clinic.objects.treating(by)
        is_new = self.instance._state.adding  # its key is there from the start
        colleagues = User.objects.filter(memberships__clinic__in=clinics, memberships__role="clinician", is_active=True)
        self.fields["clinician"] = forms.ModelChoiceField(
            colleagues.distinct().order_by("full_name"),
            required=False,
            label="Treated by",
            initial=by.pk if is_new else None,
        )
        if not is_new or len(clinics) == 1:
            if is_new:
                self.instance.clinic = clinics[0]
            del self.fields["clinic"]
        else:
            self.fields["clinic"] = forms.ModelChoiceField(clinics.order_by("name"), label="Clinic")

    def clean_born_on(self) -> datetime.date:
        """Refuse a day to come, or one that nobody alive was born on."""
        born_on: datetime.date = self.cleaned_data["born_on"]
        if born_on > datetime.datetime.now(datetime.UTC).date():
            raise ValidationError("This date lies in the future.")
        if born_on < EARLIEST_BIRTH:
            raise ValidationError("Please check the year.")
        return born_on

    def clean(self) -> dict[str, Any]:
        """Refuse a clinician who does not work at the patient's clinic."""
        cleaned = super().clean() or self.cleaned_data
        clinic = cleaned.get("clinic") or getattr(self.instance, "clinic", None)
        clinician = cleaned.get("clinician")
        if clinic and clinician and not Clinic.objects.treating(clinician).filter(pk=clinic.pk).exists():
            self.add_error("clinician", "This person is no clinician of that clinic.")
        return cleaned


class ConditionForm(forms.ModelForm):  # type: ignore[type-arg]
    """One condition: coded, or in free text when no code fits. The instance names the patient."""

    code = forms.ModelChoiceField(
        ConditionCode.objects.selectable(),
        to_field_name="slug",
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid_choice": "There is no such condition code. Search for it and choose one."},
    )
    confirms_resolved = forms.BooleanField(required=False, label="Yes, it is resolved all the same")

    class Meta:
        model = Condition
        fields = ("code", "free_text", "clinical_status", "verification_status", "anchor_on", "note")
        widgets = {"anchor_on": DateInput(), "note": forms.Textarea(attrs={"rows": 2})}
        labels = {"free_text": "Condition, in your own words"}

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.chosen = self._chosen_code()
        if self.chosen:
            del self.fields["free_text"]
        else:
            self.fields["free_text"].required = True
        anchor = WindowAnchor(self.chosen.window_anchor) if self.chosen and self.chosen.window_anchor else None
        self.fields["anchor_on"].label = f"Date: {anchor.label.lower()}" if anchor else "Since"
        self.fields["anchor_on"].help_text = (
            "Some stretches are unsafe only in certain weeks. Without the date every such week counts."
            if anchor
            else "May stay empty."
        )
        if not (self.chosen and self.chosen.is_non_resolving and self._wants_resolved()):
            del self.fields["confirms_resolved"]

    def _chosen_code(self) -> ConditionCode | None:
        """The code that is being recorded, from the request or from the stored condition."""
        slug = self.data.get("code") if self.is_bound else self.initial.get("code")
        if not slug and not self.is_bound:
            return self.instance.code
        field = self.fields["code"]
        try:
            found = field.clean(slug if not isinstance(slug, int) else "")
        except ValidationError:
            return None
        return found if isinstance(found, ConditionCode) else None

    def _wants_resolved(self) -> bool:
        return self.is_bound and self.data.get("clinical_status") == ClinicalStatus.RESOLVED

    def clean_anchor_on(self) -> datetime.date | None:
        """Refuse a day to come, one before birth, and a pregnancy of more weeks than there are."""
        anchor_on: datetime.date | None = self.cleaned_data["anchor_on"]
        if anchor_on is None:
            return None
        if anchor_on > self.today:
            raise ValidationError("This date lies in the future.")
        if anchor_on < self.instance.patient.born_on:
            raise ValidationError("This date lies before the patient's birth.")
        is_pregnancy = self.chosen and self.chosen.window_anchor == WindowAnchor.LAST_MENSTRUAL_PERIOD
        if is_pregnancy and (self.today - anchor_on).days > 7 * LONGEST_PREGNANCY_WEEKS:
            raise ValidationError("That is more than 44 weeks ago. Please check the year.")
        return anchor_on

    def clean(self) -> dict[str, Any]:
        """Ask before a condition that does not resolve is called resolved."""
        cleaned = super().clean() or self.cleaned_data
        if "confirms_resolved" in self.fields and not cleaned.get("confirms_resolved"):
            self.add_error(
                "clinical_status", "This condition does not usually resolve. Confirm below, or choose “in remission”."
            )
        if self.chosen:
            self.instance.free_text = ""
        return cleaned
