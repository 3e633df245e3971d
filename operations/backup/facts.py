"""How the system is that is backed up, or was restored: its schema, its rows, its zones."""

import zoneinfo
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from accounts.models import Clinic
from operations.backup.errors import BackupError
from operations.backup.manifest import Manifest


def tables() -> list[str]:
    """Every table of Limber's that there is."""
    return sorted(connection.introspection.django_table_names(only_existing=True, include_views=False))


def count_rows(names: list[str], cursor: Any) -> dict[str, int]:
    """Rows of each table, as a cursor sees them."""
    counts = {}
    for name in names:
        cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608 - our own tables
        counts[name] = int(cursor.fetchone()[0])
    return counts


def describe(**known: Any) -> Manifest:
    """The beginnings of a manifest."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        version = str(cursor.fetchone()[0])
    applied = MigrationRecorder(connection).applied_migrations()
    return Manifest(
        vendor=connection.vendor,
        server_version=version,
        migrations=sorted(f"{app}.{name}" for app, name in applied),
        rows={},
        time_zone=settings.TIME_ZONE,
        database_time_zone=connection.timezone_name,
        clinic_zones=sorted(set(Clinic.objects.values_list("time_zone", flat=True))),
        **known,
    )


def unknown_migrations(manifest: Manifest) -> list[str]:
    """What a newer Limber than this one did to the schema."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    ours = {config.label for config in apps.get_app_configs()}
    return [name for name in manifest.migrations if name not in known and name.partition(".")[0] in ours]


def is_older(manifest: Manifest) -> bool:
    """Whether its schema has to be brought up to date."""
    return any(
        f"{app}.{name}" not in manifest.migrations
        for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    )


def ensure_fits(manifest: Manifest) -> None:
    """Refuse a backup that this Limber, set up as it is, would read wrongly.

    Raises:
        BackupError: it is of a newer schema, of another kind of database, or of another time zone.
    """
    if newer := unknown_migrations(manifest):
        raise BackupError(
            f"Backup {manifest.id} was made by a newer Limber: this one does not know {', '.join(newer)}. "
            "Install the version that made it, or a later one."
        )
    here = {"TIME_ZONE": settings.TIME_ZONE, "the time zone of the database": connection.timezone_name}
    there = {"TIME_ZONE": manifest.time_zone, "the time zone of the database": manifest.database_time_zone}
    for what, zone in there.items():
        if zone != here[what]:
            raise BackupError(
                f"Wrong time zone: {what} is {here[what]} here and was {zone} where backup {manifest.id} was made. "
                "Moments and days would shift. Set it as it was."
            )
    if unknown := sorted(set(manifest.clinic_zones) - zoneinfo.available_timezones()):
        raise BackupError(f"Wrong time zone: this machine does not know {', '.join(unknown)}. Install tzdata.")


def differences(manifest: Manifest, counts: dict[str, int]) -> list[str]:
    """Tables whose rows are not as many as the manifest says."""
    found = []
    for table, (least, most) in manifest.rows.items():
        count = counts.get(table, -1)
        if not least <= count <= most:
            there = f"{least}" if least == most else f"{least} to {most}"
            found.append(f"{table}: {'no such table' if count < 0 else count}, not {there}")
    return found
