"""The red-flag questions: what is asked, and the door through which answers are written.

Any yes stops everything at once, whatever else is answered, at every clinic that treats this person: a red flag is
about a body, not about a record. Only a clinician reopens. Bladder, saddle and both-leg symptoms are never answered by
a pain score, which is why these questions can be reached at all times.

Source of the questions, their tiers and messages: the catalogue's red-flag screen, each with its own source.
"""

import dataclasses
import datetime
import uuid
from collections.abc import Collection, Iterable, Mapping

from django.db import transaction

from patients.models import Patient
from prescriptions.models import RoutineStop
from routines.models import RedFlagAnswer, RedFlagScreen
from routines.telling import tell_clinic
from stretches.models import RedFlagQuestion
from stretches.wording import wording_for

TIERS_WORST_FIRST = ("emergency", "same_day", "urgent")
"""How soon somebody has to be seen. A tier that the catalogue adds later counts as the worst until it stands here."""


@dataclasses.dataclass(frozen=True)
class Screened:
    """What became of answers: whether they were new, and what to tell, the worst tier first; empty without a yes."""

    is_new: bool
    messages: tuple[str, ...]


def record_red_flags(
    patient: Patient,
    answers: Mapping[RedFlagQuestion, bool],
    *,
    id: uuid.UUID,  # noqa: A002 - what the device calls it
    answered_at: datetime.datetime,
    at: datetime.datetime,
) -> Screened:
    """Store a person's answers in all of their records, and stop the routines at a yes.

    The same answers under the same id are stored once; other answers under it are another screen, so that no yes is
    ever taken for one that was sent before. The messages are those of the tiers answered with yes, word for word.
    """
    said = sorted(f"{question.slug}={is_yes}" for question, is_yes in answers.items())
    positive = worst_first(question for question, is_yes in answers.items() if is_yes)
    # Of an erased record nothing is stored any more, but what a yes means is told all the same.
    present = Patient.objects.present()
    own = present.filter(user=patient.user_id) if patient.user_id else present.filter(pk=patient.pk)
    is_new = False
    with transaction.atomic():
        for record in own.select_for_update().order_by("pk"):
            screen_id = uuid.uuid5(id, "\n".join([str(record.pk), *said]))
            if RedFlagScreen.objects.filter(pk=screen_id).exists():
                continue
            is_new = True
            _store(record, screen_id, answers, positive, answered_at=min(answered_at, at), at=at)
    return Screened(is_new, messages_of(positive))


def worst_first(questions: Iterable[RedFlagQuestion]) -> list[RedFlagQuestion]:
    """Questions in the order of their tiers, the worst first."""

    def rank(question: RedFlagQuestion) -> int:
        tier = question.action.tier
        return TIERS_WORST_FIRST.index(tier) if tier in TIERS_WORST_FIRST else -1

    return sorted(questions, key=rank)


def messages_of(questions: Collection[RedFlagQuestion]) -> tuple[str, ...]:
    """What is told at a yes to these questions, each message once, in the language that is active."""
    actions = [question.action for question in questions]
    wording = wording_for(actions=actions)
    return tuple(dict.fromkeys(wording.action(action) for action in actions))


def _store(
    patient: Patient,
    screen_id: uuid.UUID,
    answers: Mapping[RedFlagQuestion, bool],
    positive: Collection[RedFlagQuestion],
    *,
    answered_at: datetime.datetime,
    at: datetime.datetime,
) -> None:
    stop = None
    if worst := next(iter(positive), None):
        stop = RoutineStop.objects.create(
            clinic_id=patient.clinic_id,
            patient=patient,
            tier=worst.action.tier,
            message=worst.action.message,
            stopped_at=at,
        )
        tell_clinic(patient, f"routine-stop:{stop.pk}", at=at)
    screen = RedFlagScreen.objects.create(
        pk=screen_id,
        clinic_id=patient.clinic_id,
        patient=patient,
        stop=stop,
        answered_at=answered_at,
        received_at=at,
    )
    RedFlagAnswer.objects.bulk_create(
        RedFlagAnswer(
            clinic_id=patient.clinic_id, screen=screen, question=question, wording=question.question, is_yes=is_yes
        )
        for question, is_yes in answers.items()
    )
