"""What stands in the database: the catalogue, what is sealed, and whether anything is sent."""

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator

from accounts.models import OutboxMessage
from accounts.sealing import SealedForGoodError, unseal
from operations.doctor.finding import Finding, broken, fine, look_at
from operations.models import Pulse
from stretches.models import Stretch, StretchDecision, StretchStatus

SILENCE = timedelta(minutes=10)
"""``send_due --loop`` says every 30 s that it lives; a pass over much mail may take minutes."""


def keys_open_what_is_sealed(_: datetime) -> Finding:
    """Whether SEALING_KEYS still has the key of the newest authenticator app; of the oldest too."""
    apps = Authenticator.objects.filter(type=Authenticator.Type.TOTP).order_by("created_at")
    sealed = [app.data["secret"] for app in (apps.first(), apps.last()) if app is not None]
    try:
        for secret in sealed:
            unseal(secret)
    except SealedForGoodError:
        return broken(
            "keys",
            "SEALING_KEYS does not open what is stored: no code of an authenticator app works.",
            "Put back the key that was there, behind the new one, with a comma between them.",
        )
    return fine("keys", "open what is sealed." if sealed else "nothing is sealed yet.")


def catalogue_is_there_and_signed(_: datetime) -> Finding:
    """How many stretches may be prescribed, and how many of those a person has published."""
    offered = Stretch.objects.filter(status=StretchStatus.REVIEWED, clinic=None)
    count = offered.count()
    if not count:
        return broken("catalogue", "no stretch may be prescribed.", "Run manage.py make_ready.")
    published = StretchDecision.objects.publications().exclude(decided_by=None).values("stretch")
    signed = offered.filter(pk__in=published).count()
    words = f"{count} stretches may be prescribed; {signed} of them a person has published ({100 * signed // count} %)."
    if signed < count:
        return look_at("catalogue", words, "Have a registered physiotherapist go through the rest: docs/catalogue.md.")
    return fine("catalogue", words)


def sender_runs(at: datetime) -> Finding:
    """Whether mail and reminders leave, and none was given up."""
    pulse = Pulse.objects.filter(name=Pulse.Name.SENDER).first()
    if pulse is None or at - pulse.beat_at > SILENCE:
        since = "never ran" if pulse is None else f"last ran {pulse.beat_at:%Y-%m-%d %H:%M} UTC"
        return broken("sender", f"send_due {since}: no mail leaves.", "Start the worker: manage.py send_due --loop.")
    if stuck := OutboxMessage.objects.stuck(at=at).count():
        to_do = "Mend the cause (is mail OK?), then run manage.py send_due --retry."
        return look_at("sender", f"{stuck} messages were given up.", to_do)
    return fine("sender", "runs, and nothing was given up.")
