"""Fields that forms of several apps share."""

import uuid
from typing import Any

from django import forms


class NewIdField(forms.UUIDField):
    """The id of a row to come, chosen when its form is opened, so that the form sent twice makes one row."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(required=False, initial=uuid.uuid4)

    def clean(self, value: Any) -> uuid.UUID:
        """Any id that is one; otherwise another, for it is not the reader's fault."""
        try:
            cleaned = super().clean(value)
        except forms.ValidationError:
            cleaned = None
        return cleaned if isinstance(cleaned, uuid.UUID) else uuid.uuid4()


class OnceForm(forms.Form):
    """A button that makes something, with nothing to fill in: ``{% new_id %}`` draws what makes two posts one."""

    new_id = NewIdField()

    @classmethod
    def id_in(cls, sent: Any) -> uuid.UUID:
        """The id that was sent, or another."""
        form = cls(sent)
        form.full_clean()
        found: uuid.UUID = form.cleaned_data["new_id"]
        return found
