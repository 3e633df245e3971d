"""A clinic's own stretch, made from one of the library."""

import uuid

from django.db import transaction
from simple_history.utils import update_change_reason

from accounts.models import Clinic, User
from stretches.models import Contraindication, Stretch, StretchStatus

_FROM_THE_FILE = {"is_founding": False, "article_rank": None, "loaded_digest": ""}
_LINKS = ("muscles", "equipment", "movements")
SLUG_MAX_LENGTH = 80
COPIED = (
    *("condition_code_id", "severity", "from_week", "until_week"),
    *("rationale", "source_id", "confidence", "origin"),
)
"""What an adapted stretch takes over of each contraindication."""


def adapt(original: Stretch, *, clinic: Clinic, by: User) -> Stretch:
    """Copy a stretch of the library for a clinic, as a draft, with all that speaks against it there.

    The copy is the clinic's to change; the original stays as it is, for everybody. Its contraindications are those of
    the library and the clinic's own stricter ones. Raises ``ValueError`` for a stretch of another clinic.
    """
    if original.clinic_id not in (None, clinic.pk):
        raise ValueError("A stretch of one clinic is not another's to adapt.")
    with transaction.atomic():
        copy = Stretch.objects.select_for_update(no_key=True).get(pk=original.pk)
        copy.pk, copy._state.adding = uuid.uuid4(), True
        copy.clinic, copy.status = clinic, StretchStatus.DRAFT
        copy.adapted_from = original.adapted_from or original  # the first one: its picture is found in one step
        copy.slug = _free_slug(original.slug, clinic)
        for name, value in _FROM_THE_FILE.items():
            setattr(copy, name, value)
        copy._history_user = by  # type: ignore[attr-defined]
        copy.save(force_insert=True)
        for name in _LINKS:
            getattr(copy, name).set(getattr(original, name).all())
        copy.easier.set(original.easier.in_clinic(clinic.pk))
        update_change_reason(copy, f"Adapted from “{original}” of the library.")
        for row in original.contraindications.in_clinic(clinic.pk).prefetch_related("movements"):
            own = Contraindication(stretch=copy, clinic=clinic, **{name: getattr(row, name) for name in COPIED})
            own._history_user = by  # type: ignore[attr-defined]
            own.save(force_insert=True)
            own.movements.set(row.movements.all())
    return copy


def _free_slug(slug: str, clinic: Clinic) -> str:
    """The same short name, or with the first number behind it that the clinic has not taken."""
    taken = set(Stretch.objects.filter(clinic=clinic, slug__startswith=slug[:60]).values_list("slug", flat=True))
    number = 1
    found = slug
    while found in taken:
        number += 1
        found = f"{slug[: SLUG_MAX_LENGTH - 8]}-{number}"
    return found
