"""Sessions that end: after so long without anything done, and after so long in all (design, section 10)."""

import dataclasses
import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from accounts.models import Session

SIGNED_IN_AT = "signed_in_at"
NOTED_EVERY = datetime.timedelta(minutes=1)
"""A person's doing is written down at most this often: a page that only reads stays one that only reads."""


@dataclasses.dataclass(frozen=True)
class Limit:
    """How long a sign-in lasts."""

    idle: datetime.timedelta
    in_all: datetime.timedelta


STAFF = Limit(idle=datetime.timedelta(minutes=15), in_all=datetime.timedelta(hours=12))
PATIENTS = Limit(idle=datetime.timedelta(minutes=60), in_all=datetime.timedelta(hours=24))


class SessionStore(DatabaseStore):
    """Django's own, which also knows whose a session is, since when, and when that person last did something."""

    seen_at: datetime.datetime | None = None
    is_staffs = False
    """Whether its person works here now, whatever they did when they signed in: rights count from the next request."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The table."""
        return Session

    def load(self) -> Any:
        """Read it, with the moment at which its person was last seen."""
        row = Session.objects.with_staff().current(self.session_key, at=timezone.now())
        if row is None:
            self._session_key = None
            return {}
        self.seen_at, self.is_staffs = row.seen_at, row.is_staffs
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

    def is_over(self, *, at: datetime.datetime) -> bool:
        """Whether its time is up."""
        limit = STAFF if self.is_staffs else PATIENTS
        since = datetime.datetime.fromisoformat(self[SIGNED_IN_AT])
        return at - since >= limit.in_all or (self.seen_at is not None and at - self.seen_at >= limit.idle)

    def note_activity(self, *, at: datetime.datetime) -> None:
        """Remember that its person did something."""
        if self.seen_at is None or at - self.seen_at >= NOTED_EVERY:
            Session.objects.filter(pk=self.session_key).update(seen_at=at)
            self.seen_at = at
