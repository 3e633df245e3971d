"""One page for a stretch with everything that is proposed about it, and the way from draft to reviewed to retired."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from accounts.access import signed_in
from accounts.models import User
from stretches import review
from stretches.admin.forms import WHY, ProposalForm
from stretches.admin.impact import UnconfirmedError, ask, conclude
from stretches.admin.lint import LintPage
from stretches.admin.owned import NONE_OF_YOURS
from stretches.impact import change_begins
from stretches.models import (
    AlreadyDecidedError,
    CatalogueRelease,
    Stretch,
    StretchDecision,
    StretchStatus,
)
from stretches.proposing import propose

Kind = StretchDecision.Kind
MOVES: dict[str, tuple[Callable[..., StretchDecision], StretchStatus, str, str]] = {
    "publish": (
        review.publish,
        StretchStatus.REVIEWED,
        "Publish",
        "It is then offered to patients for whom it is safe, and who has it prescribed sees it again.",
    ),
    "retire": (
        review.retire,
        StretchStatus.RETIRED,
        "Retire",
        "It is then offered to nobody, and paused where it is prescribed.",
    ),
    "take_back": (
        review.take_back,
        StretchStatus.DRAFT,
        "Take back to draft",
        "It is then offered to nobody, and paused where it is prescribed, until it is published again.",
    ),
}
"""What a button sends: what it does, what the stretch then is, what the button says, and what follows."""


def _unseen(stretch: Stretch) -> User | None:
    """Who changed a reviewed stretch since a second person looked, where two pairs of eyes are wanted."""
    is_asked = settings.SECOND_REVIEWER and stretch.status == StretchStatus.REVIEWED
    return review.last_hand(stretch) if is_asked else None


def _waiting_again(stretches: Sequence[Stretch]) -> set[uuid.UUID]:
    """Which of them are reviewed and wait for a second person: one query."""
    if not settings.SECOND_REVIEWER:
        return set()
    ids = [stretch.pk for stretch in stretches]
    return set(review.changed_since_published().filter(pk__in=ids).order_by().values_list("pk", flat=True))


class ReviewsStretches(LintPage, admin.ModelAdmin):  # type: ignore[type-arg]
    """The pages and actions by which stretches are reviewed."""

    actions = ("publish", "retire")

    def get_urls(self) -> Any:
        """Add the page of one stretch's review."""
        view = self.admin_site.admin_view(self.review_view)
        return [path("<path:object_id>/review/", view, name="stretches_stretch_review"), *super().get_urls()]

    # The page ---------------------------------------------------------------------------------------------------------
    def review_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show where a stretch stands and what is to decide; take decisions."""
        stretch = self.get_object(request, unquote(object_id))
        if stretch is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined,no-any-return]
        if not self.has_change_permission(request, stretch):
            raise PermissionDenied
        if request.method != "POST":
            return self._review_page(request, stretch)
        answer: HttpResponse | None = None
        if request.POST.get("move") in MOVES:
            answer = self._move(request, [stretch], request.POST["move"])
        elif request.POST.get("decision") == "accept_all":
            self._accept_all(request, stretch)
        else:
            answer = self._decide(request, stretch)
        return answer or HttpResponseRedirect(request.path)

    def _review_page(self, request: HttpRequest, stretch: Stretch, typed: ProposalForm | None = None) -> HttpResponse:
        undecided = stretch.proposals.undecided().for_display()
        context = {
            **self.admin_site.each_context(request),
            "title": f"Review: {stretch}",
            "opts": self.opts,
            "stretch": stretch,
            "problems": review.problems(stretch, by=signed_in(request)) if stretch.status != "reviewed" else [],
            "unseen": _unseen(stretch),
            "has_picture": review.has_picture(stretch),
            "movements": stretch.movements.annotate(rule_count=Count("rules")),
            "forms": [typed if typed and typed.instance == row else ProposalForm(row) for row in undecided],
            "decided": stretch.proposals.decided().for_display(),
            "contraindications": stretch.contraindications.visible_to(signed_in(request)).select_related(
                "condition_code", "source"
            ),
            "decisions": stretch.decisions.select_related("decided_by")[:20],
        }
        return TemplateResponse(request, "admin/stretches/stretch/review.html", context)

    # Deciding about proposals -----------------------------------------------------------------------------------------
    def _decide(self, request: HttpRequest, stretch: Stretch) -> HttpResponse | None:
        key = request.POST.get("proposal", "")
        waiting = stretch.proposals.undecided().for_display()
        proposal = waiting.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None
        if proposal is None:
            self._give_back(request, "Somebody decided this in the meantime, or the rules dropped it.")
            return None
        form = ProposalForm(proposal, request.POST)
        if not form.is_valid():
            return self._review_page(request, stretch, form)
        self._note(request, stretch, [form])
        return None

    def _accept_all(self, request: HttpRequest, stretch: Stretch) -> None:
        shown = {int(key) for key in request.POST.getlist("shown") if key.isdecimal() and len(key) < 19}
        rows = stretch.proposals.undecided().for_display().filter(pk__in=shown)
        self._note(request, stretch, [ProposalForm(row, {"decision": ProposalForm.ACCEPT}) for row in rows])

    def _note(self, request: HttpRequest, stretch: Stretch, decided: Sequence[ProposalForm]) -> None:
        """Store the decisions and, as with every edit, a release."""
        try:
            with transaction.atomic():
                for form in decided:
                    form.decide(by=signed_in(request), at=timezone.now())
                if decided:
                    words = "; ".join(
                        f"{form.instance} ({form.instance.get_state_display().lower()})" for form in decided
                    )
                    CatalogueRelease.record_edit(
                        f"stretch “{stretch}”: {words}", by=signed_in(request), clinic_id=stretch.clinic_id
                    )
                    propose([stretch.pk], by=signed_in(request), at=timezone.now(), why="A proposal was decided.")
        except AlreadyDecidedError:
            self._give_back(request, "Somebody decided this in the meantime. Nothing of yours was stored.")
            return
        messages.success(request, f"Decided: {len(decided)}.")

    @staticmethod
    def _give_back(request: HttpRequest, why: str) -> None:
        """Say that a decision came too late, with the words that were typed: their form is gone."""
        names = ["reason", *(["rationale"] if request.POST.get("decision") == ProposalForm.CHANGE else [])]
        typed = [request.POST.get(name, "").replace("\x00", "").strip()[:1000] for name in names]
        quoted = " ".join(f"“{words}”" for words in typed if words)
        messages.warning(request, f"{why} You wrote: {quoted}" if quoted else why)

    # Publishing, retiring ---------------------------------------------------------------------------------------------
    @admin.action(description="Publish the selected stretches", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Stretch]) -> HttpResponse | None:
        """Let them be offered, as far as nothing stands against it."""
        return self._move(request, list(queryset), "publish")

    @admin.action(description="Retire the selected stretches", permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Stretch]) -> HttpResponse | None:
        """Let them be offered no more; what is prescribed of them is paused, once that was confirmed."""
        return self._move(request, list(queryset), "retire")

    def _move(self, request: HttpRequest, chosen: Sequence[Stretch], name: str) -> HttpResponse | None:
        """Move stretches on together; ask first whom it concerns, and why."""
        act, status, button, does = MOVES[name]
        now, by = timezone.now(), signed_in(request)
        again = _waiting_again(chosen) if act is review.publish else set()
        moving = [stretch for stretch in chosen if stretch.status != status or stretch.pk in again]
        ids = [stretch.pk for stretch in moving]
        why = request.POST.get(WHY, "").strip().replace("\x00", "")[:1000] or "(not said yet)"
        try:
            with transaction.atomic():
                locked = Stretch.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
                change = change_begins(ids, at=now)
                for stretch in locked:
                    act(stretch, by=by, at=now, why=why, change=change)
                if moving:
                    for clinic_id in {stretch.clinic_id for stretch in moving}:
                        words = ", ".join(f"“{stretch}”" for stretch in moving if stretch.clinic_id == clinic_id)
                        edit = f"{status.label.lower()}: {words} Why: {why}"
                        CatalogueRelease.record_edit(edit, by=by, clinic_id=clinic_id)
                    conclude(request, change, is_always_asked=True, does=[does])
        except UnconfirmedError as error:
            names = str(moving[0]) if len(moving) == 1 else f"{len(moving)} stretches"
            return ask(self, request, error, title=f"{button}: {names}", button=button)
        except review.NotReadyError as error:
            propose(ids, by=by, at=now, why="The rules ask for something new.")
            messages.error(request, str(error))
            return None
        words = f"{status.label}: {len(moving)} of {len(chosen)}." if chosen else NONE_OF_YOURS
        messages.success(request, words) if moving else messages.warning(request, words)
        return None

    # The way here -----------------------------------------------------------------------------------------------------
    def response_post_save_add(self, request: HttpRequest, obj: Stretch) -> HttpResponseRedirect:
        """Lead to what comes next: deciding about what the rules propose."""
        return HttpResponseRedirect(reverse("admin:stretches_stretch_review", args=[obj.pk]))

    def response_post_save_change(self, request: HttpRequest, obj: Stretch) -> HttpResponseRedirect:
        """Lead there as long as it is a draft; from a published one back to the list."""
        if obj.status == StretchStatus.DRAFT:
            return self.response_post_save_add(request, obj)
        return super().response_post_save_change(request, obj)
