"""The role as which the application connects to PostgreSQL: it owns nothing, and may do no more than it has to.

A superuser, the owner of a table that is not forced, and who may bypass row security walk through the second wall.
"""

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg2.extensions import encrypt_password

READ_ONLY = ("django_migrations",)
"""Tables that the application may read and never write."""
TOO_MUCH = "rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole OR rolreplication"


def make(cursor: CursorWrapper, name: str, password: str = "") -> None:
    """Make the role unless it is there, and take from it what it must not have. Whoever calls may make roles.

    Raises ``DatabaseError`` where it may not, and the role is not there or has too much. A password that is not its to
    set is left as it is.
    """
    role = connection.ops.quote_name(name)
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
    is_new = cursor.fetchone() is None
    if is_new:
        cursor.execute(f"CREATE ROLE {role} LOGIN")
    cursor.execute(f"SELECT {TOO_MUCH} FROM pg_roles WHERE rolname = %s", [name])  # noqa: S608 - our own words
    if cursor.fetchone()[0]:
        cursor.execute(f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION")
    if password:
        # Sealed here: what is sent to the server may be written into its log.
        sealed = encrypt_password(password, name, connection.connection, "scram-sha-256")
        try:
            with transaction.atomic():
                cursor.execute(f"ALTER ROLE {role} LOGIN PASSWORD %s", [sealed])
        except DatabaseError:
            if is_new:
                raise


def grant(cursor: CursorWrapper, name: str) -> None:
    """Let the role read and write the rows of every table that there is now, and nothing else: no table, no TRUNCATE.

    A schema ``audit`` is read, never written. To be called again when there are new tables; ``make_ready`` does.
    """
    role = connection.ops.quote_name(name)
    with transaction.atomic():
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        for table in READ_ONLY:
            cursor.execute("SELECT to_regclass(%s)", [table])
            if cursor.fetchone()[0]:
                cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {role}")
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'audit'")
        if cursor.fetchone():
            cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA audit FROM {role}")
            cursor.execute(f"GRANT USAGE ON SCHEMA audit TO {role}")
            cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA audit TO {role}")


def faults(cursor: CursorWrapper) -> list[str]:
    """Say why the wall does not hold for the role of a connection; nothing where it does."""
    cursor.execute("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    name, is_superuser, bypasses = cursor.fetchone()
    cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_class WHERE relkind = 'r' AND relowner = current_user::regrole)")
    (owns,) = cursor.fetchone()
    words = {"is a superuser": is_superuser, "may bypass row security": bypasses, "owns tables": owns}
    return [f"{name} {what}" for what, is_so in words.items() if is_so]
