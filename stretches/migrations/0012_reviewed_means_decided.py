"""On PostgreSQL the database, too, refuses a stretch that is reviewed with something to decide.

The models refuse it on every database; this is the second wall, for what goes around them. On SQLite, where a migration
may make a table anew, a trigger would be lost with the old one or stand in the way of the new one.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TRIGGERS = """
CREATE FUNCTION stretches_reviewed_means_decided() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'stretches_stretch' THEN
    PERFORM 1 FROM stretches_contraindicationproposal WHERE stretch_id = NEW.id AND state = 'open';
  ELSE
    PERFORM 1 FROM stretches_stretch WHERE id = NEW.stretch_id AND status = 'reviewed';
  END IF;
  IF FOUND THEN
    RAISE check_violation USING MESSAGE = 'a stretch would be reviewed with a proposal that nobody has decided';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER stretch_reviewed_means_decided AFTER INSERT OR UPDATE OF status ON stretches_stretch
  FOR EACH ROW WHEN (NEW.status = 'reviewed') EXECUTE FUNCTION stretches_reviewed_means_decided();
CREATE TRIGGER proposal_reviewed_means_decided
  AFTER INSERT OR UPDATE OF state, stretch_id ON stretches_contraindicationproposal
  FOR EACH ROW WHEN (NEW.state = 'open') EXECUTE FUNCTION stretches_reviewed_means_decided();
"""
WITHOUT = "DROP FUNCTION stretches_reviewed_means_decided() CASCADE"


def add(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(TRIGGERS)


def drop(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(WITHOUT)


class Migration(migrations.Migration):
    dependencies = [("stretches", "0011_versions_of_what_is_there")]

    operations = [migrations.RunPython(add, drop)]
