"""What a form makes, it makes once: the id of the row is chosen when the form is opened, and sent with it."""

import uuid
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.db import models

from accounts import acting

M = TypeVar("M", bound=models.Model)


def stored_already(
    rows: "models.QuerySet[M]",
    new: M,
    says: Callable[[M], Iterable[object]],
    *,
    said: Iterable[object] | None = None,
) -> M | None:
    """Find what is stored already of what a new row says; otherwise give it an id under which it can be stored.

    ``rows`` are those that the form may have made, ``says`` tells what one says, and ``said`` what the new one does,
    where its words do not stand in itself. The id alone tells nothing: whoever goes back in the browser sends other
    words under the same one. Those get an id that follows from both, so that they, too, are stored once. Of a row that
    is elsewhere nothing is told but that it is there.
    """
    words = _in_words(says(new) if said is None else said)
    for each in (new.pk, uuid.uuid5(new.pk, "\n".join(words))):
        new.pk, stored = each, rows.filter(pk=each).first()
        if stored is not None and _in_words(says(stored)) == words:
            return stored
        if stored is None and not acting.is_taken(rows.model._base_manager.filter(pk=each)):
            return None
    new.pk = uuid.uuid4()
    return None


def saying(*fields: str) -> Callable[[models.Model], list[Any]]:
    """Tell what a row says in these fields, whether it is stored or not."""
    return lambda row: [row.serializable_value(name) for name in fields]


def _in_words(values: Iterable[object]) -> list[str]:
    return [repr(str(value)) for value in values]
