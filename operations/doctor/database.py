"""The database: there, durable, up to date, and not open to more than it has to be."""

from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, connections

from clinic.checks import OLDEST_POSTGRESQL, postgresql_of
from operations.doctor.finding import Finding, broken, fine, look_at
from operations.health import unapplied

MUST_BE_ON = ("fsync", "full_page_writes", "synchronous_commit")
"""What makes PostgreSQL keep what it has said that it took. Each is on as PostgreSQL comes."""
CLOCK_SECONDS = 30
"""A code of an authenticator app is good for 30 s; a clock that is further off refuses right ones."""


def _rows(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def answers(_: datetime) -> Finding:
    """Whether there is one at all."""
    try:
        if not _is_postgresql():
            _rows("SELECT 1")
            return look_at("database", "SQLite.", "For patients set DATABASE_URL to a PostgreSQL database.")
        version, encoding = _rows("SELECT current_setting('server_version'), current_setting('server_encoding')")[0]
    except DatabaseError as error:
        return broken(
            "database",
            f"does not answer ({type(error).__name__}).",
            "Is it running? Do the name, the password and the host in DATABASE_URL fit?",
        )
    if postgresql_of(connections[connection.alias]) < OLDEST_POSTGRESQL:
        words = f"PostgreSQL {version} answers: Limber needs {OLDEST_POSTGRESQL} or newer."
        return broken("database", words, "Debian 12 has 15; its pg_upgradecluster moves what is there.")
    if encoding != "UTF8":
        to_do = (
            "Make the database anew in UTF8, as operations/containers/roles.sh does, before there are patients in it."
        )
        return broken("database", f"PostgreSQL {version} answers, and stores letters as {encoding}, not UTF8.", to_do)
    return fine("database", f"PostgreSQL {version} answers.")


def keeps_what_it_takes(_: datetime) -> Finding:
    """Whether what was acknowledged survives a crash."""
    if not _is_postgresql():
        return fine("durability", "SQLite writes to disk before it answers.")
    off = [name for name in MUST_BE_ON if _rows(f"SHOW {name}")[0][0] == "off"]
    if off:
        return broken(
            "durability",
            f"{' and '.join(off)} off: a crash loses what people were told is stored.",
            "Switch it on in postgresql.conf and for the role, then reload PostgreSQL.",
        )
    return fine("durability", f"{', '.join(MUST_BE_ON)} are on.")


def role_is_not_the_owner(_: datetime) -> Finding:
    """Whether the second wall between clinics stands: it does not hold back superusers and owners."""
    if not _is_postgresql():
        return fine("role", "SQLite has none.")
    name, is_super, bypasses = _rows(
        "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )[0]
    owns = _rows(
        "SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
        " WHERE nspname = current_schema() AND relkind IN ('r', 'p') AND relowner = current_user::regrole"
    )[0][0]
    may_too_much = [
        words
        for is_so, words in (
            (is_super, "is a superuser"),
            (bypasses, "passes by row-level security"),
            (owns, f"owns {owns} tables"),
        )
        if is_so
    ]
    if may_too_much:
        return broken(
            "role",
            f"{name} {' and '.join(may_too_much)}.",
            "Give DATABASE_URL a role of its own and OWNER_DATABASE_URL the owner: operations/containers/roles.sh.",
        )
    return fine("role", f"{name} owns nothing.")


def migrations_are_applied(_: datetime) -> Finding:
    """Whether the tables are those of this version."""
    if count := unapplied(connection.alias):
        return broken("migrations", f"{count} to come.", "Run manage.py make_ready.")
    return fine("migrations", "all applied.")


def clocks_agree(at: datetime) -> Finding:
    """Whether this machine and that of the database agree on what time it is."""
    if not _is_postgresql():
        return fine("clock", "the database has this machine's.")
    apart = abs((_rows("SELECT clock_timestamp()")[0][0] - at).total_seconds())
    if apart > CLOCK_SECONDS:
        return broken(
            "clock",
            f"{apart:.0f} s from the database's: right codes are refused, reminders come at other times.",
            "Let both machines set their clocks by the network (NTP).",
        )
    return fine("clock", "within half a minute of the database's.")
