"""Which of our triggers a database has: those of the record, and those that mark the catalogue."""

from django.db.backends.base.base import BaseDatabaseWrapper


def triggers_named(connection: BaseDatabaseWrapper, start: str) -> list[tuple[str, str, str]]:
    """Table, name and text of each trigger whose name begins so; of PostgreSQL's only those that are on."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT relname, tgname, pg_get_triggerdef(t.oid)"
                " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
                " WHERE tgname LIKE %s AND tgenabled IN ('O', 'A') AND c.relnamespace = 'public'::regnamespace",
                [f"{start}%"],
            )
        else:
            cursor.execute(
                "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", [f"{start}%"]
            )
        return list(cursor.fetchall())


def remove_from_sqlite(connection: BaseDatabaseWrapper, start: str) -> None:
    """Take them off on SQLite, where a table cannot be remade as long as a trigger of another one mentions it."""
    if connection.vendor == "sqlite":
        for _, name, _ in triggers_named(connection, start):
            with connection.cursor() as cursor:
                cursor.execute(f'DROP TRIGGER "{name}"')
