"""What the movement rules ask for and the stretches do not carry: found by comparing, stored as proposals to decide.

Whoever changes what is compared — movements, rules, contraindications, the hierarchy — calls ``propose`` in the same
transaction. A reviewed stretch about which something is undecided is taken back to draft, and so offered to nobody:
docs/adr/0009-an-undecided-proposal-takes-a-stretch-back-to-draft.md.
"""

import dataclasses
import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from django.db import transaction
from django.db.models import F, Q

from accounts import acting
from accounts.models import User
from stretches.models import (
    Contraindication,
    ContraindicationProposal,
    MovementRule,
    Severity,
    Stretch,
    StretchDecision,
    StretchStatus,
)
from stretches.models.condition_code import broader_by_code, paths_upward

State = ContraindicationProposal.State
WITHOUT_END = 1_000_000
"""Weeks; later than any window's end."""
_RANK = {severity: rank for rank, severity in enumerate(Severity.values)}
Asked = tuple[int, str, int | None, int | None]


@dataclasses.dataclass(frozen=True)
class Row:
    """A contraindication as far as it matters whether a rule is satisfied by it."""

    condition_code_id: int
    severity: str
    from_week: int | None
    until_week: int | None


@dataclasses.dataclass(frozen=True)
class Gap:
    """A rule that a stretch's movements call for, and that no contraindication of it satisfies."""

    stretch_id: uuid.UUID
    rule: MovementRule
    movement_ids: frozenset[int]

    @property
    def asks_for(self) -> Asked:
        """What the contraindication would have to say."""
        return self.rule.condition_code_id, self.rule.severity, self.rule.from_week, self.rule.until_week


def satisfies(rule: Row, rows: Iterable[Row], broader: Collection[int]) -> bool:
    """Whether rows on these codes, each at least as severe, cover every week of the rule between them.

    ``broader`` holds the rule's own code and every broader one: a row there covers the narrower code too. Weeks count
    from the same day of the patient's condition, whichever code a row is on. A severity that is not known counts as
    the worst in a rule, and as none in a row.
    """
    wanted = _RANK.get(rule.severity, 0)
    windows = sorted(
        (row.from_week or 0, WITHOUT_END if row.until_week is None else row.until_week)
        for row in rows
        if row.condition_code_id in broader and _RANK.get(row.severity, len(_RANK)) <= wanted
    )
    week = rule.from_week or 0
    end = WITHOUT_END if rule.until_week is None else rule.until_week
    for start, until in windows:
        if start <= week:
            week = max(week, until)
    return week >= end


def gaps(stretch_ids: Collection[uuid.UUID] | None = None) -> list[Gap]:
    """Find what is lacking, of these stretches or of all that are not retired; eight queries for any number.

    A draft without movements is not finished, and lacks nothing yet. What was rejected, or accepted in another form,
    is settled as long as the rule asks for the same.
    """
    stretches = Stretch.objects.order_by().exclude(status=StretchStatus.RETIRED)
    if stretch_ids is not None:
        stretches = stretches.filter(pk__in=stretch_ids)
    moved: dict[uuid.UUID, set[int]] = defaultdict(set)
    through = Stretch.movements.through.objects.filter(stretch__in=stretches.values("pk"))
    for stretch_id, movement_id in through.values_list("stretch_id", "movement_id"):
        moved[stretch_id].add(movement_id)
    for stretch_id in stretches.reviewed().values_list("pk", flat=True):
        moved.setdefault(stretch_id, set())
    rows: dict[uuid.UUID, list[Row]] = defaultdict(list)
    stored = Contraindication.objects.order_by().filter(stretch__in=stretches.values("pk"))
    # What a clinic added to a stretch of the library helps no other clinic: it settles nothing there.
    stored = stored.filter(Q(clinic__isnull=True) | Q(clinic=F("stretch__clinic")))
    for stretch_id, *row in stored.values_list("stretch_id", *(field.name for field in dataclasses.fields(Row))):
        rows[stretch_id].append(Row(*row))
    return list(_gaps(moved, rows, _settled(moved)))


def _gaps(
    moved: Mapping[uuid.UUID, set[int]],
    rows: Mapping[uuid.UUID, list[Row]],
    settled: Collection[tuple[uuid.UUID, int | None, Asked]],
) -> Iterator[Gap]:
    edges = broader_by_code()
    for rule in MovementRule.objects.select_related("condition_code", "source").prefetch_related("movements"):
        asked = Row(rule.condition_code_id, rule.severity, rule.from_week, rule.until_week)
        broader = set(paths_upward(rule.condition_code_id, edges))
        named = {movement.pk for movement in rule.movements.all()}
        for stretch_id, own in moved.items():
            matched = named & own
            if not matched and not rule.applies_to_every_stretch:
                continue
            gap = Gap(stretch_id, rule, frozenset(matched))
            is_settled = (stretch_id, rule.pk, gap.asks_for) in settled
            if not is_settled and not satisfies(asked, rows.get(stretch_id, ()), broader):
                yield gap


def _settled(stretch_ids: Collection[uuid.UUID]) -> set[tuple[uuid.UUID, int | None, Asked]]:
    """What somebody decided otherwise than the rule; a row that came of it has to be there still."""
    otherwise = Q(state=State.REJECTED) | Q(state=State.CHANGED, contraindication__isnull=False)
    decided = (
        ContraindicationProposal.objects.order_by()
        .filter(otherwise)
        .only("stretch_id", "rule_id", "condition_code_id", "severity", "from_week", "until_week")
    )
    return {(each.stretch_id, each.rule_id, each.asks_for) for each in decided if each.stretch_id in stretch_ids}


@dataclasses.dataclass(frozen=True)
class Proposed:
    """What ``propose`` did: how many proposals are new, how many it accepted, and what went back to draft."""

    new_count: int = 0
    accepted_count: int = 0
    reopened: tuple[Stretch, ...] = ()


def propose(
    stretch_ids: Collection[uuid.UUID] | None = None,
    *,
    by: User | None,
    at: datetime.datetime,
    why: str,
    accepting: MovementRule | None = None,
) -> Proposed:
    """Store what is lacking as open proposals, drop those no longer called for, take reviewed stretches back to draft.

    ``None`` looks at every stretch that is not retired. What ``accepting`` asks for is not left open: ``by`` accepts
    it at once, so that the contraindications are in force with this transaction. ``by`` is nobody when a file is
    loaded; ``why`` is noted with what goes back to draft. A rule is every clinic's: so is the look at what lacks it.
    """
    with transaction.atomic(), acting.everywhere():
        found = {(gap.stretch_id, gap.rule.pk): gap for gap in gaps(stretch_ids)}
        still_open = ContraindicationProposal.objects.undecided().about(stretch_ids)
        if not found and not still_open.exists():
            return Proposed()
        list(Stretch.objects.select_for_update(no_key=True).filter(pk__in={key[0] for key in found}).order_by("pk"))
        for proposal in still_open.select_for_update():
            gap = found.get((proposal.stretch_id, proposal.rule_id or 0))
            if gap is None or gap.asks_for != proposal.asks_for:
                proposal.state, proposal.decided_at = State.WITHDRAWN, at
                proposal.save()
            else:
                del found[gap.stretch_id, gap.rule.pk]
        accepted = [key for key, gap in found.items() if by and gap.rule == accepting]
        for key in accepted:
            _accept_at_once(found.pop(key), by=by, at=at, why=why)  # type: ignore[arg-type]
        waiting = {gap.stretch_id for gap in found.values()}
        reopened = _take_back(waiting, by=by, at=at, why=why)
        _store(list(found.values()), at=at)
        return Proposed(len(found), len(accepted), tuple(reopened))


def _accept_at_once(gap: Gap, *, by: User, at: datetime.datetime, why: str) -> None:
    """Write the row; the stretch need not be taken back meanwhile, for nobody sees the transaction before its end."""
    proposal = _proposal(gap, at=at)
    proposal.state, proposal.reason, proposal.decided_by, proposal.decided_at = State.ACCEPTED, why, by, at
    proposal.save()
    proposal.movements.set(gap.movement_ids)
    proposal.contraindication = proposal.write(by=by)
    proposal.save()


def _take_back(
    stretch_ids: Collection[uuid.UUID], *, by: User | None, at: datetime.datetime, why: str
) -> list[Stretch]:
    reopened = list(Stretch.objects.reviewed().filter(pk__in=stretch_ids).order_by("pk"))
    for stretch in reopened:
        stretch.status = StretchStatus.DRAFT
        stretch._history_user = by  # type: ignore[attr-defined]
        stretch._change_reason = f"{STATUS_MOVED} back to draft. {why}"[:100]  # type: ignore[attr-defined]
        stretch.save(update_fields=["status"])
    StretchDecision.objects.bulk_create(
        StretchDecision(stretch=stretch, kind=StretchDecision.Kind.REOPENED, why=why, decided_by=by, decided_at=at)
        for stretch in reopened
    )
    return reopened


STATUS_MOVED = "Status:"
"""How the reason of a version begins in which nothing but a stretch's status is new: nobody wrote anything."""


def _proposal(gap: Gap, *, at: datetime.datetime) -> ContraindicationProposal:
    rule = gap.rule
    return ContraindicationProposal(
        stretch_id=gap.stretch_id,
        rule=rule,
        condition_code_id=rule.condition_code_id,
        severity=rule.severity,
        from_week=rule.from_week,
        until_week=rule.until_week,
        rationale=rule.rationale,
        source_id=rule.source_id,
        confidence=rule.confidence,
        proposed_at=at,
    )


def _store(found: Collection[Gap], *, at: datetime.datetime) -> None:
    stored = ContraindicationProposal.objects.bulk_create([_proposal(gap, at=at) for gap in found], batch_size=1000)
    links = ContraindicationProposal.movements.through
    links._default_manager.bulk_create(
        [
            links(contraindicationproposal_id=proposal.pk, movement_id=movement_id)
            for proposal, gap in zip(stored, found, strict=True)
            for movement_id in gap.movement_ids
        ],
        batch_size=1000,
    )
