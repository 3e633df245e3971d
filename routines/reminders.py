"""Reminders: written ahead for each local day, and looked at again when they are sent.

``plan`` writes, ``compose`` decides and finds the words: a reminder of what is paused, stopped or done already is none.
Both are named in the settings of the outbox.
"""

import dataclasses
import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import acting, outbox
from accounts.models import Channel, OutboxMessage
from patients.reading import reading_language
from prescriptions.models import PartOfDay
from prescriptions.showing import routine_of
from routines.models import PushSubscription, ReminderPreference, ReminderTime, SessionLog
from routines.models.reminder import key_prefix
from routines.moments import is_within, moment_of

REPEATED_AFTER = datetime.timedelta(hours=1)
LATEST = datetime.timedelta(hours=3)
"""A reminder that is later than this is of no use any more. Ours."""

_PLANNED_AT_ONCE = 200
_OFF = signing.Signer(salt="routines.reminders.off", sep="~")


@dataclasses.dataclass(frozen=True)
class Occasion:
    """What one message reminds of: a part of a local day, for the first or the second time."""

    preference_id: uuid.UUID
    on: datetime.date
    part: str
    is_repeat: bool = False

    def key(self, way: str) -> str:
        """The unique key of its message on one way, so that there is never another."""
        return f"{key_prefix(self.preference_id)}{self.on}:{self.part}:{'again' if self.is_repeat else 'first'}:{way}"

    @classmethod
    def of(cls, key: str) -> "Occasion":
        """Read it back."""
        _kind, preference_id, on, part, turn, _way = key.split(":", maxsplit=5)
        return cls(uuid.UUID(preference_id), datetime.date.fromisoformat(on), part, turn == "again")


# Writing ahead --------------------------------------------------------------------------------------------------------
def occasions(
    preference: ReminderPreference, times: Iterable[ReminderTime], *, on: datetime.date
) -> Iterator[tuple[Occasion, datetime.datetime]]:
    """What to remind of on a local day, and when. A repetition does not break into quiet hours or another day."""
    zone = preference.zone
    for time in times:
        moment = moment_of(on, time.time, zone)
        if moment is None:
            continue
        yield Occasion(preference.pk, on, time.part_of_day), moment
        again = moment + REPEATED_AFTER
        local = again.astimezone(zone)
        is_quiet = is_within(local.time(), preference.quiet_since, preference.quiet_until)
        if preference.is_repeated and local.date() == on and not is_quiet:
            yield Occasion(preference.pk, on, time.part_of_day, is_repeat=True), again


def plan(*, at: datetime.datetime) -> None:
    """Write the messages of the local day that has begun and of the next one, for everybody for whom that is due.

    Each patient's turn comes at their own midnight. Missed turns do no harm: the day was written the day before.
    """
    with acting.everywhere():
        is_due = ReminderPreference.objects.to_plan(at=at).exists()
    while is_due:
        with acting.everywhere():
            is_due = bool(_plan_some(at=at)) and ReminderPreference.objects.to_plan(at=at).exists()


def _plan_some(*, at: datetime.datetime) -> int:
    """Plan for some, and return for how many: none when others are at it."""
    with transaction.atomic():
        due = ReminderPreference.objects.to_plan(at=at).select_for_update(skip_locked=True, of=("self",))
        preferences = list(
            due.select_related("clinic", "patient__user")
            .prefetch_related("times")
            .order_by("plan_at")[:_PLANNED_AT_ONCE]
        )
        devices: dict[uuid.UUID | None, list[uuid.UUID]] = defaultdict(list)
        users = [preference.patient.user_id for preference in preferences]
        for user_id, subscription_id in PushSubscription.objects.filter(user__in=users).values_list("user_id", "pk"):
            devices[user_id].append(subscription_id)
        outbox.post_many(
            draft
            for preference in preferences
            for draft in _drafts(preference, devices[preference.patient.user_id], at=at)
        )
        for preference in preferences:
            midnight = moment_of(_tomorrow(preference, at), datetime.time(), preference.zone)
            preference.plan_at = midnight or at + datetime.timedelta(days=1)
        ReminderPreference.objects.bulk_update(preferences, ["plan_at"])
    return len(preferences)


def _tomorrow(preference: ReminderPreference, at: datetime.datetime) -> datetime.date:
    return at.astimezone(preference.zone).date() + datetime.timedelta(days=1)


def _drafts(
    preference: ReminderPreference, devices: list[uuid.UUID], *, at: datetime.datetime
) -> Iterator[OutboxMessage]:
    """The messages of today and tomorrow, but for hours that had passed when the preference was changed."""
    user = preference.patient.user
    if user is None:
        return
    tomorrow = _tomorrow(preference, at)
    ways = [(Channel.MAIL, "")] if preference.by_mail else []
    ways += [(Channel.PUSH, str(device)) for device in devices]
    for day in (tomorrow - datetime.timedelta(days=1), tomorrow):
        for occasion, moment in occasions(preference, preference.times.all(), on=day):
            for channel, address in ways if moment >= preference.changed_at else []:
                yield outbox.draft(
                    "reminder",
                    unique_key=occasion.key(f"{channel}{address}"),
                    due_at=moment,
                    to=user,
                    address=address,
                    clinic=preference.clinic,
                    path=reverse("routines:routine_today"),
                    channel=channel,
                )


# Looking again --------------------------------------------------------------------------------------------------------
def compose(message: OutboxMessage, *, at: datetime.datetime) -> outbox.Content | None:
    """The words of a reminder, or ``None`` if it is not wanted now: too late, quiet hours, done, or nothing to do."""
    occasion = Occasion.of(message.unique_key)
    preferences = ReminderPreference.objects.filter(pk=occasion.preference_id, is_on=True)
    preference = preferences.select_related("clinic", "patient__clinic", "patient__user").first()
    if (
        preference is None
        or preference.patient.user_id != message.recipient_id
        or _is_untimely(preference, message.due_at, at=at)
        or not _is_something_to_do(preference, occasion.part, at=at)
    ):
        return None
    with translation.override(reading_language(preference.patient)):
        return _content(preference, message, occasion)


def _is_untimely(preference: ReminderPreference, due_at: datetime.datetime, *, at: datetime.datetime) -> bool:
    """Whether it comes too late, or would break into quiet hours because it comes late."""
    quiet = [
        is_within(moment.astimezone(preference.zone).time(), preference.quiet_since, preference.quiet_until)
        for moment in (due_at, at)
    ]
    return at > due_at + LATEST or quiet == [False, True]


def _is_something_to_do(preference: ReminderPreference, part: str, *, at: datetime.datetime) -> bool:
    """Whether the show door shows a stretch for this part of the day, and nothing was logged for it.

    The day is the clinic's: that is the day of a log.
    """
    patient, on = preference.patient, preference.clinic.today(at)
    if SessionLog.objects.filter(patient=patient, on=on, part_of_day=part).exists():
        return False
    return any(shown.slug == part for shown in routine_of(patient, on=on).parts)


def _content(preference: ReminderPreference, message: OutboxMessage, occasion: Occasion) -> outbox.Content:
    """Neutral words, unless the patient wants to read more."""
    subject = _("Time for your routine")
    lines = []
    if not preference.is_discreet:
        subject = _("Time for your stretches: %(part)s") % {"part": PartOfDay(occasion.part).label}
        anchors = preference.times.filter(part_of_day=occasion.part).values_list("anchor", flat=True)
        lines = [_("Right after: %(anchor)s") % {"anchor": anchor} for anchor in anchors if anchor]
    if message.channel == Channel.PUSH:
        return outbox.Content(subject, "\n".join(lines), url=message.path)
    off = settings.SITE_URL + off_path(preference)
    change = settings.SITE_URL + reverse("routines:reminder_edit", args=[preference.patient_id])
    lines += [
        _("Open your routine: %(address)s") % {"address": settings.SITE_URL + message.path},
        "",
        _("Change when you are reminded: %(address)s") % {"address": change},
        _("Turn these reminders off: %(address)s") % {"address": off},
    ]
    headers = {"List-Unsubscribe": f"<{off}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}  # RFC 8058
    return outbox.Content(subject, "\n".join([f"{subject}.", "", *lines, ""]), url=message.path, headers=headers)


# Turning off without signing in ---------------------------------------------------------------------------------------
def off_path(preference: ReminderPreference) -> str:
    """The address that turns the reminders off for whoever has the mail. It does nothing else, and does not expire."""
    return reverse("routines:reminder_revoke", args=[_OFF.sign(str(preference.pk))])


def preference_behind(link: str) -> ReminderPreference | None:
    """The preference that such an address is for; ``None`` when we did not make it."""
    try:
        pk = _OFF.unsign(link)
    except signing.BadSignature:
        return None
    acting.unlock(ReminderPreference.objects.filter(pk=pk), secret=pk)
    return ReminderPreference.objects.filter(pk=pk).first()
