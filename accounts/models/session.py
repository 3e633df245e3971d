"""A sign-in on one device."""

import datetime
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import connection, models
from django.utils import timezone

from accounts.models.people import Membership, User


def _works(role: str = "") -> models.expressions.Combinable:
    """Whether a session's person works anywhere; asked before anybody acts, when nobody's roles are let through."""
    if connection.vendor == "postgresql":
        is_so = models.BooleanField()
        return models.Func(models.F("user_id"), models.Value(role), function="limber_works", output_field=is_so)
    works = Membership.objects.filter(user=models.OuterRef("user"))
    return models.Exists(works.filter(role=role) if role else works)


class SessionQuerySet(models.QuerySet["Session"]):
    """Sessions."""

    def own(self, user: User | AnonymousUser) -> Self:
        """The sign-ins of one person."""
        return self.filter(user=user) if user.is_authenticated else self.none()

    def with_staff(self) -> Self:
        """With ``is_staffs``: whether their person works in a clinic, or on the installation, today.

        And with ``manages_staff``: whether they do so as a clinic's admin.
        """
        return self.annotate(
            manages_staff=_works(Membership.Role.ADMIN),
            is_staffs=models.Case(
                models.When(models.Q(user__is_staff=True) | models.Q(user__is_superuser=True), then=True),
                default=_works(),
                output_field=models.BooleanField(),
            ),
        )

    def current(self, key: Any, *, at: Any) -> Self:
        """The one with this key, if there is one that has not ended."""
        return self.filter(session_key=key, expire_date__gt=at)


class Session(AbstractBaseSession):
    """What Django keeps of a session, whose it is, and when its person last did something."""

    user = models.ForeignKey(User, models.CASCADE, null=True, editable=False, related_name="sessions")
    seen_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[Any] = SessionQuerySet.as_manager()  # type: ignore[assignment]
    is_staffs: bool
    manages_staff: bool
    """Given by ``with_staff``."""
    since: datetime.datetime
    device: str
    """Given by ``accounts.sessions.running``."""

    @classmethod
    def get_session_store_class(cls) -> type:
        """Where sessions of this kind are read and written."""
        from accounts.sessions import SessionStore

        return SessionStore
