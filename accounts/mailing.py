"""How a message of the outbox leaves as mail."""

import contextlib
import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend as SMTPBackend

from accounts.models import OutboxMessage
from accounts.outbox import Content
from accounts.sending import NotTakenError


def message_id(message: OutboxMessage) -> str:
    """The Message-ID of a message: the same each time it is handed over, so that who receives it twice can tell."""
    return f"<{message.pk}@{urlsplit(settings.SITE_URL).hostname}>"


class MailChannel:
    """Hands mail over to the server of ``EMAIL_URL``, message after message on one connection."""

    def __init__(self) -> None:
        self._connection = get_connection()

    def open(self) -> None:
        """Reach the server before anything is handed over. Raises ``OSError`` when it is not there."""
        self._connection.open()
        if isinstance(self._connection, SMTPBackend) and self._connection.connection:
            self._connection.connection.ehlo_or_helo_if_needed()  # one that does not answer is not reached

    def deliver(self, message: OutboxMessage, content: Content) -> None:
        """Hand one mail over; when this returns, the server has taken it.

        Raises:
            NotTakenError: the server said no.
            OSError: the connection ended before an answer, and nobody knows.
        """
        mail = EmailMessage(
            subject=content.subject,
            body=content.body,
            to=[message.mail_address],
            connection=self._connection,
            headers={
                "Message-ID": message_id(message),
                "Auto-Submitted": "auto-generated",  # RFC 3834: no answers from those on holiday
                **content.headers,
            },
        )
        try:
            if not mail.send():
                raise NotTakenError("nobody to send it to")
        except smtplib.SMTPServerDisconnected:  # a silence, though the library counts it as an answer
            raise
        except smtplib.SMTPResponseException as error:
            raise NotTakenError(f"{type(error).__name__} {error.smtp_code}") from error
        except smtplib.SMTPRecipientsRefused as error:
            codes = ", ".join(str(code) for code, _ in error.recipients.values())
            raise NotTakenError(f"SMTPRecipientsRefused {codes}") from error

    def close(self) -> None:
        """Leave the server. One that is gone needs no goodbye."""
        with contextlib.suppress(OSError):
            self._connection.close()
