"""People of the demo clinic for whom something waits, so that the clinician's day has a line of every kind.

Everything is done through the same doors as in earnest, on the days on which it would have been. That something became
unsafe shows in Yusuf Demir, of ``clinic.demo``.
"""

import dataclasses
import datetime
import uuid

from django.db import transaction

from accounts.models import Clinic, User
from clinic.demo import CLINIC_ID, DOMAIN
from patients.models import Condition, Patient
from prescriptions import drafting
from prescriptions.models import Override, PartOfDay, Prescription
from routines.recording import Said, record_stretch
from routines.screening import record_red_flags
from stretches.models import ConditionCode, RedFlagQuestion, Stretch

DAY = datetime.timedelta(days=1)
ID_NAMESPACE = uuid.UUID("11b3e000-0000-4000-8000-000000000002")


@dataclasses.dataclass(frozen=True)
class Waiting:
    """One patient. Days count back from the day of loading; ``done`` and ``hurt`` are days with logs."""

    name: str
    born: tuple[int, int, int]
    clinician: str
    note: str
    phone: str
    stretches: tuple[str, ...]
    began: int
    condition: str = ""
    reviewed: int = 0
    overriding: str = ""
    done: tuple[int, ...] = ()
    hurt: tuple[int, ...] = ()
    is_once_a_day: bool = False
    red_flag: str = ""


CALF, NECK, TOWEL, CHEST = (
    "standing-gastrocnemius-wall-stretch",
    "chin-tuck",
    "towel-hamstring-stretch",
    "single-knee-to-chest-stretch",
)
PEOPLE = (
    Waiting(
        "Edith Marlowe",
        (1951, 3, 9),
        "sam",
        "Walk to church again.",
        "01632 960 201",
        (CALF,),
        began=6,
        done=(4, 3, 2),
        red_flag="rf-calf",
    ),
    Waiting(
        "Joaquín Rey",
        (1979, 7, 22),
        "sam",
        "Decorator. Low back pain after ceilings.",
        "01632 960 202",
        (CHEST, TOWEL),
        began=5,
        condition="non-specific-low-back-pain",
        done=(3, 2),
        hurt=(1,),
    ),
    Waiting(
        "Ngozi Adeyemi",
        (1990, 11, 2),
        "ines",
        "Squat without the knee catching.",
        "01632 960 203",
        (TOWEL,),
        began=20,
        condition="meniscal-tear",
        overriding="standing-quadriceps-stretch",
        done=(3, 1),
    ),
    Waiting("Leo Marchetti", (1968, 1, 30), "sam", "Stiff neck, drives a bus.", "01632 960 204", (NECK,), began=5),
    Waiting(
        "Oskar Nyberg",
        (1957, 5, 16),
        "ines",
        "Back on the bicycle by summer.",
        "01632 960 205",
        (TOWEL,),
        began=40,
        reviewed=82,
        done=(14, 13, 12, 11, 10, 9, 8, 6),
    ),
    Waiting(
        "Siân Powell", (1983, 9, 4), "ines", "Plays the violin.", "", (NECK,), began=96, reviewed=97, done=(3, 2, 1)
    ),
    Waiting(
        "Bram de Wit",
        (1972, 12, 12),
        "sam",
        "Long days at the lathe.",
        "",
        (TOWEL,),
        began=9,
        done=(3, 2, 1),
        is_once_a_day=True,
    ),
)


def load(*, at: datetime.datetime) -> None:
    """Add them to the demo clinic, which was made just now."""
    clinic = Clinic.objects.get(pk=CLINIC_ID)
    with transaction.atomic():
        for person in PEOPLE:
            _add(person, clinic, User.objects.get(email=f"{person.clinician}@{DOMAIN}"), at)


def _add(person: Waiting, clinic: Clinic, clinician: User, at: datetime.datetime) -> None:
    began_at = at - person.began * DAY
    patient = Patient.objects.create(
        clinic=clinic,
        full_name=person.name,
        born_on=datetime.date(*person.born),
        phone=person.phone,
        note=person.note,
        clinician=clinician,
    )
    if person.condition:
        code = ConditionCode.objects.get(slug=person.condition)
        Condition(patient=patient, code=code, recorded_at=began_at).record(by=clinician)
    patient.record_review(by=clinician, on=clinic.today(at) - max(person.reviewed, person.began) * DAY)
    draft = drafting.start(patient, by=clinician)
    for slug in person.stretches:
        drafting.add(draft, Stretch.objects.of_library().get(slug=slug), at=began_at)
    if person.overriding:
        _override(
            draft,
            Stretch.objects.of_library().get(slug=person.overriding),
            clinician,
            began_at,
            until_on=clinic.today(at) + 5 * DAY,
        )
    draft.activate(by=clinician, at=began_at)
    for days_ago in sorted({*person.done, *person.hurt}, reverse=True):
        _log(person, draft, clinician, at=at - days_ago * DAY, is_hurt=days_ago in person.hurt)
    if person.red_flag:
        questions = RedFlagQuestion.objects.in_bulk(field_name="slug")
        answers = {question: slug == person.red_flag for slug, question in questions.items()}
        screen = uuid.uuid5(ID_NAMESPACE, person.name)
        answered_at = at - DAY
        record_red_flags(patient, answers, id=screen, answered_at=answered_at, at=answered_at)


def _override(
    draft: Prescription, stretch: Stretch, by: User, at: datetime.datetime, *, until_on: datetime.date
) -> None:
    decision = Override(
        stretch=stretch,
        reason=Override.Reason.ADAPTED,
        mitigation="Held with a towel, the knee bent no further than a right angle.",
        expires_on=until_on,
        decided_by=by,
    )
    shown = drafting.named(drafting.assess(draft, stretch, at=at))
    drafting.add_overriding(draft, decision, shown=shown, at=at)


def _log(person: Waiting, prescription: Prescription, by: User, *, at: datetime.datetime, is_hurt: bool) -> None:
    """A day on which everything was done, or its first part, and on a bad one the first stretch hurt."""
    on = prescription.patient.clinic.today(at)
    for number, item in enumerate(prescription.items.all()):
        due = [part for part in PartOfDay if getattr(item, part.field)]
        for part in due[:1] if person.is_once_a_day else due:
            said = Said(
                item=item.pk,
                on=on,
                part_of_day=part.value,
                outcome="done",
                held_seconds=item.target_hold_seconds,
                pain_score=7 if is_hurt and number == 0 else 0,
                logged_at=at,
            )
            record_stretch(prescription, said, by=by, at=at)
