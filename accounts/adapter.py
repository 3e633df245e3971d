"""How allauth is told that nobody signs up: staff and patients are invited."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):
    """Sign-in only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account alone: a clinic adds its people."""
        return False
