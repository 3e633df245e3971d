"""Which state of the catalogue this is, as the database itself says it."""

import uuid

from django.db import connection, models

from audit.catalogue_mark import READ


class CatalogueMark(models.Model):
    """Part of what tells the catalogue as it stands from every other: triggers change it with each write.

    Nobody else writes here. There are as many rows as there ever were writers at once: ``audit.catalogue_mark``.
    """

    value = models.UUIDField(default=uuid.uuid4)

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def current(cls) -> tuple[str, str] | None:
        """The mark of the catalogue as this transaction sees it, its own writes included; ``None`` if there is none.

        One query, of the primary.
        """
        with connection.cursor() as cursor:
            cursor.execute(READ[connection.vendor])
            stored, written = cursor.fetchone()
        return (stored, written) if stored else None
