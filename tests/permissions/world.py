"""The world in which every address is tried: two clinics, everybody who may come, and a record of each kind of patient.

Built once for a module, inside one transaction that is rolled back; every request is made in a savepoint of its own.
"""

import dataclasses
import datetime
import re
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.test.client import ClientHandler
from django.utils import timezone

from accounts import acting
from accounts.models import CATALOGUE_ADMINS, Clinic, Membership, StaffInvitation, User
from accounts.tokens import hash_of
from audit.models import Event
from clinic.models import AttentionDecision, ErasureRequest
from patients.models import Invitation, OutcomeMeasure, OutcomeScore, Patient
from prescriptions.models import Override, RoutineStop, StretchPause
from routines.models import Proposal, PushSubscription, RedFlagScreen, ReminderPreference, ReminderTime
from routines.reminders import off_path
from stretches import photos
from stretches.inventory import inventory_of
from stretches.models import ConditionCode, Source, Stretch, StretchPhoto, StretchVideo
from tests.accounts.passkey_device import Device
from tests.factories import (
    AdminFactory,
    ClinicFactory,
    ClinicianFactory,
    ConditionCodeFactory,
    ConditionFactory,
    ContraindicationFactory,
    PatientFactory,
    PrescribedStretchFactory,
    PrescriptionFactory,
    SessionLogFactory,
    StretchFactory,
    StretchLogFactory,
    TemplateLineFactory,
    UserFactory,
)

PEOPLE = (
    "visitor",
    "patient",
    "other patient",
    "clinician",
    "colleague",
    "clinician elsewhere",
    "clinician of both",
    "admin",
    "admin elsewhere",
    "library admin",
    "operator",
    "deactivated",
)
"""The columns of the table."""
OWN, SAME, OTHER = "own", "same clinic", "other clinic"
LIBRARY, UNREVIEWED = "library", "unreviewed"
OF_CLINIC, OF_ANOTHER = "own entry", "another's entry"
MISSING, MISMATCH, NONE = "missing", "mismatch", "-"
"""The kinds of object."""
RIVERSIDE, HILLSIDE = "Riverside", "Hillside"
NAMES = {OWN: "Quillon", SAME: "Marrable", OTHER: "Bellwether"}
"""Words that stand nowhere but in what belongs to a clinic (its name), or to the patient of an object."""
BORN_ON = datetime.date(1960, 5, 4)
NOBODYS = uuid.UUID(int=0)
WRITES = re.compile(r"(?i)^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)")
SIGN_INS = ("/accounts/login/", "/admin/login/")
HANDLER = ClientHandler(enforce_csrf_checks=False)
"""All of the application but its server; the test client on top of it takes longer than many a page."""
VARYING = re.compile(rb"""name=["']csrfmiddlewaretoken["'] value=["'][^"']*["']|nonce=["'][^"']*["']""")

Ids = dict[str, Any]
"""What addresses name of one patient, or of the library: the kind of row, and its id."""


Shown = tuple[str, frozenset[uuid.UUID]]
"""An event of something seen: ``view`` or ``list``, and the patients."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """What somebody got. ``said`` is the status, or ``login`` for being led to the sign-in."""

    said: str
    body: bytes
    wrote: frozenset[str]
    led_to: str = ""
    views: int = 0
    shown: frozenset[Shown] = frozenset()
    """How many events of something seen are on record, and whom they name."""
    statements: tuple[str, ...] = ()
    """What the database was asked for it."""


@dataclasses.dataclass
class World:
    """Everybody, and everything that an address can name."""

    people: dict[str, Any]
    objects: dict[str, Ids]
    clinic: Clinic
    elsewhere: Clinic
    sessions: dict[str, str] = dataclasses.field(default_factory=dict)
    newest_event: int = 0

    def ask(
        self, person: str, method: str, url: str, body: dict[str, Any] | None = None, *, then: Any = None
    ) -> Answer:
        """Make one request as somebody, and undo all that it did, after ``then`` has looked at it."""
        cache.clear()  # how often somebody tried before is no part of the question
        if method == "GET":
            for clinic in (self.clinic, self.elsewhere):
                inventory_of(clinic.pk)  # read once in a process for each state of the catalogue: neither is that
        wrote: set[str] = set()
        shown: list[Shown] = []
        statements: list[str] = []

        def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            statements.append(sql)
            if "audit.record_views" in sql:
                wrote.add("audit_event")
            if found := WRITES.match(sql):
                wrote.add(found[1])
            return execute(sql, params, many, context)

        factory = RequestFactory()
        if person in self.sessions:
            factory.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[person]
        request = factory.post(url, body or {}) if method == "POST" else factory.generic(method, url)
        with undone(), connection.execute_wrapper(listen):
            response = HANDLER(request.environ)
            asked = tuple(statements)
            if "audit_event" in wrote:
                shown = self._shown()
            if then:
                then()
        said = str(response.status_code)
        if said == "302" and response["Location"].startswith(SIGN_INS):
            said = "login"
        content = b"" if response.streaming else response.content
        same = VARYING.sub(b"", content).replace(url.partition("?")[0].encode(), b"PATH")
        led_to = response.get("Location", "")
        changed = frozenset(wrote - {"accounts_session", "accounts_trycount", "audit_event"})
        return Answer(said, same, changed, led_to, len(shown), frozenset(shown), asked)

    def _shown(self) -> list[Shown]:
        """What was put on record as seen: all since the world was built is of this request."""
        with acting.everywhere("a test"):
            events = Event.objects.filter(pk__gt=self.newest_event, action__in=["view", "list"])
            return [
                (each.action, frozenset(map(uuid.UUID, each.said.get("patients") or [str(each.patient_id)])))
                for each in events
            ]


@contextmanager
def undone() -> Iterator[None]:
    """Roll back whatever happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def build() -> World:
    """Store everybody and everything."""
    clinic, elsewhere = ClinicFactory(name=RIVERSIDE), ClinicFactory(name=HILLSIDE)
    people: dict[str, Any] = {
        "visitor": None,
        "patient": UserFactory(),
        "other patient": UserFactory(),
        "clinician": ClinicianFactory(clinic=clinic, full_name=f"Clinician of {clinic}"),
        "colleague": ClinicianFactory(clinic=clinic),
        "clinician elsewhere": ClinicianFactory(clinic=elsewhere, full_name=f"Clinician of {elsewhere}"),
        "clinician of both": ClinicianFactory(clinic=clinic),
        "admin": AdminFactory(clinic=clinic),
        "admin elsewhere": AdminFactory(clinic=elsewhere),
        "library admin": UserFactory(),
        "operator": UserFactory(is_staff=True, is_superuser=True),
        "deactivated": ClinicianFactory(clinic=clinic, is_staff=True, is_superuser=True),
    }
    assert tuple(people) == PEOPLE
    Membership.objects.create(user=people["clinician of both"], clinic=elsewhere, role=Membership.Role.CLINICIAN)
    people["library admin"].let_edit_catalogue()
    people["deactivated"].groups.add(Group.objects.get(name=CATALOGUE_ADMINS))
    measure = OutcomeMeasure.objects.create(
        slug="scale",
        name="A scale",
        short_name="Scale",
        instructions="Say.",
        scale_min=0,
        scale_max=10,
        is_more_better=True,
        citation="A paper.",
    )
    objects = {
        OWN: a_record(clinic, people["patient"], people["clinician"], measure, name=NAMES[OWN]),
        SAME: a_record(clinic, people["other patient"], people["colleague"], measure, name=NAMES[SAME]),
        OTHER: a_record(elsewhere, UserFactory(), people["clinician elsewhere"], measure, name=NAMES[OTHER]),
    }
    world = World(people, objects, clinic, elsewhere)
    for name, user in people.items():
        if user:
            client = Client()
            client.force_login(user)
            world.sessions[name] = client.cookies[settings.SESSION_COOKIE_NAME].value
    for what, admin in ((OWN, "admin"), (SAME, "admin"), (OTHER, "admin elsewhere")):
        objects[what] |= a_staff_invitation(elsewhere if what == OTHER else clinic, people[admin])
    for ids in objects.values():  # the next sign-in ends it
        owner = Patient.objects.select_related("user").get(pk=ids["patient"]).user
        ids["reset_key"] = default_token_generator.make_token(owner)
    objects[MISSING] = {name: _missing(value) for name, value in objects[OWN].items()}
    people["deactivated"].is_active = False
    people["deactivated"].save()
    world.newest_event = Event.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    return world


def _missing(value: Any) -> Any:
    """An id of the same kind that nobody has."""
    if isinstance(value, uuid.UUID):
        return NOBODYS
    return 987654321 if isinstance(value, int) else "no-such-thing"


def a_stretch(status: str, clinic: Clinic | None = None, **more: Any) -> Ids:
    """A stretch of the library, or a clinic's own, with a photo."""
    named = {"name": f"A stretch of {clinic}", "notes": f"For {clinic} only."} if clinic else {}
    stretch = StretchFactory(status=status, clinic=clinic, **named, **more)
    key = photos.write(photos.Photo(b"large", b"small", 4, 3))
    StretchPhoto.objects.create(stretch=stretch, key=key, alt="Lying on the back.", width=4, height=3)
    code = ConditionCodeFactory()
    return {"stretch": stretch.pk, "photo": key, "source": stretch.source.slug, "code": code.slug}


def own_entries(clinic: Clinic, shared: Ids) -> Ids:
    """What a clinic has of its own in the catalogue: a stretch with everything that belongs to one.

    And a word about a stretch of the library, its condition and its source: others do not read it on their pages.
    """
    source = Source.objects.get(slug=shared["source"])
    ids = a_stretch("draft", clinic, source=source)
    own: Ids = {"clinic": clinic, "source": source, "rationale": f"So they say at {clinic}."}
    ContraindicationFactory(**own, stretch_id=ids["stretch"])
    code = ConditionCode.objects.get(slug=shared["code"])
    ContraindicationFactory(**own, stretch_id=shared["stretch"], condition_code=code)
    Stretch.objects.get(pk=ids["stretch"]).easier.add(shared["stretch"])
    StretchVideo.objects.create(stretch_id=ids["stretch"], provider="youtube", video_id="abcdefghijk")
    return {f"{OF_CLINIC} {what}": ids[what] for what in ("stretch", "photo")}


def a_staff_invitation(clinic: Clinic, by: User) -> Ids:
    """An open invitation of somebody who is to work in a clinic."""
    token = secrets.token_urlsafe(32)
    invitation = StaffInvitation.objects.create(
        clinic=clinic,
        role=Membership.Role.CLINICIAN,
        address=f"{uuid.uuid4()}@example.org",
        full_name=f"New Person of {clinic}",
        token_hash=hash_of(token),
        created_by=by,
        expires_at=timezone.now() + datetime.timedelta(days=1),
    )
    return {"staff invitation": invitation.pk, "staff token": token}


def a_record(clinic: Clinic, user: User, clinician: User, measure: OutcomeMeasure, *, name: str = "A Patient") -> Ids:
    """A patient with one row of everything that an address can name."""
    now = timezone.now()
    shared = {status: a_stretch(status) for status in ("reviewed", "draft")}
    patient: Patient = PatientFactory(
        clinic=clinic, user=user, clinician=clinician, full_name=name, born_on=BORN_ON, email=user.email
    )
    active = PrescriptionFactory(patient=patient, created_by=clinician)
    item = PrescribedStretchFactory(prescription=active)
    paused = PrescribedStretchFactory(prescription=active, position=2)
    active.activate(by=clinician, at=now)
    draft = PrescriptionFactory(patient=patient, created_by=clinician)
    line = PrescribedStretchFactory(prescription=draft)
    log = StretchLogFactory(item=item, session=SessionLogFactory(prescription=active, on=clinic.today()))
    preference = ReminderPreference(patient=patient)
    preference.set([ReminderTime(part_of_day="on-getting-up", time=datetime.time(8))], at=now)
    invitation, token = Invitation.on_paper(patient, by=clinician, at=now)
    score = OutcomeScore.objects.create(
        clinic=clinic,
        patient=patient,
        measure=measure,
        on=clinic.today() - datetime.timedelta(days=9),
        occasion="start",
        rating=5,
        recorded_by=clinician,
    )
    proposal = Proposal.objects.create(
        clinic=clinic,
        patient=patient,
        prescription=active,
        item=item,
        kind="up",
        from_hold_seconds=10,
        to_hold_seconds=15,
        rationale="It went well.",
    )
    template_line = TemplateLineFactory(
        phase__template__clinic=clinic,
        phase__template__name=f"A template of {clinic}",
        phase__name=f"Begun at {clinic}",
    )
    pause = StretchPause.begin(patient, paused.stretch, reason="pain", at=now)
    of_patient: dict[str, Any] = {"clinic": clinic, "patient": patient}
    RoutineStop.objects.create(**of_patient, tier="emergency", message="Call.", reopened_by=clinician, reopened_at=now)
    RedFlagScreen.objects.create(**of_patient)
    AttentionDecision.objects.create(
        **of_patient, kind="first-week", subject="earlier", decision="acknowledged", decided_by=clinician
    )
    Override.objects.create(
        **of_patient,
        prescription=active,
        stretch=item.stretch,
        reason="adapted",
        expires_on=clinic.today() - datetime.timedelta(days=1),
        decided_by=clinician,
    )
    erasure_request = ErasureRequest.ask(patient, by=user, at=now)
    phone = Client()
    phone.force_login(user)
    Device().add(phone)
    return {
        "patient": patient.pk,
        "active": active.pk,
        "draft": draft.pk,
        "item": item.pk,
        "line": line.pk,
        "condition": ConditionFactory(patient=patient, recorded_by=clinician, note=name).pk,
        "score": score.pk,
        "measure": measure.slug,
        "invitation": invitation.pk,
        "token": token,
        "pause": pause.pk,
        "erasure request": erasure_request.pk,
        "proposal": proposal.pk,
        "log": log.pk,
        "preference": preference.pk,
        "secret": preference.open_feed(),
        "link": off_path(preference).rstrip("/").rpartition("/")[2],
        "template": template_line.phase.template_id,
        "phase": template_line.phase_id,
        "template_line": template_line.pk,
        **{f"{status} {what}": value for status, ids in shared.items() for what, value in ids.items()},
        **own_entries(clinic, shared["reviewed"]),
        "passkey": Authenticator.objects.get(user=user).pk,
        "uid": user_pk_to_url_str(user),
        "clinic": clinic.pk,
        "clinician": clinician.pk,
        "device": PushSubscription.objects.create(user=user, endpoint=f"https://fcm.googleapis.com/{user.pk}").pk,
        "today": clinic.today().isoformat(),
    }
