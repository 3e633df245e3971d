"""Every table of the database, and why some are without a wall."""

from typing import Any

from django.db import connection

NO_CLINICS = {
    "a person's own, whatever clinics they belong to; no clinic reads it": {
        "accounts_user",
        "accounts_user_groups",
        "accounts_user_user_permissions",
        "accounts_session",
        "accounts_draft",
        "account_emailaddress",
        "account_emailconfirmation",
        "mfa_authenticator",
        "routines_pushsubscription",
    },
    "numbers under a hash": {"accounts_trycount"},
    "digests of what was erased, which name nobody, and sums over everybody": {"clinic_erasure", "clinic_stretchtally"},
    "when the sender last ran": {"operations_pulse"},
    "random values that change with the catalogue": {"stretches_cataloguemark"},
    "Django's own": {
        "auth_group",
        "auth_group_permissions",
        "auth_permission",
        "django_content_type",
        "django_migrations",
        "django_session",
    },
    "what somebody did in the admin site, by the names of catalogue rows; it is shown with the row, which has a wall": {
        "django_admin_log"
    },
    "the library alone: no clinic has rows of its own in it": {
        "patients_outcomemeasure",
        "stretches_broader",
        "stretches_catalogueimport",
        "stretches_cataloguenote",
        "stretches_cataloguetext",
        "stretches_conditioncode",
        "stretches_equipment",
        "stretches_historicalbroader",
        "stretches_historicalconditioncode",
        "stretches_historicalmovementrule",
        "stretches_historicalmovementrule_movements",
        "stretches_movement",
        "stretches_movementrule",
        "stretches_movementrule_movements",
        "stretches_muscle",
        "stretches_redflagaction",
        "stretches_redflagquestion",
        "stretches_source",
        "stretches_timingrule",
        "stretches_timingrule_movements",
    },
}
"""Reason: tables. A new table stands here, or its migration raises a wall: ``accounts.wall``."""


def open_tables() -> set[str]:
    """Those that are declared to need none."""
    return set().union(*NO_CLINICS.values())


def rows_of(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What a statement gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return cursor.fetchall() if cursor.description else []


def tables() -> dict[str, set[str]]:
    """Every table in the schema of ours, from the database's own catalogue, with the names of its columns."""
    found = rows_of(
        "SELECT c.relname, array_agg(a.attname::text) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0"
        " AND NOT a.attisdropped GROUP BY c.relname"
    )
    return {name: set(columns) for name, columns in found}


def faults() -> list[str]:
    """Tables of which neither a wall nor a reason is there."""
    walls = rows_of(
        "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, array_agg(p.polcmd::text)"
        " FROM pg_class c LEFT JOIN pg_policy p ON p.polrelid = c.oid"
        " WHERE c.relnamespace = 'public'::regnamespace GROUP BY c.oid"
    )
    is_walled = {name: forced and {"r", "a", "w", "d"} <= set(commands) for name, forced, commands in walls}
    found = []
    for name, columns in sorted(tables().items()):
        if name in open_tables():
            if "clinic_id" in columns:
                found.append(f"{name} has a clinic, and is said to hold no clinic's rows")
        elif not is_walled[name]:
            found.append(
                f"{name} has no wall: accounts.wall.raised in a migration, or a reason in tests/wall/tables.py"
            )
    return found + [f"{name} is said to be open, and is not there" for name in open_tables() - set(tables())]


def clinic_of(table: str) -> str:
    """An expression for the clinic of a row of a walled table, as a superuser sees it."""
    columns = tables()[table]
    if table == "accounts_clinic":
        return "t.id"
    if "clinic_id" in columns:
        return "t.clinic_id"
    hangs_by = {"stretch_id"} if table.endswith(("photo", "video")) else columns
    column, parent, key = next((column, *parent) for column, parent in HANGING.items() if column in hangs_by)
    if parent == "stretches_contraindicationproposal":
        join = "JOIN stretches_stretch s ON s.id = p.stretch_id"
        return f"(SELECT s.clinic_id FROM {parent} p {join} WHERE p.{key} = t.{column})"
    if column == "history_id" and "contraindication_id" in columns:
        parent = "stretches_historicalcontraindication"
    return f"(SELECT p.clinic_id FROM {parent} p WHERE p.{key} = t.{column})"


HANGING = {  # the column by which a row hangs on another that has a clinic, the best first
    "proposal_id": ("routines_proposal", "id"),
    "contraindicationproposal_id": ("stretches_contraindicationproposal", "id"),
    "history_id": ("stretches_historicalstretch", "history_id"),
    "from_stretch_id": ("stretches_stretch", "id"),
    "stretch_id": ("stretches_stretch", "id"),
    "contraindication_id": ("stretches_contraindication", "id"),
}
