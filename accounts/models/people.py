"""People who sign in, and the clinics that they work in."""

import datetime
import uuid
import zoneinfo
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, BaseUserManager, Group, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

CATALOGUE_ADMINS = "Catalogue admins"
"""The group of those who edit the catalogue in the admin site; a migration of the catalogue makes it."""
NO_ADDRESS = "patient.invalid"
"""The domain of addresses that stand for none; .invalid never leads anywhere (RFC 2606)."""


class TextSize(models.TextChoices):
    """How large somebody reads."""

    NORMAL = "normal", _("Normal")
    LARGE = "large", _("Large")
    VERY_LARGE = "very-large", _("Very large")


class UserManager(BaseUserManager["User"]):
    """Makes users; an address is compared without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store a person; without a password they sign in by a code."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store an operator of the whole installation."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find by address, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with a sign-in: clinician, admin, patient, or several of these.

    ``language`` and ``text_size`` are empty as long as the person has chosen none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("email address", unique=True)
    full_name = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may open the admin site", default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    language = models.CharField(max_length=12, blank=True)
    text_size = models.CharField(max_length=10, choices=TextSize, blank=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_any_case"),
            models.CheckConstraint(
                condition=models.Q(text_size__in=["", "normal", "large", "very-large"]), name="user_text_size_known"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def has_address(self) -> bool:
        """Whether mail may reach this person; who came by paper and has none signs in under a made-up one."""
        return not self.email.endswith(f"@{NO_ADDRESS}")

    def choose_reading(self, *, language: str, text_size: str) -> None:
        """Note how this person reads; what is empty stays as it was."""
        self.language, self.text_size = language or self.language, text_size or self.text_size
        self.save(update_fields=["language", "text_size"])

    def let_edit_catalogue(self) -> None:
        """Open the admin site to somebody, and in it the catalogue."""
        self.is_staff = True
        self.save(update_fields=["is_staff"])
        self.groups.add(Group.objects.get(name=CATALOGUE_ADMINS))


def validate_time_zone(name: str) -> None:
    """Refuse what is not a zone of the IANA database, such as ``Europe/London``."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError("“%(name)s” is not a time zone. Write it like Europe/London.", params={"name": name})


class ClinicQuerySet(models.QuerySet["Clinic"]):
    """Clinics."""

    def treating(self, user: User) -> Self:
        """Clinics in which this person treats patients today."""
        return self.filter(memberships__user=user, memberships__role=Membership.Role.CLINICIAN)

    def administered_by(self, user: User) -> Self:
        """Clinics whose admin this person is."""
        return self.filter(memberships__user=user, memberships__role=Membership.Role.ADMIN)

    def employing(self, user: User) -> Self:
        """Clinics in which this person works, as whatever."""
        return self.filter(memberships__user=user)

    def caring_for(self, user: User) -> Self:
        """Clinics that have a record of this person as a patient."""
        return self.filter(patients__user=user)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Clinics whose staff this person manages today."""
        if not user.is_authenticated:
            return self.none()
        return self.administered_by(user)


class Clinic(models.Model):
    """A practice. All that is known of a patient belongs to one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="Europe/London", validators=[validate_time_zone])
    phone = models.CharField(max_length=40, blank=True)
    urgent_care_text = models.TextField(
        default=gettext_noop("If you think that it is an emergency, call your local emergency number now."),
        help_text="Shown to patients word for word. Name the emergency number of your country."
        " Where patients read several languages, write it in each.",
    )
    review_limit_days = models.PositiveSmallIntegerField(
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text="After so many days a patient's conditions have to be asked about again.",
    )

    objects = ClinicQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    @property
    def urgent_care_words(self) -> str:
        """What the clinic has patients told, word for word; what comes with Limber, in the language that is active."""
        return gettext(self.urgent_care_text) if self.urgent_care_text else ""

    def today(self, at: datetime.datetime | None = None) -> datetime.date:
        """The calendar day in this clinic's time zone, now or at a moment."""
        return timezone.localdate(at, timezone=zoneinfo.ZoneInfo(self.time_zone))


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Who works where."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the clinics whose staff this person manages."""
        return self.filter(clinic__in=Clinic.objects.visible_to(user))


class Membership(models.Model):
    """A person's role in a clinic; somebody may have several."""

    class Role(models.TextChoices):
        CLINICIAN = "clinician", "Clinician"
        ADMIN = "admin", "Admin"

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "clinic", "role"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=["clinician", "admin"]), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display()} at {self.clinic}"
