"""A clinic's own template: its words, its phases, its lines; and choosing a phase for a patient."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.models import BaseInlineFormSet, inlineformset_factory

from accounts.models import Clinic
from prescriptions import own_templates
from prescriptions.forms.dose import DoseForm
from prescriptions.models import Template, TemplateLine, TemplatePhase
from prescriptions.models.template import WEEKS_MAX
from stretches.models import Stretch


class TemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a template is called, for whom it is and what it rests on."""

    class Meta:
        model = Template
        fields: Sequence[str] = ("name", "for_whom", "summary", "citation")
        widgets = {"summary": forms.Textarea(attrs={"rows": 2}), "citation": forms.Textarea(attrs={"rows": 2})}
        error_messages = {
            "name": {"required": "Give it a name."},
            "for_whom": {"required": "Say for whom it is meant."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["for_whom"].help_text = "For example: low back pain with tight hamstrings."
        self.fields["citation"].help_text = "A guideline, a trial, or whose practice it is. No patient's name."
        self.fields["citation"].required = self.instance.source_id is None
        self.fields["citation"].error_messages["required"] = "Say what it rests on."


class NewTemplateForm(TemplateForm):
    """A new one. ``new_id`` makes two posts one template; the clinic is asked for where there are several."""

    new_id = forms.UUIDField(widget=forms.HiddenInput)
    clinic = forms.ModelChoiceField(Clinic.objects.none(), label="Clinic", empty_label=None)

    class Meta(TemplateForm.Meta):
        pass

    def __init__(self, *args: Any, clinics: QuerySet[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["new_id"] = own_templates.new_id()
        self.fields["clinic"].queryset = clinics  # type: ignore[attr-defined]
        self._clinics = list(clinics)
        if len(self._clinics) == 1:
            del self.fields["clinic"]

    @property
    def template(self) -> Template:
        """The template as it was filled in, not yet stored."""
        template: Template = self.instance
        template.pk = self.cleaned_data["new_id"]
        template.clinic = self.cleaned_data.get("clinic") or self._clinics[0]
        return template


class OwnTemplateForm(TemplateForm):
    """One that is there. ``seen`` tells whether somebody else changed it meanwhile."""

    seen = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    class Meta(TemplateForm.Meta):
        fields = [*TemplateForm.Meta.fields, "is_retired"]

    def __init__(self, data: Any = None, *, instance: Template) -> None:
        super().__init__(data, instance=instance)
        self.initial["seen"] = own_templates.as_seen(instance)


class PhaseForm(forms.ModelForm):  # type: ignore[type-arg]
    """One phase: what it is called, how long it takes, when the patient moves on."""

    class Meta:
        model = TemplatePhase
        fields = ("name", "weeks", "criterion")
        widgets = {
            "weeks": forms.NumberInput(attrs={"min": 1, "max": WEEKS_MAX, "inputmode": "numeric"}),
            "criterion": forms.Textarea(attrs={"rows": 2}),
        }
        error_messages = {
            "name": {"required": "Give the phase a name."},
            "weeks": {"required": "Write a number.", "invalid": "Write a whole number."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["weeks"].validators = [
            MinValueValidator(1, message="At least 1 week."),
            MaxValueValidator(WEEKS_MAX, message=f"At most {WEEKS_MAX} weeks."),
        ]


class _PhaseFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """The phases of a template, in order."""

    def add_fields(self, form: Any, index: int | None) -> None:
        """Say in words what the box does."""
        super().add_fields(form, index)
        if DELETION_FIELD_NAME in form.fields:
            form.fields[DELETION_FIELD_NAME].label = "Remove this phase with its stretches"

    default_error_messages = {
        "missing_management_form": "The page came back incomplete. Open it again; nothing was saved."
    }

    def clean(self) -> None:
        """Keep at least one phase: without any there is nothing to apply."""
        super().clean()
        if not self.management_form.is_valid():
            return  # that is said already
        if any(form.instance._state.adding for form in self.initial_forms):
            raise ValidationError("The phases are not those of a moment ago. Open the page again; nothing was saved.")
        if any(self.errors):
            return
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk in self._there]
        if all(form.cleaned_data.get(DELETION_FIELD_NAME) for form in kept):
            raise ValidationError("A template has at least one phase.")

    @property
    def _there(self) -> set[uuid.UUID]:
        return {phase.pk for phase in self.get_queryset()}


PhaseFormSet = inlineformset_factory(
    Template,
    TemplatePhase,
    form=PhaseForm,
    formset=_PhaseFormSet,
    extra=1,
    can_delete=True,
    can_delete_extra=False,
    max_num=own_templates.PHASES_MAX,
    validate_max=True,
)


class TemplateDoseForm(DoseForm):
    """The dose of a template's line: the same questions as for a prescription's."""

    class Meta(DoseForm.Meta):
        model = TemplateLine  # type: ignore[assignment]  # another model with the same dose


class StretchSearchForm(forms.Form):
    """Which stretch to put into a phase."""

    q = forms.CharField(label="Search stretches by name or muscle", required=False, max_length=100)


class StretchChoiceForm(forms.Form):
    """The stretch that was chosen."""

    stretch = forms.ModelChoiceField(Stretch.objects.none())

    def __init__(self, data: Any, *, clinic_id: uuid.UUID | None) -> None:
        super().__init__(data)
        offered = Stretch.objects.in_clinic(clinic_id).reviewed().order_by()
        self.fields["stretch"].queryset = offered  # type: ignore[attr-defined]


class PhaseChoiceForm(forms.Form):
    """Which phase a patient is started on, and whether what the draft has makes room for it."""

    phase = forms.ModelChoiceField(TemplatePhase.objects.none())
    what = forms.ChoiceField(
        required=False, choices=[("add", "Add to the draft"), ("replace", "Replace what is in the draft")]
    )

    def __init__(self, data: Any, *, phases: QuerySet[TemplatePhase]) -> None:
        super().__init__(data)
        self.fields["phase"].queryset = phases  # type: ignore[attr-defined]
