"""The show door: what may be shown of a patient's prescription on a day.

The patient's page, the print view and the PDF all start from ``routine_of`` or ``routine_from``, so that they cannot
differ. Nothing is stored: what was safe yesterday is asked again today. All words are those for patients, in the
language that is active; whoever wants another one makes it so (``django.utils.translation.override``).
"""

import dataclasses
import datetime
import enum
import uuid
from collections import defaultdict
from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext, ngettext

from patients.models import Patient
from prescriptions import dosage, safety
from prescriptions.models import (
    PARTS_OF_DAY,
    Line,
    PauseReason,
    PrescribedStretch,
    Prescription,
    PrescriptionStatus,
    RoutineStop,
)
from prescriptions.models.prescription import IN_FORCE
from stretches.models import TimingRule
from stretches.wording import StretchWords, Wording, wording_for


class State(enum.Enum):
    """Whether there is something to do."""

    NOTHING_YET = "nothing-yet"
    """Nobody has prescribed anything, or what was prescribed has ended."""
    DRAFT = "draft"
    ACTIVE = "active"
    ON_HOLD = "on-hold"
    ENDED = "ended"
    STOPPED = "stopped"
    """A red-flag question was answered with yes, and no clinician has reopened the routine."""


_STATE_OF = {
    PrescriptionStatus.DRAFT.value: State.DRAFT,
    PrescriptionStatus.ACTIVE.value: State.ACTIVE,
    PrescriptionStatus.ON_HOLD.value: State.ON_HOLD,
}
"""Any other status is no longer in force."""


_NO_WORDS = Wording({})


@dataclasses.dataclass(frozen=True)
class ShownStretch:
    """A prescribed stretch that is safe on the day, with the advice that the patient's conditions bring.

    ``words`` is what the patient reads; ``item.stretch`` has what clinicians read.
    """

    item: PrescribedStretch
    words: StretchWords
    advice: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class PausedStretch:
    """A prescribed stretch that is only named; ``reason`` is that of a pause by pain, ``None`` where it is not safe."""

    name: str
    reason: PauseReason | None


@dataclasses.dataclass(frozen=True)
class Part:
    """The stretches of one part of the day, and those of them that no earlier part has.

    ``slug`` is its id in a page; ``words`` says when.
    """

    slug: str
    words: str
    stretches: tuple[ShownStretch, ...]
    introduced: tuple[ShownStretch, ...]
    minutes: int


@dataclasses.dataclass(frozen=True)
class TimingAdvice:
    """Advice on the time of day, and the names of the stretches that it is about."""

    advice: str
    names: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Routine:
    """What may be shown to a patient on a day; of what is ``withheld``, the name and why.

    ``wording`` has the patient's words for all stretches of the prescription.
    """

    patient: Patient
    on: datetime.date
    prescription: Prescription | None = None
    stretches: tuple[ShownStretch, ...] = ()
    withheld: tuple[PausedStretch, ...] = ()
    wording: Wording = _NO_WORDS
    timing: tuple[TimingAdvice, ...] = ()
    stops: tuple[RoutineStop, ...] = ()

    @property
    def stop_messages(self) -> tuple[str, ...]:
        """What is said about the open stops, each once: as it was configured then, in the language of today."""
        wording = wording_for(actions=self.stops)
        return tuple(dict.fromkeys(wording.action(stop) for stop in self.stops))

    @property
    def state(self) -> State:
        """Where the prescription stands; a stop is stronger than whatever is prescribed."""
        if self.stops:
            return State.STOPPED
        if self.prescription is None:
            return State.NOTHING_YET
        return _STATE_OF.get(self.prescription.status, State.ENDED)

    @property
    def paused(self) -> tuple[str, ...]:
        """The names of what is withheld."""
        return tuple(each.name for each in self.withheld)

    @property
    def minutes_a_day(self) -> int:
        """How long all that is shown takes on a day, in minutes, rounded up."""
        return dosage.minutes(sum(shown.item.seconds_a_day for shown in self.stretches))

    @property
    def how_much(self) -> str:
        """How many stretches, and how long they take, such as “3 stretches, about 9 minutes a day”."""
        count, minutes = len(self.stretches), self.minutes_a_day
        stretches = ngettext("%(count)d stretch", "%(count)d stretches", count) % {"count": count}
        about = ngettext("about %(count)d minute a day", "about %(count)d minutes a day", minutes) % {"count": minutes}
        return gettext("%(stretches)s, %(about)s") % {"stretches": stretches, "about": about}

    @property
    def parts(self) -> list[Part]:
        """The parts of the day that have stretches, in order; a stretch stands in each of its parts."""
        parts: list[Part] = []
        for field, words in PARTS_OF_DAY.items():
            if due := tuple(shown for shown in self.stretches if getattr(shown.item, field)):
                known = {shown.item.pk for part in parts for shown in part.stretches}
                introduced = tuple(shown for shown in due if shown.item.pk not in known)
                seconds = sum(shown.item.seconds_a_day / shown.item.times_per_day for shown in due)
                slug = field.removeprefix("is_").replace("_", "-")
                parts.append(Part(slug, str(words), due, introduced, dosage.minutes(seconds)))
        return parts


def with_prescriptions(patients: models.QuerySet[Patient]) -> models.QuerySet[Patient]:
    """Patients along with the prescription in force of each, of which there is at most one: ``routine_of`` knows it."""
    in_force = models.Q(prescriptions__status__in=IN_FORCE, prescriptions__clinic=models.F("clinic"))
    known = patients.annotate(
        in_force=models.FilteredRelation("prescriptions", condition=in_force),
        is_stopped=models.Exists(RoutineStop.objects.open().order_by().filter(patient=models.OuterRef("pk"))),
    )
    people = ("clinic", "user", "in_force__created_by", "in_force__activated_by")
    return known.select_related(*people)


def _in_force(patient: Patient) -> Prescription | None:
    """The prescription in force, ``for_showing``."""
    if "is_stopped" not in vars(patient):
        return Prescription.objects.in_force().for_showing().filter(patient=patient).first()
    prescription: Prescription | None = vars(patient).get("in_force")
    if prescription:
        prescription.patient = patient
        prescription.is_stopped = vars(patient)["is_stopped"]
    return prescription


def routine_of(patient: Patient, *, on: datetime.date) -> Routine:
    """What a patient may see on a day of the prescription in force: nine queries at most, however long it is.

    One of them is spared for who was read ``with_prescriptions``.
    """
    prescription = _in_force(patient)
    if prescription:
        return routine_from(prescription, on=on)
    return Routine(patient, on, stops=_open_stops(patient))


def routine_from(prescription: Prescription, *, on: datetime.date) -> Routine:
    """What of a prescription, read ``for_showing``, may be shown on a day, in force or not.

    While the routine is stopped by a red flag, nothing. A stretch that is paused by pain is only named. One that is
    on hold shows no stretch. One that is not in force, such as a draft, shows none while the record keeps anything
    from being prescribed; what is active goes on being shown, for only its review is due.
    """
    patient = prescription.patient
    if prescription.is_stopped:
        return Routine(patient, on, prescription, stops=_open_stops(patient))
    if prescription.status == PrescriptionStatus.ON_HOLD:
        return Routine(patient, on, prescription)
    circumstances = safety.circumstances_of(patient, on=on)
    lines = prescription.lines(circumstances)
    may_show = prescription.status == PrescriptionStatus.ACTIVE or circumstances.may_prescribe
    shown = [line for line in lines if may_show and line.may_be_shown]
    timing = _timing(circumstances, [line.item for line in shown])
    wording = wording_for(
        [line.item.stretch for line in lines],
        rationales=[words for line in shown for words in _advice(line)],
        timing_advice=list(timing),
    )
    return Routine(
        patient,
        on,
        prescription,
        stretches=tuple(_shown(line, wording) for line in shown),
        withheld=tuple(
            PausedStretch(wording.stretch(line.item.stretch).name, line.pause_reason if line.is_safe else None)
            for line in lines
            if line not in shown
        ),
        wording=wording,
        timing=tuple(
            TimingAdvice(wording.timing_advice(advice), tuple(wording.stretch(item.stretch).name for item in concerned))
            for advice, concerned in timing.items()
        ),
    )


def _shown(line: Line, wording: Wording) -> ShownStretch:
    advice = dict.fromkeys(wording.rationale(words) for words in _advice(line))
    return ShownStretch(line.item, wording.stretch(line.item.stretch), tuple(advice))


def _open_stops(patient: Patient) -> tuple[RoutineStop, ...]:
    return tuple(RoutineStop.objects.open().filter(patient=patient))


def _advice(line: Line) -> tuple[str, ...]:
    """The advice of a line's cautions, each once, as clinicians read it."""
    cautions = (issue for issue in line.assessment.issues if issue.verdict is safety.Verdict.CAUTION)
    return tuple(dict.fromkeys(issue.rationale for issue in cautions))


def _timing(
    circumstances: safety.Circumstances, items: Collection[PrescribedStretch]
) -> dict[str, list[PrescribedStretch]]:
    """Timing rules on the patient's condition codes and broader ones, for stretches with any of their movements."""
    if not items:
        return {}
    stretch_ids = [item.stretch_id for item in items]
    rows = TimingRule.objects.concerning(code_ids=circumstances.code_ids, stretch_ids=stretch_ids)
    concerned: dict[str, set[uuid.UUID]] = defaultdict(set)
    for advice, stretch_id in rows.order_by("id").values_list("advice", "movements__stretches"):
        concerned[advice].add(stretch_id)
    return {
        advice: [item for item in items if item.stretch_id in stretch_ids] for advice, stretch_ids in concerned.items()
    }
