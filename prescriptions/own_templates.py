"""A clinic's own templates: made from a prescription, or from another template, and changed.

Nothing of a patient goes into a template: no note, no message, no side that was one patient's, no override.
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, models, transaction

from accounts import once
from prescriptions.drafting import LineGoneError, StaleEditError, dose_as_seen
from prescriptions.models import (
    DOSE_FIELDS,
    Dose,
    Prescription,
    Side,
    Template,
    TemplateLine,
    TemplatePhase,
)
from stretches.models import Stretch

FIRST_PHASE, FIRST_PHASE_WEEKS = "Phase 1", 4
"""What the one phase of a new template is called, and its weeks, until somebody says otherwise. Ours."""

WORDS = ("name", "for_whom", "summary", "citation", "adapted_from")
"""What is said of a template when it is made."""

PHASES_MAX = 12
LINES_MAX = 12
"""How many phases a template has at most, and a phase stretches. Ours: to keep a slip of the hand from growing."""


class PhaseGoneError(Exception):
    """Somebody took the phase out of its template since the page was opened."""

    def __init__(self, phase: TemplatePhase) -> None:
        super().__init__(f"“{phase}” was taken out of the template in the meantime.")


class PhaseFullError(Exception):
    """The phase has as many stretches as a phase can have."""

    def __init__(self, phase: TemplatePhase) -> None:
        super().__init__(f"“{phase}” has {LINES_MAX} stretches: no phase holds more.")


def make(template: Template, *, of: Prescription | Template | None) -> Template:
    """Store a new template of a clinic, with the phases and lines of what it is made of.

    Its id comes from the form: the same said twice is stored once. Returns the one that is stored.
    """
    for _try in range(2):  # the second time, another request may have been faster again
        try:
            return _make(template, of=of)
        except IntegrityError:
            own = Template.objects.filter(clinic=template.clinic_id)
            if stored := once.stored_already(own, template, once.saying(*WORDS)):
                return stored
    return _make(template, of=of)


def _make(template: Template, *, of: Prescription | Template | None) -> Template:
    with transaction.atomic():
        template.adapted_from = of if isinstance(of, Template) else None
        template.source_id = of.source_id if isinstance(of, Template) else None
        template.save(force_insert=True)
        if isinstance(of, Template):
            for phase in of.phases.all():
                copy = TemplatePhase(name=phase.name, weeks=phase.weeks, criterion=phase.criterion)
                _store_phase(template, copy, phase.position, phase.lines.select_related("stretch"))
        else:
            items = of.items.select_related("stretch") if of else ()
            _store_phase(template, TemplatePhase(name=FIRST_PHASE, weeks=FIRST_PHASE_WEEKS), 0, items, is_anyones=True)
        return template


def _store_phase(
    template: Template, phase: TemplatePhase, position: int, doses: Iterable[Dose], *, is_anyones: bool = False
) -> None:
    """Store a phase with lines in these doses; ``is_anyones`` leaves out what was meant for one patient.

    Another clinic's own stretch stays behind, where somebody takes a template from one clinic to the next.
    """
    phase.template, phase.clinic_id, phase.position = template, template.clinic_id, position
    phase.save(force_insert=True)
    known = [dose for dose in doses if dose.stretch.clinic_id in (None, template.clinic_id)]
    for place, dose in enumerate(known):
        line = dose.copy_as(TemplateLine)
        line.phase, line.clinic_id, line.position = phase, template.clinic_id, place
        if is_anyones:
            line.note, line.side = "", Side.BOTH
        line.save(force_insert=True)


def change(template: Template, phases: Sequence[TemplatePhase], gone: Sequence[TemplatePhase], *, seen: str) -> None:
    """Store a template's words and its phases in this order, unless somebody else changed them since ``seen``.

    Raises ``StaleEditError``.
    """
    with transaction.atomic():
        stored = Template.objects.select_for_update().get(pk=template.pk)
        if as_seen(stored) != seen:
            raise StaleEditError(stored)
        template.save()
        for phase in gone:
            phase.delete()
        for position, phase in enumerate(phases):
            phase.template, phase.clinic_id, phase.position = template, template.clinic_id, position
            phase.save()


def add_line(phase: TemplatePhase, stretch: Stretch) -> tuple[TemplateLine, bool]:
    """Put a stretch at the end of a phase with the catalogue's dose. Returns the line, and whether it is new.

    Raises ``PhaseFullError`` or ``PhaseGoneError``.
    """
    with transaction.atomic():
        Template.objects.select_for_update().get(pk=phase.template_id)
        if not TemplatePhase.objects.filter(pk=phase.pk).exists():
            raise PhaseGoneError(phase)
        lines = list(phase.lines.all())
        if there := next((line for line in lines if line.stretch_id == stretch.pk), None):
            return there, False
        if len(lines) >= LINES_MAX:
            raise PhaseFullError(phase)
        line = TemplateLine.with_default_dose(stretch)
        line.phase, line.clinic_id = phase, phase.clinic_id
        line.position = lines[-1].position + 1 if lines else 0
        line.save(force_insert=True)
        return line, True


def change_dose(line: TemplateLine, *, seen: str) -> None:
    """Store a line's dose and note, unless somebody else changed them since ``seen``.

    Raises ``StaleEditError`` or ``LineGoneError``.
    """
    with transaction.atomic():
        stored = TemplateLine.objects.select_for_update(of=("self",)).select_related("stretch").filter(pk=line.pk)
        if not (now := stored.first()):
            raise LineGoneError(line)
        if dose_as_seen(now) != seen:
            raise StaleEditError(now)
        line.save(update_fields=[*DOSE_FIELDS, "note"])


def as_seen(template: Template) -> str:
    """A template's words and phases in short, by which a form tells whether they were changed in the meantime."""
    words = [getattr(template, name) for name in ("name", "for_whom", "summary", "citation", "is_retired")]
    phases: models.QuerySet[TemplatePhase] = template.phases.order_by("position", "id")
    words += [value for phase in phases for value in (phase.pk, phase.name, phase.weeks, phase.criterion)]
    return hashlib.sha256("\0".join(map(str, words)).encode()).hexdigest()[:16]


def new_id() -> uuid.UUID:
    """An id for a template that is about to be written: the form carries it, so that two posts are one template."""
    return uuid.uuid4()
