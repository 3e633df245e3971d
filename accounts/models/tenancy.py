"""Rows of one clinic are asked for with their clinic.

The schema can be distributed by clinic (docs/scaling.md): a statement that names the clinic of every table in it is
answered by one shard, and one that does not by all. Whoever filters by a patient, a prescription or a session has the
clinic in hand; naming it as well is done here, once for all queries, and changes no answer: a row has the same clinic
as the row that it belongs to. What is prefetched, Django filters past this: there the clinic is said by hand.
"""

from collections.abc import Iterator
from typing import Any, TypeVar

from django.db import models

ModelT = TypeVar("ModelT", bound=models.Model)


class ClinicsQuerySet(models.QuerySet[ModelT]):
    """Rows with a ``clinic``: where they are filtered by a row of a clinic, by that clinic, too."""

    def _filter_or_exclude_inplace(self, negate: bool, args: Any, kwargs: dict[str, Any]) -> None:
        super()._filter_or_exclude_inplace(negate, args, kwargs)  # type: ignore[misc]  # Django's own way in
        if negate:
            return
        named: dict[str, Any] = {}
        for path, value in kwargs.items():
            if (clinic_id := _clinic_of(value)) is not None:
                named |= dict.fromkeys(_clinics_along(self.model, path), clinic_id)
            elif path.endswith("__in") and isinstance(value, list | tuple | set) and value:
                clinics = {_clinic_of(each) for each in value}
                if None not in clinics:
                    passed = _clinics_along(self.model, path.removesuffix("__in"))
                    named |= {f"{clinic}__in": clinics for clinic in passed}
        if named:
            super()._filter_or_exclude_inplace(False, (), named)  # type: ignore[misc]


def _clinics_along(model: type[models.Model], path: str) -> Iterator[str]:
    """The clinics that ``session__patient`` passes: the row's own, and the session's. Only foreign keys count."""
    *relations, last = path.split("__")
    passed: list[str] = []
    for name in (*relations, last):
        field = model._meta.get_field(name) if name != "pk" else None
        if field is None or not field.many_to_one:
            return
        yield "__".join([*passed, "clinic"])
        passed.append(name)
        model = field.related_model  # type: ignore[assignment]  # a foreign key has one


def _clinic_of(value: Any) -> Any:
    """The clinic of a row that belongs to one; what the catalogue shares, and people, belong to none."""
    if not isinstance(value, models.Model) or value._meta.app_label in {"accounts", "stretches"}:
        return None
    return value.__dict__.get("clinic_id")
