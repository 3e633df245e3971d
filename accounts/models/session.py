"""A sign-in on one device."""

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone

from accounts.models.people import User


class Session(AbstractBaseSession):
    """What Django keeps of a session, whose it is, and when its person last did something."""

    user = models.ForeignKey(User, models.CASCADE, null=True, editable=False, related_name="sessions")
    seen_at = models.DateTimeField(default=timezone.now, editable=False)

    @classmethod
    def get_session_store_class(cls) -> type:
        """Where sessions of this kind are read and written."""
        from accounts.sessions import SessionStore

        return SessionStore
