"""The demo clinic: invented people with believable conditions, to try Limber with.

Everything goes through the same actions as in earnest: conditions are recorded, reviews attested, prescriptions
activated through the safety rule. Dates count back from the day on which it is loaded.
"""

import dataclasses
import datetime
import functools
import uuid

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.models import Clinic, Membership, User
from clinic import demo_days, demo_scores
from patients import measures
from patients.models import Condition, Patient
from prescriptions.models import PrescribedStretch, Prescription
from stretches.models import ConditionCode, Stretch

CLINIC_ID = uuid.UUID("11b3e000-0000-4000-8000-000000000001")
PASSWORD = "limber-demo"  # noqa: S105 - printed for everybody who tries the demo
DOMAIN = "riverside.example"
DRAFTED_BEFORE = datetime.timedelta(minutes=10)
"""How long a prescription was a draft."""

STAFF = {
    "sam": ("Sam Okoye", [Membership.Role.CLINICIAN]),
    "ines": ("Inês Duarte", [Membership.Role.CLINICIAN]),
    "morgan": ("Morgan Hale", [Membership.Role.ADMIN]),
}


@dataclasses.dataclass(frozen=True)
class Recorded:
    """One condition: a code's slug or free text, and how many weeks ago it began."""

    slug: str = ""
    free_text: str = ""
    weeks: float | None = None
    clinical_status: str = "active"
    verification_status: str = "confirmed"
    note: str = ""


@dataclasses.dataclass(frozen=True)
class Person:
    """One patient. ``reviewed`` is how many days ago the conditions were asked about, ``None`` for never."""

    name: str
    age: int
    clinician: str
    note: str
    conditions: tuple[Recorded, ...] = ()
    reviewed: int | None = 2
    stretches: tuple[str, ...] = ()
    draft: tuple[str, ...] = ()
    later: tuple[Recorded, ...] = ()
    """Recorded after the prescription was activated."""
    signs_in: bool = False
    message: str = ""
    course: demo_days.Course | None = None
    """What was logged; the prescription came into force the day before."""


WALL, DOORWAY, TOWEL = "wall-hamstring-stretch-both-legs", "wall-hamstring-stretch-doorway", "towel-hamstring-stretch"
SEATED, STANDING = "seated-hamstring-stretch", "standing-hamstring-stretch"

PEOPLE = (
    Person(
        "Margaret Ellison",
        67,
        "sam",
        "Wants to garden again without the pull in the back of the left leg.",
        (
            Recorded("lumbar-disc-herniation-with-radiculopathy", weeks=9, note="L4/5, left leg. MRI in the letter."),
            Recorded("hypertension", note="Well controlled."),
        ),
        stretches=(WALL, TOWEL, "standing-gastrocnemius-wall-stretch"),
        signs_in=True,
        message="Slow and gentle, Margaret. A pull is fine; pain down the leg is not. See you in two weeks.",
        course=demo_days.MARGARET,
    ),
    Person(
        "Dev Patel",
        41,
        "sam",
        "Lorry driver. Low back pain after long days.",
        (Recorded("lumbar-disc-herniation-without-radiculopathy", weeks=5, verification_status="provisional"),),
        draft=(DOORWAY,),
    ),
    Person(
        "Ruth Abara",
        58,
        "ines",
        "Back to swimming twice a week.",
        (Recorded("spondylolisthesis", note="Grade I, L5/S1."), Recorded("non-specific-low-back-pain")),
        stretches=(TOWEL, "single-knee-to-chest-stretch", "supine-pelvic-tilt"),
        signs_in=True,
        message="Keep your back flat on the mat throughout.",
        course=demo_days.RUTH,
    ),
    Person(
        "George Lindqvist",
        74,
        "sam",
        "New left hip, posterior approach. Stairs without a stick.",
        (Recorded("tha-posterior-approach", weeks=4, note="Left. Surgeon's precautions until week 12."),),
    ),
    Person(
        "Helen Wójcik",
        71,
        "ines",
        "Bus stop and back without stopping.",
        (
            Recorded("osteoporosis", weeks=150),
            Recorded("balance-falls-risk", note="Two falls last winter."),
        ),
        stretches=("standing-gastrocnemius-wall-stretch", "chin-tuck"),
    ),
    Person(
        "Amara Nwosu",
        33,
        "ines",
        "Stiff neck and hips from desk work.",
        (Recorded("pregnancy", weeks=25), Recorded("non-specific-low-back-pain")),
        stretches=("seated-figure-four-stretch", "upper-trapezius-stretch"),
    ),
    Person(
        "Tom Brannigan",
        52,
        "sam",
        "Tight hamstrings, wants to run 5 km.",
        (Recorded(free_text="Bertolotti syndrome (letter from 2019)"),),
        stretches=(SEATED, "standing-quadriceps-stretch", "standing-soleus-wall-stretch"),
    ),
    Person(
        "Ivy Castellanos",
        63,
        "sam",
        "New numbness when sitting down: sent to hospital today.",
        (
            Recorded("cauda-equina-syndrome", weeks=0, verification_status="unconfirmed"),
            Recorded("lumbar-disc-herniation-with-radiculopathy", weeks=6),
        ),
        reviewed=0,
    ),
    Person("Callum Reid", 26, "ines", "Goalkeeper. Pre-season.", stretches=(STANDING, "butterfly-adductor-stretch")),
    Person(
        "Beatrice Moreau",
        69,
        "ines",
        "Lift the kettle and comb her hair.",
        (Recorded("adhesive-capsulitis", weeks=20), Recorded("glaucoma")),
        stretches=("shoulder-pendulum", "shoulder-table-slide"),
        signs_in=True,
        course=demo_days.BEATRICE,
    ),
    Person(
        "Yusuf Demir",
        47,
        "sam",
        "Desk worker, hamstrings tight after a long break.",
        (Recorded("non-specific-low-back-pain"),),
        stretches=(STANDING, SEATED),
        later=(Recorded("lumbar-disc-herniation", weeks=1, note="MRI result came by post."),),
        signs_in=True,
    ),
    Person(
        "Olive Hartmann",
        80,
        "ines",
        "Reach her shoes.",
        (
            Recorded("knee-osteoarthritis", weeks=300),
            Recorded("lumbar-spinal-stenosis", weeks=200),
            Recorded("deep-vein-thrombosis", weeks=120, clinical_status="resolved"),
        ),
        reviewed=112,
    ),
    Person("Nils Aaltonen", 38, "sam", "First visit on Monday.", reviewed=None),
)


def load(*, at: datetime.datetime) -> bool:
    """Make the demo clinic unless it is there; returns whether it was made. What was entered since is left alone."""
    if Clinic.objects.filter(pk=CLINIC_ID).exists():
        return False
    with transaction.atomic():
        clinic = Clinic.objects.create(
            pk=CLINIC_ID,
            name="Riverside Physiotherapy",
            phone="01632 960 123",
            urgent_care_text=(
                "Call 999 or go to an emergency department now if you lose control of your bladder or bowels, feel "
                "numb between your legs, or both legs go weak. For urgent advice call 111. This app is not watched."
            ),
        )
        staff = {key: _staff_member(key, clinic) for key in STAFF}
        for person in PEOPLE:
            _patient(person, clinic, staff[person.clinician], at)
        measures.load()
        margaret = Patient.objects.get(clinic=clinic, full_name=PEOPLE[0].name)
        demo_scores.record(margaret, by=staff[PEOPLE[0].clinician], at=at)
    return True


def sign_ins() -> list[tuple[str, str]]:
    """Who signs in to the demo: address, and as what."""
    staff = [(f"{key}@{DOMAIN}", f"{name}, {roles[0].label.lower()}") for key, (name, roles) in STAFF.items()]
    return staff + [(_address(person), f"{person.name}, patient") for person in PEOPLE if person.signs_in]


def _address(person: Person) -> str:
    return f"{person.name.split()[0].lower()}@{DOMAIN}"


@functools.cache
def _password() -> str:
    """The demo's one password, hashed once for all: hashing takes its time on purpose."""
    return make_password(PASSWORD)


def _user(email: str, name: str) -> User:
    return User.objects.create(email=email, full_name=name, password=_password())


def _staff_member(key: str, clinic: Clinic) -> User:
    name, roles = STAFF[key]
    user = _user(f"{key}@{DOMAIN}", name)
    if Membership.Role.ADMIN in roles:
        user.let_edit_catalogue()
    for role in roles:
        Membership.objects.create(user=user, clinic=clinic, role=role)
    return user


def _patient(person: Person, clinic: Clinic, clinician: User, at: datetime.datetime) -> None:
    today = clinic.today(at)
    user = _user(_address(person), person.name) if person.signs_in else None
    patient = Patient.objects.create(
        clinic=clinic,
        user=user,
        full_name=person.name,
        born_on=today - datetime.timedelta(days=round(365.25 * person.age) + 29 * len(person.name) % 365),
        email=_address(person) if person.signs_in else "",
        note=person.note,
        clinician=clinician,
    )
    for recorded in person.conditions:
        _condition(recorded, patient, clinician, today)
    began_at = at - datetime.timedelta(days=person.course.days + 1) if person.course else at
    if person.course:
        patient.record_review(by=clinician, on=clinic.today(began_at))
    elif person.reviewed is not None:
        patient.record_review(by=clinician, on=today - datetime.timedelta(days=person.reviewed))
    if person.stretches:
        prescription = _draft(person.stretches, patient, clinician, person.message, at=began_at - DRAFTED_BEFORE)
        unchecked = [condition.pk for condition in patient.conditions.filter(code=None)]
        prescription.activate(by=clinician, at=began_at, acknowledged=unchecked)
        if person.course and user:
            demo_days.live(person.course, prescription, user, today=today)
    if person.draft:
        _draft(person.draft, patient, clinician, person.message, at=at)
    for recorded in person.later:
        _condition(recorded, patient, clinician, today)


def _condition(recorded: Recorded, patient: Patient, by: User, today: datetime.date) -> None:
    began = None if recorded.weeks is None else today - datetime.timedelta(days=round(recorded.weeks * 7))
    Condition(
        patient=patient,
        code=ConditionCode.objects.get(slug=recorded.slug) if recorded.slug else None,
        free_text=recorded.free_text,
        clinical_status=recorded.clinical_status,
        verification_status=recorded.verification_status,
        anchor_on=began,
        note=recorded.note,
    ).record(by=by)


def _draft(slugs: tuple[str, ...], patient: Patient, by: User, message: str, *, at: datetime.datetime) -> Prescription:
    draft = Prescription(clinic=patient.clinic, patient=patient, created_by=by, created_at=at, note=message)
    draft._history_user, draft._history_date = by, at
    draft.save()
    for position, slug in enumerate(slugs):
        item = PrescribedStretch.with_default_dose(Stretch.objects.of_library().get(slug=slug))
        item.prescription, item.clinic, item.position = draft, patient.clinic, position
        item.save()
    return draft
