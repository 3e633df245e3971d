"""The second step: whoever works in a clinic shows two proofs before anything of a patient's is opened.

A passkey is two in one: the device, and the finger, face or PIN that it asks for. A password or a code by mail is one,
and needs a code of an authenticator app, a passkey or a recovery code beside it. Patients are asked for none.
"""

import dataclasses
import datetime

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from accounts.sealing import unseal
from accounts.sessions import SessionStore

LAST_COUNTER = "last_counter"
"""Where an app's row notes of which 30 seconds its last code was: no code of these, or of before, works again."""
SET_UP = frozenset(
    {
        "accounts:second_step_detail",
        "account_reauthenticate",
        "mfa_activate_totp",
        "mfa_add_webauthn",
    }
)
"""Open to who has no second proof yet; to nobody who has one and did not show it."""
SHOW = frozenset({"mfa_reauthenticate", "mfa_reauthenticate_webauthn"})


@dataclasses.dataclass(frozen=True)
class Proofs:
    """What somebody has beside the first proof."""

    has_app: bool
    passkeys: int
    recovery_codes: int

    @property
    def any(self) -> bool:
        """Whether there is a second proof; recovery codes alone are left over from one."""
        return self.has_app or self.passkeys > 0


def proofs_of(user: User) -> Proofs:
    """What somebody has, in one query."""
    rows = list(Authenticator.objects.filter(user=user))
    types = [row.type for row in rows]
    codes = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
    return Proofs(
        has_app=Authenticator.Type.TOTP in types,
        passkeys=types.count(Authenticator.Type.WEBAUTHN),
        recovery_codes=len(RecoveryCodes(codes).get_unused_codes()) if codes else 0,
    )


def is_due(request: HttpRequest) -> bool:
    """Whether somebody who works here came in on one proof only."""
    session = request.session
    return (
        settings.REQUIRE_STAFF_MFA
        and isinstance(request.user, User)
        and isinstance(session, SessionStore)
        and session.is_staffs
        and not was_shown(request)
    )


def was_shown(request: HttpRequest) -> bool:
    """Whether this session has seen an app's code, a passkey or a recovery code of its person."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def way_on(view_name: str, user: User) -> str | None:
    """The name of the page that comes first, or None where the page that was asked for may be opened as it is."""
    proofs = proofs_of(user)
    if not proofs.any:
        return None if view_name in SET_UP else "accounts:second_step_detail"
    if view_name in SHOW:
        return None
    return "mfa_reauthenticate" if proofs.has_app else "mfa_reauthenticate_webauthn"


def note_shown(request: HttpRequest, user: User, authenticator: Authenticator) -> None:
    """Note that a proof was shown by making it: who has just typed its first code is not asked for the next."""
    record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def use_code(user: User, code: str, *, at: datetime.datetime) -> Authenticator | None:
    """Use up a code of somebody's authenticator app or a recovery code; None where it is not right, or was used.

    The row is locked from the look at what was used last to the note of it: of two at the same moment, one comes in.
    """
    with transaction.atomic():
        rows = Authenticator.objects.select_for_update().filter(user=user).order_by("pk")
        for row in rows.exclude(type=Authenticator.Type.WEBAUTHN):
            is_app = row.type == Authenticator.Type.TOTP
            if _use_app(row, code, at) if is_app else RecoveryCodes(row).validate_code(code):
                return row
    return None


def fitting_counter(secret: str, code: str, *, at: datetime.datetime, after: int = 0) -> int | None:
    """Of which 30 seconds a code is: of these, those before or the next, and later than ``after``.

    Raises nothing for codes that are none. A clock may be half a minute wrong (RFC 6238, section 6).
    """
    now = int(at.timestamp()) // app_settings.TOTP_PERIOD
    for counter in range(now - app_settings.TOTP_TOLERANCE, now + app_settings.TOTP_TOLERANCE + 1):
        if counter > after and compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter))):
            return counter
    return None


def _use_app(row: Authenticator, code: str, at: datetime.datetime) -> bool:
    counter = fitting_counter(unseal(row.data["secret"]), code, at=at, after=row.data.get(LAST_COUNTER, 0))
    if counter is None:
        return False
    row.data[LAST_COUNTER] = counter
    row.save(update_fields=["data"])
    return True
