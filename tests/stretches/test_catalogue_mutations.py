"""A catalogue file with anything in it: it is refused with words, or it loads completely."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stretches.catalogues import small, written

pytestmark = pytest.mark.django_db

SMALL = json.dumps(small())
ODD_VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, True, False, 0, 1, -1, 3, 10**20, 0.5, "", " ", "x", "\x00", "\ud800", "x" * 6000, [], {}]),
    st.sampled_from(["medical-red-flag", "absolute", "wilke1999", "chair-hamstring-stretch", "__any__", "end_range"]),
    st.text(max_size=8),
    st.lists(st.one_of(st.text(max_size=3), st.integers()), max_size=3),
)


def counts() -> dict[str, int]:
    models = apps.get_app_config("stretches").get_models(include_auto_created=True)
    return {model.__name__: model._default_manager.count() for model in models}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path in a document, but of long lists only the first rows."""
    found = [path] if path else []
    if isinstance(value, dict):
        return [*found, *(place for key in value for place in places(value[key], (*path, key)))]
    if isinstance(value, list):
        return [*found, *(place for key, item in enumerate(value[:3]) for place in places(item, (*path, key)))]
    return found


PLACES = [place for place in places(json.loads(SMALL)) if place[0] != "sources" or place[-1] == "citation"]


def mutate(content: Any, place: tuple[Any, ...], action: str, value: object) -> None:
    """Change one place; a place that an earlier change took away is left."""
    holder = content
    for key in place[:-1]:
        if not (isinstance(holder, dict) and key in holder) and not (
            isinstance(holder, list) and isinstance(key, int) and key < len(holder)
        ):
            return
        holder = holder[key]
    if isinstance(holder, dict) and action == "remove":
        holder.pop(place[-1], None)
    elif isinstance(holder, dict) or (isinstance(holder, list) and place[-1] in range(len(holder))):
        if action == "repeat" and isinstance(holder, list):
            holder.append(holder[place[-1]])
        else:
            holder[place[-1]] = value


def loads(path: Path, **options: bool) -> bool:
    """Load, and say whether it was taken; anything but a clean refusal fails the test."""
    try:
        call_command("load_catalogue", path, stdout=io.StringIO(), stderr=io.StringIO(), **options)
    except CommandError as error:
        return "Nothing was changed" not in str(error)
    return True


@given(
    changes=st.lists(
        st.tuples(st.sampled_from(PLACES), st.sampled_from(["replace", "remove", "repeat"]), ODD_VALUES),
        min_size=1,
        max_size=3,
    )
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_file_loads_completely_or_not_at_all(changes: list[Any], tmp_path: Path) -> None:
    content = json.loads(SMALL)
    for place, action, value in changes:
        mutate(content, place, action, value)
    path = written(content, tmp_path)

    with transaction.atomic():
        before = counts()
        was_taken = loads(path)
        after = counts()
        assert (after != before) is was_taken
        if was_taken:
            assert after["Stretch"] == len(content["stretches"])
            assert after["Contraindication"] == len(content["contraindications"])
            assert loads(path)
            assert counts() == after
        transaction.set_rollback(True)


@given(changes=st.lists(st.tuples(st.integers(0, len(SMALL) - 1), st.integers(0, 255)), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_flipped_bytes_never_break_the_command(changes: list[tuple[int, int]], tmp_path: Path) -> None:
    content = bytearray(SMALL.encode())
    for place, value in changes:
        content[place] = value
    path = tmp_path / "catalogue.json"
    path.write_bytes(content)

    with transaction.atomic():
        before = counts()
        was_taken = loads(path)
        assert (counts() != before) is was_taken
        transaction.set_rollback(True)


@given(
    changes=st.lists(
        st.tuples(st.sampled_from(PLACES), st.sampled_from(["replace", "remove"]), ODD_VALUES), min_size=1, max_size=2
    )
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_update_makes_the_database_say_what_the_file_says(changes: list[Any], tmp_path: Path) -> None:
    content = json.loads(SMALL)
    for place, action, value in changes:
        mutate(content, place, action, value)

    with transaction.atomic():
        assert loads(written(json.loads(SMALL), tmp_path))
        before = counts()
        path = written(content, tmp_path)
        if loads(path, update=True, interactive=False):
            out = io.StringIO()
            call_command("load_catalogue", path, stdout=out, update=True)
            assert "Nothing to load." in out.getvalue()
        else:
            assert counts() == before
        transaction.set_rollback(True)
