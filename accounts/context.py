"""What every page may ask about the person who looks at it."""

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest
from django.utils import timezone

from accounts import acting
from accounts.models import Membership, User
from accounts.reading import text_size_of
from accounts.sessions import SIGNED_IN_AT, SessionStore


def roles(request: HttpRequest) -> dict[str, Callable[[], bool | str]]:
    """Tell templates what this person is, at the cost of one query, and of none if no template asks.

    ``is_clinician`` and ``is_patient`` may both be true, and for a clinic's admin who is neither, both are false.
    ``clinic_name`` is empty for who belongs to more than one clinic: their pages say which one they are about. Whether
    somebody works here, or manages staff, comes with the session: ``request.session.is_staffs``, ``manages_staff``.
    """

    @cache
    def places() -> tuple[acting.Place, ...]:
        user, actor = getattr(request, "user", None), acting.current()
        if not isinstance(user, User):
            return ()
        if actor.user_id == user.pk and "places" in vars(actor):
            return actor.places
        with acting.inside(acting.Actor(user_id=user.pk)) as alone:  # signed in by this very page, or on a bare one
            return alone.places

    def is_clinician() -> bool:
        return any(place.role == Membership.Role.CLINICIAN for place in places())

    def is_patient() -> bool:
        return any(place.role == acting.PATIENT for place in places())

    def clinic_name() -> str:
        names = {place.clinic for place in places()}
        return names.pop() if len(names) == 1 else ""

    return {"is_clinician": is_clinician, "is_patient": is_patient, "clinic_name": clinic_name}


def session_end(request: HttpRequest) -> dict[str, int]:
    """Tell templates in how many seconds the session ends if nothing is done, for the warning before it."""
    session = getattr(request, "session", None)
    if not isinstance(session, SessionStore) or not isinstance(getattr(request, "user", None), User):
        return {}
    if SIGNED_IN_AT not in session:
        return {}
    return {"session_seconds": int(session.ends_in(at=timezone.now()).total_seconds())}


def reading(request: HttpRequest) -> dict[str, str]:
    """Tell templates how large this person reads."""
    return {"text_size": text_size_of(request)}
