"""The locks that keep the catalogue still while a prescription is decided."""

import uuid
from collections.abc import Iterable

from django.db import connection

from stretches.models import CatalogueRelease, Stretch


def lock_stretches(stretch_ids: Iterable[uuid.UUID]) -> None:
    """Keep others from changing what is known of these stretches until the transaction ends.

    Shared, so that activations do not wait for each other, and in the order of the ids, so that two never wait
    for each other's. Writing a contraindication takes the row for itself (``Contraindication.save``). On SQLite an
    IMMEDIATE transaction is alone anyway.
    """
    if connection.vendor == "postgresql":
        table = connection.ops.quote_name(Stretch._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id FROM {table} WHERE id = ANY(%s) ORDER BY id FOR SHARE",  # noqa: S608 - our own table name
                [list(stretch_ids)],
            )


def lock_release() -> None:
    """Keep the catalogue in the release that it is in until the transaction ends: the report will name it.

    Shared, and taken after the stretches, as ``CatalogueRelease.lock`` is, which this waits for.
    """
    if connection.vendor == "postgresql":
        table = connection.ops.quote_name(CatalogueRelease._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {table} ORDER BY id LIMIT 1 FOR SHARE")  # noqa: S608 - our own table name
