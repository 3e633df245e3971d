"""A small world for random days: two clinics in two time zones, one person who is treated in both, ten stretches."""

import dataclasses
import datetime
import uuid

from accounts.models import User
from patients.models import Patient
from prescriptions.models import PrescribedStretch, Prescription
from stretches import pictograms
from stretches.models import Broader, Contraindication, Movement, RedFlagAction, RedFlagQuestion, Source
from tests.days.second_rule import Ailment, Ban, Followed, Memory
from tests.factories import (
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SourceFactory,
    StretchFactory,
    TemplateFactory,
    TemplateLineFactory,
    TemplatePhaseFactory,
    UserFactory,
)

START = datetime.datetime(2026, 3, 23, 8, tzinfo=datetime.UTC)
"""A week before the clocks change in London, two before they do in Auckland."""

BROADER = [(1, 0), (2, 0), (3, 1), (3, 2), (5, 4), (6, 5), (7, 4)]
"""(narrower, broader) by number: a diamond over 0, a chain of three over 4."""

BANS = [  # stretch, code, severity, from_week, until_week
    (0, 0, "absolute", None, None),
    (1, 1, "absolute", 2, 6),
    (2, 2, "relative", None, None),
    (3, 4, "relative", None, 4),
    (4, 5, "absolute", 3, None),
    (5, 7, "precaution", None, None),
    (6, 3, "relative", 1, 3),
    (1, 4, "precaution", None, None),
]
EASIER = [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (7, 6), (8, 7)]
"""(stretch, its easier neighbour)."""


@dataclasses.dataclass(frozen=True)
class Person:
    """Somebody with a sign-in."""

    name: str
    pk: uuid.UUID


@dataclasses.dataclass(frozen=True)
class Record:
    """A patient of one clinic."""

    pk: uuid.UUID
    clinic: uuid.UUID
    person: Person
    clinician: Person


@dataclasses.dataclass(frozen=True)
class World:
    """Ids of all that there is at the beginning, and what ought to be true then. Nothing of it is ever changed."""

    records: tuple[Record, ...]
    clinicians: tuple[Person, ...]
    admin: Person
    reviewer: Person
    stretches: tuple[uuid.UUID, ...]
    codes: tuple[int, ...]
    phases: tuple[uuid.UUID, ...]
    questions: tuple[str, ...]
    source: int
    memory: Memory

    def number(self, stretch):
        return self.stretches.index(stretch)


def mark(number):
    """What stands among the steps of a stretch, and nowhere else."""
    return f"Wayof{chr(ord('a') + number) * 3}doing"


def build(at=START):
    """Store it all. ``at`` is now."""
    people = {name: UserFactory(full_name=name, email=f"{name.lower()}@example.org") for name in ("Ann", "Bob", "Cem")}
    clinics = [
        ClinicFactory(name="Albion", time_zone="Europe/London"),
        ClinicFactory(name="Tasman", time_zone="Pacific/Auckland"),
    ]
    staff = [
        ClinicianFactory(clinic=clinic, full_name=name, email=f"{name.lower()}@example.org")
        for clinic, name in zip(clinics, ("Ines", "Otto"), strict=True)
    ]
    admin = UserFactory(full_name="Ada", email="ada@example.org")
    reviewer = UserFactory(full_name="Bea", email="bea@example.org")
    for person in (admin, reviewer):
        person.let_edit_catalogue()
    source = SourceFactory()
    codes = [ConditionCodeFactory(name=f"Ailment {n}", window_anchor="onset_date", source=source) for n in range(8)]
    Broader.objects.bulk_create(Broader(narrower=codes[low], broader=codes[up]) for low, up in BROADER)
    movement = Movement.objects.create(slug="moving", name="Moving")
    drawn = sorted(pictograms.slugs())
    stretches = [
        StretchFactory(
            slug=drawn[n],
            name=f"Stretch {chr(ord('A') + n)}",
            steps=f"{mark(n)}.\nBreathe.",
            difficulty=n // 2 + 1,
            default_hold_seconds=30,
            source=source,
            status="draft" if n == 9 else "reviewed",
        )
        for n in range(10)
    ]
    for stretch in stretches:
        stretch.movements.add(movement)
    for n, easier in EASIER:
        stretches[n].easier.add(stretches[easier])
    memory = Memory(
        broader={(codes[low].pk, codes[up].pk) for low, up in BROADER},
        statuses={stretch.pk: stretch.status for stretch in stretches},
    )
    for n, code, severity, first, last in BANS:
        publish(memory, stretches[n], codes[code].pk, severity, first, last, source=source.pk)
    action = RedFlagAction.objects.create(tier="emergency", message="Go to hospital now.")
    questions = [
        RedFlagQuestion.objects.create(slug=f"rf-{n}", question=f"Is it {n}?", action=action, source=source)
        for n in range(2)
    ]
    records = [
        _record(memory, people[name], clinics[at_clinic], staff[at_clinic], at=at)
        for name, at_clinic in (("Ann", 0), ("Bob", 0), ("Ann", 1), ("Cem", 1))
    ]
    for record, chosen in zip(records, ((5, 7), (8, 3), (7, 4), ()), strict=True):
        _prescribe(memory, record, [stretches[n] for n in chosen], at=at)
    ailment = ConditionFactory(patient=Patient.objects.get(pk=records[1].pk), code=codes[7])
    memory.ailments[ailment.pk] = Ailment(records[1].pk, codes[7].pk, "active", "confirmed", None)
    return World(
        records=tuple(records),
        clinicians=tuple(Person(each.full_name, each.pk) for each in staff),
        admin=Person("Ada", admin.pk),
        reviewer=Person("Bea", reviewer.pk),
        stretches=tuple(stretch.pk for stretch in stretches),
        codes=tuple(code.pk for code in codes),
        phases=tuple(_template(clinics[0], stretches)),
        questions=tuple(question.slug for question in questions),
        source=source.pk,
        memory=memory,
    )


def publish(memory, stretch, code, severity, from_week, until_week, *, source, rationale="It loads what is hurt."):
    """Publish a contraindication as the admin site does."""
    row = Contraindication(
        stretch=stretch,
        condition_code_id=code,
        severity=severity,
        from_week=from_week,
        until_week=until_week,
        rationale=rationale,
        source=Source.objects.get(pk=source),
        confidence="high",
    )
    row.save()
    memory.bans[row.pk] = Ban(stretch.pk, code, severity, from_week, until_week, rationale)
    return row


def _record(memory, user, clinic, clinician, *, at):
    today = clinic.today(at)
    patient = PatientFactory(
        full_name=f"{user.full_name} of {clinic.name}", clinic=clinic, user=user, conditions_reviewed_on=today
    )
    memory.reviewed_on[patient.pk] = today
    return Record(patient.pk, clinic.pk, Person(user.full_name, user.pk), Person(clinician.full_name, clinician.pk))


def _prescribe(memory, record, stretches, *, at):
    if not stretches:
        return
    patient = Patient.objects.get(pk=record.pk)
    draft = PrescriptionFactory(patient=patient, created_by=User.objects.get(pk=record.clinician.pk))
    for position, stretch in enumerate(stretches):
        PrescribedStretchFactory(
            prescription=draft, stretch=stretch, position=position, start_hold_seconds=20, is_before_bed=position == 0
        )
    draft.activate(by=draft.created_by, at=at)
    follow(memory, draft)


def follow(memory, prescription):
    """Remember what is in force now."""
    lines = dict(PrescribedStretch.objects.filter(prescription=prescription.pk).values_list("stretch", "pk"))
    memory.followed[prescription.patient_id] = Followed(prescription.pk, lines)


def _template(clinic, stretches):
    """A template of the library with two phases; its ids."""
    template = TemplateFactory(clinic=None, slug="ladder", source=stretches[0].source)
    for position, chosen in enumerate(((0, 1, 2), (3, 5, 6, 7, 9))):
        phase = TemplatePhaseFactory(template=template, clinic=None, position=position)
        for place, n in enumerate(chosen):
            TemplateLineFactory(phase=phase, clinic=None, stretch=stretches[n], position=place)
        yield phase.pk


def draft_of(record):
    """The patient's open draft, if there is one."""
    return Prescription.objects.drafts().filter(patient=record.pk).first()
