"""The one question behind an invitation."""

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def _number(label: Any, *, autocomplete: str, digits: int) -> forms.IntegerField:
    attributes = {
        "inputmode": "numeric",
        "autocomplete": autocomplete,
        "maxlength": digits,
        "class": "form-control form-control-lg",
    }
    return forms.IntegerField(label=label, widget=forms.TextInput(attrs=attributes), required=False)


class BirthDateForm(forms.Form):
    """A date of birth in three numbers: quicker to type, on any phone, than to find in a calendar."""

    day = _number(_("Day"), autocomplete="bday-day", digits=2)
    month = _number(_("Month"), autocomplete="bday-month", digits=2)
    year = _number(_("Year"), autocomplete="bday-year", digits=4)

    def clean(self) -> dict[str, Any]:
        """Make it a date; a number that is none, or no such day, is said of the whole."""
        cleaned = super().clean() or {}
        try:
            cleaned["born_on"] = datetime.date(*(cleaned[part] or 0 for part in ("year", "month", "day")))
        except (KeyError, ValueError, OverflowError):
            for part in list(self.errors):
                del self.errors[part]  # one message for the date, not three
            raise forms.ValidationError(_("Type the day, the month and the year, such as 4 5 1960.")) from None
        return cleaned
