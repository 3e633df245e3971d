"""What the mail of an invitation says; it is put into words when it is sent."""

import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import outbox
from accounts.models import OutboxMessage
from patients.models import Invitation
from patients.reading import reading_language


def compose(message: OutboxMessage, *, at: datetime.datetime) -> outbox.Content | None:
    """Write the link and what it does; nothing where the invitation was withdrawn or is over. No patient's name."""
    token = outbox.token_of(message)
    invitation = Invitation.objects.open(at=at).with_token(token).select_related("clinic", "patient__user").first()
    if invitation is None:
        return None
    with translation.override(reading_language(invitation.patient)):
        return _in_words(invitation, token)


def _in_words(invitation: Invitation, token: str) -> outbox.Content:
    link = settings.SITE_URL + reverse("patients:invitation_accept", args=[token])
    lines = [
        _("%(clinic)s invites you to see your stretches on your phone.") % {"clinic": invitation.clinic.name},
        _("Open this link. It asks for your date of birth, and then you are in:"),
        link,
        _("The link works once, for three days. You need no password."),
        _("Did you not expect this mail? Then do nothing."),
    ]
    return outbox.Content(subject=_("Your stretches"), body="\n\n".join(lines) + "\n")
