"""allauth's forms for codes by mail and for a new password, with limits that hold over several workers."""

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    ChangePasswordForm,
    ConfirmLoginCodeForm,
    RequestLoginCodeForm,
    ResetPasswordForm,
)
from allauth.core import context
from django.utils import timezone

from accounts import limits


class CodeByMailForm(RequestLoginCodeForm):
    """Somebody wants a code by mail. Whether the address is known is answered alike, and counted alike."""

    def clean_email(self) -> str:
        """Count before anything is looked up or sent."""
        _count_mail(self.cleaned_data["email"])
        return str(super().clean_email())


class PasswordResetForm(ResetPasswordForm):
    """Somebody wants a link to a new password; counted as a code by mail is."""

    def clean_email(self) -> str:
        """Count before anything is looked up or sent."""
        _count_mail(self.cleaned_data["email"])
        return str(super().clean_email())


def _count_mail(address: str) -> None:
    """Raise ``ValidationError`` where too many were sent there, or asked for from here."""
    adapter = get_adapter()
    slots = limits.mail_slots(address, adapter.get_client_ip(context.request))
    if not limits.take(slots, at=timezone.now()):
        raise adapter.validation_error("too_many_mails")


class MailedCodeForm(ConfirmLoginCodeForm):
    """The code from the mail. What guesses are counted for is this code, so that nobody is locked out by a stranger."""

    def clean_code(self) -> str:
        """Count, compare, and let a code in once."""
        at = timezone.now()
        session = context.request.session.session_key or ""
        expected = self.expected_code or ""
        if not limits.take(limits.mailed_code_slots(expected, session), at=at):
            raise get_adapter().validation_error("incorrect_code")
        code = str(super().clean_code())
        if not limits.take(limits.mailed_code_use(expected, session), at=at):
            raise get_adapter().validation_error("incorrect_code")
        return code


class PasswordChangeForm(ChangePasswordForm):
    """A new password; guesses at the present one count as they do at the sign-in."""

    def clean_oldpassword(self) -> str:
        """Count, and compare."""
        adapter = get_adapter()
        slots = limits.password_slots(self.user.email, adapter.get_client_ip(context.request))
        if not limits.take(slots, at=timezone.now()):
            raise adapter.validation_error("too_many_login_attempts")
        password = str(super().clean_oldpassword())
        limits.give_back(slots)
        return password
