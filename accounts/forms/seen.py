"""A form that notices who was faster: nothing that somebody else saved meanwhile is overwritten unseen."""

import hashlib
import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models


def fingerprint(row: models.Model) -> str:
    """Sum up a row as it is stored now, with its many-to-many fields."""
    manager = type(row)._default_manager
    columns = manager.filter(pk=row.pk).values().first() or {}
    columns.pop("last_login", None)  # who signs in edits nothing
    links = [
        sorted(str(pk) for pk in manager.filter(pk=row.pk).values_list(field.name, flat=True))
        for field in row._meta.many_to_many
    ]
    return hashlib.sha256(json.dumps([columns, links], default=str).encode()).hexdigest()


class SeenForm(forms.ModelForm):  # type: ignore[type-arg]
    """A row of the admin site. ``seen`` says what was stored when somebody opened it; it is answered with 409."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    is_stale = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["seen"] = fingerprint(self.instance)

    def clean(self) -> dict[str, Any]:
        """Refuse to overwrite unseen what somebody else saved; a second save, having seen it, may."""
        cleaned = super().clean() or self.cleaned_data
        if not self.instance._state.adding and cleaned.get("seen") != self.initial["seen"]:
            stored = "; ".join(self._stored(name) for name in self.changed_data if name != "seen")
            self._show_stored_fingerprint()
            self.is_stale = True
            raise ValidationError(
                f"Somebody else saved this while you were editing. What you typed is kept below. Stored now, where it"
                f" differs from that: {stored or 'nothing'}. Save again to store yours."
            )
        return cleaned

    def _show_stored_fingerprint(self) -> None:
        data = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("seen")] = self.initial["seen"]
        self.data = data

    def _stored(self, name: str) -> str:
        field, value = self.fields[name], self.initial.get(name)
        if isinstance(field, forms.ModelMultipleChoiceField):
            value = ", ".join(str(row) for row in value or [])
        elif isinstance(field, forms.ModelChoiceField):
            value = field.queryset.filter(pk=value).first() if field.queryset is not None else value
        elif isinstance(field, forms.TypedChoiceField):
            value = dict(field.choices).get(value, value)  # type: ignore[arg-type]
        return f"{field.label}: {value if value not in (None, '') else 'nothing'}"
