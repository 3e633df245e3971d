"""Who is acting: told once for a request or a command, to our code and, on PostgreSQL, to the database.

There every request with somebody's rows in it is one transaction, which begins by saying who acts and for which
clinics: the policies of each table (``accounts.wall``) let in no other clinic's rows, and triggers may note who it was.
What is said ends with the transaction: the next one on the same connection knows nothing of it. On SQLite nobody
listens, and no transaction is opened: a reader would keep the writers out.
"""

import contextlib
import dataclasses
import enum
import uuid
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from functools import cached_property
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection, models, transaction

from accounts.models import Membership, User

PATIENT = "patient"
OPERATOR = "operator"


class Reach(enum.StrEnum):
    """How far somebody sees. Nobody chooses it: it follows from who acts, and for a job from what it is for."""

    CLINICS = "clinics"
    SETUP = "setup"
    """An operator's: every clinic's staff and catalogue, and nobody's record."""
    ALL = "all"
    """A job's that goes over all clinics: see ``everywhere``."""


class Place(NamedTuple):
    """Where somebody belongs, and as what: ``clinician``, ``admin`` or ``patient``."""

    role: str
    clinic_id: uuid.UUID
    clinic: str


@dataclasses.dataclass(frozen=True)
class Actor:
    """Who acts. ``address`` is where a request came from; ``command`` names a job, ``door`` a page; ``reason`` is why.

    ``let_into`` are clinics that a secret link opened, or that a job is about.
    """

    user_id: uuid.UUID | None = None
    is_operator: bool = False
    is_staff: bool = False
    address: str = ""
    command: str = ""
    door: str = ""
    reason: str = ""
    reach: Reach = Reach.CLINICS
    let_into: tuple[uuid.UUID, ...] = ()

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """Where this person belongs today: one query, the first time that somebody asks."""
        if self.user_id is None:
            return ()
        names = ("memberships__role", "memberships__clinic", "memberships__clinic__name")
        columns = (*names, "patient_records__clinic", "patient_records__clinic__name")
        found = set()
        for role, works_at, here, treated_at, there in User.objects.filter(pk=self.user_id).values_list(*columns):
            found |= {Place(role, works_at, here)} if works_at else set()
            found |= {Place(PATIENT, treated_at, there)} if treated_at else set()
        return tuple(sorted(found))

    def with_(self, **changes: Any) -> "Actor":
        """The same person, otherwise."""
        changed = dataclasses.replace(self, **changes)
        if "places" in vars(self):
            vars(changed)["places"] = self.places
        return changed

    @property
    def way(self) -> str:
        """By which page or which command: what the record calls the door."""
        return self.door or self.command

    @property
    def clinics(self) -> tuple[uuid.UUID, ...]:
        """The clinics that this person belongs to, as whatever, and those that they were let into."""
        return tuple(sorted({place.clinic_id for place in self.places} | set(self.let_into)))

    def role_in(self, clinic_id: uuid.UUID | None) -> str:
        """As what this person acts in a clinic; of several roles the first. Of no clinic: as what at all."""
        known = {place.role for place in self.places if clinic_id in (None, place.clinic_id)}
        order = (Membership.Role.CLINICIAN.value, Membership.Role.ADMIN.value, PATIENT)
        return next((role for role in order if role in known), OPERATOR if self.is_operator else "")

    @property
    def role(self) -> str:
        """Every role that this person has anywhere, such as ``admin,clinician``."""
        roles = {place.role for place in self.places} | ({OPERATOR} if self.is_operator else set())
        return ",".join(sorted(roles))


NOBODY = Actor(command=settings.COMMAND, reach=Reach.ALL if settings.AS_OWNER else Reach.CLINICS)
"""Whoever acts before anybody has said who: a command as a whole, or nobody."""
_current: ContextVar[Actor] = ContextVar("acting", default=NOBODY)


def current() -> Actor:
    """Who acts now; ``NOBODY`` where nobody has said so."""
    return _current.get()


@contextlib.contextmanager
def as_actor(actor: Actor) -> Iterator[Actor]:
    """Say to our own code who acts, until the end."""
    token = _current.set(actor)
    try:
        yield actor
    finally:
        _current.reset(token)


@contextlib.contextmanager
def inside(actor: Actor | None = None) -> Iterator[Actor]:
    """Act as somebody, or as whoever does already: on PostgreSQL in one transaction, to which it is told.

    Within another one it is that one, to which is told again at the end who acted before.
    """
    before, actor = _current.get(), actor or _current.get()
    with as_actor(actor):
        if not is_told():
            yield actor
        elif not connection.in_atomic_block:
            with transaction.atomic():
                _tell(actor)
                yield actor
        else:
            _tell(actor)
            try:
                yield actor
            finally:
                # Where the database refused something, it has forgotten all that was told since the last savepoint.
                with contextlib.suppress(DatabaseError):
                    _tell(before)


@contextlib.contextmanager
def everywhere(command: str = "", *, reason: str = "") -> Iterator[Actor]:
    """Let what is inside see every clinic's rows: the one door for what goes over all of them.

    For jobs, and for the few lines of a page that need all clinics and show nothing of any: each use says why.
    """
    before = _current.get()
    job = before.with_(reach=Reach.ALL, command=command or before.command, reason=reason or before.reason)
    if not is_told() or not connection.in_atomic_block:
        with inside(job):
            yield job
        return
    with as_actor(job):
        _set(_why(job))
        try:
            yield job
        finally:
            with contextlib.suppress(DatabaseError):  # as in ``inside``
                _set(_why(before))


def command(name: str) -> contextlib.AbstractContextManager[Actor]:
    """Say that a management command acts. What of it belongs together in the database it says itself: ``inside``."""
    return as_actor(Actor(command=name))


def let_into(clinic_ids: Iterable[uuid.UUID]) -> None:
    """Open more clinics until the request ends, for whoever showed a secret that belongs to them."""
    now = _current.get()
    now = now.with_(let_into=(*now.let_into, *clinic_ids))
    _current.set(now)
    if is_told() and connection.in_atomic_block:
        _set({"clinics": _listed(now.clinics)})


def unlock(rows: "models.QuerySet[Any]", *, secret: str) -> None:
    """Let whoever holds a secret into the clinic of the row that it belongs to; the policy compares the two.

    ``rows`` finds that row and no other by its own columns. Without such a row nothing is opened.
    """
    if not is_told() or not connection.in_atomic_block or _current.get().reach == Reach.ALL:
        return
    _set({"token": secret})
    found = list(rows.order_by().values_list("clinic_id", flat=True)[:1])
    _set({"token": ""})
    let_into(found)


@contextlib.contextmanager
def asking_about(user_id: uuid.UUID) -> Iterator[None]:
    """Let through which clinics somebody else belongs to, of all clinics: to see what a sign-in would open."""
    if not is_told() or not connection.in_atomic_block:
        yield
        return
    _set({"user": str(user_id)})
    try:
        yield
    finally:
        with contextlib.suppress(DatabaseError):  # as in ``inside``
            _set({"user": str(_current.get().user_id or "")})


def is_taken(rows: "models.QuerySet[Any]") -> bool:
    """Whether an id that a form or a device chose is some row's, of whatever clinic; nothing else is told of it."""
    with everywhere():
        return rows.exists()


def enter(door: str) -> Actor:
    """Note by which page somebody acts, once that is known; before the transaction begins."""
    _current.set(_current.get().with_(door=door))
    return _current.get()


def is_told() -> bool:
    """Whether the database listens."""
    return connection.vendor == "postgresql"


class Transaction:
    """The transaction of one request: begun for its view, begun anew if that failed, and ended with its answer."""

    opened: Any = staticmethod(transaction.atomic)

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self._atomic: Any = None

    def begin(self) -> None:
        """Open it and say who acts; on SQLite neither."""
        if not is_told():
            return
        self._atomic = self.opened()
        self._atomic.__enter__()
        try:
            _tell(self.actor)
        except BaseException as error:
            self.end(error)
            raise

    def end(self, error: BaseException | None = None) -> None:
        """Store all of it, or, after an error, nothing."""
        if self._atomic is not None:
            atomic, self._atomic = self._atomic, None
            atomic.__exit__(type(error) if error else None, error, None)

    def store_so_far(self) -> None:
        """Store what was done, whatever becomes of the rest, and go on in another as who one has become meanwhile."""
        if self._atomic is not None:
            self.end()
            self.actor = _current.get()
            self.begin()

    def begin_anew(self, error: BaseException) -> None:
        """Take back what was done, and open another for the page that says so."""
        if self._atomic is not None:
            self.end(error)
            self.begin()


def _tell(actor: Actor) -> None:
    """Say it to the database, and hear where this person belongs: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT role, clinic_id, clinic_name FROM limber_act(%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                actor.user_id,
                actor.reach.value,
                _listed(actor.let_into),
                actor.is_operator,
                actor.is_staff,
                actor.address,
                actor.way,
                actor.reason,
            ],
        )
        vars(actor)["places"] = tuple(sorted(Place(*row) for row in cursor.fetchall()))


def _why(actor: Actor) -> dict[str, str]:
    return {"reach": actor.reach.value, "command": actor.way, "reason": actor.reason}


def _listed(clinic_ids: Iterable[uuid.UUID]) -> str:
    return ",".join(str(each) for each in clinic_ids)


def _set(values: dict[str, str]) -> None:
    calls = ", ".join(["set_config(%s, %s, true)"] * len(values))
    named = [each for name, value in values.items() for each in (f"limber.{name}", value)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", named)
