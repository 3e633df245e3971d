"""A permissibility report made again from the catalogue of then: the same verdicts, or it was not what it says.

What was known of the patient comes from the report itself, what was known of stretches from the versions that are kept
of the catalogue, up to the release that the report names. The safety rule is asked with both; it is the same function
as for every page. Nothing is read of the patient's record or of the catalogue as they are today, but for citations.
"""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from patients.models import Condition
from prescriptions import safety
from prescriptions.models import PermissibilityReport
from prescriptions.models.report import reasons_of
from prescriptions.models.reproduction import Reproduction, reproduce
from stretches.editions import Edition
from stretches.models.condition_code import paths_upward


class NotReproducibleError(Exception):
    """The report names no release, so that nobody can tell which catalogue it rests on."""


def reproduce_as_of_then(report: PermissibilityReport) -> Reproduction:
    """Compute each verdict of a report anew, and compare: eight queries. Raises ``NotReproducibleError``."""
    if report.release is None:
        raise NotReproducibleError("No release of the catalogue was recorded with this report.")
    return reproduce(report.document, _document_anew(report, Edition(report.release)))


def _document_anew(report: PermissibilityReport, edition: Edition) -> dict[str, Any]:
    """The report's document with its verdicts and reasons computed again; the rest of it is what was put in."""
    document = report.document
    circumstances = _circumstances(report, edition)
    named = document["stretches"]
    ids = [uuid.UUID(each["stretch_id"]) for each in named if "stretch_id" in each]
    stretches = edition.stretches([each["stretch"] for each in named], ids)
    assessments = safety.assess(circumstances, stretches, covered=_covered(document), edition=edition)
    found = {str(pk): assessment for pk, assessment in assessments.items()}
    by_slug = {assessment.stretch.slug: assessment for assessment in assessments.values()}
    again = []
    for each in named:
        assessment = found.get(each["stretch_id"]) if "stretch_id" in each else by_slug.get(each["stretch"])
        if assessment:
            again.append({**each, "verdict": assessment.verdict.value, "issues": reasons_of(assessment)})
    return {**document, "stretches": again}


def _circumstances(report: PermissibilityReport, edition: Edition) -> safety.Circumstances:
    """What was known of the patient, as the report has it, in the hierarchy of then."""
    on = datetime.date.fromisoformat(report.document["on"])
    edges, codes = edition.broader_by_code(), edition.codes()
    by_slug = {code.slug: code for code in codes.values()}
    exposures, unchecked = [], []
    for each in report.document["conditions"]:
        anchor_on = datetime.date.fromisoformat(each["anchor_on"]) if each["anchor_on"] else None
        condition = Condition(pk=uuid.UUID(each["id"]), anchor_on=anchor_on, free_text=each["name"])
        code = by_slug.get(each["code"])
        if code is None:
            unchecked.append(condition)
            continue
        condition.code, condition.free_text = code, ""
        exposures.append(
            safety.Exposure(condition, paths=paths_upward(code.pk, edges), week=condition.completed_weeks(on=on))
        )
    return safety.Circumstances(
        patient=report.prescription.patient,
        on=on,
        exposures=tuple(exposures),
        unchecked=tuple(unchecked),
        record_problem=None,
        codes=codes,
    )


def _covered(document: Mapping[str, Any]) -> dict[uuid.UUID, set[tuple[int, uuid.UUID]]]:
    """What overrides named then: decisions are stored, not computed."""
    covered: dict[uuid.UUID, set[tuple[int, uuid.UUID]]] = defaultdict(set)
    for each in document["stretches"]:
        for issue in each["issues"]:
            if issue["is_overridden"] and "condition_id" in issue and "stretch_id" in each:
                pair = issue["contraindication_id"], uuid.UUID(issue["condition_id"])
                covered[uuid.UUID(each["stretch_id"])].add(pair)
    return covered
