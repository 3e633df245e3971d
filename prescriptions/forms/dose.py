"""The dose of one line."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from prescriptions import dosage, drafting
from prescriptions.models import PART_FIELDS, PARTS_OF_DAY, Dose, PrescribedStretch
from stretches.models import Sides


def _whole_number(label: str, lowest: int, highest: int, unit: str = "") -> forms.IntegerField:
    """A whole number between two others, both included, with messages that name them."""
    return forms.IntegerField(
        label=label,
        error_messages={"required": "Write a number.", "invalid": "Write a whole number."},
        validators=[
            MinValueValidator(lowest, message=f"At least {lowest}{unit}."),
            MaxValueValidator(highest, message=f"At most {highest}{unit}."),
        ],
        widget=forms.NumberInput(attrs={"min": lowest, "max": highest, "inputmode": "numeric"}),
    )


class DoseForm(forms.ModelForm):  # type: ignore[type-arg]
    """How a patient does one stretch. It asks for no hold where nothing is held, and for no side where both work."""

    start_hold_seconds = _whole_number(
        "Hold at first (s)", dosage.HOLD_SECONDS_MIN, dosage.HOLD_SECONDS_MAX, " seconds"
    )
    target_hold_seconds = _whole_number("Build up to (s)", dosage.HOLD_SECONDS_MIN, dosage.HOLD_SECONDS_MAX, " seconds")
    repetitions = _whole_number("Times", 1, dosage.REPETITIONS_MAX)
    days_per_week = _whole_number("Days a week", 1, 7)
    parts = forms.MultipleChoiceField(
        label="When in the day",
        choices=[(part, str(words).capitalize()) for part, words in PARTS_OF_DAY.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one part of the day."},
    )
    seen = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    field_order = (
        "start_hold_seconds",
        "target_hold_seconds",
        "repetitions",
        "days_per_week",
        "side",
        "parts",
        "note",
        "seen",
    )

    class Meta:
        model = PrescribedStretch
        fields = ("start_hold_seconds", "target_hold_seconds", "repetitions", "days_per_week", "side", "note")

    def __init__(self, data: Any = None, *, instance: Dose) -> None:
        super().__init__(data, instance=instance, auto_id=f"dose_{instance.pk}_%s")
        self.initial["parts"] = [part for part in PART_FIELDS if getattr(instance, part)]
        self.initial["seen"] = drafting.dose_as_seen(instance)
        if not instance.stretch.has_hold:
            del self.fields["start_hold_seconds"], self.fields["target_hold_seconds"]
        if instance.stretch.sides != Sides.PER_SIDE:
            del self.fields["side"]

    def focus(self) -> None:
        """Let the keyboard go on at the first mistake, or else at the first field."""
        name = next((name for name in self.fields if name in self.errors), next(iter(self.fields)))
        self.fields[name].widget.attrs["autofocus"] = True

    def clean(self) -> dict[str, Any]:
        """Refuse a target below the start."""
        cleaned = super().clean() or self.cleaned_data
        start, target = cleaned.get("start_hold_seconds"), cleaned.get("target_hold_seconds")
        if start is not None and target is not None and target < start:
            self.add_error("target_hold_seconds", f"At least the {start} seconds that it starts with.")
        for part in PART_FIELDS:
            setattr(self.instance, part, part in cleaned.get("parts", ()))
        return cleaned
