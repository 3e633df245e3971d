"""What the tables say now of stretches that are about to be shown: whether each is still offered, and with what advice.

One statement for all of a page, by the same two conditions as everywhere (``safety.Circumstances``). It is put together
from what Django makes of them, for a page of cards needs no model of each row.
"""

import dataclasses
import uuid
from collections.abc import Collection

from django.db import connection

from prescriptions.leading import kept_sql
from prescriptions.safety import Circumstances, Verdict, verdict_of
from stretches.inventory import Kind
from stretches.matching import fulfils
from stretches.models import Stretch
from stretches.models.contraindication import window_words

STATEMENT = """SELECT stretches_stretch.id, stretches_contraindication.rationale, stretches_source.citation,
  {columns}
FROM stretches_stretch
LEFT JOIN stretches_contraindication ON stretches_contraindication.stretch_id = stretches_stretch.id AND ({applies})
LEFT JOIN stretches_source ON stretches_source.id = stretches_contraindication.source_id
WHERE ({offered}) AND stretches_stretch.id IN ({wanted})
ORDER BY stretches_contraindication.id"""
COLUMNS = ", ".join(
    f"stretches_contraindication.{name}"
    for name in ("condition_code_id", "severity", "from_week", "until_week", "clinic_id")
)
"""As in ``inventory.Kind``."""
_PK = Stretch._meta.pk
_WORST_FIRST = list(Verdict)


@dataclasses.dataclass(frozen=True)
class Advice:
    """What a card says of one caution: nothing but words, by which they are kept as rendered."""

    rationale: str
    condition: str
    window_words: str
    is_date_missing: bool
    citation: str


@dataclasses.dataclass
class Standing:
    """Where a stretch stands with a patient: its verdict, and what to be careful about."""

    verdict: Verdict = Verdict.ALLOWED
    advice: tuple[Advice, ...] = ()


def standing(circumstances: Circumstances, stretch_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Standing]:
    """Ask of each stretch where it stands; what may not be offered at all is left out. One query."""
    if not stretch_ids:
        return {}
    applies, of_patient = circumstances.rule_sql
    offered, of_clinic = kept_sql(Stretch, circumstances.offerable())
    wanted = [_PK.get_db_prep_value(pk, connection) for pk in stretch_ids]
    places = ", ".join(["%s"] * len(wanted))
    with connection.cursor() as cursor:
        statement = STATEMENT.format(columns=COLUMNS, applies=applies, offered=offered, wanted=places)
        cursor.execute(statement, [*of_patient, *of_clinic, *wanted])
        rows = cursor.fetchall()
    through = [(exposure, fulfils(exposure.applicable())) for exposure in circumstances.exposures]
    found: dict[uuid.UUID, Standing] = {}
    for pk, rationale, citation, *columns_of in rows:
        standing_of = found.setdefault(pk if isinstance(pk, uuid.UUID) else uuid.UUID(pk), Standing())
        if rationale is None:
            continue  # no contraindication applies
        kind = Kind(*columns_of)
        standing_of.verdict = min(standing_of.verdict, verdict_of(kind.severity), key=_WORST_FIRST.index)
        weeks = window_words(kind.from_week, kind.until_week)
        for exposure, applies_through in through:
            if applies_through(kind):
                is_date_missing = exposure.week is None and (kind.from_week, kind.until_week) != (None, None)
                advice = Advice(rationale, str(exposure.condition), weeks, is_date_missing, citation)
                standing_of.advice += (advice,)
    return found
