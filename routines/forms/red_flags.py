"""The red-flag questions as a form."""

import datetime
import uuid
from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from routines.forms.log import MomentField, YesNoField
from stretches.models import RedFlagQuestion
from stretches.wording import wording_for


class RedFlagForm(forms.Form):
    """Every question, yes or no. One yes is enough; without any, each has to be answered."""

    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    answered_at = MomentField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, questions: Collection[RedFlagQuestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"initial": {"id": uuid.uuid4()}, "use_required_attribute": False})
        self.questions = {question.slug: question for question in questions}
        wording = wording_for(questions=questions)
        for slug, question in self.questions.items():
            self.fields[slug] = YesNoField(label=wording.question(question), required=False)

    @property
    def asked(self) -> list[forms.BoundField]:
        """The questions, in order."""
        return [self[slug] for slug in self.questions]

    def clean(self) -> dict[str, Any]:
        """Take a yes as it is. Otherwise refuse gaps, and a yes to what is not asked any more."""
        cleaned = super().clean() or self.cleaned_data
        if any(self.answers.values()):
            return cleaned
        unknown = [name for name in self.data if name not in self.fields and name.startswith("rf-")]
        if unknown:
            raise forms.ValidationError(_("These questions have changed. Open the page again and answer them anew."))
        for slug in self.questions:
            if slug not in self.errors and cleaned.get(slug) is None:
                self.add_error(slug, _("Answer this one too."))
        return cleaned

    @property
    def answers(self) -> dict[RedFlagQuestion, bool]:
        """What was answered."""
        given = {slug: self.cleaned_data.get(slug) for slug in self.questions}
        return {self.questions[slug]: answer for slug, answer in given.items() if answer is not None}

    def answered_by(self, at: datetime.datetime) -> datetime.datetime:
        """When it was answered: what the device says, otherwise now."""
        said: datetime.datetime | None = self.cleaned_data.get("answered_at")
        return said or at
