"""Clinics and those who work there; all of them invented."""

import dataclasses
import datetime
import random
import zoneinfo

from accounts.models import Clinic, Membership, User
from operations.load.store import Store

CLINICIANS_EACH = 6
DOMAIN = "load.example"
ZONES = ("Europe/London", "Europe/London", "Europe/Berlin", "Pacific/Auckland")
FIRST = (
    "Ada",
    "Ben",
    "Chen",
    "Dora",
    "Emil",
    "Farida",
    "Gita",
    "Hugo",
    "Ida",
    "Jonas",
    "Kemal",
    "Lena",
    "Milo",
    "Nora",
)
LAST = ("Abbott", "Brandt", "Castro", "Dlamini", "Eriksen", "Fuchs", "Greene", "Haddad", "Ito", "Jansen", "Kowalski")
DAY = datetime.timedelta(days=1)
MORNING = datetime.time(9, 30)


def id_from(choose: random.Random) -> str:
    """A random id (UUID, version 4), in the form that is quickest to make and to write."""
    digits = f"{choose.getrandbits(128):032x}"
    return f"{digits[:12]}4{digits[13:16]}a{digits[17:]}"


def name_from(choose: random.Random) -> str:
    """The name of somebody."""
    return f"{choose.choice(FIRST)} {choose.choice(LAST)}"


@dataclasses.dataclass(frozen=True)
class Place:
    """A clinic, and those who treat there."""

    id: str
    zone: zoneinfo.ZoneInfo
    clinicians: tuple[str, ...]

    def moment(self, day: datetime.date, time: datetime.time = MORNING) -> datetime.datetime:
        """A local time of the clinic's."""
        return datetime.datetime.combine(day, time, self.zone).astimezone(datetime.UTC)


def add_places(store: Store, *, seed: int, count: int, password: str) -> list[Place]:
    """Store clinics with their staff; ``password`` is stored as it is: hashed already, or one that opens nothing."""
    places = []
    for number in range(count):
        choose = random.Random(f"{seed}-clinic-{number}")  # noqa: S311 - invented, and the same each time
        zone = ZONES[number % len(ZONES)]
        clinic = id_from(choose)
        store.add(Clinic, id=clinic, name=f"Clinic {number + 1:02}", time_zone=zone, phone="01632 960 000")
        staff = []
        for position in range(CLINICIANS_EACH + 1):
            role = Membership.Role.CLINICIAN if position < CLINICIANS_EACH else Membership.Role.ADMIN
            person = id_from(choose)
            email = f"{role.value}-{position + 1}@clinic-{number + 1:02}.{DOMAIN}"
            store.add(User, id=person, email=email, full_name=name_from(choose), password=password)
            store.add(Membership, user_id=person, clinic_id=clinic, role=role.value)
            staff.append(person)
        places.append(Place(clinic, zoneinfo.ZoneInfo(zone), tuple(staff[:CLINICIANS_EACH])))
    return places
