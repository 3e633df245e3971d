"""How a stretch becomes reviewed, and how it stops being: each step looks first, and is recorded with who and why."""

import dataclasses
import datetime
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models.functions import Coalesce

from accounts.models import User
from stretches.exchange.foreign import TO_BE_DECIDED
from stretches.impact import Change
from stretches.models import Contraindication, ContraindicationProposal, Stretch, StretchDecision, StretchStatus
from stretches.proposing import STATUS_MOVED, propose

Kind = StretchDecision.Kind
WHAT_MAX_LENGTH = 300


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing that keeps a stretch from being reviewed, and what to do about it."""

    words: str
    next_step: str
    is_about_picture: bool = False
    """Whether it is put right on the page of its picture, to which the review then leads."""


class NotReadyError(Exception):
    """The stretch cannot become reviewed yet; ``problems`` says why."""

    def __init__(self, stretch: Stretch, problems: list[Problem]) -> None:
        self.stretch = stretch
        self.problems = problems
        super().__init__(f"{stretch} cannot be published yet: {' '.join(each.words for each in problems)}")


def has_picture(stretch: Stretch) -> bool:
    """Whether patients see a picture of this stretch: drawn from its own pose data, or a photo.

    Costs a query a stretch that is not drawn, unless its ``photo`` was selected along with it.
    """
    return stretch.is_drawn or hasattr(stretch, "photo")


def problems(stretch: Stretch, *, by: User) -> list[Problem]:
    """Everything that keeps this person from publishing the stretch, in the order in which one would put it right."""
    return list(_problems(stretch, by))


def _problems(stretch: Stretch, by: User) -> Iterator[Problem]:
    if stretch.status == StretchStatus.RETIRED:
        yield Problem("It is retired.", "Take it back to draft first, so that the rules look at it again.")
    if not stretch.movements.exists():
        yield Problem(
            "It has no movements, so the rules cannot say what it is unsafe with.",
            "Tick what it does under “Movements”.",
        )
    if count := stretch.proposals.undecided().count():
        words = "One proposed contraindication is" if count == 1 else f"{count} proposed contraindications are"
        yield Problem(f"{words} not decided.", "Accept, change or reject each below.")
    if not stretch.step_list:
        yield Problem("It has no steps.", "Write how it is done, one step a line.")
    yield from _left_open(stretch)
    if not has_picture(stretch):
        words = "Draw it, or add a photo; patients do not follow words alone."
        yield Problem("It has no picture.", words, is_about_picture=True)
    if not stretch.source.citation.strip():
        yield Problem("It has no source.", "Name where it comes from.")
    if unsourced := stretch.contraindications.filter(source__citation__regex=r"^\s*$").count():
        yield Problem(f"Contraindications without a source: {unsourced}.", "Name where each comes from.")
    if settings.SECOND_REVIEWER and last_hand(stretch) == by:
        yield Problem(
            "You made its latest change yourself, and two pairs of eyes are wanted.",
            "Ask a colleague who edits the catalogue to look at this page and publish it.",
        )


def _left_open(stretch: Stretch) -> Iterator[Problem]:
    """What an import filled in because its source does not say it."""
    if TO_BE_DECIDED in stretch.stop_rules:
        yield Problem("Its stop rules are not written yet.", "Write when the patient has to stop, one rule a line.")
    if TO_BE_DECIDED in stretch.dose_note:
        yield Problem("Its dose is not decided yet.", "Decide the dose, and say in its note where it comes from.")


def last_hand(stretch: Stretch) -> User | None:
    """Who wrote last on it since it was published: its text, a contraindication, or a decision on a proposal.

    Nobody where a file was loaded, or nothing was written since.
    """
    published = stretch.decisions.publications().first()
    since = published.decided_at if published else _NEVER
    rows = _row_versions(since).filter(stretch_id=stretch.pk, clinic_id=stretch.clinic_id)
    latest = [
        history.select_related("history_user").order_by("-history_date", "-history_id").first()
        for history in (_versions(since).filter(id=stretch.pk), rows)
    ]
    hands: list[tuple[datetime.datetime, User]] = [(each.history_date, each.history_user) for each in latest if each]
    decided = _decided(since).filter(stretch=stretch)
    if proposal := decided.select_related("decided_by").order_by("-decided_at", "-pk").first():
        hands.append((proposal.decided_at, proposal.decided_by))  # type: ignore[arg-type]
    return max(hands, key=lambda hand: hand[0])[1] if hands else None


def changed_since_published() -> models.QuerySet[Stretch]:
    """Reviewed stretches on which somebody wrote after a second person had looked: those that have a ``last_hand``."""
    of_stretch = models.OuterRef("pk")
    published = StretchDecision.objects.publications().order_by().filter(stretch=models.OuterRef(models.OuterRef("pk")))
    since = Coalesce(
        models.Subquery(published.values("stretch").annotate(at=models.Max("decided_at")).values("at")),
        models.Value(_NEVER, models.DateTimeField()),
    )
    own_clinic = models.Q(clinic_id=models.OuterRef("clinic_id")) | models.Q(clinic_id=None, stretch__clinic_id=None)
    return Stretch.objects.filter(status=StretchStatus.REVIEWED).filter(
        models.Exists(_versions(since).filter(id=of_stretch))
        | models.Exists(_row_versions(since).filter(own_clinic, stretch_id=of_stretch))
        | models.Exists(_decided(since).filter(stretch=of_stretch))
    )


_NEVER = datetime.datetime.min.replace(tzinfo=datetime.UTC)


def _versions(since: object) -> models.QuerySet[Any]:
    """What people wrote in stretches."""
    written: models.QuerySet[Any] = Stretch.history.filter(history_user__isnull=False, history_date__gt=since)
    return written.exclude(history_change_reason__startswith=STATUS_MOVED)


def _row_versions(since: object) -> models.QuerySet[Any]:
    """What people wrote in contraindications."""
    written: models.QuerySet[Any] = Contraindication.history.filter(history_user__isnull=False, history_date__gt=since)
    return written


def _decided(since: object) -> models.QuerySet[ContraindicationProposal]:
    """What people decided about proposals."""
    return ContraindicationProposal.objects.decided().filter(decided_by__isnull=False, decided_at__gt=since)


def publish(stretch: Stretch, *, by: User, at: datetime.datetime, why: str, change: Change) -> StretchDecision:
    """Let it be offered, after asking the rules again. Raises ``NotReadyError``; what was proposed anew then stays."""
    propose([stretch.pk], by=by, at=at, why="The rules ask for something new.")
    with transaction.atomic():
        stretch = Stretch.objects.select_for_update(no_key=True).get(pk=stretch.pk)
        if found := problems(stretch, by=by):
            raise NotReadyError(stretch, found)
        stretch.is_being_published = True
        return _move(stretch, Kind.PUBLISHED, StretchStatus.REVIEWED, by=by, at=at, why=why, change=change)


def retire(stretch: Stretch, *, by: User, at: datetime.datetime, why: str, change: Change) -> StretchDecision:
    """Let it be offered no more; what is prescribed of it is paused, and what was proposed about it dropped."""
    with transaction.atomic():
        stretch = Stretch.objects.select_for_update(no_key=True).get(pk=stretch.pk)
        decision = _move(stretch, Kind.RETIRED, StretchStatus.RETIRED, by=by, at=at, why=why, change=change)
        propose([stretch.pk], by=by, at=at, why=why)
        return decision


def take_back(stretch: Stretch, *, by: User, at: datetime.datetime, why: str, change: Change) -> StretchDecision:
    """Make it a draft again, to work on; what is prescribed of it is paused."""
    with transaction.atomic():
        stretch = Stretch.objects.select_for_update(no_key=True).get(pk=stretch.pk)
        decision = _move(stretch, Kind.DRAFTED, StretchStatus.DRAFT, by=by, at=at, why=why, change=change)
        propose([stretch.pk], by=by, at=at, why=why)
        return decision


def _move(
    stretch: Stretch, kind: Kind, status: StretchStatus, *, by: User, at: datetime.datetime, why: str, change: Change
) -> StretchDecision:
    what = f"{stretch.get_status_display()} → {status.label}"
    stretch.status = status
    stretch._history_user = by  # type: ignore[attr-defined]
    stretch._change_reason = f"{STATUS_MOVED} {what.lower()}. {why}"[:100]  # type: ignore[attr-defined]
    stretch.save(update_fields=["status"])
    return record(stretch, kind, what, by=by, at=at, why=why, change=change)


def record(
    stretch: Stretch, kind: Kind, what: str, *, by: User, at: datetime.datetime, why: str, change: Change
) -> StretchDecision:
    """Note a decision with whom the whole change concerns; it was written, and may still be taken back."""
    in_force = change.in_force()
    return StretchDecision.objects.create(
        stretch=stretch,
        kind=kind,
        what=what[:WHAT_MAX_LENGTH],
        why=why,
        decided_by=by,
        decided_at=at,
        prescriptions=sum(each.prescriptions for each in in_force),
        patients=sum(each.patients for each in in_force),
        clinics=len(in_force),
        paused_lines=change.affected().lines,
    )
