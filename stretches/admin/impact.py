"""Before a change of the catalogue concerns what is prescribed, it is asked about, in numbers, and for the reason.

The change is made, measured, and taken back until it is confirmed; confirmed, it stays and the clinicians are told.
"""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.access import signed_in
from stretches import review
from stretches.admin.forms import BACK, WHY
from stretches.impact import Affected, Change, InForce, change_begins
from stretches.models import Stretch, StretchDecision
from stretches.proposing import propose

SEEN = "_impact_seen"
"""What was confirmed: the numbers on the page. If they are others by now, it is asked again."""
WHY_MAX_LENGTH = 1000


Notice = tuple[int, str]
"""What follows from a change, in words, with the level of the message that says so."""


class UnconfirmedError(Exception):
    """Nobody has seen yet what this does, or has not said why; raised to take it back."""

    def __init__(self, affected: Affected, in_force: Sequence[InForce], does: Sequence[str] = ()) -> None:
        self.affected = affected
        self.in_force = in_force
        self.does = does
        self.problem = ""
        super().__init__(str(affected))

    @property
    def mark(self) -> str:
        """The numbers, as they are sent back by who has read them."""
        return f"{self.affected}/{sum(row.prescriptions for row in self.in_force)}-{len(self.in_force)}"


def conclude(
    request: HttpRequest,
    change: Change,
    *,
    is_always_asked: bool = False,
    does: Sequence[str] = (),
    follows: Sequence[Notice] = (),
) -> str:
    """Keep a change whose impact was confirmed, or has none, and tell those concerned; otherwise raise.

    What it ``does``, and what ``follows`` from it, is shown where it is asked about; what follows is said of a change
    that is kept. Returns the reason that was given, or nothing where none was asked for.
    """
    affected = change.affected()
    why = ""
    if affected or is_always_asked:
        why = _confirmed(
            request, UnconfirmedError(affected, change.in_force(), [*does, *(words for _, words in follows)])
        )
    if affected:
        told = change.tell()
        messages.warning(request, f"Prescribed stretches paused: {affected.lines:,}. Clinicians told: {told:,}.")
    for level, words in follows:
        messages.add_message(request, level, words)
    return why


def _confirmed(request: HttpRequest, question: UnconfirmedError) -> str:
    """The reason, once somebody has read the question and answers; otherwise raise it."""
    why = request.POST.get(WHY, "").strip().replace("\x00", "")
    if request.POST.get(SEEN) != question.mark:
        raise question
    if not why or len(why) > WHY_MAX_LENGTH:
        question.problem = (
            f"Say it in {WHY_MAX_LENGTH} characters." if why else "Say why: it is recorded with your name."
        )
        raise question
    return why


def ask(
    model_admin: Any,
    request: HttpRequest,
    error: UnconfirmedError,
    *,
    title: str = "",
    button: str = "",
    back: str = "",
) -> HttpResponse:
    """Show what it would do, with all that was sent in hidden fields, to send again or to go back to."""
    is_pausing = bool(error.affected)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title
        or ("This makes prescribed stretches unsafe" if is_pausing else "This concerns what is prescribed"),
        "opts": model_admin.opts,
        "affected": error.affected,
        "in_force": error.in_force,
        "does": error.does,
        "button": button or ("Save, pause and tell them" if is_pausing else "Save"),
        "seen": SEEN,
        "mark": error.mark,
        "why": WHY,
        "why_max_length": WHY_MAX_LENGTH,
        "typed": request.POST.get(WHY, ""),
        "problem": error.problem,
        "back": back,
        "sent": [
            (name, value)
            for name, values in request.POST.lists()
            if name not in {"csrfmiddlewaretoken", SEEN, WHY, BACK}
            for value in values
        ],
    }
    return TemplateResponse(request, "admin/impact.html", context)


class AsksAboutImpact(admin.ModelAdmin):  # type: ignore[type-arg]
    """A model of the catalogue whose rows can make what is prescribed unsafe, and about which the rules are asked."""

    def concerns(self, row: Any) -> Collection[uuid.UUID] | None:
        """Ids of the stretches that a change of this row is about; ``None`` when it may be any."""
        raise NotImplementedError

    def regraded(self, row: Any, form: Any) -> Iterable[tuple[Stretch, str]]:
        """Stretches of which this form changes the difficulty, or the severity of a contraindication; and how."""
        return ()

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Answer with the question, where one has to be asked; by then nothing is stored."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except UnconfirmedError as error:
            return ask(self, request, error, back=BACK)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Answer with the question likewise."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except UnconfirmedError as error:
            return ask(self, request, error, button="Delete, pause and tell them")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Ask the rules again without the row."""
        stretch_ids = self.concerns(obj)
        change = change_begins(stretch_ids, at=timezone.now(), clinic_id=getattr(obj, "clinic_id", None))
        super().delete_model(request, obj)
        follows = self.ask_the_rules(request, stretch_ids, f"“{obj}” was deleted.")
        request.catalogue_why = conclude(request, change, follows=follows)  # type: ignore[attr-defined]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Note how things are before the first write."""
        stretch_ids = self.concerns(obj)
        request.catalogue_change = change_begins(  # type: ignore[attr-defined]
            stretch_ids, at=timezone.now(), clinic_id=getattr(obj, "clinic_id", None)
        )
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Ask the rules, and compare, after the last write."""
        super().save_related(request, form, formsets, change)
        row = form.instance
        follows = self.ask_the_rules(request, self.looks_at(row), f"“{row}” was saved.", row)
        begun: Change = request.catalogue_change  # type: ignore[attr-defined]
        regraded = list(self.regraded(row, form)) if change else []
        why = conclude(
            request,
            begun,
            is_always_asked=bool(regraded and begun.in_force()),
            does=[f"“{stretch}”: {what}" for stretch, what in regraded],
            follows=follows,
        )
        request.catalogue_why = why  # type: ignore[attr-defined]
        for stretch, what in regraded:
            review.record(
                stretch,
                StretchDecision.Kind.REGRADED,
                what,
                by=signed_in(request),
                at=timezone.now(),
                why=why or request.POST.get(WHY, "").strip() or "Nobody was prescribed it.",
                change=begun,
            )

    def looks_at(self, row: Any) -> Collection[uuid.UUID] | None:
        """Ids of the stretches about which the rules are asked again; ``None``: every one."""
        return self.concerns(row)

    def ask_the_rules(
        self, request: HttpRequest, stretch_ids: Collection[uuid.UUID] | None, why: str, row: Any = None
    ) -> list[Notice]:
        """Store what they ask for, and put into words what follows from it."""
        proposed = propose(stretch_ids, by=signed_in(request), at=timezone.now(), why=why)
        return list(in_words(request, proposed.new_count, proposed.reopened))


def in_words(request: HttpRequest, new_count: int, reopened: Sequence[Stretch]) -> Iterator[Notice]:
    """What the rules asked for, and which stretches are offered to nobody until it is decided."""
    if new_count:
        words = (
            "One contraindication is proposed" if new_count == 1 else f"{new_count:,} contraindications are proposed"
        )
        yield messages.INFO, f"{words} by the movement rules. Decide about each."
    if reopened := list(Stretch.objects.visible_to(signed_in(request)).filter(pk__in=[row.pk for row in reopened])):
        names = ", ".join(f"“{stretch}”" for stretch in reopened[:10])
        more = f" and {len(reopened) - 10:,} more" if len(reopened) > 10 else ""
        yield messages.WARNING, f"Back to draft until everything about it is decided: {names}{more}."
