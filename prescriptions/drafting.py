"""Writing a draft: the second of the four doors. Nothing unsafe is stored, whatever was posted.

Each action locks the patient and asks the safety rule again before it writes, so that what the page offered an hour ago
does not count. They stand together here because each of them crosses patient, prescription, line and override.
"""

import datetime
import hashlib
import uuid
from collections.abc import Collection, Iterable

from django.db import models, transaction

from accounts.models import User
from patients.models import Patient
from prescriptions import safety
from prescriptions.models import (
    Dose,
    Override,
    PrescribedStretch,
    Prescription,
    PrescriptionStatus,
    TransitionError,
    UnsafePrescriptionError,
)
from prescriptions.models.locking import lock_stretches
from prescriptions.models.prescribed_stretch import DOSE_FIELDS
from stretches.models import Stretch

Shown = Collection[tuple[int, uuid.UUID]]
"""Pairs (contraindication id, condition id) that a clinician has read."""


class IssuesChangedError(Exception):
    """The reasons against a stretch are not those that were shown; they have to be read again."""

    def __init__(self, assessment: safety.Assessment) -> None:
        self.assessment = assessment
        super().__init__("The reasons changed since this page was opened. Read them again; nothing was stored.")


class LineGoneError(Exception):
    """Somebody took the line out of the draft since the page was opened."""

    def __init__(self, line: Dose) -> None:
        super().__init__(f"{line.stretch} was taken out of the prescription in the meantime.")


class StaleEditError(Exception):
    """Somebody else changed the row since this page was opened; ``stored`` is the row as it is now."""

    def __init__(self, stored: models.Model) -> None:
        self.stored = stored
        super().__init__("Somebody else changed this since you opened it.")


def start(patient: Patient, *, by: User) -> Prescription:
    """Return the patient's open draft; where there is none, start one from what is in force, or an empty one."""
    with transaction.atomic():
        Patient.objects.locked(patient.pk)
        if draft := patient.prescriptions.drafts().first():
            return draft
        if in_force := patient.prescriptions.in_force().first():
            return in_force.revise(by=by)
        return Prescription.objects.create(clinic_id=patient.clinic_id, patient=patient, created_by=by)


def add(
    prescription: Prescription,
    stretch: Stretch,
    *,
    instead_of: PrescribedStretch | None = None,
    at: datetime.datetime,
) -> tuple[PrescribedStretch, bool]:
    """Put a stretch at the end of a draft, or in another's place, with the catalogue's dose.

    Returns the line, and whether it is new.

    Raises ``UnsafePrescriptionError`` for what the safety rule blocks, or ``TransitionError`` when it is no draft.
    """
    with transaction.atomic():
        draft = _locked(prescription)
        line = draft.items.filter(stretch=stretch).first()
        is_new = line is None
        if line is None:
            assessment = _assess_locked(draft, stretch, at=at)
            _refuse(assessment.blocking_issues)
            line = _append(draft, assessment.stretch)
        if instead_of and instead_of != line:
            draft.items.filter(pk=instead_of.pk).delete()
            if is_new:
                line.position = instead_of.position
                line.save(update_fields=["position"])
        return line, is_new


def add_lines(
    prescription: Prescription, lines: Collection[PrescribedStretch], *, is_replacing: bool, at: datetime.datetime
) -> tuple[list[PrescribedStretch], list[safety.Assessment]]:
    """Put several stretches into a draft, each with its own dose; what is not safe as it is stays out.

    An override in force does not help here: whatever needs one stays out too. A stretch that is there already stays
    as it is, once. ``is_replacing`` takes out what was there, unless nothing comes in its place; then doses are the new
    ones. Returns the lines that are new, and the assessments of those left out.

    Raises ``UnsafePrescriptionError`` when the record forbids to prescribe, or ``TransitionError``.
    """
    with transaction.atomic():
        draft = _locked(prescription)
        lock_stretches([line.stretch_id for line in lines])
        circumstances = safety.circumstances_of(draft.patient, on=draft.patient.clinic.today(at))
        if circumstances.record_problem:
            raise UnsafePrescriptionError(record_problem=circumstances.record_problem)
        current = Stretch.objects.filter(pk__in=[line.stretch_id for line in lines])
        assessments = safety.assess(circumstances, list(current))
        safe = [line for line in lines if assessments[line.stretch_id].is_safe]
        there = {line.stretch_id for line in draft.items.all()}
        if is_replacing and safe:
            draft.items.all().delete()
        stays = set(draft.items.values_list("stretch_id", flat=True))
        for line in safe:
            if line.stretch_id not in stays:
                _append_line(draft, line)
        absent = [line for line in lines if line not in safe and line.stretch_id not in stays]
        return [line for line in safe if line.stretch_id not in there], [
            assessments[each.stretch_id] for each in absent
        ]


def add_overriding(
    prescription: Prescription, override: Override, *, shown: Shown, at: datetime.datetime
) -> tuple[PrescribedStretch, bool]:
    """Record why a stretch is prescribed in spite of relative contraindications, and put it into the draft.

    ``shown`` is what the clinician read. A line that is already there stays; a decision that is already in force is
    not recorded twice. Returns the line, and whether a decision was recorded.

    Raises ``UnsafePrescriptionError`` where no reason helps, ``IssuesChangedError``, or ``TransitionError``.
    """
    with transaction.atomic():
        draft = _locked(prescription)
        assessment = _assess_locked(draft, override.stretch, at=at)
        _refuse(issue for issue in assessment.issues if issue.verdict is safety.Verdict.EXCLUDED)
        if named(assessment) != set(shown):
            raise IssuesChangedError(assessment)
        if is_new := not assessment.is_safe:
            override.clinic_id, override.patient_id, override.prescription = draft.clinic_id, draft.patient_id, draft
            override.decided_at = at
            override.record(assessment)
        line = draft.items.filter(stretch=override.stretch).first() or _append(draft, assessment.stretch)
        return line, is_new


def change_dose(line: PrescribedStretch, *, seen: str, at: datetime.datetime) -> None:
    """Store a line's dose and note, unless the stretch became unsafe or somebody else changed them since ``seen``.

    Raises ``UnsafePrescriptionError``, ``StaleEditError``, ``LineGoneError``, or ``TransitionError``.
    """
    with transaction.atomic():
        draft = _locked(line.prescription)
        stored = draft.items.select_related("stretch").filter(pk=line.pk).first()
        if stored is None:
            raise LineGoneError(line)
        _refuse(_assess_locked(draft, stored.stretch, at=at).blocking_issues)
        if dose_as_seen(stored) != seen:
            raise StaleEditError(stored)
        line.save(update_fields=[*DOSE_FIELDS, "note"])


def change_note(prescription: Prescription, note: str, *, seen: str) -> None:
    """Store the message to the patient, unless somebody else changed it since ``seen``.

    Raises ``StaleEditError`` or ``TransitionError``.
    """
    with transaction.atomic():
        draft = _locked(prescription)
        if note_as_seen(draft) != seen and draft.note != note:
            raise StaleEditError(draft)
        draft.note = note
        draft.save(update_fields=["note"])


def remove(line: PrescribedStretch) -> None:
    """Take a line out of its draft. Raises ``TransitionError`` when it is no draft any more."""
    with transaction.atomic():
        _locked(line.prescription)
        line.delete()


def move(line: PrescribedStretch, *, places: int) -> None:
    """Move a line down by so many places, or up by a negative number; at either end it stays.

    Raises ``TransitionError`` when it is no draft any more.
    """
    with transaction.atomic():
        lines = list(_locked(line.prescription).items.all())
        was = next((place for place, each in enumerate(lines) if each.pk == line.pk), None)
        if was is None:
            return
        lines.insert(max(was + places, 0), lines.pop(was))
        for position, each in enumerate(lines):
            each.position = position
        PrescribedStretch.objects.bulk_update(lines, ["position"])


def assess(prescription: Prescription, stretch: Stretch, *, at: datetime.datetime) -> safety.Assessment:
    """Ask the rule about one stretch for a draft's patient, with what is stored now; overrides in force count.

    Raises ``UnsafePrescriptionError`` when the record itself forbids to prescribe.
    """
    patient = prescription.patient
    circumstances = safety.circumstances_of(patient, on=patient.clinic.today(at))
    if circumstances.record_problem:
        raise UnsafePrescriptionError(record_problem=circumstances.record_problem)
    covered = patient.overrides.covering(on=circumstances.on)
    current = Stretch.objects.get(pk=stretch.pk)
    return safety.assess(circumstances, [current], covered=covered)[current.pk]


def named(assessment: safety.Assessment) -> set[tuple[int, uuid.UUID]]:
    """Pairs (contraindication id, condition id) behind an assessment."""
    return {
        (issue.contraindication.pk, issue.condition.pk)
        for issue in assessment.issues
        if issue.contraindication and issue.condition
    }


def dose_as_seen(line: Dose) -> str:
    """A line's dose and note in short, by which a form tells whether they were changed in the meantime."""
    return _digest([str(getattr(line, field)) for field in (*DOSE_FIELDS, "note")])


def note_as_seen(prescription: Prescription) -> str:
    """The same for the message to the patient."""
    return _digest([prescription.note])


def _digest(values: list[str]) -> str:
    return hashlib.sha256("\0".join(values).encode()).hexdigest()[:16]


def _locked(prescription: Prescription) -> Prescription:
    """Lock the patient, so that no condition is recorded meanwhile, and the draft."""
    patient = Patient.objects.locked(prescription.patient_id)
    draft = Prescription.objects.select_for_update().get(pk=prescription.pk)
    if draft.status != PrescriptionStatus.DRAFT:
        raise TransitionError(f"This prescription is {draft.get_status_display().lower()} now, no longer a draft.")
    draft.patient = patient
    return draft


def _assess_locked(draft: Prescription, stretch: Stretch, *, at: datetime.datetime) -> safety.Assessment:
    """Ask the rule while nobody can change what is known of the stretch."""
    lock_stretches([stretch.pk])
    return assess(draft, stretch, at=at)


def _refuse(issues: Iterable[safety.Issue]) -> None:
    if found := tuple(issues):
        raise UnsafePrescriptionError(issues=found)


def _append(draft: Prescription, stretch: Stretch) -> PrescribedStretch:
    return _append_line(draft, PrescribedStretch.with_default_dose(stretch))


def _append_line(draft: Prescription, line: PrescribedStretch) -> PrescribedStretch:
    last = draft.items.aggregate(last=models.Max("position"))["last"]
    line.prescription, line.clinic_id = draft, draft.clinic_id
    line.position = 0 if last is None else last + 1
    line.save(force_insert=True)
    return line
