"""Let those who edit the catalogue see and change the words that patients read. They come with files of languages."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GROUP = "Catalogue admins"
ACTIONS = ("change", "view")


def let_admins(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the permissions to the group; Django itself makes permissions only after the last migration."""
    group = apps.get_model("auth", "Group").objects.get(name=GROUP)
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="stretches", model="cataloguetext"
    )
    for action in ACTIONS:
        permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=content_type,
            codename=f"{action}_cataloguetext",
            defaults={"name": f"Can {action} catalogue text"},
        )
        group.permissions.add(permission)


class Migration(migrations.Migration):
    """After the table and the group."""

    dependencies = [("stretches", "0003_catalogue_texts")]
    operations = [migrations.RunPython(let_admins, migrations.RunPython.noop)]
