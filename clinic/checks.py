"""What `manage.py check --deploy` refuses: settings under which no patient should be treated."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register  # noqa: A004 - Django's name
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts import database_role
from accounts.sealing import SHORTEST_KEY

OLDEST_POSTGRESQL = 15
"""Views that show who asks what they may see (``security_invoker``): the audit record rests on them."""


@register(Tags.security, deploy=True)
def no_sqlite_for_patients(**_: Any) -> list[Error]:
    """SQLite has no row locks and no second wall between clinics: it is for trying Limber."""
    if "sqlite" not in settings.DATABASES["default"]["ENGINE"]:
        return []
    return [
        Error(
            "SQLite is for trying Limber, not for patients.",
            hint="Set DATABASE_URL to a PostgreSQL database.",
            id="limber.E001",
        )
    ]


@register(Tags.security, deploy=True)
def no_demo_for_patients(**_: Any) -> list[Error]:
    """The demo clinic's password is known to everybody."""
    if not settings.DEMO:
        return []
    return [Error("DEMO is on.", hint="Unset DEMO: the demo's sign-ins are public.", id="limber.E002")]


@register(Tags.security, deploy=True)
def two_proofs_for_staff(**_: Any) -> list[Error]:
    """A password that was guessed, or a mailbox that was opened, must not open a clinic."""
    if settings.REQUIRE_STAFF_MFA:
        return []
    return [Error("REQUIRE_STAFF_MFA is off.", hint="Unset it: staff show a second proof.", id="limber.E004")]


@register(Tags.security, deploy=True)
def secrets_have_a_key_of_their_own(**_: Any) -> list[Error]:
    """Without one, a new SECRET_KEY would make every authenticator app useless."""
    keys = settings.SEALING_KEYS
    if keys and all(len(key) >= SHORTEST_KEY for key in keys):
        return []
    hint = f"Set it to the output of `openssl rand -hex 32`; each key has at least {SHORTEST_KEY} characters."
    return [Error("SEALING_KEYS is missing or too short.", hint=hint, id="limber.E005")]


@register(Tags.security, deploy=True)
def a_role_that_owns_nothing(**_: Any) -> list[Warning]:
    """PostgreSQL keeps clinics apart from each other only for a role that owns nothing: told by the names alone."""
    application, owner = settings.APPLICATION_DATABASE, settings.OWNER_DATABASE
    if application["ENGINE"] == "django.db.backends.sqlite3" or application["USER"] != owner["USER"]:
        return []
    hint = "Name the owner's role in OWNER_DATABASE_URL, and run `manage.py make_roles`: docs/security.md."
    return [Warning("Pages connect as the database's owner.", hint=hint, id="limber.W001")]


def postgresql_of(connection: BaseDatabaseWrapper) -> int:
    """The major version of PostgreSQL that answers, such as 15."""
    return int(connection.pg_version) // 10_000  # type: ignore[attr-defined]  # PostgreSQL's wrapper has it


@register(Tags.database)
def postgresql_is_new_enough(databases: Sequence[str] | None = None, **_: Any) -> list[Error]:
    """Asked before every migration: it says what an older server would refuse in words of its own."""
    asked = [connections[each] for each in databases or ()]
    return [
        Error(
            f"PostgreSQL {postgresql_of(connection)} is too old: Limber needs {OLDEST_POSTGRESQL} or newer.",
            hint="Debian 12 has 15; its pg_upgradecluster moves what is there.",
            id="limber.E007",
        )
        for connection in asked
        if connection.vendor == "postgresql" and postgresql_of(connection) < OLDEST_POSTGRESQL
    ]


@register(Tags.database)
def the_second_wall_holds(databases: Sequence[str] | None = None, **_: Any) -> list[Warning]:
    """The same, asked of the database itself: `manage.py check --database default`."""
    asked = [connections[each] for each in databases or ()]
    if settings.AS_OWNER or settings.DEBUG or settings.DEMO:
        return []
    found = []
    for connection in asked:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                found += database_role.faults(cursor)
    hint = "DATABASE_URL is for a role that `manage.py make_roles` made: docs/security.md."
    return [Warning(f"The wall between clinics does not hold: {each}.", hint=hint, id="limber.W002") for each in found]


@register(Tags.security)
def push_key_is_a_key(**_: Any) -> list[Error]:
    """Web push is offered when there is a key; a broken one is better found now than at the first reminder."""
    from routines.push import public_key

    try:
        public_key()
    except ValueError:
        hint = "Make one with `manage.py make_push_key`, or unset it."
        return [Error("VAPID_PRIVATE_KEY is not a key.", hint=hint, id="limber.E003")]
    return []


@register(Tags.models)
def every_field_has_a_rule(**_: Any) -> list[Error]:
    """What is stored of a person has a reason and an end: nobody adds a field without thinking about both."""
    from clinic.privacy.declarations import stored_models, undeclared

    hint = "Declare it in the personal.py of its app, under one of the rules of accounts.personal.Rule."
    return [
        Error(f"{field} has no retention rule.", hint=hint, id="limber.E010") for field in undeclared(stored_models())
    ]
