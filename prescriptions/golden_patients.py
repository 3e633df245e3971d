"""Golden patients: invented people whose verdicts are known, read from a file and checked against the safety rule.

A file holds ``{"scenarios": [...]}``; ``prescriptions/data/scenarios.json`` is one to start from. Every scenario is
read in full before any is run, so that a slip in the file is never mistaken for a slip in the catalogue.
"""

import dataclasses
import datetime
import json
import uuid
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.models import Clinic, User
from patients.models import ClinicalStatus, Condition, Patient, VerificationStatus
from prescriptions import safety
from stretches.models import ConditionCode, Stretch

SHIPPED = Path(__file__).parent / "data" / "scenarios.json"

_STATUS_ALONE = {
    "active": (ClinicalStatus.ACTIVE, VerificationStatus.CONFIRMED),
    "resolved": (ClinicalStatus.RESOLVED, VerificationStatus.CONFIRMED),
    "suspected": (ClinicalStatus.ACTIVE, VerificationStatus.UNCONFIRMED),
    "refuted": (ClinicalStatus.ACTIVE, VerificationStatus.REFUTED),
    "entered_in_error": (ClinicalStatus.ACTIVE, VerificationStatus.ENTERED_IN_ERROR),
}
"""What one word stands for where the two FHIR statuses are not given."""

_FREE_TEXT_MAX = 200


class GoldenPatientError(Exception):
    """The file cannot be used; the message names the row and what is wrong with it."""


@dataclasses.dataclass(frozen=True)
class GoldenCondition:
    """One condition of an invented patient; ``code`` is ``None`` for one in free text."""

    code: ConditionCode | None
    free_text: str
    clinical_status: ClinicalStatus
    verification_status: VerificationStatus
    anchor_on: datetime.date | None


@dataclasses.dataclass(frozen=True)
class GoldenPatient:
    """An invented patient on a day, with the verdict that each named stretch must get."""

    name: str
    on: datetime.date
    is_reviewed: bool
    conditions: tuple[GoldenCondition, ...]
    expected: Mapping[str, safety.Verdict]


@dataclasses.dataclass(frozen=True)
class Mismatch:
    """A stretch whose verdict is not the expected one, with the reasons that the rule gave."""

    patient: GoldenPatient
    stretch: str
    expected: str
    got: str
    reasons: tuple[str, ...]


def read(path: Path) -> list[GoldenPatient]:
    """Read a whole file against the catalogue in the database: two queries. Raises ``GoldenPatientError``."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"), object_pairs_hook=_without_doubles)
    except OSError as error:
        raise GoldenPatientError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise GoldenPatientError(f"{path} is no JSON file: {error}") from error
    rows = content.get("scenarios") if isinstance(content, dict) else None
    if not isinstance(rows, list) or not rows:
        raise GoldenPatientError(f"{path} has no list “scenarios” with at least one scenario in it.")
    reader = _Reader(
        codes={code.slug: code for code in ConditionCode.objects.all()},
        stretches=set(Stretch.objects.of_library().values_list("slug", flat=True)),
    )
    patients = [reader.patient(row, number) for number, row in enumerate(rows, start=1)]
    names = [patient.name for patient in patients]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise GoldenPatientError(f"Two scenarios have the id “{twice[0]}”.")
    return patients


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name that stands twice in one object: JSON would keep the last one without a word."""
    content: dict[str, Any] = {}
    for name, value in pairs:
        if name in content:
            raise GoldenPatientError(f"“{name[:80]}” stands twice in one object.")
        content[name] = value
    return content


@dataclasses.dataclass(frozen=True)
class _Reader:
    codes: Mapping[str, ConditionCode]
    stretches: set[str]

    def patient(self, row: Any, number: int) -> GoldenPatient:
        where = f"Scenario {number}"
        if not isinstance(row, dict):
            raise GoldenPatientError(f"{where} is not an object.")
        name = row.get("id")
        if not isinstance(name, str) or not name.strip():
            raise GoldenPatientError(f"{where} has no “id”.")
        if not name.isprintable():  # NUL, or half a character
            raise GoldenPatientError(f"{where} has an “id” with characters that cannot be printed.")
        where = f"Scenario “{name}”"
        on = _date(row.get("as_of"), f"{where}, as_of")
        if on is None:
            raise GoldenPatientError(f"{where} has no day “as_of”.")
        is_reviewed = row.get("conditions_reviewed")
        if not isinstance(is_reviewed, bool):
            raise GoldenPatientError(f"{where} does not say true or false under “conditions_reviewed”.")
        conditions = row.get("patient_conditions")
        if not isinstance(conditions, list):
            raise GoldenPatientError(f"{where} has no list “patient_conditions”; an empty one means none.")
        expected = self._expected(row, where)
        if is_reviewed and not expected:
            raise GoldenPatientError(f"{where} expects nothing: it would check nothing.")
        return GoldenPatient(
            name=name,
            on=on,
            is_reviewed=is_reviewed,
            conditions=tuple(
                self._condition(condition, f"{where}, condition {place}")
                for place, condition in enumerate(conditions, start=1)
            ),
            expected=expected,
        )

    def _expected(self, row: Mapping[str, Any], where: str) -> dict[str, safety.Verdict]:
        expected: dict[str, safety.Verdict] = {}
        for part in ("expected", "expected_other"):
            verdicts = row.get(part, {})
            if not isinstance(verdicts, dict):
                raise GoldenPatientError(f"{where}, {part} is not an object of stretches and verdicts.")
            for slug, word in verdicts.items():
                if slug not in self.stretches:
                    raise GoldenPatientError(f"{where}, {part}: the catalogue has no stretch “{slug}”.")
                if not _is_one_of(word, safety.Verdict.values):
                    known = ", ".join(safety.Verdict.values)
                    raise GoldenPatientError(f"{where}, {part}, {slug}: “{word}” is no verdict ({known}).")
                verdict = safety.Verdict(word)
                if expected.setdefault(slug, verdict) is not verdict:
                    raise GoldenPatientError(f"{where} expects two verdicts of {slug}.")
        return expected

    def _condition(self, row: Any, where: str) -> GoldenCondition:
        if not isinstance(row, dict):
            raise GoldenPatientError(f"{where} is not an object.")
        slug, free_text = row.get("condition"), row.get("text")
        if slug is None and free_text is None:
            raise GoldenPatientError(f"{where} has neither a code under “condition” nor words under “text”.")
        if slug is not None and not _is_one_of(slug, self.codes):
            raise GoldenPatientError(f"{where}: the catalogue has no condition “{slug}”.")
        if slug is None and not _is_free_text(free_text):
            raise GoldenPatientError(f"{where}: “text” must be 1 to {_FREE_TEXT_MAX} characters of text.")
        clinical_status, verification_status = _statuses(row, where)
        return GoldenCondition(
            code=None if slug is None else self.codes[slug],
            free_text=str(free_text) if slug is None else "",
            clinical_status=clinical_status,
            verification_status=verification_status,
            anchor_on=_date(row.get("date"), f"{where}, date"),
        )


def _is_one_of(value: Any, known: Collection[str]) -> bool:
    return isinstance(value, str) and value in known


def _is_free_text(value: Any) -> bool:
    """Words that a record can hold: no NUL, no half a character."""
    return isinstance(value, str) and bool(value.strip()) and len(value) <= _FREE_TEXT_MAX and value.isprintable()


def _date(value: Any, where: str) -> datetime.date | None:
    if value is None:
        return None
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise GoldenPatientError(f"{where}: “{value}” is no day. Write it like 2026-01-15.") from None


def _statuses(row: Mapping[str, Any], where: str) -> tuple[ClinicalStatus, VerificationStatus]:
    """Read the two FHIR statuses, or the one word that stands for both; what is null counts in full."""
    alone = (ClinicalStatus.UNKNOWN, VerificationStatus.UNCONFIRMED)
    if (word := row.get("status")) is not None:
        if not _is_one_of(word, _STATUS_ALONE):
            raise GoldenPatientError(f"{where}: “{word}” is no status ({', '.join(_STATUS_ALONE)}).")
        alone = _STATUS_ALONE[word]
    clinical = row["clinical_status"] if "clinical_status" in row else alone[0]
    verification = row["verification_status"] if "verification_status" in row else alone[1]
    if clinical is not None and clinical not in ClinicalStatus.values:
        known = ", ".join(ClinicalStatus.values)
        raise GoldenPatientError(f"{where}: “{clinical}” is no clinical_status ({known}).")
    if verification is not None and verification not in VerificationStatus.values:
        known = ", ".join(VerificationStatus.values)
        raise GoldenPatientError(f"{where}: “{verification}” is no verification_status ({known}).")
    return (
        ClinicalStatus.UNKNOWN if clinical is None else ClinicalStatus(clinical),
        VerificationStatus.UNCONFIRMED if verification is None else VerificationStatus(verification),
    )


def mismatches(golden: GoldenPatient) -> list[Mismatch]:
    """Run one golden patient through the rule: explanation and filter, as the pages ask them.

    The invented rows are rolled back; nothing stays in the database.
    """
    with transaction.atomic():
        circumstances = safety.circumstances_of(_record(golden), on=golden.on)
        everything = Stretch.objects.of_library().order_by("slug")
        # Nobody is offered anything before a review: that is checked on the whole catalogue.
        stretches = everything.filter(slug__in=golden.expected) if golden.is_reviewed else everything
        assessments = safety.assess(circumstances, list(stretches))
        listed = {
            pk: verdict
            for verdict in safety.Verdict
            for pk in safety.with_verdict(circumstances, verdict, everything).values_list("pk", flat=True)
        }
        transaction.set_rollback(True)
    found = []
    for assessment in assessments.values():
        slug, explained = assessment.stretch.slug, assessment.verdict
        expected = golden.expected.get(slug, safety.Verdict.EXCLUDED)
        got = explained if circumstances.may_prescribe else safety.Verdict.EXCLUDED
        filtered = listed.get(assessment.stretch.pk, safety.Verdict.EXCLUDED)
        reasons = _reasons(circumstances, assessment)
        if got is not expected:
            found.append(Mismatch(golden, slug, expected.value, got.value, reasons))
        if filtered is not explained:
            found.append(Mismatch(golden, slug, explained.value, f"{filtered.value} in the list", reasons))
    return found


def _record(golden: GoldenPatient) -> Patient:
    clinic = Clinic.objects.create(name="Golden patients")
    clinician = User.objects.create(email=f"{uuid.uuid4()}@golden-patients.invalid", full_name="Golden patients")
    patient = Patient.objects.create(
        clinic=clinic,
        full_name=golden.name[:150],
        born_on=datetime.date(1960, 1, 1),
        conditions_reviewed_on=golden.on if golden.is_reviewed else None,
    )
    Condition.objects.bulk_create(
        Condition(
            clinic=clinic,
            patient=patient,
            recorded_by=clinician,
            code=condition.code,
            free_text=condition.free_text,
            clinical_status=condition.clinical_status,
            verification_status=condition.verification_status,
            anchor_on=condition.anchor_on,
        )
        for condition in golden.conditions
    )
    return patient


def _reasons(circumstances: safety.Circumstances, assessment: safety.Assessment) -> tuple[str, ...]:
    reasons = [circumstances.record_problem.value] if circumstances.record_problem else []
    for issue in assessment.issues:
        through = " → ".join(code.slug for code in issue.path)
        window = issue.contraindication.window_words if issue.contraindication else ""
        inputs = ", ".join(part for part in (through, window) if part)
        reasons.append(f"{issue.verdict.value}: {issue.rationale}" + (f" ({inputs})" if inputs else ""))
    return tuple(reasons)
