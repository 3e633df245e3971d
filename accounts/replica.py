"""Which reads a replica may answer: those of views that say so, of tables that may be a moment old, and no others.

A replica is behind the primary, mostly by milliseconds, at times by more. Whatever decides what is safe, who may see
what, or what was just written is read from the primary, which is where everything is read unless a view is marked
``may_be_stale``. In such a view only rows of the catalogue and of ``MAY_BE_STALE`` come from the replica: what is
browsed, and what patients logged as it is drawn in plots. Rights and patients come from the primary there, too.

A replica is asked only while it is known to have everything that was written two seconds ago, and not by who has just
written something. One that is gone or behind costs nobody more than one attempt: the primary answers.
"""

import contextlib
import functools
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

REPLICA = "replica"
STALE_SECONDS = 2.0
"""What was written before that, a replica has to have."""
ASKED_EVERY_SECONDS = 0.5
"""How often each process asks how far the replica is."""
AWAY_SECONDS = 5.0
"""How long a replica that did not answer is left alone."""
JUST_WROTE, JUST_WROTE_SECONDS = "just-wrote", 10
"""The cookie by which a browser says that it has just sent something in, and how long that counts."""

MAY_BE_STALE = frozenset({"routines.sessionlog", "routines.stretchlog"})
"""Beside all of the catalogue."""

WHO_ACTS = tuple(f"limber.{name}" for name in ("user", "reach", "clinics", "role", "library"))
"""What PostgreSQL is told at the beginning of each transaction, for the policies of its tables."""

_reading = threading.local()


def _is_catalogue(model: type[Model]) -> bool:
    return model._meta.app_label == "stretches"


class Router:
    """Django asks this for each query."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str | None:
        """The replica, in a view that may be stale and for a table that may be; otherwise no opinion."""
        may_be = _is_catalogue(model) or model._meta.label_lower in MAY_BE_STALE
        is_inside = getattr(_reading, "is_stale", False)
        return REPLICA if is_inside and may_be else None

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        """The primary, always; also what was read from the replica is written there."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        """Rows of both are rows of one database."""
        return True

    def allow_migrate(self, alias: str, app_label: str, **hints: Any) -> bool | None:
        """What follows the primary is never migrated itself."""
        return False if alias == REPLICA else None


class Lag:
    """Whether the replica has everything that was written a moment ago, as far as this process knows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._primary: deque[tuple[float, int]] = deque(maxlen=16)
        self._asked_at = self._away_until = float("-inf")
        self._is_fresh = False

    def is_fresh(self) -> bool:
        """Ask both where they are, unless somebody has just asked."""
        now = time.monotonic()
        with self._lock:
            if now < self._away_until:
                return False
            if now - self._asked_at >= ASKED_EVERY_SECONDS:
                self._asked_at = now
                try:
                    self._is_fresh = self._has_caught_up(now)
                except DatabaseError:
                    self.leave_alone(now)
            return self._is_fresh

    def leave_alone(self, now: float | None = None) -> None:
        """Ask nothing of the replica for a while: it did not answer."""
        self._is_fresh = False
        self._away_until = (time.monotonic() if now is None else now) + AWAY_SECONDS
        with contextlib.suppress(DatabaseError):
            connections[REPLICA].close()

    def _has_caught_up(self, now: float) -> bool:
        if connections[REPLICA].vendor != "postgresql":
            return True  # nothing else can follow a primary; for trying it out
        self._primary.append((now, _position(DEFAULT_DB_ALIAS, "pg_current_wal_lsn()")))
        replayed = _position(REPLICA, "pg_last_wal_replay_lsn()")
        return any(replayed >= written for at, written in self._primary if now - at <= STALE_SECONDS)


def _position(alias: str, function: str) -> int:
    """How many bytes of the log a server has written, or replayed."""
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT ({function} - '0/0')::bigint")
        (position,) = cursor.fetchone()
        return int(position or 0)


lag = Lag()


@contextlib.contextmanager
def reading_stale() -> Iterator[None]:
    """Let the replica answer in here what may be stale: in one transaction, to which is told who acts."""
    with transaction.atomic(using=REPLICA):
        _say_who_acts()
        _reading.is_stale = True
        try:
            yield
        finally:
            _reading.is_stale = False


def decided_by_primary(rows: QuerySet[Any]) -> Any:
    """Rows that say who may see what, for use in another query: read first, where that one may go to the replica."""
    return list(rows.values_list("pk", flat=True)) if getattr(_reading, "is_stale", False) else rows


def _say_who_acts() -> None:
    """Repeat to the replica what the primary was told of who acts: its rows stand behind the same policies."""
    if connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        return
    with connections[DEFAULT_DB_ALIAS].cursor() as primary:
        primary.execute(f"SELECT {', '.join(['current_setting(%s, true)'] * len(WHO_ACTS))}", list(WHO_ACTS))
        told = dict(zip(WHO_ACTS, primary.fetchone(), strict=True))
    values = [each for name, value in told.items() if value is not None for each in (name, value)]
    if values:
        with connections[REPLICA].cursor() as replica:
            replica.execute(f"SELECT {', '.join(['set_config(%s, %s, true)'] * (len(values) // 2))}", values)


def may_be_stale(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view that only reads, and of which a moment ago is soon enough."""

    @functools.wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        is_for_replica = (
            REPLICA in connections.databases
            and request.method in {"GET", "HEAD"}
            and JUST_WROTE not in request.COOKIES
            and lag.is_fresh()
        )
        if is_for_replica:
            try:
                with reading_stale():
                    return view(request, *args, **kwargs)
            except Http404:
                pass  # perhaps it is only not there yet
            except DatabaseError:
                lag.leave_alone()
        return view(request, *args, **kwargs)

    return answer


class JustWroteMiddleware:
    """Note in the browser that something was sent in: its next pages come from the primary, which has it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        response = self.get_response(request)
        if request.method not in {"GET", "HEAD", "OPTIONS"} and REPLICA in connections.databases:
            response.set_cookie(
                JUST_WROTE, "1", max_age=JUST_WROTE_SECONDS, httponly=True, samesite="Lax", secure=settings.HTTPS
            )
        return response
