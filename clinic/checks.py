"""What `manage.py check --deploy` refuses: settings under which no patient should be treated."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security, deploy=True)
def no_sqlite_for_patients(**_: Any) -> list[Error]:
    """SQLite has no row locks and no second wall between clinics: it is for trying Limber."""
    if settings.DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3":
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
