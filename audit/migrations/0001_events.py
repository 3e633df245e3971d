"""The audit record. What writes it is made after every migration: audit.triggers."""

from django.db import migrations, models

POSTGRESQL = """
CREATE SCHEMA audit;
CREATE TABLE audit.event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  user_id uuid,
  role text NOT NULL,
  clinic_id uuid,
  patient_id uuid,
  table_name text NOT NULL,
  object_id text NOT NULL,
  action text NOT NULL CHECK (action IN ('view', 'list', 'add', 'change', 'delete')),
  address text NOT NULL,
  door text NOT NULL,
  content text,
  salt text
);
CREATE INDEX event_of_clinic ON audit.event (clinic_id, at, id);
CREATE INDEX event_of_patient ON audit.event (patient_id, at) WHERE patient_id IS NOT NULL;
CREATE TABLE audit.seal (
  position bigint PRIMARY KEY,
  event_id bigint NOT NULL UNIQUE,
  digest text NOT NULL,
  hash text NOT NULL,
  sealed_at timestamptz NOT NULL
);
-- Whoever may connect may read, of the events only those of the clinics for which they act; nobody may write.
ALTER TABLE audit.event ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_ones_clinics ON audit.event FOR SELECT USING (
  current_setting('limber.reach', true) = 'all'
  OR clinic_id = ANY (string_to_array(nullif(current_setting('limber.clinics', true), ''), ',')::uuid[])
);
GRANT USAGE ON SCHEMA audit TO PUBLIC;
GRANT SELECT ON audit.event, audit.seal TO PUBLIC;
-- Under these names Django finds them; security_invoker: who asks here may see what they may see there.
CREATE VIEW audit_event WITH (security_invoker) AS SELECT * FROM audit.event;
CREATE VIEW audit_seal WITH (security_invoker) AS SELECT * FROM audit.seal;
GRANT SELECT ON audit_event, audit_seal TO PUBLIC;
"""

SQLITE = """
CREATE TABLE audit_event (
  id integer PRIMARY KEY AUTOINCREMENT,
  at datetime NOT NULL,
  user_id char(32),
  role varchar(10) NOT NULL,
  clinic_id char(32),
  patient_id char(32),
  table_name varchar(63) NOT NULL,
  object_id varchar(36) NOT NULL,
  action varchar(10) NOT NULL CHECK (action IN ('view', 'list', 'add', 'change', 'delete')),
  address varchar(45) NOT NULL,
  door varchar(120) NOT NULL,
  content text,
  salt varchar(36)
);
CREATE INDEX event_of_clinic ON audit_event (clinic_id, at, id);
CREATE INDEX event_of_patient ON audit_event (patient_id, at);
CREATE TABLE audit_seal (
  position integer PRIMARY KEY,
  event_id integer NOT NULL UNIQUE,
  digest varchar(64) NOT NULL,
  hash varchar(64) NOT NULL,
  sealed_at datetime NOT NULL
);
-- A stumbling block, and no more: who has the file can take it away.
CREATE TRIGGER event_not_deleted BEFORE DELETE ON audit_event
  BEGIN SELECT raise(ABORT, 'the audit record is only ever added to'); END;
CREATE TRIGGER event_not_changed BEFORE UPDATE ON audit_event WHEN new.content IS NOT NULL
  BEGIN SELECT raise(ABORT, 'the audit record is only ever added to'); END;
CREATE TRIGGER seal_not_deleted BEFORE DELETE ON audit_seal
  BEGIN SELECT raise(ABORT, 'the audit record is only ever added to'); END;
CREATE TRIGGER seal_not_changed BEFORE UPDATE ON audit_seal
  BEGIN SELECT raise(ABORT, 'the audit record is only ever added to'); END;
"""


def make(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL)
            return
        for statement in _statements(SQLITE):
            cursor.execute(statement)


def _statements(text):
    """One by one: SQLite's executescript() would end the migration's transaction."""
    found = ""
    for line in text.splitlines():
        if line.startswith("--"):
            continue
        found += line + "\n"
        if line.endswith(";"):
            yield found
            found = ""


def unmake(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP VIEW audit_event, audit_seal")
            cursor.execute("DROP SCHEMA audit CASCADE")
            return
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'put_on_record%'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')
        cursor.execute("DROP TABLE audit_event")
        cursor.execute("DROP TABLE audit_seal")


class Migration(migrations.Migration):
    initial = True
    dependencies = [("accounts", "0008_drafts")]
    operations = [
        migrations.RunPython(make, unmake),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("role", models.CharField(max_length=10)),
                ("patient_id", models.UUIDField(null=True)),
                ("table_name", models.CharField(max_length=63)),
                ("object_id", models.CharField(max_length=36)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("view", "Looked at"),
                            ("list", "Saw in a list"),
                            ("add", "Added"),
                            ("change", "Changed"),
                            ("delete", "Deleted"),
                        ],
                        max_length=10,
                    ),
                ),
                ("address", models.CharField(max_length=45)),
                ("door", models.CharField(max_length=120)),
                ("content", models.TextField(null=True)),
                ("salt", models.CharField(max_length=36, null=True)),
            ],
            options={"db_table": "audit_event", "ordering": ("-at", "-id"), "managed": False},
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("position", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event_id", models.BigIntegerField(unique=True)),
                ("digest", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
            ],
            options={"db_table": "audit_seal", "ordering": ("position",), "managed": False},
        ),
    ]
