"""The second wall between clinics: what PostgreSQL lets through, whatever our own code asks for.

Each table with a clinic's rows has policies, forced upon its owner too, that compare the row with what the transaction
was told by ``accounts.acting``. Without a word of who acts there are no rows. A migration raises the wall for its new
tables: ``operations = [..., raised(own("patients_note"))]``; tests/wall fails on a table that has none.

A policy compares with a scalar subquery, so that PostgreSQL asks once for a statement and not once for a row.
"""

import dataclasses
from typing import Any

from django.db import migrations

CLINICS = "ANY ((SELECT limber_clinics())::uuid[])"
EVERYWHERE = "(SELECT limber_reaches('all'))"
SET_UP = "(SELECT limber_reaches('all', 'setup'))"
LIBRARY = "(SELECT limber_edits_library())"
SHOWN = "(SELECT limber_setting('token'))"
USER = "(SELECT limber_setting('user')::uuid)"


@dataclasses.dataclass(frozen=True)
class Wall:
    """What is let through of one table: to read and lock it, and to add, change or delete."""

    table: str
    sees: str
    writes: str

    def sql(self) -> str:
        """The statements that raise it, anew where it stands."""
        table = f'"{self.table}"'
        lines = [f"DROP POLICY IF EXISTS wall_{name} ON {table}" for name in ("sees", "adds", "changes", "deletes")]
        lines += [
            f"CREATE POLICY wall_sees ON {table} FOR SELECT USING ({self.sees})",
            f"CREATE POLICY wall_adds ON {table} FOR INSERT WITH CHECK ({self.writes})",
            # To lock a row is, for PostgreSQL, to change it; what it may become is what counts.
            f"CREATE POLICY wall_changes ON {table} FOR UPDATE USING ({self.sees}) WITH CHECK ({self.writes})",
            f"CREATE POLICY wall_deletes ON {table} FOR DELETE USING ({self.writes})",
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        ]
        return ";\n".join(lines) + ";\n"


def own(table: str, *, column: str = "clinic_id", or_secret: str = "", reach: str = EVERYWHERE) -> Wall:
    """Rows of one clinic each. ``or_secret`` is a column that is also let through to who shows what stands in it."""
    belongs = f"{column} = {CLINICS} OR {reach}"
    sees = f"{belongs} OR {or_secret} = {SHOWN}" if or_secret else belongs
    return Wall(table, sees, belongs)


def persons(table: str, *, column: str = "user_id", reach: str = EVERYWHERE) -> Wall:
    """Rows of one clinic each that also tell somebody which clinics are theirs: their own are let through."""
    belongs = f"clinic_id = {CLINICS} OR {reach}"
    return Wall(table, f"{belongs} OR {column} = {USER}", belongs)


def shared(table: str) -> Wall:
    """Rows of the library, which have no clinic and which everybody reads, and rows of one clinic each."""
    belongs = f"clinic_id = {CLINICS} OR {SET_UP}"
    return Wall(table, f"clinic_id IS NULL OR {belongs}", f"{belongs} OR (clinic_id IS NULL AND {LIBRARY})")


def hanging(table: str, column: str, parent: str, *, key: str = "id") -> Wall:
    """Rows without a clinic of their own, which are whose the row is that they hang on."""
    sees = f'EXISTS (SELECT 1 FROM "{parent}" parent WHERE parent.{key} = "{table}".{column})'  # noqa: S608 - a migration's
    return Wall(table, sees, sees)


def hanging_on_shared(table: str, column: str, parent: str, *, key: str = "id") -> Wall:
    """The same, where the row above may be the library's."""
    found = f'SELECT 1 FROM "{parent}" parent WHERE parent.{key} = "{table}".{column}'  # noqa: S608 - likewise
    return Wall(table, f"EXISTS ({found})", f"EXISTS ({found} AND (parent.clinic_id IS NOT NULL OR {LIBRARY}))")


def raised(*walls: Wall) -> migrations.RunPython:
    """The operation of a migration that raises them; nothing on SQLite, which has no policies."""

    def raise_them(_apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute("".join(wall.sql() for wall in walls))

    def take_down(_apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            for wall in walls:
                schema_editor.execute(f'ALTER TABLE "{wall.table}" NO FORCE ROW LEVEL SECURITY')
                schema_editor.execute(f'ALTER TABLE "{wall.table}" DISABLE ROW LEVEL SECURITY')

    return migrations.RunPython(raise_them, take_down)
