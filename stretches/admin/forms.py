"""The form of a catalogue row: keeps lines as they are stored, and notices who was faster."""

import copy
import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from accounts.forms.seen import SeenForm
from accounts.models import User
from stretches.models import ContraindicationProposal

WHY = "_impact_why"
"""The reason of a change: asked for in the form, kept with the version, and shown where its impact is confirmed."""
BACK = "_back_to_form"
"""Sent by who read what a change would do, and wants to go on typing."""


REASON_LETTERS = 3
"""A full stop is no reason to leave a contraindication out. Ours."""


class LinesField(forms.CharField):
    """Text of several lines. Browsers send CR LF, files and the database have LF."""

    def to_python(self, value: Any) -> str:
        """Bring line ends into the one form that is stored."""
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class CatalogueForm(SeenForm):
    """A row of the catalogue."""

    def clean(self) -> dict[str, Any]:
        """Give back what was typed to who read what it would do, and wants to go on typing."""
        if BACK in self.data:
            raise ValidationError("Nothing was saved. What you typed is here.")
        return super().clean()


class VersionedForm(CatalogueForm):
    """A row of which every version is kept, with the reason for it."""

    _impact_why = forms.CharField(  # under the name that WHY has
        label="Why you change it",
        required=False,
        max_length=1000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept with this version, under your name, for whoever reads its history.",
    )

    @cached_property
    def changed_data(self) -> list[str]:
        """What changed of the row: neither the reason nor the mark of what was opened is part of it."""
        return [name for name in super().changed_data if name not in {WHY, "seen"}]

    def clean(self) -> dict[str, Any]:
        """Ask for the reason where there is something to give one for."""
        cleaned = super().clean()
        if self.changed_data and not self.instance._state.adding and not cleaned.get(WHY) and WHY not in self.errors:
            self.add_error(WHY, "Say why: it is kept with this version.")
        return cleaned


class ProposalForm(forms.ModelForm):  # type: ignore[type-arg]
    """A decision about one proposal; the fields hold what is proposed, for who wants to change it."""

    ACCEPT, CHANGE, REJECT = "accept", "change", "reject"
    decision = forms.ChoiceField(choices=[(name, name) for name in (ACCEPT, CHANGE, REJECT)], widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2, "cols": 60})
    )

    class Meta:
        model = ContraindicationProposal
        fields = ("severity", "from_week", "until_week", "rationale")
        field_classes: ClassVar[Any] = {"rationale": LinesField}
        widgets: ClassVar[Any] = {"rationale": forms.Textarea(attrs={"rows": 3, "cols": 60})}

    def __init__(self, proposal: ContraindicationProposal, data: Any = None) -> None:
        self.proposed = copy.copy(proposal)  # validation writes what was typed into the other
        super().__init__(data, instance=proposal, prefix=None, auto_id=f"id_{proposal.pk}_%s")
        if data is not None and data.get("decision") != self.CHANGE:
            for name in self.Meta.fields:  # what is accepted or rejected is what was proposed
                self.fields[name].disabled = True

    def full_clean(self) -> None:
        """Check what counts for this decision; what was typed besides is still there for another."""
        super().full_clean()
        for name in self.Meta.fields:
            self.fields[name].disabled = False

    def clean(self) -> dict[str, Any]:
        """Ask for a reason, unless it is accepted as it is."""
        cleaned = super().clean() or self.cleaned_data
        is_in_words = sum(map(str.isalpha, cleaned.get("reason", ""))) >= REASON_LETTERS
        if cleaned.get("decision") in {self.CHANGE, self.REJECT} and not is_in_words and "reason" not in self.errors:
            self.add_error("reason", "Say why, in words: it is recorded with your name.")
        if (
            cleaned.get("decision") == self.CHANGE
            and not self.errors
            and not set(self.changed_data) & set(self.Meta.fields)
        ):
            self.add_error("severity", "This is what is proposed. Change something, or accept it as it is.")
        return cleaned

    def decide(self, *, by: User, at: datetime.datetime) -> None:
        """Carry the decision out. Raises ``AlreadyDecidedError``."""
        if not self.is_valid():
            raise ValueError(self.errors)
        proposal = ContraindicationProposal.objects.get(pk=self.instance.pk)
        reason = self.cleaned_data["reason"]
        match self.cleaned_data["decision"]:
            case self.CHANGE:
                written = {name: self.cleaned_data[name] for name in self.Meta.fields}
                proposal.change(by=by, at=at, reason=reason, **written)
            case self.REJECT:
                proposal.reject(by=by, at=at, reason=reason)
            case _:
                proposal.accept(by=by, at=at, reason=reason)
        self.instance = proposal
