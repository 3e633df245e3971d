"""How allauth is told that nobody signs up: staff and patients are invited."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.utils import translation

from accounts.models import User
from accounts.reading import is_known


class ClosedAdapter(DefaultAccountAdapter):
    """Sign-in only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account alone: a clinic adds its people."""
        return False

    def render_mail(
        self, template_prefix: str, email: str | list[str], context: dict[str, Any], headers: Any = None
    ) -> EmailMessage:
        """Write to people in the language that they chose, whatever the browser speaks that asked for the mail."""
        to = User.objects.filter(email__iexact=email).first() if isinstance(email, str) else None
        chosen = to.language if to and is_known(to.language) else translation.get_language()
        with translation.override(chosen):
            message: EmailMessage = super().render_mail(template_prefix, email, context, headers)
        return message
