"""How somebody wants to read."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import TextSize


class ReadingForm(forms.Form):
    """Language and text size. What is not sent stays as it is: the switch at the sign-in sends the language only."""

    language = forms.ChoiceField(label=_("Language"), required=False, widget=forms.RadioSelect)
    text_size = forms.ChoiceField(label=_("Text size"), required=False, choices=TextSize, widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)  # noqa: S101 - tells mypy what stands above
        language.choices = settings.LANGUAGES
