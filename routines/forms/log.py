"""How a stretch went, as a page or a device sends it."""

import datetime
import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from prescriptions.models import PartOfDay, PrescribedStretch
from routines.models import DONE_AT_ALL, Effort, Outcome, SkipReason, StretchLog
from routines.models.session import HELD_SECONDS_MAX, NOTE_MAX_LENGTH, PAIN_MAX
from routines.recording import WORDS, Said

YES_OR_NO = [("no", _("No")), ("yes", _("Yes"))]
_TRUTH = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "0": False}


class YesNoField(forms.Field):
    """Yes or no, however a page or a device says it; ``None`` when it says nothing."""

    default_error_messages = {"invalid": _("Choose yes or no.")}
    widget = forms.RadioSelect(choices=YES_OR_NO)

    def to_python(self, value: Any) -> bool | None:
        """Turn into a truth value."""
        said = "" if value is None else str(value).strip().lower()
        if said and said not in _TRUTH:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return _TRUTH.get(said)

    def validate(self, value: Any) -> None:
        """No is an answer too."""
        if self.required and value is None:
            raise ValidationError(self.error_messages["required"], code="required")

    def prepare_value(self, value: Any) -> Any:
        """A stored truth value, as the choices of the page say it."""
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value


CLOCKS_BEGIN_AT = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


class MomentField(forms.CharField):
    """A moment of a device's clock, in ISO 8601 with its offset.

    What a clock that was never set says counts as ``CLOCKS_BEGIN_AT``: no page can show the year 1 in every time zone.
    """

    default_error_messages = {"invalid": _("This is not a moment with its time zone.")}

    def to_python(self, value: Any) -> Any:
        """Turn into an aware moment; ``None`` when nothing is said."""
        text = super().to_python(value)
        if not text:
            return None
        try:
            moment = datetime.datetime.fromisoformat(text)
            return max(moment.astimezone(datetime.UTC), CLOCKS_BEGIN_AT) if moment.tzinfo else self._refuse()
        except (ValueError, OverflowError):
            self._refuse()

    def _refuse(self) -> None:
        raise ValidationError(self.error_messages["invalid"], code="invalid")


class NoteField(forms.CharField):
    """A note; a line's end counts as one character, as it does where it is typed."""

    default_error_messages = {
        "max_length": _("At most %(limit_value)d characters, please; these are %(show_value)d."),
    }

    def to_python(self, value: Any) -> str:
        """Keep the lines, in one way of ending them."""
        return "\n".join((super().to_python(value) or "").splitlines())


class StretchLogForm(forms.Form):
    """All that may be said of a stretch. Nothing of how it went is asked for: rather in part than lost.

    ``has_ended`` is set where it is refused because the prescription had ended.
    """

    has_ended = False

    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    item = forms.UUIDField(widget=forms.HiddenInput)
    on = forms.DateField(widget=forms.HiddenInput)
    part_of_day = forms.ChoiceField(choices=PartOfDay, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("Did you do it?"),
        choices=Outcome,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of these.")},
    )
    skip_reason = forms.ChoiceField(
        label=_("If you skipped it or stopped early: why?"),
        choices=[("", "–"), *SkipReason.choices],
        required=False,
    )
    held_seconds = forms.IntegerField(
        label=_("How long did you hold it?"),
        required=False,
        min_value=0,
        max_value=HELD_SECONDS_MAX,
        help_text=_("In seconds, the longest time. Leave it empty if you do not know."),
    )
    pain_score = forms.IntegerField(
        label=_("How much did it hurt while you did it?"),
        required=False,
        min_value=0,
        max_value=PAIN_MAX,
        widget=forms.RadioSelect(choices=[(n, n) for n in range(PAIN_MAX + 1)]),
        error_messages={
            "invalid": _("Choose a number from 0 to 10."),
            "min_value": _("Choose a number from 0 to 10."),
            "max_value": _("Choose a number from 0 to 10."),
            "required": _("Choose a number from 0 to 10."),
        },
    )
    has_spread = YesNoField(
        label=_("Did pain, tingling or numbness spread further down your leg?"),
        required=False,
        error_messages={"required": _("Choose yes or no.")},
    )
    effort = forms.ChoiceField(label=_("How hard was it?"), choices=Effort, required=False, widget=forms.RadioSelect)
    note = NoteField(
        label=_("Anything your clinic should know?"),
        required=False,
        max_length=NOTE_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    logged_at = MomentField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Take no reason for what was done in full."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("outcome") == Outcome.DONE:
            cleaned["skip_reason"] = ""
        return cleaned

    def said(self, *, at: datetime.datetime) -> Said:
        """What is said, once it is valid; without a clock of its own it is said now."""
        said = dict(self.cleaned_data)
        return Said(
            **said
            | {
                "id": said["id"] or uuid.uuid4(),
                "has_spread": bool(said["has_spread"]),
                "logged_at": said["logged_at"] or at,
            }
        )


class AskedLogForm(StretchLogForm):
    """The same as questions on a page: what it takes to judge the pain is asked for."""

    def __init__(
        self,
        *args: Any,
        item: PrescribedStretch,
        on: datetime.date,
        part_of_day: str,
        log: StretchLog | None = None,
        **kwargs: Any,
    ) -> None:
        self.line, self.log = item, log
        known = {name: getattr(log, name) for name in WORDS} if log else {"outcome": Outcome.DONE}
        fixed = {"id": log.pk if log else uuid.uuid4(), "item": item.pk, "on": on, "part_of_day": part_of_day}
        super().__init__(*args, **kwargs | {"initial": known | fixed, "use_required_attribute": False})
        del self.fields["logged_at"]  # a page has no clock of its own
        if item.target_hold_seconds is None:
            del self.fields["held_seconds"]

    def clean(self) -> dict[str, Any]:
        """Ask why it was skipped, and otherwise how much it hurt and whether that spread."""
        cleaned = super().clean()
        outcome = cleaned.get("outcome")
        if outcome == Outcome.SKIPPED and "skip_reason" not in self.errors and not cleaned.get("skip_reason"):
            self.add_error("skip_reason", _("Choose why."))
        if outcome in DONE_AT_ALL:
            for name in ("pain_score", "has_spread"):
                if name not in self.errors and cleaned.get(name) is None:
                    self.add_error(name, self.fields[name].error_messages["required"])
        return cleaned

    def said(self, *, at: datetime.datetime) -> Said:
        """What is said, now."""
        self.cleaned_data.setdefault("held_seconds", None)
        self.cleaned_data["logged_at"] = at
        return super().said(at=at)


class SettledForm(forms.Form):
    """The answer of the next morning."""

    has_settled = YesNoField(label=_("Has it settled?"), error_messages={"required": _("Choose yes or no.")})
