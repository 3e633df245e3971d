"""Begin the history of what had none, and say of every version which release was the first to have it."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.utils import timezone

BEGUN = "As it was when versions began to be kept."
NEW = {
    "ConditionCode": (
        *("id", "slug", "name", "kind", "region", "tier", "is_selectable", "is_red_flag", "is_non_resolving"),
        *("window_anchor", "icd10cm", "icd10cm_categories", "synonyms", "note", "source_id", "confidence"),
    ),
    "Broader": ("id", "narrower_id", "broader_id", "is_main"),
    "MovementRule": (
        *("id", "code", "condition_code_id", "applies_to_every_stretch", "severity", "from_week", "until_week"),
        *("rationale", "source_id", "confidence"),
    ),
}


def begin(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Copy each row as its first version; older versions go to the release that came next after them."""
    releases = list(apps.get_model("stretches", "CatalogueRelease").objects.order_by("id"))
    for name in ("Stretch", "Contraindication"):
        versions = apps.get_model("stretches", f"Historical{name}").objects
        for release in releases:
            versions.filter(release=None, history_date__lte=release.released_at).update(release=release)
    first = releases[0] if releases else None
    about = {"history_date": timezone.now(), "history_type": "+", "history_change_reason": BEGUN, "release": first}
    for name, columns in NEW.items():
        rows = apps.get_model("stretches", name).objects.order_by("id").values(*columns)
        versions = apps.get_model("stretches", f"Historical{name}").objects
        versions.bulk_create([versions.model(**row, **about) for row in rows], batch_size=500)
    begun = dict(apps.get_model("stretches", "HistoricalMovementRule").objects.values_list("id", "history_id"))
    links = apps.get_model("stretches", "MovementRule").movements.through.objects.values()
    kept = apps.get_model("stretches", "HistoricalMovementRule_movements").objects
    kept.bulk_create([kept.model(history_id=begun[link["movementrule_id"]], **link) for link in links], batch_size=500)


class Migration(migrations.Migration):
    """After the tables."""

    dependencies = [("stretches", "0010_versions_and_releases")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
