"""Make the group of those who edit the catalogue."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GROUP = "Catalogue admins"
EDITED = {
    "broader": "broader condition",
    "cataloguenote": "catalogue note",
    "conditioncode": "condition code",
    "contraindication": "contraindication",
    "equipment": "equipment",
    "movement": "movement",
    "movementrule": "movement rule",
    "muscle": "muscle",
    "redflagaction": "red flag action",
    "redflagquestion": "red flag question",
    "source": "source",
    "stretch": "stretch",
    "timingrule": "timing rule",
}
READ = {"cataloguerelease": "catalogue release"}
ACTIONS = ("add", "change", "delete", "view")


def make_group(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the group and the permissions it has; Django itself makes permissions only after the last migration."""
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=GROUP)
    content_types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    wanted = [(model, name, action) for model, name in EDITED.items() for action in ACTIONS]
    wanted += [(model, name, "view") for model, name in READ.items()]
    for model, name, action in wanted:
        content_type, _ = content_types.get_or_create(app_label="stretches", model=model)
        permission, _ = permissions.get_or_create(
            content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {name}"}
        )
        group.permissions.add(permission)


def remove_group(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Remove the group; the permissions stay, they are Django's."""
    apps.get_model("auth", "Group").objects.filter(name=GROUP).delete()


class Migration(migrations.Migration):
    """Django's own tables come first."""

    dependencies = [
        ("stretches", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_group, remove_group)]
