"""What a stretch is unsafe with, what a condition rules out, and where a stretch is prescribed."""

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Subquery, TextField, Value, When, Window
from django.db.models.functions import Concat

from accounts.models import Clinic, User
from stretches.browsing.hierarchy import Hierarchy
from stretches.models import (
    ConditionCode,
    Contraindication,
    MovementRule,
    Severity,
    SignOff,
    Stretch,
    StretchStatus,
    TimingRule,
)

ROWS_MAX = 600
"""How many contraindications the page of a condition lists, worst first; it says how many stretches there are."""
NAMED_MAX = 12
"""How many patients are named; the page says how many more there are."""
IN_FORCE = ("active", "on-hold")

LOOKS = {Severity.ABSOLUTE: "excluded", Severity.RELATIVE: "needs_override", Severity.PRECAUTION: "caution"}
"""In which colours and with which icon each severity is shown."""


@dataclasses.dataclass(frozen=True)
class Reason:
    """Contraindications that say the same: of one condition, for one reason, in the same weeks, from one source."""

    first: Contraindication
    stretches: tuple[Stretch, ...]
    covers: tuple[ConditionCode, ...] = ()
    """The narrower codes that it covers along with its own."""


@dataclasses.dataclass(frozen=True)
class Grade:
    """Everything of one severity."""

    severity: Severity
    look: str
    reasons: tuple[Reason, ...]
    count: int

    @property
    def name(self) -> str:
        """The severity in a word."""
        return name_of(self.severity)

    @property
    def meaning(self) -> str:
        """What follows from it."""
        return str(self.severity.label).partition(": ")[2]


def name_of(severity: Severity) -> str:
    """The severity in a word."""
    return str(severity.label).partition(":")[0]


def unsafe_with(stretch: Stretch, user: User) -> tuple[Grade, ...]:
    """What a stretch is unsafe with, worst first, and which codes each row covers, and who signed: two queries."""
    below = Hierarchy().narrower_by_code()
    signed = SignOff.objects.holding().filter(contraindication=OuterRef("pk")).order_by("-signed_at", "-pk")
    words = Concat("name", Value(", "), "registration", output_field=TextField())
    rows = _seen_by(user).filter(stretch=stretch).order_by("condition_code__name", "id")
    rows = rows.annotate(
        signed_by=Subquery(signed.annotate(words=words).values("words")[:1]),
        signed_at=Subquery(signed.values("signed_at")[:1]),
    )
    return _grades([Reason(row, (stretch,), tuple(below.get(row.condition_code_id, ()))) for row in rows])


def ruled_out_by(above: Sequence[int], user: User) -> tuple[Grade, ...]:
    """What somebody with a condition has to be careful with: two queries.

    ``above`` names the codes by which it is reached, the condition's own first.
    """
    rows = _seen_by(user).filter(condition_code__in=above, stretch__status=StretchStatus.REVIEWED)
    counts = dict(rows.order_by().values_list("severity").annotate(of_stretches=Count("stretch", distinct=True)))
    place = Case(*(When(severity=severity, then=place) for place, severity in enumerate(LOOKS)))
    listed = rows.order_by(place, "condition_code_id", "rationale", "stretch__name", "id")[:ROWS_MAX]
    alike: dict[tuple[object, ...], list[Contraindication]] = defaultdict(list)
    for row in listed:
        alike[_what_it_says(row)].append(row)
    reasons = [Reason(same[0], tuple(row.stretch for row in same)) for same in alike.values()]
    own_first = sorted(reasons, key=lambda reason: (above.index(reason.first.condition_code_id), reason.first.pk))
    return _grades(own_first, counts)


def _what_it_says(row: Contraindication) -> tuple[object, ...]:
    return row.severity, row.condition_code_id, row.rationale, row.from_week, row.until_week, row.source_id


def _seen_by(user: User) -> QuerySet[Contraindication]:
    return Contraindication.objects.visible_to(user).select_related("stretch", "condition_code", "source")


def _grades(reasons: Iterable[Reason], counts: Mapping[str, int] | None = None) -> tuple[Grade, ...]:
    of: dict[str, list[Reason]] = defaultdict(list)
    for reason in reasons:
        of[reason.first.severity].append(reason)
    return tuple(
        Grade(severity, look, tuple(of[severity]), counts.get(severity, 0) if counts is not None else len(of[severity]))
        for severity, look in LOOKS.items()
        if of[severity]
    )


@dataclasses.dataclass(frozen=True)
class Prescribed:
    """Where a stretch is in force: how often in this person's clinics, and for whom, as far as they may see it."""

    count: int
    lines: tuple[Any, ...]
    """Lines of prescriptions, which are above the catalogue and reached through their relation."""

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.lines)


def prescribed(stretch: Stretch, user: User) -> Prescribed:
    """Count and name: one query, whatever there is."""
    treats_in = Clinic.objects.treating(user).filter(pk=OuterRef("clinic"))
    in_force = stretch.prescribed.filter(
        prescription__status__in=IN_FORCE, clinic__in=user.memberships.order_by().values("clinic")
    )
    counted = in_force.annotate(in_all=Window(Count("pk")), may_be_opened=Exists(treats_in))
    rows = counted.select_related("prescription__patient").order_by(
        "-may_be_opened", "prescription__patient__full_name"
    )
    shown = list(rows[:NAMED_MAX])
    return Prescribed(
        count=vars(shown[0])["in_all"] if shown else 0,
        lines=tuple(line for line in shown if vars(line)["may_be_opened"]),
    )


def rules_about(above: Sequence[int]) -> tuple[list[MovementRule], list[TimingRule]]:
    """Movement rules, worst first, and advice on timing of these codes: three queries."""
    about = {"condition_code__in": above}
    rules = MovementRule.objects.filter(**about).select_related("condition_code").prefetch_related("movements")
    severities = list(LOOKS)
    worst_first = sorted(rules, key=lambda rule: (severities.index(Severity(rule.severity)), rule.pk))
    return worst_first, list(TimingRule.objects.filter(**about).select_related("source"))


def neighbours(stretch: Stretch, user: User) -> tuple[list[Stretch], list[Stretch]]:
    """Easier ones and harder ones, as the catalogue names them: one query."""
    pairs = Stretch.easier.through.objects.filter(from_stretch=stretch, to_stretch=OuterRef("pk"))
    visible = Stretch.objects.visible_to(user).filter(Q(harder=stretch) | Q(easier=stretch)).distinct()
    found = [
        (each, vars(each)["is_easier"])
        for each in visible.select_related("adapted_from").annotate(is_easier=Exists(pairs))
    ]
    return [each for each, is_easier in found if is_easier], [each for each, is_easier in found if not is_easier]
