"""The catalogue as it was in a release, read from the versions that are kept of its rows.

A release is the number of a state. Every version of a row knows the first release that has it; so a row is, in a
release, its latest version up to there, unless that version says that it was deleted.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection
from typing import Any, TypeVar

from django.db import models
from django.db.models import Max

from stretches.models import Broader, CatalogueRelease, ConditionCode, Contraindication, Stretch

ModelT = TypeVar("ModelT", bound=models.Model)


def as_it_was(version: Any, model: type[ModelT]) -> ModelT:
    """The row that a version is one of, as it was then. Its own ``instance`` would read each row of today besides."""
    kept = {field.attname: getattr(version, field.attname) for field in version.tracked_fields}
    row = model(**kept)
    names = {field.name for field in version.tracked_fields}
    row._state.fields_cache.update({name: at for name, at in version._state.fields_cache.items() if name in names})
    return row


class Edition:
    """The catalogue in one release, as far as a verdict rests on it."""

    def __init__(self, release: CatalogueRelease) -> None:
        self.release = release

    def contraindications(self) -> models.QuerySet[Any]:
        """Those that there were, as versions: they have the columns of a contraindication."""
        return self._of(Contraindication)

    def stretches(self, slugs: Collection[str], ids: Collection[uuid.UUID]) -> list[Stretch]:
        """Those with these ids, and the library's with these short names."""
        shared = models.Q(slug__in=slugs, clinic__isnull=True)
        return [as_it_was(row, Stretch) for row in self._of(Stretch).filter(models.Q(id__in=ids) | shared)]

    def codes(self) -> dict[int, ConditionCode]:
        """Every condition code by its id."""
        return {row.id: as_it_was(row, ConditionCode) for row in self._of(ConditionCode)}

    def broader_by_code(self) -> dict[int, list[int]]:
        """Map each code's id to the ids directly above it, main one first, as ``condition_code.broader_by_code``."""
        edges: dict[int, list[int]] = defaultdict(list)
        rows = self._of(Broader).order_by("narrower_id", "-is_main", "id").values_list("narrower_id", "broader_id")
        for narrower_id, broader_id in rows:
            edges[narrower_id].append(broader_id)
        return edges

    def _of(self, model: Any) -> models.QuerySet[Any]:
        """Every row of a model that there was, in its version of then."""
        known: models.QuerySet[Any] = model.history.filter(release__lte=self.release.pk).order_by()
        latest = known.values("id").annotate(latest=Max("history_id")).values("latest")
        kept: models.QuerySet[Any] = model.history.filter(history_id__in=latest).exclude(history_type="-")
        return kept
