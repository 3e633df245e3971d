"""allauth's forms for authenticator apps and recovery codes. They count tries, and no code works twice."""

from typing import Any

from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts import limits, second_step
from accounts.models import User
from accounts.sealing import SealedForGoodError, seal, unseal

WRONG = "This code does not work. Codes change every 30 seconds, and each works once: wait for the next one."


def _code_field() -> forms.CharField:
    attributes = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
    return forms.CharField(label="Code", max_length=40, widget=forms.TextInput(attrs=attributes))


def _counted(user: User) -> list[limits.Slot]:
    """Take a try, and say which, to give it back when it was right."""
    slots = limits.second_step_slots(user.pk)
    if not limits.take(slots, at=timezone.now()):
        raise ValidationError("There were many tries. Wait five minutes, or use a passkey.")
    return slots


class _UsesUp:
    """A code of the app, or a recovery code: whichever it is."""

    user: User
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        """Count, and use the code up."""
        slots = _counted(self.user)
        code: str = self.cleaned_data["code"]
        authenticator = second_step.use_code(self.user, code, at=timezone.now())
        if authenticator is None:
            raise ValidationError(WRONG)
        limits.give_back(slots)
        authenticator.user = self.user
        self.authenticator = authenticator
        return code


class CodeForm(_UsesUp, AuthenticateForm):
    """The second proof, when signing in."""

    code = _code_field()


class CodeAgainForm(_UsesUp, ReauthenticateForm):
    """The second proof of who is in on one, or once more before something important."""

    code = _code_field()


class AppAddForm(ActivateTOTPForm):
    """A new authenticator app. Its seed lies sealed in the session until the first code shows that the app has it."""

    code = _code_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user: User = kwargs.pop("user")
        forms.Form.__init__(self, *args, **kwargs)
        session = context.request.session
        self.secret = _opened(session.get(SECRET_SESSION_KEY, "")) if self.is_bound else ""
        if not self.secret:
            self.secret = generate_totp_secret()
            session[SECRET_SESSION_KEY] = seal(self.secret)

    def clean_code(self) -> str:
        """Compare with what an app would show that was set up just now."""
        slots = _counted(self.user)
        code: str = self.cleaned_data["code"]
        if second_step.fitting_counter(self.secret, code, at=timezone.now()) is None:
            raise ValidationError("This is not the code that the app should show now. Wait for the next one.")
        limits.give_back(slots)
        return code


def _opened(sealed: str) -> str:
    try:
        return unseal(sealed)
    except SealedForGoodError:
        return ""
