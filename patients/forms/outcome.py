"""What is typed of an outcome measure."""

import datetime
from collections.abc import Collection, Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField

from accounts.forms.fields import NewIdField
from patients.forms.fields import DateInput
from patients.models import OutcomeScore, Rated
from patients.models.outcome import ACTIVITY_MAX_LENGTH


class OutcomeScoreForm(forms.ModelForm):  # type: ignore[type-arg]
    """A score by the measure that the instance names: one number, or an activity and a number in every row.

    ``asked_again`` are the activities that the patient named the last time.
    """

    class Meta:
        model = OutcomeScore
        fields = ("on", "occasion", "rating", "is_entered_in_error")
        labels = {"is_entered_in_error": "Entered in error: it no longer counts"}

    new_id = NewIdField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: datetime.date, asked_again: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.measure = self.instance.measure
        self.is_new = self.instance._state.adding
        born_on = self.instance.patient.born_on
        self.fields["on"].widget = DateInput(attrs={"min": born_on.isoformat(), "max": today.isoformat()})
        self.fields["rating"] = self._rating_field(label="Score", required=not self.measure.activities_max)
        if self.measure.activities_max:
            del self.fields["rating"]
            self._add_rows(asked_again)
        if self.is_new:
            del self.fields["seen"], self.fields["is_entered_in_error"]
        else:
            del self.fields["new_id"]
            self.initial["seen"] = self.instance.as_seen()

    def _rating_field(self, *, label: str, required: bool) -> forms.IntegerField:
        low, high = self.measure.scale_min, self.measure.scale_max
        wrong = f"Give a whole number from {low} to {high}."
        messages = dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong)
        return forms.IntegerField(
            label=label, required=required, min_value=low, max_value=high, error_messages=messages
        )

    def _add_rows(self, asked_again: Collection[str]) -> None:
        stored = [] if self.is_new else list(self.instance.activities.all())
        for number in range(1, self.measure.activities_max + 1):
            self.fields[f"activity_{number}"] = forms.CharField(
                label=f"Activity {number}", required=False, max_length=ACTIVITY_MAX_LENGTH
            )
            self.fields[f"rating_{number}"] = self._rating_field(label=f"Score {number}", required=False)
        for number, activity in enumerate(asked_again, start=1):
            self.initial[f"activity_{number}"] = activity
        for number, row in enumerate(stored, start=1):
            self.initial[f"activity_{number}"], self.initial[f"rating_{number}"] = row.activity, row.rating

    @property
    def rows(self) -> Iterator[tuple[BoundField, BoundField]]:
        """The fields of each activity and its number."""
        for number in range(1, self.measure.activities_max + 1):
            yield self[f"activity_{number}"], self[f"rating_{number}"]

    @property
    def rated(self) -> list[Rated]:
        """What was typed of the activities, once it is valid; rows left empty are left out."""
        named = [(activity.name, rating.name) for activity, rating in self.rows]
        return [
            Rated(self.cleaned_data[activity], self.cleaned_data[rating])
            for activity, rating in named
            if self.cleaned_data[activity]
        ]

    def clean_on(self) -> datetime.date:
        """Refuse a day to come, or one before birth."""
        on: datetime.date = self.cleaned_data["on"]
        if on > self.today:
            raise ValidationError("This date lies in the future.")
        if on < self.instance.patient.born_on:
            raise ValidationError("This date lies before the patient's birth.")
        return on

    def clean(self) -> dict[str, Any]:
        """Ask for what a row lacks, and for at least one row; refuse an activity that is named twice."""
        cleaned = super().clean() or self.cleaned_data
        if self.is_new:
            self.instance.pk = cleaned["new_id"]
        said: set[str] = set()
        is_empty = True
        for activity, rating in self.rows:
            words, number = cleaned.get(activity.name, ""), cleaned.get(rating.name)
            is_empty = is_empty and not (words or number is not None or activity.errors or rating.errors)
            if words and number is None and not rating.errors:
                self.add_error(rating.name, f"Say how well it goes, or empty “{words}”.")
            if number is not None and not words and not activity.errors:
                self.add_error(activity.name, "Name the activity that this number is for.")
            if words and words.casefold() in said:
                self.add_error(activity.name, "This activity is named above already.")
            said.add(words.casefold())
        if is_empty and self.measure.activities_max:
            self.add_error("activity_1", "Name at least one activity.")
        return cleaned
