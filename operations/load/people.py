"""Patients with their conditions and prescriptions, as many as wanted; all of them invented.

Everybody is made from the seed and a number of their own, so that the same call on the same day makes the same people.
"""

import dataclasses
import datetime
import random
from collections.abc import Callable, Iterator, Sequence

from simple_history.utils import get_history_manager_for_model

from accounts.models import User
from operations.load.days import Days, Session, sessions_back
from operations.load.kinds import Choice, Kind, kinds
from operations.load.places import DAY, DOMAIN, Place, add_places, id_from, name_from
from operations.load.prescribing import Person, Programme, add_programme, lines_from
from operations.load.store import Store
from patients.models import Condition, Patient
from routines.models import StretchLog
from stretches.models import CatalogueRelease

PatientVersion = get_history_manager_for_model(Patient).model

STATUSES = ("active",) * 88 + ("on-hold",) * 4 + ("completed",) * 4 + ("draft",) * 3 + ("",)
"""Of a hundred patients; the last one has no prescription at all."""
WEIGHTS = (0, 0.3, 0.5, 1, 1, 1, 1.2, 1.5, 2, 2.5)
"""How much patients log, one against the other; those with 0 began a few days ago and have logged nothing yet."""


@dataclasses.dataclass(frozen=True)
class Size:
    """How much is made. ``is_bare`` leaves out sign-ins, versions and reports: for measuring prescriptions alone."""

    clinics: int = 20
    patients: int = 10_000
    logs: int = 1_800_000
    is_bare: bool = False


def fill(
    size: Size, *, seed: int, on: datetime.date, password: str, tell: Callable[[str], object], using: str = "default"
) -> dict[str, int]:
    """Store it all, up to the day before ``on``, and return how many rows each table got.

    The caller holds a transaction. ``password`` is stored as it is: hashed already, or one that opens nothing.
    """
    store = Store(using)
    known = kinds(random.Random(seed))  # noqa: S311 - invented, and the same each time
    places = add_places(store, seed=seed, count=size.clinics, password=password)
    release, days = CatalogueRelease.objects.of_library().first(), Days(store)
    for number, (status, logs) in enumerate(_quotas(size, seed)):
        choose = random.Random(f"{seed}-patient-{number}")  # noqa: S311 - invented, and the same each time
        kind, place = choose.choice(known), places[number % len(places)]
        choices = choose.sample(kind.choices, choose.choice((1, 2, 3, 3, 3, 4)))
        sessions = sessions_back(choices, logs, leaves_out_every=choose.choice((2, 3, 4, 6, 10)))
        first_on = on - (1 + (sessions[-1][0] if sessions else choose.randint(0, 5))) * DAY
        person = _add_person(
            store,
            place,
            kind,
            choose,
            number=number,
            first_on=first_on,
            on=on,
            password=None if size.is_bare else password,
        )
        programmes = list(_programmes(person, choices, status, first_on, on, sessions, choose))
        for programme in programmes:
            add_programme(store, programme, release=release, is_bare=size.is_bare)
        if not size.is_bare:
            days.add(programmes, sessions, choose)
        if (number + 1) % 1000 == 0:
            tell(f"{number + 1:,} of {size.patients:,} patients")
    store.flush()
    if not size.is_bare:
        store.history_of(Patient, at="created_at", by="clinician_id")
        store.history_of(Condition, at="recorded_at", by="recorded_by_id")
        tell("the versions of all logs")
        store.history_of(StretchLog, at="received_at", by="NULL")
    return {model._meta.db_table: count for model, count in sorted(store.counts.items(), key=lambda each: -each[1])}


def _quotas(size: Size, seed: int) -> Iterator[tuple[str, int]]:
    """For each patient how it stands, and how many logs: so many in all, to the last one."""
    choose = random.Random(f"{seed}-quotas")  # noqa: S311 - invented, and the same each time
    standing = [(choose.choice(STATUSES), choose.choice(WEIGHTS)) for _ in range(size.patients)]
    weights = [weight if status not in {"", "draft"} else 0 for status, weight in standing]
    in_all, so_far, given = sum(weights), 0.0, 0
    for (status, _), weight in zip(standing, weights, strict=True):
        so_far += weight
        until = round(size.logs * so_far / in_all) if in_all else 0
        yield status, until - given
        given = until


def _add_person(
    store: Store,
    place: Place,
    kind: Kind,
    choose: random.Random,
    *,
    number: int,
    first_on: datetime.date,
    on: datetime.date,
    password: str | None,
) -> Person:
    patient, account, clinician = id_from(choose), id_from(choose), choose.choice(place.clinicians)
    name, email = name_from(choose), f"patient-{number + 1}@{DOMAIN}"
    if password:  # otherwise nobody signs in
        store.add(User, id=account, email=email, full_name=name, password=password)
    # Most conditions were reviewed lately, some have to be soon, and a few should have been.
    reviewed_on = max(first_on, on - choose.choice((1, 5, 12, 20, 30, 45, 60, 75, 84, 97)) * DAY)
    person = {
        "id": patient,
        "clinic_id": place.id,
        "user_id": account if password else None,
        "full_name": name,
        "born_on": datetime.date(choose.randint(1935, 2005), choose.randint(1, 12), choose.randint(1, 28)),
        "email": email if password else "",
        "clinician_id": clinician,
        "conditions_reviewed_on": reviewed_on,
        "conditions_reviewed_by_id": clinician,
        "created_at": place.moment(first_on - DAY),
    }
    store.add(Patient, **person)
    conditions = []
    for code in kind.codes:
        began_on = first_on - choose.randint(7, 400) * DAY if code.window_anchor else None
        conditions.append((id_from(choose), began_on))
        store.add(
            Condition,
            id=conditions[-1][0],
            clinic_id=place.id,
            patient_id=patient,
            code_id=code.pk,
            anchor_on=began_on,
            recorded_by_id=clinician,
            recorded_at=place.moment(first_on - DAY),
        )
    return Person(patient, place, clinician, kind, tuple(conditions), reviewed_on)


def _programmes(
    person: Person,
    choices: Sequence[Choice],
    status: str,
    first_on: datetime.date,
    on: datetime.date,
    sessions: Sequence[Session],
    choose: random.Random,
) -> Iterator[Programme]:
    """One prescription or, for some who have been at it for long, one that was replaced halfway by the next."""
    if not status:
        return
    earlier: Programme | None = None
    middle = first_on + (on - first_on) // 2
    if len(sessions) > 60 and choose.random() < 0.3:
        lines = lines_from(choices, choose)
        earlier = Programme(id_from(choose), person, "completed", lines, first_on, middle - DAY, is_replaced=True)
        yield earlier
    yield Programme(
        id_from(choose),
        person,
        status,
        lines_from(choices, choose),
        middle if earlier else first_on,
        on - DAY,
        replaces=earlier.id if earlier else None,
    )
