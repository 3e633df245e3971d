"""How somebody who is to work in a clinic comes in: by a link that the clinic's admin has mailed."""

import datetime
import uuid
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction

from accounts.models.people import Clinic, Membership, User
from accounts.models.single_use_link import VALID_FOR, SingleUseLink, SingleUseLinkQuerySet
from accounts.tokens import hash_of


class StaffInvitationOverError(Exception):
    """The link was used, withdrawn or is too old."""


class ProveAddressError(Exception):
    """There is a sign-in with this address already: its owner signs in with it first, by whatever it asks for."""


class StaffInvitationQuerySet(SingleUseLinkQuerySet["StaffInvitation"]):
    """Invitations of staff."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of the clinics whose staff this person manages."""
        return self.filter(clinic__in=Clinic.objects.visible_to(user))

    def open(self, *, at: datetime.datetime) -> Self:
        """Those that still let somebody in at a moment: none of who manages that clinic's staff no longer."""
        manages = Membership.objects.filter(
            user=models.OuterRef("created_by"), clinic=models.OuterRef("clinic"), role=Membership.Role.ADMIN
        )
        return super().open(at=at).filter(models.Exists(manages), created_by__is_active=True)


class StaffInvitation(SingleUseLink):
    """A link that makes somebody a clinician or an admin of a clinic, once.

    At most one is open for an address, a clinic and a role: a new one withdraws the last.
    """

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="staff_invitations")
    role = models.CharField(max_length=10, choices=Membership.Role)
    address = models.EmailField()
    full_name = models.CharField(max_length=150)

    objects = StaffInvitationQuerySet.as_manager()

    class Meta(SingleUseLink.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "address", "role"],
                condition=models.Q(used_at__isnull=True, revoked_at__isnull=True),
                name="staff_invitation_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=["clinician", "admin"]), name="staff_invitation_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Invitation of {self.full_name}, {self.get_role_display()}"

    @classmethod
    def by_mail(
        cls,
        clinic: Clinic,
        *,
        address: str,
        full_name: str,
        role: str,
        by: User,
        at: datetime.datetime,
        new_id: uuid.UUID | None = None,
    ) -> "StaffInvitation":
        """Invite somebody. The link is made when the mail is sent, and stored nowhere: ``accounts.inviting``.

        ``new_id`` comes from the form: the same sent twice is one invitation, as long as it lets in.
        """
        from accounts import once, outbox

        address = address.lower()
        with transaction.atomic():
            Clinic.objects.select_for_update().get(pk=clinic.pk)
            invitation = cls(
                pk=new_id or uuid.uuid4(),
                clinic=clinic,
                role=role,
                address=address,
                full_name=full_name,
                created_by=by,
                created_at=at,
                expires_at=at + VALID_FOR,
            )
            own = cls.objects.filter(clinic=clinic)
            if stored := once.stored_already(own.open(at=at), invitation, once.saying("address", "role", "full_name")):
                return stored
            own.filter(address=address, role=role).untouched().update(revoked_at=at)
            key = f"staff_invitation:{invitation.pk}"
            message = outbox.draft("staff_invitation", unique_key=key, address=address, clinic=clinic, due_at=at)
            invitation.token_hash = hash_of(outbox.token_of(message))
            invitation.save(force_insert=True)
            outbox.post_many([message])
        return invitation

    def redeem(self, *, at: datetime.datetime, visitor: User | AnonymousUser) -> User:
        """Give the role, and return whom to sign in; ``visitor`` is who is signed in already, if anybody.

        The link proves the mailbox, which is one proof. Who has a sign-in with this address shows what that asks for.

        Raises ``StaffInvitationOverError``, or ``ProveAddressError``, which uses up nothing.
        """
        with transaction.atomic():
            locked = StaffInvitation.objects.select_for_update().get(pk=self.pk)
            if not StaffInvitation.objects.open(at=at).filter(pk=locked.pk).exists():
                raise StaffInvitationOverError
            user = User.objects.filter(email__iexact=locked.address).first()
            if user is not None and (visitor != user or not user.is_active):
                raise ProveAddressError
            if user is None:
                user = User.objects.create_user(locked.address, full_name=locked.full_name)
            Membership.objects.get_or_create(user=user, clinic_id=locked.clinic_id, role=locked.role)
            locked.used_at = at
            locked.save(update_fields=["used_at"])
        return user
