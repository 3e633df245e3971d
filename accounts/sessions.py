"""Sessions that end: after so long without anything done, and after so long in all (design, section 10)."""

import dataclasses
import datetime
from collections.abc import Iterable
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.backends import remember
from accounts.models import Session
from accounts.prepared import Given, Prepared
from accounts.sealing import SealedForGoodError, seal, unseal

SIGNED_IN_AT, DEVICE = "signed_in_at", "device"
NOTED_EVERY = datetime.timedelta(minutes=1)
"""A person's doing is written down at most this often: a page that only reads stays one that only reads."""


@dataclasses.dataclass(frozen=True)
class Limit:
    """How long a sign-in lasts."""

    idle: datetime.timedelta
    in_all: datetime.timedelta


STAFF = Limit(idle=datetime.timedelta(minutes=15), in_all=datetime.timedelta(hours=12))
PATIENTS = Limit(idle=datetime.timedelta(minutes=60), in_all=datetime.timedelta(hours=24))


_CURRENT = Prepared(
    lambda: (
        Session.objects.with_staff()
        .select_related("user")
        .current(Given("key", models.CharField()), at=Given("at", models.DateTimeField()))
    )
)


class SessionStore(DatabaseStore):
    """Django's own, which also knows whose a session is, since when, and when that person last did something."""

    seen_at: datetime.datetime | None = None
    manages_staff = False
    is_staffs = False
    """Whether its person works here now, whatever they did when they signed in: rights count from the next request."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table."""
        return Session

    def _validate_session_key(self, key: Any) -> bool:
        """Refuse what no key has in it: a cookie can hold a zero byte, which PostgreSQL cannot be asked for."""
        return bool(super()._validate_session_key(key)) and key.isalnum()  # type: ignore[misc]  # Django's own way in

    def load(self) -> Any:
        """Read it, with the moment at which its person was last seen."""
        key = self.session_key
        row = next(iter(_CURRENT.ask(key=key, at=timezone.now())), None) if key else None
        remember(row.user if row else None)
        if row is None:
            self._session_key = None
            return {}
        self.seen_at, self.is_staffs, self.manages_staff = row.seen_at, row.is_staffs, row.manages_staff
        return self.decode(row.session_data)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row to store; the first one that belongs to somebody notes since when.

        What is stored of its own accord, a message for instance, is no sign of life.
        """
        user_id = data.get(SESSION_KEY)
        if user_id and SIGNED_IN_AT not in data:
            self.seen_at = timezone.now()
            data[SIGNED_IN_AT] = self.seen_at.isoformat()
        return Session(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]  # Django's own way in
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            user_id=user_id,
            seen_at=self.seen_at or timezone.now(),
        )

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Sealed: messages name patients, and a sign-in that has begun names its address."""
        return seal(super().encode(session_dict))

    def decode(self, session_data: bytes | str) -> Any:
        """Open it. What nobody can open, or was stored before sessions were sealed, is no session."""
        try:
            return super().decode(unseal(session_data if isinstance(session_data, str) else session_data.decode()))
        except SealedForGoodError:
            return {}

    @property
    def limit(self) -> Limit:
        """How long it lasts."""
        return STAFF if self.is_staffs else PATIENTS

    def ends_in(self, *, at: datetime.datetime) -> datetime.timedelta:
        """How long it goes on if its person does nothing more."""
        since = datetime.datetime.fromisoformat(self[SIGNED_IN_AT])
        return _end_of(since, self.seen_at or at, self.limit) - at

    def is_over(self, *, at: datetime.datetime) -> bool:
        """Whether its time is up."""
        return self.ends_in(at=at) <= datetime.timedelta()

    def note_activity(self, *, at: datetime.datetime) -> None:
        """Remember that its person did something; a transaction begins only where there is something to write."""
        if self.seen_at is None or at - self.seen_at >= NOTED_EVERY:
            with transaction.atomic():  # where one has begun already, it goes on though this fails
                Session.objects.filter(pk=self.session_key).update(seen_at=at)
            self.seen_at = at

    def stay(self, *, at: datetime.datetime) -> None:
        """Go on from now: its person asked for that."""
        Session.objects.filter(pk=self.session_key).update(seen_at=at)
        self.seen_at = at


def running(sessions: Iterable[Session], limit: Limit, *, at: datetime.datetime) -> list[Session]:
    """Those of one person that have not ended, each with ``since`` and ``device``."""
    found = []
    for session in sessions:
        data = session.get_decoded()
        if SIGNED_IN_AT not in data:
            continue
        session.since = datetime.datetime.fromisoformat(data[SIGNED_IN_AT])
        session.device = data.get(DEVICE, "")
        if _end_of(session.since, session.seen_at, limit) > at:
            found.append(session)
    return found


def _end_of(since: datetime.datetime, seen_at: datetime.datetime, limit: Limit) -> datetime.datetime:
    return min(since + limit.in_all, seen_at + limit.idle)


def mark_of(session: Session) -> str:
    """A name for a session on a page; its key, which opens it, is never shown."""
    return salted_hmac("accounts.sessions.mark", session.session_key, algorithm="sha256").hexdigest()[:24]
