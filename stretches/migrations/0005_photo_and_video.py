"""Photos and videos of stretches, and the right to change them for those who edit the catalogue."""

import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GROUP = "Catalogue admins"
EDITED = {"stretchphoto": "photo", "stretchvideo": "video"}
ACTIONS = ("add", "change", "delete", "view")


def let_admins(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give the permissions to the group; Django itself makes permissions only after the last migration."""
    group = apps.get_model("auth", "Group").objects.get(name=GROUP)
    for model, name in EDITED.items():
        content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
            app_label="stretches", model=model
        )
        for action in ACTIONS:
            permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
                content_type=content_type, codename=f"{action}_{model}", defaults={"name": f"Can {action} {name}"}
            )
            group.permissions.add(permission)


class Migration(migrations.Migration):

    dependencies = [
        ('stretches', '0004_catalogue_text_admins'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalStretchPhoto',
            fields=[
                ('key', models.CharField(db_index=True, editable=False, max_length=32)),
                ('alt', models.CharField(help_text='In one sentence, for who cannot see it: the position of the body, and what moves where.', max_length=250, verbose_name='what it shows')),
                ('width', models.PositiveSmallIntegerField(editable=False)),
                ('height', models.PositiveSmallIntegerField(editable=False)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stretch', models.ForeignKey(blank=True, db_constraint=False, error_messages={'unique': 'This stretch has a photo already: change that one.'}, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='stretches.stretch')),
            ],
            options={
                'verbose_name': 'historical photo',
                'verbose_name_plural': 'historical photos',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalStretchVideo',
            fields=[
                ('provider', models.CharField(choices=[('youtube', 'YouTube'), ('vimeo', 'Vimeo')], editable=False, max_length=10)),
                ('video_id', models.CharField(editable=False, max_length=20)),
                ('privacy_hash', models.CharField(blank=True, editable=False, max_length=20)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stretch', models.ForeignKey(blank=True, db_constraint=False, error_messages={'unique': 'This stretch has a video already: change that one.'}, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='stretches.stretch')),
            ],
            options={
                'verbose_name': 'historical video',
                'verbose_name_plural': 'historical videos',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='StretchPhoto',
            fields=[
                ('stretch', models.OneToOneField(error_messages={'unique': 'This stretch has a photo already: change that one.'}, on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='photo', serialize=False, to='stretches.stretch')),
                ('key', models.CharField(editable=False, max_length=32, unique=True)),
                ('alt', models.CharField(help_text='In one sentence, for who cannot see it: the position of the body, and what moves where.', max_length=250, verbose_name='what it shows')),
                ('width', models.PositiveSmallIntegerField(editable=False)),
                ('height', models.PositiveSmallIntegerField(editable=False)),
            ],
            options={
                'verbose_name': 'photo',
                'constraints': [models.CheckConstraint(condition=models.Q(('alt', ''), _negated=True), name='stretch_photo_has_words'), models.CheckConstraint(condition=models.Q(('height__gt', 0), ('width__gt', 0)), name='stretch_photo_has_size')],
            },
        ),
        migrations.CreateModel(
            name='StretchVideo',
            fields=[
                ('stretch', models.OneToOneField(error_messages={'unique': 'This stretch has a video already: change that one.'}, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='video', serialize=False, to='stretches.stretch')),
                ('provider', models.CharField(choices=[('youtube', 'YouTube'), ('vimeo', 'Vimeo')], editable=False, max_length=10)),
                ('video_id', models.CharField(editable=False, max_length=20)),
                ('privacy_hash', models.CharField(blank=True, editable=False, max_length=20)),
            ],
            options={
                'verbose_name': 'video',
                'constraints': [models.CheckConstraint(condition=models.Q(('provider__in', ['youtube', 'vimeo'])), name='stretch_video_provider_known'), models.CheckConstraint(condition=models.Q(('video_id', ''), _negated=True), name='stretch_video_has_id')],
            },
        ),
        migrations.RunPython(let_admins, migrations.RunPython.noop),
    ]
