"""What is kept of every version of a catalogue row: the row as it was, who changed it, when, why, and in which release.

The history is the package's; what is added here is the release, by which the whole catalogue is found again as it was:
``stretches.editions``.
"""

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords


class OfRelease(models.Model):
    """A version of a row. ``release`` is the first release that has it; none until there is one."""

    release = models.ForeignKey(
        "stretches.CatalogueRelease", models.PROTECT, null=True, editable=False, related_name="+"
    )

    class Meta:
        abstract = True


def versions(**options: Any) -> HistoricalRecords:
    """Keep every version of a model's rows."""
    reason = models.TextField(null=True)
    return HistoricalRecords(bases=[OfRelease], history_change_reason_field=reason, **options)
