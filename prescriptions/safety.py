"""THE safety rule: the only place where a patient's conditions meet the catalogue.

Offer, save, activate and show all go through ``circumstances_of`` and then through ``with_verdict`` (which stretches?)
or ``assess`` (why?). Both are built from ``Circumstances.applicable``, so a list and its explanation cannot disagree;
``by_verdict`` sorts the catalogue in memory by the very same condition. This module reads and never writes; verdicts
are computed on every call and never stored. In prose: docs/safety.md.
"""

import dataclasses
import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property

from django.db import models
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.expressions import Combinable

from patients.current import current_conditions
from patients.models import Condition, Patient, RecordProblem
from prescriptions.leading import Leading, Sql, kept_sql, where_sql
from stretches.editions import Edition, as_it_was
from stretches.inventory import Inventory
from stretches.models import ConditionCode, Contraindication, Severity, Stretch, StretchStatus
from stretches.models.condition_code import hierarchy, paths_upward
from stretches.models.ownership import known_in

Covered = Collection[tuple[int, uuid.UUID]]
"""Pairs (contraindication id, condition id) that an override in force names."""


class Verdict(models.TextChoices):
    """The worst issue of a stretch for a patient, from worst to best."""

    EXCLUDED = "excluded", "Excluded"
    NEEDS_OVERRIDE = "needs_override", "Needs a recorded reason"
    CAUTION = "caution", "With advice"
    ALLOWED = "allowed", "Safe"


_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}
_VERDICT_OF_KNOWN = {Severity.RELATIVE.value: Verdict.NEEDS_OVERRIDE, Severity.PRECAUTION.value: Verdict.CAUTION}


def verdict_of(severity: str) -> Verdict:
    """Turn a contraindication's severity into a verdict; absolute, and whatever the code does not know, excludes."""
    return _VERDICT_OF_KNOWN.get(severity, Verdict.EXCLUDED)


def severity_leads_to(verdict: Verdict) -> Q:
    """Say the same as ``verdict_of`` in a query."""
    if verdict is Verdict.EXCLUDED:
        return ~Q(severity__in=list(_VERDICT_OF_KNOWN))
    return Q(severity__in=[severity for severity, of in _VERDICT_OF_KNOWN.items() if of is verdict])


def windows_open_in(week: int | Combinable) -> Q:
    """Contraindications whose window is open in a known week: a number, or an expression that gives one in a query."""
    started = Q(from_week__isnull=True) | Q(from_week__lte=week)
    not_over = Q(until_week__isnull=True) | Q(until_week__gt=week)
    return started & not_over


@dataclasses.dataclass(frozen=True)
class Exposure:
    """One current coded condition with every code it falls under.

    ``week`` counts completed weeks since the anchor date; ``None`` when that date is missing or lies in the future.
    Window ends are whole weeks, so comparing completed weeks is the same as comparing days / 7.
    """

    condition: Condition
    paths: Mapping[int, tuple[int, ...]]
    week: int | None

    def applicable(self) -> Q:
        """Contraindications that this condition brings: on its code or a broader one, inside their window."""
        on_codes = Q(condition_code_id__in=list(self.paths))
        if self.week is None:  # unknown is not safe: every window applies
            return on_codes
        return on_codes & windows_open_in(self.week)


@dataclasses.dataclass(frozen=True)
class Circumstances:
    """What is known of a patient on a day, resolved to be matched against any number of stretches."""

    patient: Patient
    on: datetime.date
    exposures: tuple[Exposure, ...]
    unchecked: tuple[Condition, ...]
    """Current conditions in free text: not safety-checked."""
    record_problem: RecordProblem | None
    codes: Mapping[int, ConditionCode]
    """Every code that a condition falls under, its own included, by its id."""

    @property
    def undated(self) -> tuple[Condition, ...]:
        """Current conditions whose anchor date is wanted, and missing or in the future: to be corrected."""
        return tuple(
            exposure.condition
            for exposure in self.exposures
            if exposure.week is None and exposure.condition.code and exposure.condition.code.window_anchor
        )

    @property
    def code_ids(self) -> set[int]:
        """The codes of all current conditions, and every broader one."""
        return {code_id for exposure in self.exposures for code_id in exposure.paths}

    @property
    def may_prescribe(self) -> bool:
        """Whether anything may be offered or activated at all."""
        return self.record_problem is None

    def applicable(self) -> Q:
        """Contraindications, shared or the clinic's, that apply to this patient on this day: THE rule, for all."""
        combined = Q(pk__in=[])
        for exposure in self.exposures:
            combined |= exposure.applicable()
        return combined & known_in(self.patient.clinic_id)

    def offerable(self) -> Q:
        """Stretches that are reviewed, and shared or of the patient's own clinic: the others nobody here is offered."""
        return known_in(self.patient.clinic_id) & Q(status=StretchStatus.REVIEWED.value)

    @cached_property
    def rule_sql(self) -> Sql:
        """``applicable`` in the database's words."""
        return kept_sql(Contraindication, self.applicable())

    def leading_to(self, *verdicts: Verdict) -> "Leading":
        """Whether a stretch has an applicable contraindication that leads to one of these verdicts: a condition."""
        leading = Q(pk__in=[])
        for verdict in verdicts:
            leading |= severity_leads_to(verdict)
        return Leading(self.rule_sql, where_sql(Contraindication.objects.order_by().filter(leading)))


def circumstances_of(
    patient: Patient,
    *,
    on: datetime.date,
    known: Iterable[Condition] | None = None,
    inventory: Inventory | None = None,
) -> Circumstances:
    """Read a patient's current conditions, unless they are ``known``, and the hierarchy unless at hand: two queries."""
    edges, above = inventory.hierarchy if inventory else hierarchy()
    exposures, unchecked = [], []
    if known is None:
        known = current_conditions(patient)
    for condition in known:
        if condition.code is None:
            unchecked.append(condition)
            continue
        exposures.append(Exposure(condition, paths_upward(condition.code.pk, edges), condition.completed_weeks(on=on)))
    return Circumstances(
        patient=patient,
        on=on,
        exposures=tuple(exposures),
        unchecked=tuple(unchecked),
        record_problem=patient.record_problem(on=on),
        codes={**above, **{each.condition.code.pk: each.condition.code for each in exposures if each.condition.code}},
    )


def with_verdict(
    circumstances: Circumstances, verdict: Verdict, stretches: models.QuerySet[Stretch]
) -> models.QuerySet[Stretch]:
    """Keep the reviewed stretches that have exactly this verdict for the patient.

    What is not ``offerable`` is not among them. Asked row by row (EXISTS), so that a page costs what the page holds,
    however large the catalogue is.
    """
    reviewed = stretches.filter(circumstances.offerable())
    if verdict is not Verdict.ALLOWED:
        reviewed = reviewed.filter(circumstances.leading_to(verdict))
    if worse := _worse_than(verdict):
        reviewed = reviewed.filter(~circumstances.leading_to(*worse))
    return reviewed


def _worse_than(verdict: Verdict) -> list[Verdict]:
    return [other for other in Verdict if _RANK[other] < _RANK[verdict]]


def not_offerable_words(stretch: Stretch, clinic_id: uuid.UUID) -> str:
    """Why a stretch is excluded for every patient of a clinic: not reviewed, or another's own. Else empty."""
    if stretch.clinic_id not in (None, clinic_id):
        return "This stretch belongs to another clinic."
    if stretch.status != StretchStatus.REVIEWED:
        return f"This stretch is not reviewed ({stretch.get_status_display().lower()})."
    return ""


@dataclasses.dataclass(frozen=True)
class Issue:
    """One computed reason not to prescribe a stretch, or to be careful with it. FHIR: DetectedIssue.

    ``contraindication``, ``condition`` and ``path`` (codes from the patient's up to the contraindicated one) are
    ``None`` or empty when the stretch itself is the reason: it is not reviewed, or another clinic's.
    """

    stretch: Stretch
    verdict: Verdict
    rationale: str
    contraindication: Contraindication | None = None
    condition: Condition | None = None
    path: tuple[ConditionCode, ...] = ()
    is_date_missing: bool = False
    """Whether a window applies only because the condition's date is missing or in the future."""
    is_overridden: bool = False

    @property
    def blocks(self) -> bool:
        """Whether the stretch must not be activated or shown because of this issue."""
        if self.verdict is Verdict.NEEDS_OVERRIDE:
            return not self.is_overridden
        return self.verdict is not Verdict.CAUTION

    @property
    def citation(self) -> str:
        """The source, as cited."""
        return self.contraindication.source.citation if self.contraindication else ""


@dataclasses.dataclass(frozen=True)
class Assessment:
    """A stretch's verdict for a patient on a day, with every issue, worst first."""

    stretch: Stretch
    issues: tuple[Issue, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst issue's; allowed when there is none."""
        return self.issues[0].verdict if self.issues else Verdict.ALLOWED

    @property
    def blocking_issues(self) -> tuple[Issue, ...]:
        """Issues because of which it must be neither activated nor shown."""
        return tuple(issue for issue in self.issues if issue.blocks)

    @property
    def is_safe(self) -> bool:
        """Whether it may be activated and shown: nothing excludes it, and every relative issue is overridden."""
        return not self.blocking_issues


def assess(
    circumstances: Circumstances,
    stretches: Collection[Stretch],
    *,
    covered: Mapping[uuid.UUID, Covered] | None = None,
    edition: Edition | None = None,
) -> dict[uuid.UUID, Assessment]:
    """Give each stretch's verdict and every issue behind it: one query for any number of stretches.

    ``covered`` holds, for each stretch, what overrides in force name. ``edition`` is an earlier catalogue to ask, in
    place of today's.
    """
    covered = covered or {}
    issues: dict[uuid.UUID, list[Issue]] = defaultdict(list)
    by_id = {stretch.pk: stretch for stretch in stretches}
    for stretch in by_id.values():
        if words := not_offerable_words(stretch, circumstances.patient.clinic_id):
            issues[stretch.pk].append(Issue(stretch, Verdict.EXCLUDED, words))
    through = {
        f"through_{number}": ExpressionWrapper(exposure.applicable(), output_field=BooleanField())
        for number, exposure in enumerate(circumstances.exposures)
    }
    known = edition.contraindications() if edition else Contraindication.objects.all()
    applicable = known.filter(circumstances.applicable(), stretch__in=list(by_id)).annotate(**through)
    rows = list(applicable.select_related("source", "condition_code"))
    for row in rows:
        contraindication = as_it_was(row, Contraindication) if edition else row
        for number, exposure in enumerate(circumstances.exposures):
            if getattr(row, f"through_{number}"):
                issue = Issue(
                    stretch=by_id[row.stretch_id],
                    verdict=verdict_of(row.severity),
                    rationale=row.rationale,
                    contraindication=contraindication,
                    condition=exposure.condition,
                    path=tuple(circumstances.codes[code_id] for code_id in exposure.paths[row.condition_code_id]),
                    is_date_missing=exposure.week is None and contraindication.has_window,
                    is_overridden=(row.id, exposure.condition.pk) in covered.get(row.stretch_id, ()),
                )
                issues[row.stretch_id].append(issue)
    return {
        stretch.pk: Assessment(stretch, tuple(sorted(issues[stretch.pk], key=lambda issue: _RANK[issue.verdict])))
        for stretch in by_id.values()
    }
