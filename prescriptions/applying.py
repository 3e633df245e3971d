"""Applying a template's phase to a patient, through the door that every draft is written through.

What is unsafe for the patient, or needs an override, is left out; a template never carries a decision. What was left
out is not stored: it is found again whenever the builder is shown, so that it is true today.
"""

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping

from django.db import transaction

from accounts.models import User
from patients.models import Patient
from prescriptions import dosage, drafting, safety
from prescriptions.models import PrescribedStretch, Prescription, Template, TemplateLine, TemplatePhase
from prescriptions.own_templates import PhaseGoneError


@dataclasses.dataclass(frozen=True)
class Applied:
    """What became of a phase: the draft, the lines that are new in it, and what was left out with its reasons."""

    draft: Prescription
    added: tuple[PrescribedStretch, ...]
    left_out: tuple[safety.Assessment, ...]


def apply(phase: TemplatePhase, patient: Patient, *, is_replacing: bool, by: User, at: datetime.datetime) -> Applied:
    """Put a phase into the patient's draft, or into a new one, and remember from which phase it came.

    Sent twice it does nothing more. Raises ``UnsafePrescriptionError`` when the record forbids to prescribe, or
    ``PhaseGoneError``; then no draft is begun either.
    """
    with transaction.atomic():
        draft = drafting.start(patient, by=by)
        if not TemplatePhase.objects.select_for_update().filter(pk=phase.pk).exists():
            raise PhaseGoneError(phase)
        lines = [line.copy_as(PrescribedStretch) for line in phase.lines.select_related("stretch")]
        added, left_out = drafting.add_lines(draft, lines, is_replacing=is_replacing, at=at)
        draft.template_phase, draft._history_user = phase, by
        draft.save(update_fields=["template_phase"])
    return Applied(draft, tuple(added), tuple(left_out))


@dataclasses.dataclass(frozen=True)
class PhaseForPatient:
    """A phase as the safety rule sees it for one patient today; nothing is decided by it."""

    phase: TemplatePhase
    fits: tuple[TemplateLine, ...]
    left_out: tuple[safety.Assessment, ...]
    is_now: bool = False
    """Whether what is in force came from this phase."""
    is_next: bool = False

    @property
    def minutes_a_day(self) -> int:
        """How long what fits takes a day, in minutes."""
        return dosage.minutes(sum(line.seconds_a_day for line in self.fits))


@dataclasses.dataclass(frozen=True)
class TemplateForPatient:
    """A template with its phases for one patient."""

    template: Template
    phases: tuple[PhaseForPatient, ...]

    @property
    def is_followed(self) -> bool:
        """Whether the patient is in one of its phases."""
        return any(each.is_now for each in self.phases)


def templates_for(
    circumstances: safety.Circumstances, templates: Iterable[Template], *, now: TemplatePhase | None
) -> list[TemplateForPatient]:
    """Hold every line of these templates against the rule: two queries. The one that is followed comes first."""
    read = list(templates)
    stretches = {
        line.stretch_id: line.stretch for each in read for phase in each.phases.all() for line in phase.lines.all()
    }
    assessments = safety.assess(circumstances, list(stretches.values()))
    found = [TemplateForPatient(each, tuple(_phases(list(each.phases.all()), assessments, now=now))) for each in read]
    return sorted(found, key=lambda each: not each.is_followed)


def _phases(
    phases: Collection[TemplatePhase], assessments: Mapping[uuid.UUID, safety.Assessment], *, now: TemplatePhase | None
) -> Iterator[PhaseForPatient]:
    before: TemplatePhase | None = None
    for phase in phases:
        lines = list(phase.lines.all())
        yield PhaseForPatient(
            phase,
            fits=tuple(line for line in lines if assessments[line.stretch_id].is_safe),
            left_out=tuple(assessments[line.stretch_id] for line in lines if not assessments[line.stretch_id].is_safe),
            is_now=phase == now,
            is_next=before is not None and before == now,
        )
        before = phase
