"""What a patient says about being reminded."""

import dataclasses
import datetime
import functools
import re
import zoneinfo
from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.functional import lazystr
from django.utils.html import escape
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from patients.models import Patient
from prescriptions.models import PartOfDay, Prescription
from routines.models import ANCHOR_MAX_LENGTH, ReminderPreference, ReminderTime
from routines.moments import is_within

USUAL_TIMES = {
    PartOfDay.ON_GETTING_UP: datetime.time(8),
    PartOfDay.MIDDAY: datetime.time(12, 30),
    PartOfDay.AFTERNOON: datetime.time(16),
    PartOfDay.BEFORE_BED: datetime.time(21),
}
"""What the form suggests. Ours."""

EXAMPLES = {
    PartOfDay.ON_GETTING_UP: _("brushing my teeth"),
    PartOfDay.MIDDAY: _("lunch"),
    PartOfDay.AFTERNOON: _("a cup of tea"),
    PartOfDay.BEFORE_BED: _("the evening news"),
}


@functools.cache
def zone_choices() -> list[tuple[str, str]]:
    """The zones that are named after a place, as one would look for them."""
    names = sorted(name for name in zoneinfo.available_timezones() if re.match(r"[A-Z]\w+/[A-Z]", name))
    return [(name, name.replace("_", " ")) for name in names if not name.startswith(("Etc/", "SystemV/"))]


def parts_of(prescriptions: QuerySet[Prescription]) -> set[str]:
    """The parts of the day that these prescriptions have stretches for: what the form suggests, not what is shown."""
    rows = prescriptions.values_list(*(f"items__{part.field}" for part in PartOfDay))
    return {part.value for row in rows for part, is_due in zip(PartOfDay, row, strict=True) if is_due}


def _in_words(value: Any) -> str:
    match value:
        case True:
            return gettext("yes")
        case False | None | "":
            return gettext("no")
        case datetime.time():
            return f"{value:%H:%M}"
    return str(value)


class TimeInput(forms.TimeInput):
    """The browser's own field for a time of day."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


@dataclasses.dataclass(frozen=True)
class PartFields:
    """The fields of one part of the day; ``is_due`` when something is prescribed for it."""

    label: str
    slug: str
    is_due: bool
    wanted: forms.BoundField
    time: forms.BoundField
    anchor: forms.BoundField


class ReminderForm(forms.ModelForm):  # type: ignore[type-arg]
    """When and how. ``due`` are the parts of the day for which something is prescribed."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = ReminderPreference
        fields = ("by_mail", "is_repeated", "is_discreet", "quiet_since", "quiet_until", "time_zone")
        widgets = {"quiet_since": TimeInput(), "quiet_until": TimeInput()}
        labels = {"by_mail": _("Remind me by mail"), "is_discreet": _("Keep it neutral")}
        help_texts = {
            "is_repeated": _("Not in your quiet hours, and only once."),
            "is_discreet": _("“Time for your routine”, and nothing else. Your calendar keeps to this too."),
        }

    def __init__(self, *args: Any, due: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.due = due
        patient: Patient = self.instance.patient
        if patient.user:
            # Drawn as markup, as help texts are; and '"<b>"@example.org' is an address.
            self.fields["by_mail"].help_text = lazystr(escape(patient.user.email))
        clinics = _("The same as the clinic's (%(zone)s)") % {"zone": patient.clinic.time_zone.replace("_", " ")}
        self.fields["time_zone"] = forms.ChoiceField(
            choices=[("", clinics), *zone_choices()], required=False, label=_("Time zone")
        )
        self.initial["seen"] = self.instance.as_seen()
        is_new = self.instance._state.adding
        stored = {} if is_new else {time.part_of_day: time for time in self.instance.times.all()}
        for part in PartOfDay:
            known = stored.get(part.value)
            self.fields[f"{part.value}-wanted"] = forms.BooleanField(
                required=False, label=_("Remind me"), initial=bool(known) or (is_new and part.value in due)
            )
            self.fields[f"{part.value}-time"] = forms.TimeField(
                required=False, label=_("At"), widget=TimeInput(), initial=known.time if known else USUAL_TIMES[part]
            )
            self.fields[f"{part.value}-anchor"] = forms.CharField(
                required=False,
                max_length=ANCHOR_MAX_LENGTH,
                label=_("Right after"),
                initial=known.anchor if known else "",
                help_text=_("For example: %(example)s") % {"example": EXAMPLES[part]},
            )

    @property
    def parts(self) -> Iterator[PartFields]:
        """The fields, part by part."""
        for part in PartOfDay:
            wanted, time, anchor = (self[f"{part.value}-{name}"] for name in ("wanted", "time", "anchor"))
            yield PartFields(str(part.label), part.value, part.value in self.due, wanted, time, anchor)

    def differences_from(self, stored: ReminderPreference) -> list[tuple[str, str, str]]:
        """What is stored by now, and what is typed: each field in which they differ. Without any, both say the same."""
        now = ReminderForm(instance=stored, due=self.due)
        # No field of the form, but saving turns them on: who turned them off meanwhile is not overruled unseen.
        found = [] if stored.is_on else [(gettext("Reminders"), _in_words(False), _in_words(True))]
        for name, field in now.fields.items():
            before, typed = now.get_initial_for_field(field, name), self.cleaned_data.get(name)
            if name != "seen" and (before or None) != (typed or None):
                part = next((f"{each.label}: " for each in PartOfDay if name.startswith(each.value)), "")
                found.append((f"{part}{field.label}", _in_words(before), _in_words(typed)))
        return found

    def times(self) -> list[ReminderTime]:
        """What was chosen, not stored yet."""
        cleaned = self.cleaned_data
        return [
            ReminderTime(
                part_of_day=part.value, time=cleaned[f"{part.value}-time"], anchor=cleaned[f"{part.value}-anchor"]
            )
            for part in PartOfDay
            if cleaned[f"{part.value}-wanted"]
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse quiet hours with one end, and a reminder without a time or in quiet hours."""
        cleaned = super().clean() or self.cleaned_data
        since, until = cleaned.get("quiet_since"), cleaned.get("quiet_until")
        if "quiet_since" in cleaned and "quiet_until" in cleaned and (since is None) != (until is None):
            self.add_error("quiet_since" if since is None else "quiet_until", _("Please fill in this end too."))
        for part in PartOfDay:
            if not cleaned.get(f"{part.value}-wanted") or f"{part.value}-time" in self.errors:
                continue
            time = cleaned.get(f"{part.value}-time")
            if time is None:
                self.add_error(f"{part.value}-time", _("At what time? Or take away the tick above."))
            elif is_within(time, since, until):
                self.add_error(
                    f"{part.value}-time", _("This is in your quiet hours. Choose another time, or change those.")
                )
        return cleaned
