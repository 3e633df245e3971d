"""The triggers as SQLite has them: written out for the columns of each table.

Here nothing keeps whoever has the file from changing the record: SQLite is for trying Limber.
"""

from django.db.models import Model

from audit.tables import IMPLIED, Recorded

NAME = "put_on_record"
ROLE = """CASE
      WHEN limber_acting('user') = '' AND limber_acting('address') = '' THEN 'command'
      WHEN limber_acting('user') = '' THEN 'link'
      WHEN EXISTS (SELECT 1 FROM patients_patient AS p
        WHERE p.id = {patient} AND p.user_id = limber_acting('user')) THEN 'patient'
      ELSE coalesce((SELECT role FROM accounts_membership AS m
        WHERE m.user_id = limber_acting('user') AND m.clinic_id = {clinic}
        ORDER BY (role = 'admin') = {is_grant} DESC), 'operator')
    END"""
"""As ``audit.role_of`` on PostgreSQL."""
REASON = (
    "CASE WHEN limber_acting('reason') <> '' THEN json_object('reason', limber_acting('reason')) ELSE json_object() END"
)
COLUMNS = "at, user_id, role, clinic_id, patient_id, table_name, object_id, action, address, door, content, salt"
NOW = "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
WHO = "nullif(limber_acting('user'), '')"
WHENCE = "limber_acting('address'), limber_acting('door')"
SALT = "lower(hex(randomblob(16)))"
_NOW = NOW.replace("%", "%%")

GRANTS = ("accounts_membership", "accounts_staffinvitation")

VIEWS = f"""INSERT INTO audit_event ({COLUMNS})
  SELECT {_NOW}, {WHO}, {ROLE.format(patient="s.id", clinic="s.clinic_id", is_grant=0)},
    s.clinic_id, s.id, 'patients_patient', s.id, 'view', {WHENCE}, {REASON}, {SALT}
  FROM patients_patient AS s WHERE s.id IN ({{ids}}) AND (NOT %s OR s.user_id = limber_acting('user')) ORDER BY s.id"""
LIST = f"""INSERT INTO audit_event ({COLUMNS})
  SELECT {_NOW}, {WHO}, {ROLE.format(patient="NULL", clinic="s.clinic_id", is_grant=0)},
    s.clinic_id, NULL, 'patients_patient', '', 'list', {WHENCE},
    json_patch(json_object('patients', json_group_array(s.id)), {REASON}), {SALT}
  FROM patients_patient AS s WHERE s.id IN ({{ids}}) AND (s.user_id = limber_acting('user')) IS NOT TRUE
  GROUP BY s.clinic_id"""
"""As ``audit.record_views``."""


def of(model: type[Model], recorded: Recorded) -> dict[str, str]:
    """The three triggers of a table: names, and what makes them."""
    table = model._meta.db_table
    columns = [str(field.column) for field in model._meta.concrete_fields]
    changed = " OR ".join(f'old."{column}" IS NOT new."{column}"' for column in columns)
    kinds = {
        "add": ("INSERT", "new", "", _whole("after", "new", columns, recorded)),
        "change": ("UPDATE", "new", f"WHEN {changed} ", _difference(columns, recorded)),
        "delete": ("DELETE", "old", "", _whole("before", "old", columns, recorded)),
    }
    return {
        f"{NAME}_{table}_{action}": (
            f'CREATE TRIGGER "{NAME}_{table}_{action}" AFTER {event} ON "{table}" {condition}BEGIN\n'
            f"  INSERT INTO audit_event ({COLUMNS})\n"
            f"  VALUES ({NOW}, {WHO}, {_role(table, row, recorded)},\n"
            f"    {row}.\"clinic_id\", {_patient(row, recorded)}, '{table}', {row}.\"id\", '{action}', {WHENCE},\n"
            f"    json_patch({content}, {REASON}), {SALT});\nEND"
        )
        for action, (event, row, condition, content) in kinds.items()
    }


def _role(table: str, row: str, recorded: Recorded) -> str:
    return ROLE.format(patient=_patient(row, recorded), clinic=f'{row}."clinic_id"', is_grant=int(table in GRANTS))


def _patient(row: str, recorded: Recorded) -> str:
    if recorded.through:
        column, parent = recorded.through
        return f'(SELECT patient_id FROM "{parent}" AS t WHERE t.id = {row}."{column}")'
    return f'{row}."{recorded.patient}"' if recorded.patient else "NULL"


def _values(row: str, columns: list[str]) -> str:
    return "json_object(" + ", ".join(f"'{column}', {row}.\"{column}\"" for column in columns) + ")"


def _shown(value: str, key: str, recorded: Recorded) -> str:
    if not recorded.concealed:
        return value
    names = ", ".join(f"'{column}'" for column in sorted(recorded.concealed))
    return f"CASE WHEN {key} IN ({names}) THEN '…' ELSE {value} END"


def _whole(name: str, row: str, columns: list[str], recorded: Recorded) -> str:
    """All that is in a row and not empty."""
    told = [column for column in columns if column not in IMPLIED]
    return (
        f"(SELECT json_object('{name}', json_group_object(key, {_shown('value', 'key', recorded)}))"
        f" FROM json_each({_values(row, told)}) WHERE value IS NOT NULL AND value <> '')"
    )


def _difference(columns: list[str], recorded: Recorded) -> str:
    """What was there before and is there now, of the columns that changed."""
    return (
        "(SELECT json_object("
        f"'before', json_group_object(o.key, {_shown('o.value', 'o.key', recorded)}),"
        f" 'after', json_group_object(n.key, {_shown('n.value', 'n.key', recorded)}))"
        f" FROM json_each({_values('old', columns)}) AS o"
        f" JOIN json_each({_values('new', columns)}) AS n ON n.key = o.key WHERE o.value IS NOT n.value)"
    )
