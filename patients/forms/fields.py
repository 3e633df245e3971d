"""Fields that several forms share."""

from typing import Any

from django import forms


class DateInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class RowField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice among rows. What is no id at all is refused in the same words as one that is not among them."""

    def to_python(self, value: Any) -> Any:
        """Find the row; raises ``ValidationError``."""
        try:
            return super().to_python(value)
        except forms.ValidationError:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value}
            ) from None


class ConfirmField(forms.BooleanField):
    """A box to tick that stays hidden until ``ask`` shows it, because something unlikely was typed."""

    def __init__(self, *, label: str) -> None:
        super().__init__(required=False, label=label, widget=forms.HiddenInput)

    def ask(self) -> None:
        """Show it from now on."""
        self.widget = forms.CheckboxInput()
