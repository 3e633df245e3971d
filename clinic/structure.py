"""The tables that migrations would make in an empty SQLite file, written down: who tries Limber does not wait for them.

``structure.sql`` holds the tables after the migrations that it names, with the rows that these leave. What came since
is migrated as ever, and so is every other database: PostgreSQL, and each file with something in it. ``python -m
tests.structure`` writes it, a release does so too, and a test holds it against what the migrations themselves make.
"""

import re
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.migrations.loader import MigrationLoader

from audit import triggers
from stretches.models import CatalogueMark

FILE = Path(__file__).with_suffix(".sql")
MIGRATED = re.compile(r"^INSERT INTO django_migrations \(app, name, applied\) VALUES \('(\w+)', '(\w+)'", re.MULTILINE)
"""A migration that has made its part of the tables."""
OF_EACH_FILE = frozenset({"django_migrations", CatalogueMark._meta.db_table})
"""Tables whose rows are of no other file: when it was migrated, and what marks the state of its catalogue."""


def load(connection: BaseDatabaseWrapper, file: Path = FILE) -> bool:
    """Make all tables at once, whole or not at all; False where that is not for us, and migrations do it all.

    Not with a migration that is not here under its name: what it made might be made once more.
    """
    if connection.vendor != "sqlite" or connection.introspection.table_names(include_views=True):
        return False
    text = file.read_text()
    if not set(MIGRATED.findall(text)) <= set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations):
        return False
    with connection.cursor() as cursor:
        cursor.executescript(f"BEGIN IMMEDIATE;\n{text}COMMIT;\n")
    return True


def written(connection: BaseDatabaseWrapper) -> str:
    """What makes the tables of a migrated SQLite file and fills in what is there: a statement a line, in a fixed order.

    Without the triggers of the record, which every ``migrate`` puts on (``audit.triggers``).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%%' ESCAPE '\\'"
            " AND NOT (type = 'trigger' AND name LIKE %s)"
            " ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, name",
            [f"{triggers.NAME}%"],
        )
        makes = [sql for (sql,) in cursor.fetchall()]
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
        fills = [
            f"INSERT INTO django_migrations (app, name, applied) VALUES ('{app}', '{name}', datetime('now'))"  # noqa: S608
            for app, name in cursor.fetchall()
        ]
        for table in sorted(connection.introspection.table_names(cursor)):
            if table not in OF_EACH_FILE:
                fills += _rows(cursor, table)
    return "".join(f"{statement};\n" for statement in [*makes, *fills])


def _rows(cursor: CursorWrapper, table: str) -> list[str]:
    cursor.execute("SELECT name FROM pragma_table_info(%s) ORDER BY cid", [table])
    values = " || ', ' || ".join(f'quote("{column}")' for (column,) in cursor.fetchall())
    cursor.execute(f'SELECT {values} FROM "{table}" ORDER BY rowid')  # noqa: S608 - names of our own tables
    return [f'INSERT INTO "{table}" VALUES ({row})' for (row,) in cursor.fetchall()]  # noqa: S608 - quoted by SQLite
