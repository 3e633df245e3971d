"""Which prescribed stretches are unsafe today, for however many patients: one statement, derived from the safety rule.

``safety.assess`` answers for one patient; the clinician's queue and a change of the catalogue ask about everybody. The
statement below joins everybody's lines, conditions and contraindications. Each of its clauses is compiled from the
expression with which ``safety`` and the models say the same for one patient: which conditions count, the hierarchy, the
windows, the severities, what is reviewed, what an override still covers. A day is each clinic's own. This module reads
and never writes.
"""

import dataclasses
import datetime
import re
import uuid
from collections import defaultdict
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import Case, F, Q, Value, When
from django.db.models.expressions import RawSQL

from accounts.models import Clinic
from patients.models import Condition
from prescriptions import safety
from prescriptions.models import OverriddenContraindication, Override, PrescribedStretch
from prescriptions.models.prescription import IN_FORCE
from prescriptions.safety import Verdict
from stretches.models import Contraindication, Stretch
from stretches.models.condition_code import broader_by_code, paths_upward
from stretches.models.ownership import known_in

Lines = models.QuerySet[PrescribedStretch]
Sql = tuple[str, list[Any]]
"""A piece of a statement, and its parameters."""


def lines_in_force() -> Lines:
    """Every line of what is active or on hold, in every clinic: for a caller to narrow down."""
    return PrescribedStretch.objects.order_by().filter(prescription__status__in=IN_FORCE)


def unsafe_among(lines: Lines, *, at: datetime.datetime) -> Lines:
    """Keep the lines that the safety rule does not let be shown on that day: one statement for any number.

    ``lines`` may come from any prescriptions and clinics; the order and what else was selected are the caller's to say
    anew. Two small reads, of the hierarchy and of the clinics' time zones, come first.
    """
    try:
        sql, parameters = statement("SELECT line_id FROM ({blocking}) blocking", lines, at=at)
    except EmptyResultSet:
        return PrescribedStretch.objects.none()
    unsafe = RawSQL(sql, parameters)  # noqa: S611 - compiled from our own models
    return PrescribedStretch.objects.filter(pk__in=unsafe)


@dataclasses.dataclass(frozen=True)
class Reason:
    """One thing that makes one prescribed stretch unsafe today, with what a line of a queue names.

    ``contraindication_id`` and ``condition_id`` are ``None``, and ``condition`` is empty, where the stretch itself is
    the reason: not reviewed, or another clinic's. ``clinician_id`` is who treats the patient, if anybody.
    """

    line_id: uuid.UUID
    prescription_id: uuid.UUID
    prescription_status: str
    clinic_id: uuid.UUID
    patient_id: uuid.UUID
    patient: str
    clinician_id: uuid.UUID | None
    stretch_id: uuid.UUID
    stretch: str
    verdict: Verdict
    rationale: str
    condition: str
    contraindication_id: int | None
    condition_id: uuid.UUID | None


def reasons_among(lines: Lines, *, at: datetime.datetime, zones: set[str] | None = None) -> list[Reason]:
    """Say of each unsafe line each reason, the worst first: one statement, after the same two small reads.

    The blocking issues of ``safety.assess``, none overridden, no caution. Known time ``zones`` spare the second read.
    """
    reasons = [_reason(row) for row in _rows(_NAMED, lines, at, zones)]
    worst_first = {verdict: rank for rank, verdict in enumerate(Verdict)}
    return sorted(reasons, key=lambda reason: (worst_first[reason.verdict], reason.patient, reason.stretch))


class Owners(NamedTuple):
    """An unsafe line, and whose it is; ``clinician_id`` is who treats the patient, if anybody."""

    line_id: uuid.UUID
    prescription_id: uuid.UUID
    patient_id: uuid.UUID
    clinic_id: uuid.UUID
    clinician_id: uuid.UUID | None


def owners_among(lines: Lines, *, at: datetime.datetime) -> set[Owners]:
    """Name each unsafe line once, with whose it is: the same statement, for whom names do not matter."""
    return {
        Owners(_id(line), _id(prescription), _id(patient), _id(clinic), _id(clinician) if clinician else None)
        for line, prescription, patient, clinic, clinician in _rows(_OWNED, lines, at)
    }


def count_by_clinic(lines: Lines, *, at: datetime.datetime) -> dict[uuid.UUID, int]:
    """Count the unsafe lines of each clinic that has any: the same statement, however many there are."""
    return {_id(clinic): count for clinic, count in _rows(COUNTED, lines, at)}


def statement(form: str, lines: Lines, *, at: datetime.datetime, zones: set[str] | None = None) -> Sql:
    """Give the statement in one of its forms, such as ``COUNTED``, for whoever wants to see how it is planned.

    Raises ``EmptyResultSet`` when there is nothing to ask, for ``lines`` holds none.
    """
    sql, parameters = _blocking(lines, at, zones)
    return form.format(blocking=sql), parameters


def _rows(form: str, lines: Lines, at: datetime.datetime, zones: set[str] | None = None) -> list[Any]:
    try:
        sql, parameters = statement(form, lines, at=at, zones=zones)
    except EmptyResultSet:  # whoever asks may see nothing
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


_OWNED = """
SELECT DISTINCT blocking.line_id, blocking.of_prescription, patient.id, blocking.of_clinic, patient.clinician_id
FROM ({blocking}) blocking JOIN patients_patient patient ON patient.id = blocking.of_patient
"""

COUNTED = """
SELECT of_clinic, COUNT(*) FROM (SELECT DISTINCT line_id, of_clinic FROM ({blocking}) blocking) unsafe
GROUP BY of_clinic
"""

_NAMED = """
SELECT line.id, prescription.id, prescription.status, prescription.clinic_id, patient.id, patient.full_name,
  patient.clinician_id, stretch.id, stretch.name, stretch.status, stretch.clinic_id, contraindication.severity,
  contraindication.rationale, code.name, contraindication.id, condition.id
FROM ({blocking}) blocking
JOIN prescriptions_prescribedstretch line ON line.id = blocking.line_id
JOIN prescriptions_prescription prescription ON prescription.id = line.prescription_id
JOIN patients_patient patient ON patient.id = prescription.patient_id
JOIN stretches_stretch stretch ON stretch.id = line.stretch_id
LEFT JOIN stretches_contraindication contraindication ON contraindication.id = blocking.contraindication_id
LEFT JOIN patients_condition condition ON condition.id = blocking.condition_id
LEFT JOIN stretches_conditioncode code ON code.id = condition.code_id
"""


def _reason(row: tuple[Any, ...]) -> Reason:
    line, prescription, status, clinic, patient, name, clinician, stretch_id, stretch, stretch_status, *why = row
    owner, severity, rationale, condition, contraindication_id, condition_id = why
    itself = Stretch(status=stretch_status, clinic_id=_id(owner) if owner else None)
    is_offerable = contraindication_id is not None
    return Reason(
        line_id=_id(line),
        prescription_id=_id(prescription),
        prescription_status=status,
        clinic_id=_id(clinic),
        patient_id=_id(patient),
        patient=name,
        clinician_id=_id(clinician) if clinician else None,
        stretch_id=_id(stretch_id),
        stretch=stretch,
        verdict=safety.verdict_of(severity) if is_offerable else Verdict.EXCLUDED,
        rationale=rationale if is_offerable else safety.not_offerable_words(itself, _id(clinic)),
        condition=condition or "",
        contraindication_id=contraindication_id,
        condition_id=_id(condition_id) if condition_id else None,
    )


def _id(stored: Any) -> uuid.UUID:
    """An id as PostgreSQL gives it; SQLite gives its 32 letters."""
    return stored if isinstance(stored, uuid.UUID) else uuid.UUID(stored)


# The statement --------------------------------------------------------------------------------------------------------
_BLOCKING = """
WITH falls_under(code_id, broader_id) AS ({falls_under})
SELECT exposed.line_id, exposed.of_prescription, exposed.of_patient, exposed.of_clinic,
  stretches_contraindication.id AS contraindication_id, exposed.condition_id
FROM (
  SELECT line.*, exposure.condition_id, exposure.of_code, {week} AS week
  FROM ({lines}) line JOIN ({exposures}) exposure ON exposure.has_patient = line.of_patient {first}
) exposed
JOIN falls_under ON falls_under.code_id = exposed.of_code
JOIN stretches_contraindication ON stretches_contraindication.stretch_id = exposed.of_stretch
  AND stretches_contraindication.condition_code_id = falls_under.broader_id AND {known}
LEFT JOIN (
  prescriptions_overriddencontraindication JOIN prescriptions_override
  ON prescriptions_override.id = prescriptions_overriddencontraindication.override_id
) ON prescriptions_overriddencontraindication.contraindication_id = stretches_contraindication.id
  AND prescriptions_overriddencontraindication.condition_id = exposed.condition_id
  AND prescriptions_override.stretch_id = exposed.of_stretch AND prescriptions_override.patient_id = exposed.of_patient
  AND {may_be_overridden} AND {as_it_was} AND {holds}
WHERE {blocks} AND (exposed.week IS NULL OR {opened}) AND prescriptions_override.id IS NULL
UNION ALL
SELECT line.line_id, line.of_prescription, line.of_patient, line.of_clinic, NULL, NULL
FROM ({lines}) line JOIN stretches_stretch ON stretches_stretch.id = line.of_stretch
WHERE NOT ({offerable})
"""
"""One row for each line, contraindication and condition that blocks, and one for each that is not offerable."""

_WEEK = {
    "postgresql": "CASE WHEN exposure.anchor_on <= line.today THEN (line.today - exposure.anchor_on) / 7 END",
    "sqlite": "CASE WHEN exposure.anchor_on <= line.today"
    " THEN CAST(julianday(line.today) - julianday(exposure.anchor_on) AS INTEGER) / 7 END",
}
"""``Condition.completed_weeks`` in a query: nothing where the date is missing or lies in the future."""

_FIRST = {"postgresql": "OFFSET 0", "sqlite": ""}
"""What keeps PostgreSQL from joining everybody's conditions with the catalogue before it looks at the lines.

It would: it cannot know how many contraindications a code falls under, and takes them for few. Lines and conditions
first is half the rows, and the rest is one small table in memory: see bench/results/impact.plan.txt.
"""


def _blocking(lines: Lines, at: datetime.datetime, zones: set[str] | None) -> Sql:
    """Fill in ``_BLOCKING``; the parameters follow their places in it."""
    week, first = _WEEK[connection.vendor], _FIRST[connection.vendor]
    known_week = RawSQL("exposed.week", [], output_field=models.IntegerField())
    today = RawSQL("exposed.today", [], output_field=models.DateField())
    rationale = RawSQL("stretches_contraindication.rationale", [], output_field=models.TextField())
    code = RawSQL("exposed.of_code", [], output_field=models.BigIntegerField())
    exposed = RawSQL("exposed.of_clinic", [], output_field=models.UUIDField())
    line = RawSQL("line.of_clinic", [], output_field=models.UUIDField())
    overridden, kinds = OverriddenContraindication.objects, Contraindication.objects
    pieces: dict[str, Sql] = {
        "falls_under": _falls_under(),
        "lines": _compiled(
            lines.order_by().values(
                line_id=F("pk"),
                of_stretch=F("stretch"),
                of_prescription=F("prescription"),
                of_patient=F("prescription__patient"),
                of_clinic=F("prescription__clinic"),
                today=_today(at, zones),
            )
        ),
        "exposures": _compiled(
            Condition.objects.order_by()
            .current()
            .filter(code__isnull=False)
            .values("anchor_on", condition_id=F("pk"), has_patient=F("patient"), of_code=F("code"))
        ),
        "may_be_overridden": _where(kinds.filter(safety.severity_leads_to(Verdict.NEEDS_OVERRIDE))),
        "as_it_was": _where(overridden.as_it_was(rationale=rationale, code=code)),
        "holds": _where(Override.objects.in_force(on=today)),
        "blocks": _where(kinds.exclude(safety.severity_leads_to(Verdict.CAUTION))),
        "opened": _where(kinds.filter(safety.windows_open_in(known_week))),
        "known": _where(kinds.filter(known_in(exposed))),
        "offerable": _where(Stretch.objects.reviewed().filter(known_in(line))),
    }
    places = re.findall(r"{(\w+)}", _BLOCKING)
    parameters = [parameter for place in places if place in pieces for parameter in pieces[place][1]]
    return _BLOCKING.format(week=week, first=first, **{name: sql for name, (sql, _) in pieces.items()}), parameters


def _compiled(queryset: models.QuerySet[Any, Any]) -> Sql:
    sql, parameters = queryset.query.sql_with_params()
    return sql, list(parameters)


def _where(queryset: models.QuerySet[Any]) -> Sql:
    """The condition alone; its columns carry the name of the model's table."""
    compiler = queryset.query.get_compiler(connection=connection)
    sql, parameters = compiler.compile(queryset.query.where)
    return sql, list(parameters)


def _falls_under() -> Sql:
    """Each code with itself and everything broader, walked in memory as ``safety.circumstances_of`` does."""
    edges = broader_by_code()
    pairs = [(code_id, broader_id) for code_id in edges for broader_id in paths_upward(code_id, edges)]
    sql = "SELECT id, id FROM stretches_conditioncode"
    if pairs:
        sql += " UNION VALUES " + ", ".join(["(%s, %s)"] * len(pairs))
    return sql, [code_id for pair in pairs for code_id in pair]


def _today(at: datetime.datetime, zones: set[str] | None) -> Case | Value:
    """The calendar day of each line's clinic; at any moment there are three of them on earth at most."""
    of_day: dict[datetime.date, list[str]] = defaultdict(list)
    stored = Clinic.objects.order_by().values_list("time_zone", flat=True).distinct()
    for name in stored if zones is None else zones:
        of_day[Clinic(time_zone=name).today(at)].append(name)
    days = [(Value(day, output_field=models.DateField()), names) for day, names in of_day.items()]
    if not days:  # no clinic yet, and so no line: any day will do, but it has to be one
        return Value(at.date(), output_field=models.DateField())
    whens = [When(Q(prescription__patient__clinic__time_zone__in=names), then=day) for day, names in days]
    return days[0][0] if len(days) == 1 else Case(*whens, output_field=models.DateField())
