"""How allauth is told that nobody signs up, and what a passkey is here: staff and patients are invited."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import limits, passkeys, second_step
from accounts.models import User
from accounts.reading import is_known
from accounts.sealing import seal, unseal
from accounts.sessions import DEVICE

DEVICES = {
    "iPhone": _("iPhone"),
    "iPad": _("iPad"),
    "Android": _("Android phone"),
    "CrOS": _("Chromebook"),
    "Windows": _("Windows computer"),
    "Macintosh": _("Mac"),
    "Linux": _("Linux computer"),
}
"""What a browser says that it runs on, in the order in which to look: Android is also a Linux."""


def _device_of(request: HttpRequest) -> str:
    """What somebody sits at, empty where that is not known."""
    browser = request.headers.get("User-Agent", "")
    return next((str(name) for word, name in DEVICES.items() if word in browser), "")


class ClosedAdapter(DefaultAccountAdapter):
    """Sign-in only."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": _(
            "There were many tries. Wait a few minutes, or have a code sent to you by mail: that works now."
        ),
        "too_many_mails": _("We sent several mails already. Look among unwanted mail, or wait a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account alone: a clinic adds its people."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Take a try before the password is looked at; raises ``ValidationError`` when there is none left."""
        login = credentials.get("email") or credentials.get("username") or ""
        self._slots = limits.password_slots(login, self.get_client_ip(request))
        if not limits.take(self._slots, at=timezone.now()):
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check a password, and count as no try what was right."""
        user: User | None = super().authenticate(request, **credentials)
        if user:
            limits.give_back(self._slots)
        return user

    def login(self, request: HttpRequest, user: User) -> None:
        """Let somebody in, and note on what, for their list of devices."""
        super().login(request, user)
        request.session[DEVICE] = str(_device_of(request))

    def render_mail(
        self, template_prefix: str, email: str | list[str], context: dict[str, Any], headers: Any = None
    ) -> EmailMessage:
        """Write to people in the language that they chose, whatever the browser speaks that asked for the mail."""
        to = User.objects.filter(email__iexact=email).first() if isinstance(email, str) else None
        chosen = to.language if to and is_known(to.language) else translation.get_language()
        with translation.override(chosen):
            message: EmailMessage = super().render_mail(template_prefix, email, context, headers)
        return message

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask once more whoever came in a while ago.

        allauth itself asks at once even who signed in just now, and never who has neither password nor passkey: such
        a person signs in again, by a code.
        """
        if not super().is_reauthentication_required(app=app, **kwargs):
            return False
        request = context.request
        if passkeys.came_in_lately(request.session, at=timezone.now()):
            return False
        if not super().get_reauthentication_methods(request.user):
            raise ReauthenticationRequired
        return True

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Say the ways to show once more who one is: allauth's in our words, and always to sign in again."""
        if not user.is_authenticated:
            return []
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        for method in methods:
            if method["id"] == "mfa_reauthenticate:webauthn":
                method["description"] = gettext("Use a passkey")
            elif method["id"] == "mfa_reauthenticate":
                method["description"] = gettext("Use a code of my app, or a recovery code")
        if second_step.is_due(context.request) and second_step.proofs_of(user).any:
            return [method for method in methods if method["id"].startswith("mfa")]  # a password is the first proof
        again = {"id": "again", "description": gettext("Sign in again"), "url": reverse("account_logout")}
        return [*methods, again]


class PasskeyAdapter(DefaultMFAAdapter):
    """A passkey is another way in, beside the code by mail; it never closes that one. Secrets are stored sealed."""

    error_messages = {**DefaultMFAAdapter.error_messages, "incorrect_code": _("This passkey does not work here.")}

    def is_mfa_enabled(self, user: User | AnonymousUser, types: list[str] | None = None) -> bool:
        """Whether somebody is asked for a second step. Asked for passkeys alone: whether there are any.

        allauth would ask whoever has a passkey for it after every code by mail, and lock out who has lost the phone.
        """
        others = [each for each in types or Authenticator.Type.values if each != Authenticator.Type.WEBAUTHN]
        return bool(super().is_mfa_enabled(user, others or types))

    def encrypt(self, text: str) -> str:
        """What is stored of the seed of an app, or of recovery codes."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The seed again."""
        return unseal(encrypted_text)

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - allauth's name
        """What a new passkey is called until somebody says better: what it is made on."""
        return str(_device_of(context.request) or _("My passkey"))

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """For which site a passkey is, whatever host a request names."""
        return {"id": passkeys.host(), "name": "Limber"}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """Under which name a device keeps it: never under an address that was made up."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return {**entity, "name": user.email if user.has_address else str(user), "display_name": str(user)}
