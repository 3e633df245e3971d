"""Whose a session is, read with the session: one statement for both on every page."""

from contextvars import ContextVar
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User

_owner: ContextVar[User | None] = ContextVar("owner of the session", default=None)


def remember(user: User | None) -> None:
    """Note whose the session is that was just read."""
    _owner.set(user)


class SessionOwnersBackend(AuthenticationBackend):
    """allauth's, which asks the database for nobody who has just been read."""

    def get_user(self, user_id: Any) -> User | None:
        """Who has this id, if they may come in; what was remembered serves once, for it is as old as its session."""
        owner = _owner.get()
        _owner.set(None)
        if owner is None or str(owner.pk) != str(user_id):
            return super().get_user(user_id)  # type: ignore[no-any-return]
        return owner if self.user_can_authenticate(owner) else None
