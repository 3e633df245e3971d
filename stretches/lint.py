"""What somebody who looks after the catalogue should put right: found afresh each time, the gravest first."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q

from accounts.models import User
from stretches import pictograms, review
from stretches.models import (
    ConditionCode,
    Contraindication,
    ContraindicationProposal,
    Movement,
    MovementRule,
    Severity,
    Source,
    Stretch,
    StretchStatus,
)
from stretches.models.condition_code import broader_by_code, paths_upward
from stretches.proposing import Gap, gaps

_YEAR = re.compile(r"(?<!\d)(1[89]|20)\d\d(?!\d)")


@dataclasses.dataclass(frozen=True)
class Finding:
    """One thing to put right: in words, with the row on whose page that is done, if there is one."""

    words: str
    detail: str = ""
    model: type[models.Model] | None = None
    pk: Any = None


@dataclasses.dataclass(frozen=True)
class Section:
    """Findings of one kind, and what to do about them."""

    title: str
    next_step: str
    findings: tuple[Finding, ...]


def sections(user: User | None = None) -> list[Section]:
    """Look for everything: a few queries a kind, however large the catalogue is. A user is told of what is theirs."""
    found = [Section(title, next_step, tuple(find())) for title, next_step, find in _CHECKS]
    if user is None:
        return found
    seen: dict[Any, set[Any]] = {
        model: set(model.objects.visible_to(user).order_by().values_list("pk", flat=True))
        for model in (Stretch, Contraindication)
    }
    seen[ContraindicationProposal] = seen[Stretch]
    return [
        dataclasses.replace(
            section, findings=tuple(each for each in section.findings if each.pk in seen.get(each.model, {each.pk}))
        )
        for section in found
    ]


def _in_use() -> models.QuerySet[Stretch]:
    return Stretch.objects.exclude(status=StretchStatus.RETIRED)


def _weak_absolutes() -> Iterator[Finding]:
    weak = {"severity": Severity.ABSOLUTE, "source__verification": Source.Verification.BACKGROUND}
    rows = Contraindication.objects.filter(**weak).exclude(stretch__status=StretchStatus.RETIRED)
    for row in rows.select_related("stretch", "condition_code", "source").order_by("stretch__name", "pk"):
        yield Finding(f"{row.stretch} with {row.condition_code}", row.source.citation, Contraindication, row.pk)
    rules = MovementRule.objects.filter(**weak).select_related("condition_code", "source")
    for rule in rules:
        yield Finding(f"Rule on {rule.condition_code}", rule.source.citation, MovementRule, rule.pk)


def _undecided() -> Iterator[Finding]:
    waiting = _in_use().annotate(
        undecided_count=Count("proposals", filter=Q(proposals__state="open"), distinct=True),
        absolute_count=Count(
            "proposals", filter=Q(proposals__state="open", proposals__severity=Severity.ABSOLUTE), distinct=True
        ),
    )
    for stretch in waiting.filter(undecided_count__gt=0).order_by("-absolute_count", "-undecided_count", "name"):
        detail = f"{stretch.undecided_count} proposed, {stretch.absolute_count} of them absolute"
        yield Finding(str(stretch), detail, ContraindicationProposal, stretch.pk)


def _seen_by_one() -> Iterator[Finding]:
    if settings.SECOND_REVIEWER:
        for stretch in review.changed_since_published().order_by("name"):
            yield Finding(str(stretch), "", ContraindicationProposal, stretch.pk)


def _rejected_absolutes() -> Iterator[Finding]:
    rejected = ContraindicationProposal.objects.filter(
        state=ContraindicationProposal.State.REJECTED, severity=Severity.ABSOLUTE
    ).exclude(stretch__status=StretchStatus.RETIRED)
    for row in rejected.select_related("stretch", "condition_code", "decided_by").order_by("stretch__name", "pk"):
        detail = f"{row.decided_by or 'Somebody'}: {row.reason}"
        yield Finding(f"{row.stretch} with {row.condition_code}", detail, ContraindicationProposal, row.stretch_id)


def _lacking() -> Iterator[Finding]:
    found = gaps()
    waiting = set(ContraindicationProposal.objects.undecided().values_list("stretch_id", "rule_id"))
    missing = [gap for gap in found if (gap.stretch_id, gap.rule.pk) not in waiting]
    named = Stretch.objects.in_bulk({gap.stretch_id for gap in missing})
    for gap in sorted(missing, key=lambda gap: (*_gravity(gap), named[gap.stretch_id].name, gap.rule.pk)):
        detail = f"{gap.rule.get_severity_display()} {gap.rule.window_words}".strip()
        yield Finding(f"{named[gap.stretch_id]} with {gap.rule.condition_code}", detail, Stretch, gap.stretch_id)


def _gravity(gap: Gap) -> tuple[int, bool]:
    """The most severe first, and of those what rests on background knowledge."""
    severities = Severity.values
    rank = severities.index(gap.rule.severity) if gap.rule.severity in severities else -1
    return rank, gap.rule.source.verification != Source.Verification.BACKGROUND


def _without_rules() -> Iterator[Finding]:
    ruled = set(MovementRule.objects.order_by().values_list("condition_code_id", flat=True))
    edges = broader_by_code()
    for code in ConditionCode.objects.selectable():
        if ruled.isdisjoint(paths_upward(code.pk, edges)):
            yield Finding(str(code), code.get_kind_display(), ConditionCode, code.pk)


def _unruled() -> Iterator[Finding]:
    of_library = _in_use().filter(clinic=None)  # what a clinic does in its own stretches is told to nobody else
    for movement in Movement.objects.filter(rules=None, stretches__in=of_library).distinct():
        yield Finding(movement.name, movement.slug, Movement, movement.pk)


def _undated() -> Iterator[Finding]:
    for source in Source.objects.all():
        if not _YEAR.search(source.citation):
            yield Finding(source.slug, source.citation, Source, source.pk)


def _not_easier() -> Iterator[Finding]:
    links = Stretch.easier.through.objects.exclude(from_stretch__status=StretchStatus.RETIRED)
    wrong = links.filter(to_stretch__difficulty__gte=F("from_stretch__difficulty"))
    for link in wrong.select_related("from_stretch", "to_stretch").order_by("from_stretch__name", "to_stretch__name"):
        of, easier = link.from_stretch, link.to_stretch
        detail = f"Difficulty {of.difficulty}; {easier.name} is given as easier and has {easier.difficulty}"
        yield Finding(str(of), detail, Stretch, of.pk)


def _unpictured() -> Iterator[Finding]:
    stretches = list(_in_use().select_related("photo").order_by("name"))
    for stretch in stretches:
        if not review.has_picture(stretch):
            yield Finding(str(stretch), f"{stretch.get_status_display()}, without a picture", Stretch, stretch.pk)
    for slug in sorted(pictograms.slugs() - set(Stretch.objects.values_list("slug", flat=True))):
        yield Finding(slug, "Drawn, but no stretch has this short name")


def _without_steps() -> Iterator[Finding]:
    for stretch in _in_use().filter(steps__regex=r"^\s*$"):
        yield Finding(str(stretch), stretch.get_status_display(), Stretch, stretch.pk)


_CHECKS: Iterable[tuple[str, str, Callable[[], Iterator[Finding]]]] = (
    (
        "Absolute, on background knowledge only",
        "What is never prescribed should rest on something that was read. Name a better source, or another severity.",
        _weak_absolutes,
    ),
    (
        "Proposals to decide",
        "These stretches are drafts, and offered to nobody, until every proposal is accepted, changed or rejected.",
        _undecided,
    ),
    (
        "Changed by one person since they were published",
        "Two pairs of eyes are wanted, and these go on being offered: read each, then publish it again.",
        _seen_by_one,
    ),
    (
        "Absolute proposals that were rejected",
        "Read the reasons. Where one does not convince, add the contraindication.",
        _rejected_absolutes,
    ),
    (
        "Movements that call for a contraindication that is missing",
        "Save the stretch again: what is missing is then proposed.",
        _lacking,
    ),
    ("Stretches without steps", "Write how they are done, one step a line.", _without_steps),
    (
        "Pictures that nobody can see",
        "A stretch without a picture cannot be published; a picture without a stretch is shown nowhere.",
        _unpictured,
    ),
    (
        "Conditions without a rule",
        "No movement rule names them or a broader condition: nothing is proposed for patients who have them.",
        _without_rules,
    ),
    (
        "Movements that no rule names",
        "Nothing is proposed for what they do. If it is another movement misspelt, give its stretches the right one.",
        _unruled,
    ),
    ("Sources without a year", "Nobody can tell how old what they say is.", _undated),
    (
        "Neighbours that are not easier",
        "They are given as easier and are as hard or harder. Choose others, or put the difficulty right.",
        _not_easier,
    ),
)
