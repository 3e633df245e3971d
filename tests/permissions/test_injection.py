"""No text that anybody can store becomes a part of a page: every text column of every row, on every page, for all.

What a browser would make of each page is asked of the page itself, so that the content policy plays no part. In a
browser, where scripts of ours handle what was typed: ``tests/browser/test_injection.py``.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, models, transaction
from django.test import Client

from tests.permissions import table
from tests.permissions.addresses import Address, addresses, path_of
from tests.permissions.world import OTHER, PEOPLE, World, undone

pytestmark = pytest.mark.django_db
LONG = "\"'><img src=x onerror=taken=1><script>taken=1</script>{{ 7|add:'7' }}"
SHORT = "\"'><img src=x>"
OURS = ("accounts", "clinic", "patients", "prescriptions", "routines", "stretches")
NOT_TYPED = {"Session", "TryCount", "OutboxMessage", "Draft"}
NO_TEXT = {"time_zone", "language", "password", "endpoint", "subject", "text_size", "doi", "url", "key", "code"}
"""What is read as something else than text, and checked before it is stored."""


def _text_columns(model: type[models.Model]) -> Iterator[Any]:
    for field in model._meta.concrete_fields:
        is_text = isinstance(field, models.CharField | models.TextField) and not isinstance(field, models.SlugField)
        is_read = field.choices or field.primary_key or field.name in NO_TEXT or re.search("hash|digest", field.name)
        if is_text and not is_read:
            yield field


def fill() -> int:
    """Put the attack into every text column of every row; how many columns took it. What a constraint refuses stays."""
    taken: set[tuple[str, str]] = set()
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            if model.__name__ in NOT_TYPED:
                continue
            for number, pk in enumerate(list(model._default_manager.values_list("pk", flat=True))):
                row = model._default_manager.filter(pk=pk)
                for field in _text_columns(model):
                    attack = f"{number}{LONG}"
                    if field.max_length and field.max_length < len(attack):
                        attack = f"{number}{SHORT}"[: field.max_length]
                    try:
                        with transaction.atomic():
                            row.update(**{field.name: attack})
                        taken.add((model.__name__, field.name))
                    except DatabaseError:
                        pass
    return len(taken)


class Markup(HTMLParser):
    """What of a page is not ours."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.foreign: list[str] = []
        self.is_script = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_script = tag == "script"
        for name, value in attrs:
            leads_away = name in {"href", "src", "action", "formaction"} and (value or "").strip().lower()
            if name.startswith("on") or (tag == "img" and name == "src" and value == "x"):
                self.foreign.append(f"<{tag} {name}={value}>")
            if leads_away and leads_away.startswith(("javascript:", "vbscript:", "data:text")):
                self.foreign.append(f"<{tag} {name}={value}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self.is_script = False

    def handle_data(self, data: str) -> None:
        if self.is_script and "taken=1" in data and "\\u003C" not in data:
            self.foreign.append(f"<script>{data[:80]}")


def _viewers() -> list[tuple[Address, str, str]]:
    """For each page the first and the last who are shown it, and what it names."""
    found: dict[tuple[str, str], str] = {}
    for (name, method, what), cells in table.read().items():
        if method == "GET" and what != OTHER and "200" in cells:
            for person in (PEOPLE[cells.index("200")], PEOPLE[len(cells) - 1 - cells[::-1].index("200")]):
                found.setdefault((name, person), what)
    known = {address.name: address for address in addresses()}
    return [(known[name], person, what) for (name, person), what in found.items() if name in known]


def test_no_text_becomes_a_part_of_a_page(world: World) -> None:
    with undone():
        viewers = [(address, person, path_of(address, world, what)) for address, person, what in _viewers()]
        columns = fill()
        wrong, shown = [], 0
        for address, person, path in viewers:
            client = Client(raise_request_exception=False)
            if person in world.sessions:
                client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[person]
            with undone():
                response = client.get(path)
            page = "" if response.streaming or "html" not in response["Content-Type"] else response.content.decode()
            shown += "&lt;img src=x" in page
            if response.status_code >= 500:
                wrong.append(f"{address.name}, {person}: {response.status_code}")
            if foreign := Markup(page).foreign:
                wrong.append(f"{address.name}, {person}: {foreign[0]}")

    assert wrong == []
    assert columns >= 80
    assert shown >= 60


@pytest.mark.parametrize(
    "page",
    [
        "<p>Ada<img src=x></p>",
        '<p title="Ada" onclick="taken=1">',
        "<script>taken=1</script>",
        '<a href=" JavaScript:taken=1">',
        '<script type="application/json">{"name": "</script><script>taken=1</script>"}',
    ],
)
def test_markup_that_is_not_ours_is_noticed(page: str) -> None:
    assert Markup(page).foreign
