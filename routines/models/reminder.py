"""When and how a patient wants to be reminded."""

import datetime
import secrets
import uuid
import zoneinfo
from collections.abc import Iterable
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import acting
from accounts.models import Clinic, OutboxMessage, User, validate_time_zone
from accounts.models.tenancy import ClinicsQuerySet
from accounts.tokens import hash_of
from patients.models import Patient
from patients.versions import StaleEditError, as_seen
from prescriptions.models import PartOfDay

ANCHOR_MAX_LENGTH = 80
SEEN_FIELDS = ("is_on", "by_mail", "is_repeated", "is_discreet", "quiet_since", "quiet_until", "time_zone")


def key_prefix(preference_id: uuid.UUID) -> str:
    """What the unique keys of all messages that remind one patient begin with."""
    return f"reminder:{preference_id}:"


def _mark_of(user_id: uuid.UUID | None) -> str:
    """What the secret address of a calendar ends with: whose it is. The hash covers it, so nobody can exchange it."""
    return hash_of(str(user_id))[:16]


class ReminderPreferenceQuerySet(ClinicsQuerySet["ReminderPreference"]):
    """Preferences."""

    def own(self, user: User | AnonymousUser) -> Self:
        """Those of this person's own records."""
        return self.filter(patient__in=Patient.objects.own(user))

    def to_plan(self, *, at: datetime.datetime) -> Self:
        """Those for whose coming day no messages are written yet."""
        return self.filter(is_on=True, plan_at__lte=at)

    def plan_again(self, *, at: datetime.datetime) -> int:
        """Have messages written for what has come since, such as another device; return for how many."""
        return self.update(plan_at=at)

    def with_feed(self, secret: str) -> Self:
        """The one whose calendar has this secret address."""
        acting.unlock(ReminderPreference.objects.filter(feed_hash=hash_of(secret)), secret=hash_of(secret))
        return self.filter(feed_hash=hash_of(secret), patient__user__is_active=True)


class ReminderPreference(models.Model):
    """How one patient wants to be reminded, for all parts of the day.

    Push needs no yes of its own: a device that was added is one to remind on. A blank ``time_zone`` is the clinic's.
    ``plan_at`` is when the next day's messages are to be written; ``changed_at`` keeps a new time of day from reminding
    of an hour that has passed. Of the secret address of the calendar only a hash is stored.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.OneToOneField(Patient, models.CASCADE, related_name="reminder_preference")
    is_on = models.BooleanField(default=True)
    by_mail = models.BooleanField(_("by mail"), default=True)
    is_repeated = models.BooleanField(_("remind me once more after an hour if I have not done it"), default=False)
    is_discreet = models.BooleanField(_("keep it neutral"), default=True)
    quiet_since = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_time_zone])
    feed_hash = models.CharField(max_length=64, null=True, blank=True, unique=True, editable=False)
    plan_at = models.DateTimeField(default=timezone.now, editable=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ReminderPreferenceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["plan_at"], condition=models.Q(is_on=True), name="reminder_preference_to_plan")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_since__isnull=True, quiet_until__isnull=True)
                | models.Q(quiet_since__isnull=False, quiet_until__isnull=False),
                name="reminder_preference_quiet_both_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"Reminders for {self.patient}"

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Where the patient's days begin and end."""
        return zoneinfo.ZoneInfo(self.time_zone or self.clinic.time_zone)

    def as_seen(self) -> str:
        """What it says, summed up: another sum means that it was changed. Empty where nothing is stored."""
        if self._state.adding:
            return ""
        return as_seen([self], SEEN_FIELDS) + as_seen(self.times.all(), ("part_of_day", "time", "anchor"))

    def set(self, times: Iterable["ReminderTime"], *, at: datetime.datetime, seen: str | None = None) -> None:
        """Store the preference with these times of day in place of those before, and plan anew from this moment.

        The patient's row is locked: the same form sent twice at once makes one preference. Raises ``StaleEditError``
        when it says something else by now than was ``seen``, which is empty where nothing was stored.
        """
        with transaction.atomic():
            Patient.objects.locked(self.patient_id)
            if stored := ReminderPreference.objects.filter(patient=self.patient_id).first():
                if seen is not None and stored.as_seen() != seen:
                    raise StaleEditError(stored)
                self.pk, self.feed_hash = stored.pk, stored.feed_hash
                self._state.adding = False
            self._take_back()
            self.clinic_id = self.patient.clinic_id
            self.changed_at = self.plan_at = at
            self.is_on = True
            self.save()
            self.times.all().delete()
            chosen = list(times)
            for time in chosen:
                time.preference, time.clinic_id = self, self.clinic_id
            ReminderTime.objects.bulk_create(chosen)

    def turn_off(self, *, at: datetime.datetime) -> None:
        """No more reminders, by whatever way. The times are kept for whoever turns them on again."""
        with transaction.atomic():
            self._take_back()
            self.is_on = False
            self.changed_at = at
            self.save(update_fields=["is_on", "changed_at"])

    def _take_back(self) -> None:
        """Forget what is written ahead, when nobody is writing any more."""
        ReminderPreference.objects.select_for_update().filter(pk=self.pk).first()
        OutboxMessage.objects.filter(unique_key__startswith=key_prefix(self.pk)).forget()

    def open_feed(self) -> str:
        """Make the calendar's secret address, in place of one before, and return its secret, which is not kept."""
        secret = secrets.token_urlsafe(32) + _mark_of(self.patient.user_id)
        self.feed_hash = hash_of(secret)
        self.save(update_fields=["feed_hash"])
        return secret

    def is_feed_of_owner(self, secret: str) -> bool:
        """Whether the address was made by whose record this is now: a record may come to another sign-in."""
        return secret.endswith(_mark_of(self.patient.user_id))

    def close_feed(self) -> None:
        """Close the calendar's address for good."""
        self.feed_hash = None
        self.save(update_fields=["feed_hash"])


class ReminderTime(models.Model):
    """The time of day at which a patient wants to be reminded of one part of the routine, and what it goes with."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    preference = models.ForeignKey(ReminderPreference, models.CASCADE, related_name="times")
    part_of_day = models.CharField(max_length=14, choices=PartOfDay)
    time = models.TimeField(_("time"))
    anchor = models.CharField(_("right after"), max_length=ANCHOR_MAX_LENGTH, blank=True)

    class Meta:
        ordering = ("time", "id")
        constraints = [
            models.UniqueConstraint(fields=["preference", "part_of_day"], name="reminder_time_once_a_part_of_day"),
            models.CheckConstraint(
                condition=models.Q(part_of_day__in=PartOfDay.values), name="reminder_time_part_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_part_of_day_display()}: {self.time:%H:%M}"
