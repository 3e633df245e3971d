"""What is typed about patients."""

import datetime
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.forms.fields import NewIdField
from accounts.models import Clinic, Membership, User
from patients.forms.fields import ConfirmField, DateInput, RowField
from patients.models import Patient
from patients.versions import as_seen

EARLIEST_BIRTH = datetime.date(1900, 1, 1)


class SearchForm(forms.Form):
    """What is looked for. What cannot be understood finds everything, and its error says so."""

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


class ClinicianField(RowField):
    """Who treats a patient."""

    def label_from_instance(self, obj: Any) -> str:
        """With the address, for two clinicians may share a name."""
        return f"{obj} ({obj.email})"


class PatientForm(forms.ModelForm):  # type: ignore[type-arg]
    """A patient's particulars, for a clinician of the clinic."""

    class Meta:
        model = Patient
        fields = ("clinic", "full_name", "born_on", "email", "phone", "language", "clinician", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        labels = {"note": "Goal or note"}
        help_texts = {
            "email": "For signing in by a code. May stay empty.",
            "note": "What the patient wants to reach.",
        }

    new_id = NewIdField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    language = forms.ChoiceField(
        required=False,
        help_text="For the handout and mail, until the patient chooses one at sign-in or in the settings.",
    )
    confirms_namesake = ConfirmField(label="This is another person of the same name")
    field_order = ("clinic", "full_name", "born_on", "confirms_namesake")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.is_new = self.instance._state.adding
        self.namesakes: list[Patient] = []
        clinics = Clinic.objects.treating(by).order_by("name")
        if self.is_new and len(clinics) > 1:
            self.fields["clinic"] = RowField(clinics)
        else:
            del self.fields["clinic"]
            if self.is_new:
                self.instance.clinic = clinics[0]
        language = cast(forms.ChoiceField, self.fields["language"])
        language.choices = [("", "Not said: English"), *settings.LANGUAGES]
        self.fields["clinician"] = ClinicianField(
            self._clinicians(clinics), required=False, label="Treated by", initial=by.pk if self.is_new else None
        )
        if self.is_new:
            del self.fields["seen"]
        else:
            del self.fields["new_id"]
            self.initial["seen"] = as_seen([self.instance], self.stored_fields)
        self.fields["born_on"].widget = DateInput(attrs={"min": "1900-01-01", "max": self._today().isoformat()})
        self.order_fields(self.field_order)

    @property
    def stored_fields(self) -> list[str]:
        """The model's fields that this form shows."""
        return [name for name in self.Meta.fields if name in self.fields]

    def _clinicians(self, clinics: Any) -> Any:
        """Colleagues who sign in today, and whoever it is now: saving something else must not unset them."""
        own = clinics if self.is_new else [self.instance.clinic_id]
        colleagues = Membership.objects.filter(clinic__in=own, role=Membership.Role.CLINICIAN, user__is_active=True)
        users = User.objects.filter(Q(pk__in=colleagues.values("user")) | Q(pk=self.instance.clinician_id))
        return users.order_by("full_name", "email")

    def _today(self) -> datetime.date:
        """Today at the clinic; where that is still to be chosen, the day that has begun anywhere."""
        if self.instance.clinic_id:
            clinic: Clinic = self.instance.clinic
            return clinic.today()
        return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=14)).date()

    def clean_born_on(self) -> datetime.date:
        """Refuse a day to come, or one that nobody alive was born on."""
        born_on: datetime.date = self.cleaned_data["born_on"]
        if born_on > self._today():
            raise ValidationError("This date lies in the future.")
        if born_on < EARLIEST_BIRTH:
            raise ValidationError("This date lies before 1900. Please check the year.")
        return born_on

    def clean(self) -> dict[str, Any]:
        """Refuse a clinician who does not work at the patient's clinic, and ask before a person is added twice."""
        cleaned = super().clean() or self.cleaned_data
        if self.is_new:
            self.instance.pk = cleaned["new_id"]
        clinic = cleaned.get("clinic") or (self.instance.clinic if self.instance.clinic_id else None)
        clinician = cleaned.get("clinician")
        was = self.instance.clinician_id
        if clinic and clinician and clinician.pk != was and not _treats_at(clinic, clinician):
            self.add_error("clinician", f"This person is no clinician of {clinic}.")
        if self.is_new and clinic and "full_name" in cleaned and "born_on" in cleaned:
            self._look_for_namesakes(clinic, cleaned)
        return cleaned

    def _look_for_namesakes(self, clinic: Clinic, cleaned: dict[str, Any]) -> None:
        who = {"clinic": clinic, "full_name": cleaned["full_name"], "born_on": cleaned["born_on"]}
        self.namesakes = list(Patient.objects.namesakes(**who).exclude(pk=self.instance.pk)[:5])
        if self.namesakes:
            cast(ConfirmField, self.fields["confirms_namesake"]).ask()
            if not cleaned.get("confirms_namesake"):
                self.add_error("full_name", "There is a patient with this name and date of birth already.")


def _treats_at(clinic: Clinic, clinician: User) -> bool:
    return Clinic.objects.treating(clinician).filter(pk=clinic.pk).exists()
