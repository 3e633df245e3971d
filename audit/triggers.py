"""The triggers that write the audit record: for every table in ``audit.tables`` what is added, changed and deleted.

They belong to the tables, so it does not matter through which door a row is written. They are made anew after every
``migrate``: Django remakes a table on SQLite when one of its columns changes, and its triggers go with the old one.
"""

from pathlib import Path

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

from audit import sqlite_triggers
from audit.installed import remove_from_sqlite, triggers_named
from audit.tables import RECORDED, Recorded

FUNCTIONS = Path(__file__).parent / "sql/functions.sql"
NAME = "put_on_record"
Triggers = dict[str, dict[str, str]]
"""For every table its triggers: their names, and what makes them."""


def _functions() -> str:
    """What the triggers call; the patient of a row is found through each of the tables that may stand between."""
    parents = sorted({recorded.through[1] for recorded in RECORDED.values() if recorded.through})
    found = [
        f"WHEN '{parent}' THEN SELECT patient_id INTO about FROM public.{parent} WHERE id = parent;"  # noqa: S608
        for parent in parents
    ]
    return FUNCTIONS.read_text().replace("{parents}", "\n      ".join(found))


def _postgresql(table: str, recorded: Recorded) -> str:
    column, parent = recorded.through or ("", "")
    arguments = (recorded.patient, column, parent, ",".join(sorted(recorded.concealed)))
    return (
        f"CREATE TRIGGER {NAME} AFTER INSERT OR DELETE OR UPDATE ON public.{table} FOR EACH ROW "
        f"EXECUTE FUNCTION audit.record_write({', '.join(repr(each) for each in arguments)})"
    )


def wanted(connection: BaseDatabaseWrapper) -> Triggers:
    """What there should be."""
    if connection.vendor == "postgresql":
        return {table: {NAME: _postgresql(table, recorded)} for table, recorded in RECORDED.items()}
    models = {model._meta.db_table: model for model in apps.get_models()}
    return {table: sqlite_triggers.of(models[table], recorded) for table, recorded in RECORDED.items()}


def present(connection: BaseDatabaseWrapper) -> Triggers:
    """What there is."""
    found: Triggers = {}
    for table, name, text in triggers_named(connection, NAME):
        found.setdefault(table, {})[name] = text
    return found


def stale(connection: BaseDatabaseWrapper) -> list[str]:
    """Tables of which not everything is put on record: a trigger is missing, off, or of an earlier version."""
    there = present(connection)
    return sorted(table for table, triggers in wanted(connection).items() if there.get(table) != triggers)


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take them off while SQLite remakes tables."""
    remove_from_sqlite(connection, NAME)


def install(connection: BaseDatabaseWrapper) -> None:
    """Make what is missing or stale, on the tables that are there."""
    tables = set(connection.introspection.table_names())
    if "audit_event" not in {*tables, *_views(connection)}:
        return  # migrated back to before there was a record
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_functions())
        there = present(connection)
        for table, triggers in wanted(connection).items():
            if table not in tables or there.get(table) == triggers:
                continue
            on = f" ON public.{table}" if connection.vendor == "postgresql" else ""
            for name in triggers.keys() | there.get(table, {}):  # one that is off stands in the way unseen
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"{on}')
            for text in triggers.values():
                cursor.execute(text)


def _views(connection: BaseDatabaseWrapper) -> set[str]:
    with connection.cursor() as cursor:
        return {each.name for each in connection.introspection.get_table_list(cursor)}
