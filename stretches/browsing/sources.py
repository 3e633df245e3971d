"""How much of the catalogue rests on which source."""

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from stretches.browsing.reasons import LOOKS, name_of
from stretches.models import ConditionCode, Contraindication, Severity, SignOff, Source, Stretch

_SIGNED = Count("pk", filter=Q(pk__in=SignOff.objects.holding().values("contraindication")))
"""Contraindications that a physiotherapist has signed by name, as they are now."""


@dataclasses.dataclass(frozen=True)
class Resting:
    """A source, and how much of the catalogue rests on it."""

    source: Source
    stretches: int
    codes: int
    contraindications: int
    absolute: int
    signed: int
    """How many of the contraindications a physiotherapist has signed by name."""

    @property
    def is_worth_reading(self) -> bool:
        """Whether something absolute rests on what nobody has read."""
        return self.absolute > 0 and self.source.verification == Source.Verification.BACKGROUND


def what_rests_on(sources: Collection[Source], user: User) -> list[Resting]:
    """Count it: three queries for any number of sources."""

    def counted(rows: QuerySet[Any, Any]) -> dict[Any, int]:
        grouped = rows.order_by().filter(source__in=sources).values_list("source").annotate(of_rows=Count("pk"))
        return dict(grouped)

    stretches = counted(Stretch.objects.visible_to(user))
    codes = counted(ConditionCode.objects.all())
    rows, signed = Counter[tuple[Any, str]](), Counter[Any]()
    judged = Contraindication.objects.visible_to(user).order_by().filter(source__in=sources)
    grouped = judged.values_list("source", "severity").annotate(of_rows=Count("pk"), of_signed=_SIGNED)
    for source_id, severity, count, signed_count in grouped:
        rows[source_id, severity] += count
        signed[source_id] += signed_count
    return [
        Resting(
            source=source,
            stretches=stretches.get(source.pk, 0),
            codes=codes.get(source.pk, 0),
            contraindications=sum(rows[source.pk, severity.value] for severity in Severity),
            absolute=rows[source.pk, Severity.ABSOLUTE.value],
            signed=signed[source.pk],
        )
        for source in sources
    ]


def share_signed(user: User) -> tuple[int, int]:
    """How many contraindications are signed, and how many there are: one query."""
    rows = Contraindication.objects.visible_to(user).order_by()
    counted = rows.aggregate(of_signed=_SIGNED, of_rows=Count("pk"))
    return counted["of_signed"], counted["of_rows"]


@dataclasses.dataclass(frozen=True)
class Judged:
    """A condition, and how many contraindications a source speaks for, severity by severity."""

    code: ConditionCode
    grades: tuple[tuple[str, str, int], ...]
    """Look, name of the severity, count."""


def conditions_judged_by(source: Source, user: User) -> list[Judged]:
    """Read it, condition by condition: two queries."""
    rows = Contraindication.objects.visible_to(user).filter(source=source).order_by()
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for code_id, severity, count in rows.values_list("condition_code", "severity").annotate(of_rows=Count("pk")):
        counts[code_id][severity] = count
    codes = ConditionCode.objects.filter(pk__in=counts)
    return [
        Judged(
            code,
            tuple(
                (look, name_of(severity).lower(), counts[code.pk][severity])
                for severity, look in LOOKS.items()
                if severity in counts[code.pk]
            ),
        )
        for code in codes
    ]
