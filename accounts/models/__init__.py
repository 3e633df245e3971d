"""People, the clinics that they work in, and what is to be told to them."""

from accounts.models.draft import Draft
from accounts.models.outbox import Channel, OutboxMessage
from accounts.models.people import (
    CATALOGUE_ADMINS,
    NO_ADDRESS,
    Clinic,
    ClinicQuerySet,
    Membership,
    TextSize,
    User,
    UserManager,
    validate_time_zone,
)
from accounts.models.session import Session
from accounts.models.staff_invitation import ProveAddressError, StaffInvitation, StaffInvitationOverError
from accounts.models.try_count import TryCount

__all__ = [
    "CATALOGUE_ADMINS",
    "NO_ADDRESS",
    "Channel",
    "Clinic",
    "ClinicQuerySet",
    "Draft",
    "Membership",
    "OutboxMessage",
    "ProveAddressError",
    "Session",
    "StaffInvitation",
    "StaffInvitationOverError",
    "TextSize",
    "TryCount",
    "User",
    "UserManager",
    "validate_time_zone",
]
