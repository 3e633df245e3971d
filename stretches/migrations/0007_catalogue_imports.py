"""Files on their way into the catalogue, and who may send some: those who edit the catalogue."""

import uuid

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GROUP = "Catalogue admins"
ACTIONS = ("add", "view")


def let_admins(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the permissions to the group; Django itself makes permissions only after the last migration."""
    group = apps.get_model("auth", "Group").objects.get(name=GROUP)
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="stretches", model="catalogueimport"
    )
    for action in ACTIONS:
        permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
            content_type=content_type, codename=f"{action}_catalogueimport", defaults={"name": f"Can {action} import"}
        )
        group.permissions.add(permission)


class Migration(migrations.Migration):
    """After the group."""

    dependencies = [
        ("stretches", "0006_stretch_own_pose"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="CatalogueImport",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("file_name", models.CharField(max_length=255, verbose_name="file")),
                ("content", models.BinaryField(null=True)),
                ("uploaded_at", models.DateTimeField()),
                ("applied_at", models.DateTimeField(blank=True, null=True)),
                ("outcome", models.TextField(blank=True)),
                (
                    "release",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="stretches.cataloguerelease",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ("-uploaded_at", "id"), "verbose_name": "import"},
        ),
        migrations.RunPython(let_admins, migrations.RunPython.noop),
    ]
