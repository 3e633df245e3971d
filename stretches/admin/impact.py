"""Before a change of the catalogue makes prescribed stretches unsafe, it is asked about, in numbers.

The change is made, measured, and taken back until it is confirmed; confirmed, it stays and the clinicians are told.
"""

import uuid
from collections.abc import Collection
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from stretches.admin.forms import BACK
from stretches.impact import Affected, Change, change_begins

SEEN = "_impact_seen"
"""What was confirmed: the numbers on the page. If they are others by now, it is asked again."""


class UnconfirmedError(Exception):
    """Nobody has seen yet what this does; raised to take it back."""

    def __init__(self, affected: Affected) -> None:
        self.affected = affected
        super().__init__(str(affected))


def conclude(request: HttpRequest, change: Change) -> None:
    """Keep a change whose impact was confirmed, or has none, and tell those concerned; otherwise raise."""
    affected = change.affected()
    if not affected:
        return
    if request.POST.get(SEEN) != str(affected):
        raise UnconfirmedError(affected)
    told = change.tell()
    messages.warning(request, f"Prescribed stretches paused: {affected.lines:,}. Clinicians told: {told:,}.")


def ask(model_admin: Any, request: HttpRequest, affected: Affected) -> HttpResponse:
    """Show what it would do, with all that was sent in hidden fields, to send again or to go back to."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "This makes prescribed stretches unsafe",
        "opts": model_admin.opts,
        "affected": affected,
        "seen": SEEN,
        "back": BACK if ACTION_CHECKBOX_NAME not in request.POST else "",
        "sent": [
            (name, value)
            for name, values in request.POST.lists()
            if name not in {"csrfmiddlewaretoken", SEEN, BACK}
            for value in values
        ],
    }
    return TemplateResponse(request, "admin/impact.html", context)


class AsksAboutImpact(admin.ModelAdmin):  # type: ignore[type-arg]
    """A model of the catalogue whose rows can make what is prescribed unsafe."""

    def concerns(self, row: Any) -> Collection[uuid.UUID] | None:
        """Ids of the stretches that a change of this row is about; ``None`` when it may be any."""
        raise NotImplementedError

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Answer with the question, where one has to be asked; by then nothing is stored."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except UnconfirmedError as error:
            return ask(self, request, error.affected)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Note how things are before the first write."""
        stretch_ids = self.concerns(obj)
        request.catalogue_change = change_begins(stretch_ids, at=timezone.now())  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Compare after the last write."""
        super().save_related(request, form, formsets, change)
        conclude(request, request.catalogue_change)  # type: ignore[attr-defined]
