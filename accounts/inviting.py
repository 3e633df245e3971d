"""What the mail of an invitation of staff says; it is put into words when it is sent."""

import datetime

from django.conf import settings
from django.urls import reverse

from accounts import outbox
from accounts.models import OutboxMessage, StaffInvitation


def compose(message: OutboxMessage, *, at: datetime.datetime) -> outbox.Content | None:
    """Write the link and what it does; nothing where the invitation was withdrawn or is over."""
    token = outbox.token_of(message)
    invitation = StaffInvitation.objects.open(at=at).with_token(token).select_related("clinic").first()
    if invitation is None:
        return None
    link = settings.SITE_URL + reverse("accounts:staff_invitation_accept", args=[token])
    lines = [
        f"{invitation.clinic} invites you to work with Limber as {invitation.get_role_display().lower()}.",
        "Open this link:",
        link,
        "It works once, for three days. Then you choose a passkey or an authenticator app.",
        "Did you not expect this mail? Then do nothing.",
    ]
    return outbox.Content(subject="Your invitation to Limber", body="\n\n".join(lines) + "\n")
