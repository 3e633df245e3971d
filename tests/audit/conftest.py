"""What the record says, as the tests ask it."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts import acting
from audit.models import Event


@pytest.fixture
def since(db: None) -> Callable[[], list[Event]]:
    """The events since the fixture was asked for, or since it was called last."""
    last = [newest()]

    def events() -> list[Event]:
        with acting.everywhere("a test"):
            found = list(Event.objects.filter(pk__gt=last[0]).order_by("pk"))
        last[0] = newest()
        return found

    return events


def newest() -> int:
    with acting.everywhere("a test"):
        return Event.objects.order_by("pk").values_list("pk", flat=True).last() or 0


def told(event: Event) -> tuple[Any, ...]:
    return event.action, event.table_name, event.said.get("before"), event.said.get("after")
