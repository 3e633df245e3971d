"""What a clinic's admin asks the audit record."""

import datetime
import re
import uuid
import zoneinfo
from typing import Any

from django import forms
from django.db.models import Q

from accounts.models import Clinic, User
from audit.models import COMMAND, LINK, Action, EventQuerySet

NUMBER = re.compile(r"[0-9a-f]{8}|[0-9a-f]{32}")
OTHERS = {"patients": "Patients", LINK: "A secret link", COMMAND: "Limber itself"}


class EventFilterForm(forms.Form):
    """The filter bar. What is wrong in it is said beside its field, and narrows nothing."""

    who = forms.ChoiceField(required=False, label="Who")
    action = forms.ChoiceField(required=False, label="What", choices=[("", "Anything"), *Action.choices])
    patient = forms.CharField(required=False, label="Patient's number", max_length=40)
    since = forms.DateField(required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, clinics: list[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zoneinfo.ZoneInfo(clinics[0].time_zone)
        staff = User.objects.filter(memberships__clinic__in=clinics).distinct().order_by("full_name", "pk")
        who = self.fields["who"]
        assert isinstance(who, forms.ChoiceField)  # noqa: S101 - tells mypy what stands above
        who.choices = [("", "Anybody"), *((str(user.pk), str(user)) for user in staff), *OTHERS.items()]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            if name in self.errors:
                field.widget.attrs |= {"class": f"{field.widget.attrs['class']} is-invalid", "aria-invalid": "true"}
                field.widget.attrs["aria-describedby"] = f"id_{name}_error"

    def clean_patient(self) -> str:
        """The number as it is shown, or the whole id."""
        number = self.cleaned_data["patient"].strip().lower().replace("-", "")
        if number and not NUMBER.fullmatch(number):
            raise forms.ValidationError("A number has eight letters from 0 to 9 and a to f, such as 3f2a91bc.")
        return str(number)

    def narrow(self, events: EventQuerySet) -> EventQuerySet:
        """The events that are asked for."""
        self.is_valid()
        asked = self.cleaned_data
        if who := asked.get("who"):
            events = events.filter(_by(who))
        if action := asked.get("action"):
            events = events.filter(action=action)
        if number := asked.get("patient"):
            events = events.filter(_about(number))
        if since := asked.get("since"):
            events = events.filter(at__gte=self._start_of(since))
        if (until := asked.get("until")) and until < datetime.date.max:
            events = events.filter(at__lt=self._start_of(until + datetime.timedelta(days=1)))
        return events

    def _start_of(self, day: datetime.date) -> datetime.datetime:
        """When a day of the clinic's begins; no event is older than a century."""
        return datetime.datetime.combine(max(day, datetime.date(1930, 1, 1)), datetime.time.min, self.zone)


def _by(who: str) -> Q:
    if who == "patients":
        return Q(role="patient")
    if who in OTHERS:
        return Q(role=who)
    # What they did as a patient stands under the patient's number alone, or a name would tell whose number it is.
    return Q(user=who) & ~Q(role="patient")


def _about(number: str) -> Q:
    """About one patient, also where they stood in a list, which names several by their ids."""
    first, last = uuid.UUID(number.ljust(32, "0")), uuid.UUID(number.ljust(32, "f"))
    return Q(patient_id__range=(first, last)) | Q(action=Action.LIST, content__contains=f'"{number[:8]}')
