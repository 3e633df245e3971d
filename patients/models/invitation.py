"""How a patient comes in for the first time, without a password: a link by mail, or a code on the handout."""

import base64
import datetime
import uuid
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.utils.crypto import salted_hmac

from accounts import acting, once, outbox, passkeys
from accounts.models import NO_ADDRESS, Clinic, User
from accounts.models.single_use_link import VALID_FOR, SingleUseLink, SingleUseLinkQuerySet
from accounts.tokens import hash_of
from patients.models.records import Patient, RecordGoneError

TRIES = 5


class InvitationOverError(Exception):
    """The link was used, withdrawn, is too old, or the date of birth was wrong too often."""


class WrongBirthDateError(Exception):
    """Not the patient's date of birth; ``tries_left`` says how often one may try again."""

    def __init__(self, tries_left: int) -> None:
        self.tries_left = tries_left
        super().__init__(f"wrong date of birth, {tries_left} tries left")


class SignInFirstError(Exception):
    """A sign-in exists that is more than this record's: its owner has to prove it, by a code by mail or otherwise."""


class InvitationQuerySet(SingleUseLinkQuerySet["Invitation"]):
    """Invitations."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Invitations of the patients that this person may open as a clinician."""
        return self.filter(patient__in=Patient.objects.visible_to(user))

    def open(self, *, at: datetime.datetime) -> Self:
        """Those that still let somebody in at a moment: none whose date of birth was wrong too often."""
        return super().open(at=at).filter(tries_left__gt=0)


class Invitation(SingleUseLink):
    """A link that lets a patient in once, after asking for the date of birth.

    At most one is open for a patient: a new one withdraws the last.
    """

    class Channel(models.TextChoices):
        MAIL = "mail", "By mail"
        PAPER = "paper", "On the handout"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="invitations")
    channel = models.CharField(max_length=5, choices=Channel)
    address = models.EmailField(blank=True, help_text="Where the mail went; holding it proves the address.")
    tries_left = models.PositiveSmallIntegerField(default=TRIES, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta(SingleUseLink.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=models.Q(used_at__isnull=True, revoked_at__isnull=True),
                name="invitation_one_open",
            ),
            models.CheckConstraint(condition=models.Q(channel__in=["mail", "paper"]), name="invitation_channel_known"),
        ]

    def __str__(self) -> str:
        return f"Invitation of {self.created_at:%Y-%m-%d}"

    @classmethod
    def by_mail(
        cls, patient: Patient, *, by: User, at: datetime.datetime, new_id: uuid.UUID | None = None
    ) -> "Invitation":
        """Invite a patient by a mail to the address in the record; raises ``ValueError`` when there is none.

        ``new_id`` comes from the form, so that it is one invitation however often it is sent.

        The link is made when the mail is sent and stored nowhere: ``patients.inviting.compose``.
        """
        if not patient.email:
            raise ValueError("no email address")
        with transaction.atomic():
            invitation = cls._next(patient, by=by, at=at, new_id=new_id, address=patient.email)
            if not invitation._state.adding:
                return invitation
            invitation.channel = cls.Channel.MAIL
            message = outbox.draft(
                "invitation",
                unique_key=f"invitation:{invitation.pk}",
                address=patient.email,
                clinic=patient.clinic,
                due_at=at,
            )
            invitation.token_hash = hash_of(outbox.token_of(message))
            invitation.save(force_insert=True)
            outbox.post_many([message])
        return invitation

    @classmethod
    def on_paper(
        cls, patient: Patient, *, by: User, at: datetime.datetime, new_id: uuid.UUID | None = None
    ) -> tuple["Invitation", str]:
        """Invite a patient by a code to print; returns the invitation and its token, which is stored nowhere.

        The form that is sent twice, with the same ``new_id``, gets the same code again, as long as it lets in.
        """
        with transaction.atomic():
            invitation = cls._next(patient, by=by, at=at, new_id=new_id)
            token = paper_token(invitation.pk)
            if invitation._state.adding:
                invitation.channel, invitation.token_hash = cls.Channel.PAPER, hash_of(token)
                invitation.save(force_insert=True)
        return invitation, token

    @classmethod
    def _next(
        cls, patient: Patient, *, by: User, at: datetime.datetime, new_id: uuid.UUID | None, address: str = ""
    ) -> "Invitation":
        """Withdraw what is open, and begin another; or the one that this form made already, if it is still open."""
        Patient.objects.locked(patient.pk)
        invitation = cls(
            pk=new_id or uuid.uuid4(),
            clinic_id=patient.clinic_id,
            patient=patient,
            address=address,
            created_by=by,
            created_at=at,
            expires_at=at + VALID_FOR,
        )
        own = cls.objects.filter(patient=patient)
        if stored := once.stored_already(own, invitation, lambda each: [each.is_open(at=at), each.address]):
            return stored
        own.untouched().update(revoked_at=at)
        return invitation

    def is_open(self, *, at: datetime.datetime) -> bool:
        """Whether it still lets somebody in; for a row already read, what ``open`` says in a query."""
        return self.used_at is None and self.revoked_at is None and self.expires_at > at and self.tries_left > 0

    def redeem(self, *, born_on: datetime.date, at: datetime.datetime, visitor: User | AnonymousUser) -> User:
        """Let the patient in, and return whom to sign in; ``visitor`` is who is signed in already, if anybody.

        Raises ``InvitationOverError``, ``WrongBirthDateError`` after counting the try, or ``SignInFirstError``, which
        uses up nothing.
        """
        with transaction.atomic():
            locked = Invitation.objects.select_for_update().filter(pk=self.pk).first()
            if locked is None or not locked.is_open(at=at):
                raise InvitationOverError
            try:
                patient = Patient.objects.locked(locked.patient_id)
            except RecordGoneError as error:
                raise InvitationOverError from error
            user: User | None = None
            if patient.born_on == born_on:
                user = locked._user_for(patient, visitor)
                if patient.user_id != user.pk:
                    if visitor != user:
                        # Whoever got in before the address was proven, by paper, password or passkey, is out now.
                        user.set_unusable_password()
                        user.save(update_fields=["password"])
                        passkeys.forget_all(user)
                    patient.user = user
                    patient._history_user = user
                    patient._change_reason = "Came in by invitation"  # type: ignore[attr-defined]
                    patient.save(update_fields=["user"])
                locked.used_at = at
            else:
                locked.tries_left -= 1
            locked.save(update_fields=["used_at", "tries_left"])
        if user is None:
            raise WrongBirthDateError(locked.tries_left)
        return user

    def _user_for(self, patient: Patient, visitor: User | AnonymousUser) -> User:
        """Whose sign-in this record belongs to.

        A mail proves its address; paper proves none, and neither proves a sign-in that opens more than this record:
        a clinic could otherwise let itself in to what another clinic keeps.
        """
        address = self.address or patient.email
        user = patient.user or (User.objects.filter(email__iexact=address).first() if address else None)
        if user is None:
            # Without an address nobody can be mailed a code.
            address = address or f"{patient.pk}@{NO_ADDRESS}"
            return User.objects.create_user(address, full_name=patient.full_name, language=patient.language)
        with acting.asking_about(user.pk):
            self._ensure_may_come_in(user, patient, visitor)
        return user

    def _ensure_may_come_in(self, user: User, patient: Patient, visitor: User | AnonymousUser) -> None:
        """Raise ``SignInFirstError`` where the invitation does not prove enough for this sign-in."""
        has_proof = visitor == user or (
            self.channel == self.Channel.MAIL and user.email.casefold() == self.address.casefold()
        )
        if not user.is_active or not (has_proof or (patient.user_id == user.pk and _opens_only(user, patient))):
            raise SignInFirstError
        if visitor != user and (user.is_staff or user.memberships.exists()):
            raise SignInFirstError
        if Patient.objects.filter(clinic=patient.clinic_id, user=user).exclude(pk=patient.pk).exists():
            raise SignInFirstError


def paper_token(invitation_id: uuid.UUID) -> str:
    """The token of a code on paper: as unguessable as the key of this installation, and nowhere stored."""
    digest = salted_hmac("patients.invitation.paper", str(invitation_id), algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _opens_only(user: User, patient: Patient) -> bool:
    """Whether a sign-in opens nothing but this record; also of what other clinics have."""
    others = Patient.objects.filter(user=user).exclude(pk=patient.pk)
    return not (user.is_staff or user.memberships.exists() or others.exists())
