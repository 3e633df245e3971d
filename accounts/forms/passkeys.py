"""allauth's forms for passkeys, which believe what a browser would send. These survive everything else, too."""

from collections.abc import Callable
from typing import Any, TypeVar

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONGEST_NAME = 60
MOST = 20
"""More passkeys than anybody has devices."""
T = TypeVar("T")
CREDENTIAL = {"id", "rawId", "type"}
RESPONSE = {"clientDataJSON", "attestationObject"}


class CredentialField(forms.JSONField):
    """What a device answered, as our script writes it."""

    widget = forms.HiddenInput
    default_error_messages = {
        "invalid": gettext_lazy("This passkey does not work here."),
        "required": gettext_lazy("No passkey was used. Try again, or take another way."),
    }

    def to_python(self, value: Any) -> Any:
        """Read it; what is nested too deeply to be read is no answer of a device."""
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error


def _read(check: Callable[[], T]) -> T:
    """What a check of a credential returns; ``ValidationError`` also for what no browser sends."""
    try:
        return check()
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise ValidationError(_("This passkey does not work here.")) from error


def _essential(credential: dict[str, Any]) -> dict[str, Any]:
    """What is needed of a credential that was checked: anything could stand beside it."""
    results = credential.get("clientExtensionResults")
    properties = results.get("credProps") if isinstance(results, dict) else None
    is_resident = isinstance(properties, dict) and properties.get("rk") is True
    return {
        **{name: credential[name] for name in CREDENTIAL},
        "response": {name: credential["response"][name] for name in RESPONSE},
        "clientExtensionResults": {"credProps": {"rk": is_resident}},
    }


class PasskeyAddForm(AddWebAuthnForm):
    """A new passkey. The device holds it already when this is sent, so no name is a reason to refuse it."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        help_text=gettext_lazy("So that you know it again, such as “My phone”."),
        widget=forms.TextInput(attrs={"maxlength": LONGEST_NAME, "autocomplete": "off"}),
    )
    credential = CredentialField()
    passwordless = None  # every passkey here opens the door alone; see MFA_WEBAUTHN_USER_VERIFICATION

    def clean_name(self) -> str:
        """Cut short what is too long."""
        return str(super().clean_name()).strip()[:LONGEST_NAME]

    def clean(self) -> dict[str, Any]:
        """Check the credential, and keep of it what is needed."""
        mine = Authenticator.objects.filter(user=self.user, type=Authenticator.Type.WEBAUTHN)
        if mine.count() >= MOST:
            raise ValidationError(_("You have very many passkeys. Remove one that you do not need, then try again."))
        cleaned: dict[str, Any] = _read(super().clean)
        if credential := cleaned.get("credential"):
            cleaned["credential"] = _read(lambda: _essential(credential))
        return cleaned


class PasskeyEditForm(EditWebAuthnForm):
    """Another name for a passkey."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=LONGEST_NAME, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class PasskeyLoginForm(LoginWebAuthnForm):
    """Somebody comes in by a passkey. The answer is the same whether the person or only the passkey is unknown."""

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        """Find the passkey."""
        return _known(super().clean_credential)


class PasskeyStepForm(AuthenticateWebAuthnForm):
    """Somebody who came in by a password or a code shows a passkey as the second proof."""

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        """Find the passkey among one's own."""
        return _known(super().clean_credential)


class PasskeyReauthenticateForm(ReauthenticateWebAuthnForm):
    """Somebody shows once more who they are, by a passkey."""

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        """Find the passkey among one's own."""
        return _known(super().clean_credential)


def _known(find: Callable[[], Authenticator]) -> Authenticator:
    """The passkey; one error for whatever is wrong with it."""
    try:
        return _read(find)
    except ValidationError as error:
        if any(each.code == "too_many_login_attempts" for each in error.error_list):
            raise
        message = _("This passkey does not work here. It may have been removed. Sign in with a code by mail.")
        raise ValidationError(message) from error
