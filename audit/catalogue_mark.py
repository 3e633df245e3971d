"""The triggers that mark every state of the catalogue: whatever writes to one of its tables changes the mark with it.

What is held of the catalogue in a process (``stretches.inventory``) is held under the mark of its state. Values are
random and never come back, not even when a transaction is undone: a mark that is seen again means the same rows. On
PostgreSQL a writer takes any row that no other one holds, so that none waits for another; within a transaction the mark
goes on changing in a setting of its own, which ends with it.

They are made anew after every ``migrate``, like the triggers of the record, beside which they stand for that reason.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from audit.installed import remove_from_sqlite, triggers_named

NAME = "mark_catalogue_1"
"""With a number, which grows when what the triggers do changes."""
MARK = "stretches_cataloguemark"
MARKED = (
    "stretches_stretch",
    "stretches_stretch_muscles",
    "stretches_stretch_equipment",
    "stretches_stretch_movements",
    "stretches_contraindication",
    "stretches_conditioncode",
    "stretches_broader",
    "stretches_source",
    "stretches_muscle",
    "stretches_equipment",
    "stretches_movement",
    "stretches_cataloguetext",
    "stretches_timingrule",
    "stretches_timingrule_movements",
)
"""Every table that ``stretches.inventory`` reads, and those that a verdict rests on besides."""

FUNCTION = f"""CREATE OR REPLACE FUNCTION public.{NAME}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF coalesce(current_setting('limber.catalogue_mark', true), '') = '' THEN
    UPDATE public.{MARK} SET value = gen_random_uuid()
      WHERE id = (SELECT id FROM public.{MARK} ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
      INSERT INTO public.{MARK} (value) VALUES (gen_random_uuid());
    END IF;
  END IF;
  PERFORM set_config('limber.catalogue_mark', gen_random_uuid()::text, true);
  RETURN NULL;
END $$"""  # noqa: S608 - our own words

READ = {
    "postgresql": f"SELECT string_agg(value::text, ' ' ORDER BY id),"  # noqa: S608 - our own words
    f" coalesce(current_setting('limber.catalogue_mark', true), '') FROM {MARK}",
    "sqlite": f"SELECT max(value), '' FROM {MARK}",  # noqa: S608 - likewise
}
"""One row: what is stored, none where nothing is; and what this transaction has written."""

RENEW = {
    "postgresql": f"UPDATE {MARK} SET value = gen_random_uuid()",  # noqa: S608 - likewise
    "sqlite": f"UPDATE {MARK} SET value = lower(hex(randomblob(16)))",  # noqa: S608 - likewise
}
"""After this no mark that was ever read stands for anything."""


def statements(connection: BaseDatabaseWrapper, table: str) -> dict[str, str]:
    """The triggers of a table: their names, and what makes them."""
    if connection.vendor == "postgresql":
        return {
            NAME: f"DROP TRIGGER IF EXISTS {NAME} ON public.{table};"  # one that is off
            f"CREATE TRIGGER {NAME} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON public.{table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION public.{NAME}()"
        }
    # SQLite settles a conflict in a trigger as the statement that set it off says, whatever stands here. So there is
    # none: after INSERT OR IGNORE, by which Django adds a muscle, OR REPLACE would leave the mark as it is.
    first = f"INSERT INTO {MARK} (id, value) SELECT 1, '' WHERE NOT EXISTS (SELECT 1 FROM {MARK})"  # noqa: S608
    return {
        f"{NAME}_{table}_{event.lower()}": f"CREATE TRIGGER {NAME}_{table}_{event.lower()} AFTER {event} ON {table}"
        f" BEGIN {first}; {RENEW['sqlite']}; END"
        for event in ("INSERT", "UPDATE", "DELETE")
    }


def present(connection: BaseDatabaseWrapper) -> set[tuple[str, str]]:
    """Tables and the names of their triggers, also of an earlier number."""
    return {(table, name) for table, name, _ in triggers_named(connection, "mark_catalogue")}


def unmarked(connection: BaseDatabaseWrapper) -> list[str]:
    """Tables that may be written to without the mark changing: a trigger is missing, off, or of an earlier number."""
    there = present(connection)
    return [table for table in MARKED if {(table, name) for name in statements(connection, table)} - there]


def remove(connection: BaseDatabaseWrapper) -> None:
    """Take them off while SQLite remakes tables."""
    remove_from_sqlite(connection, "mark_catalogue")


def install(connection: BaseDatabaseWrapper) -> None:
    """Make what is missing, on the tables that are there; what was written without it is marked by a new value."""
    tables = set(connection.introspection.table_names())
    if MARK not in tables:
        return  # migrated back to before there was a mark
    missing = [table for table in unmarked(connection) if table in tables]
    with connection.cursor() as cursor:
        if missing and connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        there = present(connection)
        for table in missing:
            for name, text in statements(connection, table).items():
                if (table, name) not in there:
                    cursor.execute(text)
        if missing:
            cursor.execute(RENEW[connection.vendor])
