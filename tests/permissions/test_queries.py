"""Nothing that stands behind a question mark breaks a page, or reaches a field that the page does not name itself."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.test import Client
from django.utils.http import urlencode

from tests.permissions import table
from tests.permissions.addresses import Address, addresses, path_of
from tests.permissions.world import OTHER, PEOPLE, World, undone

pytestmark = pytest.mark.django_db
SECRET = "clinician__user__password"
JUNK = ["'", "\x00", "9" * 40, "\u00e9\u202e[]%" + "x" * 4000, SECRET]
OF_DJANGO = {"o", "p", "all", "e", "q", "_popup", "_to_field", "_changelist_filters", "next", "page"}
"""Names that Django's admin and allauth read."""
SORTING = ("order", "order_by", "ordering", "sort", "sort_by", "o", "filter", "fields")


def _names() -> set[str]:
    """Every name that a page of ours reads from its address."""
    read = re.compile(r"""(?:GET|asked|sent)\.get\(["'](\w+)["']|["'](\w+)["'] (?:not )?in request\.GET""")
    found = set(OF_DJANGO)
    for folder in ("accounts", "clinic", "patients", "prescriptions", "routines", "stretches"):
        for file in Path(settings.BASE_DIR, folder).rglob("*.py"):
            for match in read.finditer(file.read_text()):
                found |= {name for name in match.groups() if name}
    return found | {name for form in _forms(forms.Form) for name in form.base_fields}


def _forms(of: type[forms.BaseForm]) -> Iterator[Any]:
    for form in of.__subclasses__():
        if form.__module__.split(".")[0] in {
            "accounts",
            "clinic",
            "patients",
            "prescriptions",
            "routines",
            "stretches",
        }:
            yield form
        yield from _forms(form)


def _shown() -> list[tuple[Address, str, str]]:
    """Every page that somebody is shown, with that person and what it names."""
    first: dict[str, tuple[str, str]] = {}
    for (name, method, what), cells in table.read().items():
        if method == "GET" and what != OTHER and "200" in cells:
            first.setdefault(name, (PEOPLE[cells.index("200")], what))
    return [(address, *first[address.name]) for address in addresses() if address.name in first]


SHOWN = _shown()


def test_the_pages_that_list_something_are_among_them() -> None:
    names = {address.name for address, _, _ in SHOWN}

    assert {
        "patients:patient_list",
        "attention_list",
        "stretches:stretch_list",
        "prescriptions:prescription_edit",
    } <= names
    assert {"admin:accounts_user_changelist", "routines:record_detail", "admin:autocomplete"} - names <= {
        "admin:autocomplete"
    }
    assert {"q", "whose", "kind", "page", "weeks", "muscle", "affected_by", "language", "theme"} <= _names()


@pytest.mark.parametrize("junk", JUNK, ids=["quote", "NUL", "digits", "long", "secret"])
def test_junk_breaks_no_page(world: World, junk: str) -> None:
    query = urlencode(dict.fromkeys(sorted(_names()), junk))
    broken = []
    for address, person, what in SHOWN:
        with undone():
            path = path_of(address, world, what)
            answer = world.ask(person, "GET", f"{path}{'&' if '?' in path else '?'}{query}")
        if answer.said.startswith("5"):
            broken.append(f"{address.name}: {answer.said}")

    assert broken == []


def test_no_page_of_ours_sorts_or_filters_by_a_field_of_the_readers_choice(world: World) -> None:
    wanted = dict.fromkeys(SORTING, SECRET) | {f"{SECRET}__startswith": "a", "user__password__startswith": "a"}
    otherwise = []
    for address, person, what in SHOWN:
        if address.is_of_admin or address.name.startswith(("account_", "mfa_")):
            continue
        path = path_of(address, world, what)
        sign = "&" if "?" in path else "?"
        plain, asked = world.ask(person, "GET", path), world.ask(person, "GET", f"{path}{sign}{urlencode(wanted)}")
        is_page = plain.body.startswith(b"<!DOCTYPE html>")
        if plain.said != asked.said or (is_page and _words(plain.body) != _words(asked.body)):
            otherwise.append(address.name)

    assert otherwise == []


def _words(page: bytes) -> list[bytes]:
    """What somebody reads on a page, in its order."""
    return re.sub(rb"<[^>]*>", b" ", page).split()


def test_an_empty_name_of_a_field_is_none(world: World) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = world.sessions["operator"]
    path = f"/admin/accounts/clinic/{world.clinic.pk}/change/"

    answers = [client.get(f"{path}?_to_field="), client.post(path, {"_to_field": ""})]

    assert [answer.status_code for answer in answers] == [200, 400]


@pytest.mark.parametrize(
    "lookup", ["password__startswith", "groups__user__password__startswith", "memberships__clinic__name"]
)
def test_the_admin_site_looks_up_nothing_else(world: World, lookup: str) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = world.sessions["operator"]

    answer = client.get("/admin/accounts/user/", {lookup: "a"})

    assert answer.status_code == 400
