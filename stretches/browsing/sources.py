"""How much of the catalogue rests on which source."""

import dataclasses
from collections import defaultdict
from collections.abc import Collection
from typing import Any

from django.db.models import Count, QuerySet

from accounts.models import User
from stretches.browsing.reasons import LOOKS, name_of
from stretches.models import ConditionCode, Contraindication, Severity, Source, Stretch


@dataclasses.dataclass(frozen=True)
class Resting:
    """A source, and how much of the catalogue rests on it."""

    source: Source
    stretches: int
    codes: int
    contraindications: int
    absolute: int

    @property
    def is_worth_reading(self) -> bool:
        """Whether something absolute rests on what nobody has read."""
        return self.absolute > 0 and self.source.verification == Source.Verification.BACKGROUND


def what_rests_on(sources: Collection[Source], user: User) -> list[Resting]:
    """Count it: three queries for any number of sources."""

    def counted(rows: QuerySet[Any, Any], *by: str) -> dict[Any, int]:
        grouped = rows.order_by().filter(source__in=sources).values_list("source", *by).annotate(of_rows=Count("pk"))
        return {row[:-1]: row[-1] for row in grouped}

    stretches = counted(Stretch.objects.visible_to(user))
    codes = counted(ConditionCode.objects.all())
    rows = counted(Contraindication.objects.visible_to(user), "severity")
    return [
        Resting(
            source=source,
            stretches=stretches.get((source.pk,), 0),
            codes=codes.get((source.pk,), 0),
            contraindications=sum(rows.get((source.pk, severity.value), 0) for severity in Severity),
            absolute=rows.get((source.pk, Severity.ABSOLUTE.value), 0),
        )
        for source in sources
    ]


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
