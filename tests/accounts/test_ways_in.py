"""What the settings themselves promise of the ways in, as they are when nobody sets anything."""

import datetime
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as project
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from accounts.sessions import SIGNED_IN_AT
from tests.accounts.second_proof import PASSWORD, with_password
from tests.factories import PatientFactory, UserFactory

MINUTE = datetime.timedelta(minutes=1)
ASKED = """
from django.conf import settings
print(settings.PASSWORD_HASHERS[0], settings.REQUIRE_STAFF_MFA, settings.DEMO, settings.DEBUG, settings.METRICS_TOKEN)
print(settings.SECOND_REVIEWER, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE)
print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
print(settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS)
"""


@pytest.fixture(scope="module")
def unset(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What the settings are in a process in which only what has to be set is: a key, and where the site is."""
    given = {"SECRET_KEY": "x", "SITE_URL": "https://limber.example", "VAR_DIR": str(tmp_path_factory.mktemp("var"))}
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        cwd=Path(project.BASE_DIR),
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "clinic.settings", **given},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_a_password_is_stored_with_argon2(unset: list[str]) -> None:
    hasher = import_string(unset[0].split()[0])()  # the tests' own settings name a faster one

    stored = make_password(PASSWORD, hasher=hasher)

    assert stored.startswith("argon2$argon2id$")
    assert hasher.verify(PASSWORD, stored)
    assert not hasher.verify("another", stored)


def test_what_nobody_sets_is_the_safe_way(unset: list[str]) -> None:
    assert unset[0].split()[1:] == ["True", "False", "False"]  # two proofs, no demo, no debugging, no figures
    assert unset[1:] == ["True True True", "__Host-session __Host-csrf", "True 31536000"]


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        ("eleven-char", False),
        ("twelve-chars", True),
        ("password1234", False),
        ("ada@example.org", False),
        (PASSWORD, True),
    ],
)
def test_a_new_password_is_none_that_is_guessed(password: str, is_good: bool) -> None:
    user = UserFactory.build(email="ada@example.org")

    if is_good:
        validate_password(password, user)
    else:
        with pytest.raises(ValidationError):
            validate_password(password, user)


@pytest.mark.django_db
def test_nobody_signs_up() -> None:
    sent = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}

    Client().post("/accounts/signup/", sent)

    assert not User.objects.filter(email=sent["email"]).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("ago", "asked"), [(9 * MINUTE, False), (11 * MINUTE, True)])
def test_who_has_shown_it_is_asked_again_after_ten_minutes(ago: datetime.timedelta, asked: bool) -> None:
    """Not only after signing in: showing it once does not last for the day either."""
    client = Client()
    client.force_login(with_password(PatientFactory(user=UserFactory()).user))
    session = client.session
    session[SIGNED_IN_AT] = (timezone.now() - 50 * MINUTE).isoformat()
    session.save()
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/password/change/"})
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= ago.total_seconds()
    session.save()

    answer = client.get("/accounts/password/change/")

    assert (answer.status_code == 302) is asked
