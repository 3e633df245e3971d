"""What is stored of people: every field of every table is declared, beside the models that it belongs to.

Each app has a ``personal.py`` with its ``TABLES``; this one declares those of Django and allauth too.
``clinic.privacy`` walks them: to export all of one patient, to erase, and to write docs/privacy.md. A check of the
system fails on a field that nobody has thought about.
"""

import dataclasses
import enum
import uuid
from collections.abc import Callable, Collection

from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Rule(enum.Enum):
    """What becomes of a field when its patient is erased, or the legal term is over."""

    NOT_PERSONAL = "not personal"
    ERASE = "erased at once"
    KEEP = "kept for the legal term"
    ANONYMISE = "made anonymous"


@dataclasses.dataclass(frozen=True)
class Subject:
    """Whom rows are about: one record of one clinic's, and the sign-in behind it, if that is to be touched.

    ``addresses`` are the mail addresses by which the record or the sign-in is known.
    """

    patient_id: uuid.UUID
    clinic_id: uuid.UUID
    user_id: uuid.UUID | None
    addresses: Collection[str]


@dataclasses.dataclass(frozen=True)
class Table:
    """One table, each of its fields under one of the four rules: names, with blanks between.

    ``patient`` and ``user`` are the ways from a row to the patient, or to the sign-in, that it is about; ``also`` finds
    rows that say so without a foreign key. ``title`` heads the rows on a patient's paper. ``never_given`` names fields
    whose values are given to nobody: they open something. ``not_of_treatment`` names moments that prolong no term: what
    happened then was no treatment. ``off_paper`` names fields that would tell people nothing, and ``on_paper`` finds
    the rows that the title is true of, where that is not all: what is left out on paper is in the file for machines.
    """

    model: str
    why: str
    not_personal: str = ""
    erase: str = ""
    keep: str = ""
    anonymise: str = ""
    never_given: str = ""
    patient: str = ""
    user: str = ""
    also: Callable[[Subject], Q] | None = None
    title: str | Promise = ""
    not_of_treatment: str = ""
    off_paper: str = ""
    on_paper: Callable[[Subject], Q] | None = None
    history: str = ""
    """What only the history of this table has, and is not personal."""

    @property
    def model_class(self) -> type[Model]:
        """The model."""
        return apps.get_model(self.model)

    @property
    def rules(self) -> dict[str, Rule]:
        """The rule of each field."""
        return {
            name: rule
            for rule, names in (
                (Rule.NOT_PERSONAL, self.not_personal),
                (Rule.ERASE, self.erase),
                (Rule.KEEP, self.keep),
                (Rule.ANONYMISE, self.anonymise),
            )
            for name in names.split()
        }

    @property
    def rule(self) -> Rule:
        """The rule of its rows: kept if a field is kept, anonymous if one is made so, otherwise erased."""
        for rule, names in ((Rule.KEEP, self.keep), (Rule.ANONYMISE, self.anonymise), (Rule.ERASE, self.erase)):
            if names:
                return rule
        return Rule.NOT_PERSONAL

    @property
    def is_of_patients(self) -> bool:
        """Whether a row may be about a patient."""
        return bool(self.patient or self.user or self.also)

    def rows(self, subject: Subject) -> "QuerySet[Model]":
        """The rows about somebody."""
        found = Q(pk__in=[])
        if self.patient:
            found |= Q(**{self.patient: subject.patient_id})
        if self.user and subject.user_id:
            found |= Q(**{self.user: subject.user_id})
        if self.also:
            found |= self.also(subject)
        return self.model_class._base_manager.filter(found)


def _mentioned(subject: Subject) -> Q:
    """Messages to an address of the patient, and to staff about the patient's page."""
    return Q(path__contains=str(subject.patient_id)) | _addressed(subject)


def _addressed(subject: Subject) -> Q:
    """Messages to an address of the patient, from their clinic."""
    return Q(clinic=subject.clinic_id, recipient=None, address__in=subject.addresses)


def _sent_to(subject: Subject) -> Q:
    """Messages to the patient."""
    return _addressed(subject) | _by("recipient", subject)


def _typed_by(subject: Subject) -> Q:
    """What the patient had typed, and not what staff had about the patient."""
    return _by("user", subject)


def _by(field: str, subject: Subject) -> Q:
    return Q(**{field: subject.user_id}) if subject.user_id else Q(pk__in=[])


def _account(subject: Subject) -> Q:
    """Entries of the admin site's log about a sign-in."""
    user = Q(content_type__app_label="accounts", content_type__model="user", object_id=str(subject.user_id))
    return user if subject.user_id else Q(pk__in=[])


def _typed_about(subject: Subject) -> Q:
    return Q(path__contains=str(subject.patient_id))


TABLES = (
    Table(
        "accounts.User",
        "Who signs in. Of staff the name stays, since records say who decided.",
        not_personal="is_superuser is_active is_staff",
        erase="id password last_login email full_name date_joined language text_size",
        never_given="password",
        user="pk",
        title=_("Your sign-in"),
    ),
    Table("accounts.User_groups", "Who may edit the catalogue.", not_personal="id group", erase="user", user="user"),
    Table(
        "accounts.User_user_permissions",
        "Rights of operators.",
        not_personal="id permission",
        erase="user",
        user="user",
    ),
    Table(
        "accounts.Clinic",
        "The practice: what it is called, and what its patients are told.",
        not_personal="id name time_zone phone urgent_care_text review_limit_days",
    ),
    Table(
        "accounts.Membership",
        "Who works in a clinic. It ends with the work.",
        not_personal="id clinic role",
        erase="user",
    ),
    Table(
        "accounts.StaffInvitation",
        "How somebody comes to work in a clinic. Removed a month after it has ended.",
        not_personal="id clinic role created_at expires_at used_at revoked_at",
        erase="address full_name token_hash created_by",
        never_given="token_hash",
    ),
    Table(
        "accounts.Draft",
        "What was typed when a session ended, or a page asked who it is, sealed; at most a day.",
        not_personal="id",
        erase="user path sealed kept_at",
        never_given="sealed",
        user="user",
        also=_typed_about,
        off_paper="user path",
        on_paper=_typed_by,
        title=_("What you had typed when you were signed out"),
    ),
    Table(
        "accounts.OutboxMessage",
        "What is to be told to somebody, without its words. Removed a month after it was sent.",
        not_personal="id clinic channel claimed_until attempts handing_over_at sent_at cancelled_at last_error",
        erase="recipient address kind path unique_key due_at created_at",
        never_given="unique_key",
        user="recipient",
        also=_mentioned,
        off_paper="kind path",
        on_paper=_sent_to,
        title=_("Messages to you"),
    ),
    Table(
        "accounts.Session",
        "A sign-in on one device, sealed. Removed when it has ended.",
        erase="session_key session_data expire_date user seen_at",
        never_given="session_key session_data",
        user="user",
        off_paper="user",
        title=_("Where you are signed in"),
    ),
    Table(
        "accounts.TryCount",
        "How often somebody tried to get in, under a keyed hash; at most two days.",
        not_personal="key began_at tries",
    ),
    Table(
        "account.EmailAddress",
        "Addresses of a sign-in.",
        not_personal="id verified primary",
        erase="user email",
        user="user",
        off_paper="user",
        title=_("Your mail addresses"),
    ),
    Table(
        "account.EmailConfirmation",
        "Links that prove an address.",
        not_personal="id created sent",
        erase="email_address key",
        never_given="key",
        user="email_address__user",
    ),
    Table(
        "mfa.Authenticator",
        "Passkeys, authenticator apps and recovery codes; what an app knows is sealed.",
        not_personal="id type",
        erase="user data created_at last_used_at",
        never_given="data",
        user="user",
        off_paper="user",
        title=_("Your passkeys"),
    ),
    Table(
        "admin.LogEntry",
        "What was changed in the admin site, by whom. Of a sign-in that is erased, neither its name nor its id stays.",
        not_personal="id action_time content_type action_flag",
        anonymise="object_id object_repr change_message",
        erase="user",
        also=_account,
        off_paper="object_id object_repr change_message",
        title=_("What operators changed about your sign-in"),
    ),
    Table("auth.Group", "Groups of rights.", not_personal="id name"),
    Table("auth.Group_permissions", "Rights of groups.", not_personal="id group permission"),
    Table("auth.Permission", "Names of rights.", not_personal="id name content_type codename"),
    Table("contenttypes.ContentType", "Names of tables.", not_personal="id app_label model"),
    Table(
        "sessions.Session",
        "Django's own sessions, which are not used: always empty.",
        erase="session_key session_data expire_date",
        never_given="session_key session_data",
    ),
)
