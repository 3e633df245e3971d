"""What an authenticator app does, and a person who signs in with it."""

import datetime
import re
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User

PASSWORD = "a long and boring password"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
HALF_A_MINUTE = datetime.timedelta(seconds=30)
STEP = "/accounts/second-step/"
APP = f"{STEP}app/"


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


def with_app(user: User) -> User:
    TOTP.activate(user, SECRET)
    return user


def code_of(secret: str = SECRET, at: datetime.datetime | None = None) -> str:
    """What the app shows."""
    return str(format_hotp_value(hotp_value(secret, int((at or timezone.now()).timestamp()) // 30)))


def app_of(user: User) -> Authenticator:
    return Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)


def by_password(client: Client, user: User, **more: Any) -> Any:
    return client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD, **more})


def by_mail(client: Client, user: User) -> Any:
    client.post(reverse("account_request_login_code"), {"email": user.email})
    code = re.search(r"^    (\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert code is not None
    return client.post(reverse("account_confirm_login_code"), {"code": code[1]})


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")
