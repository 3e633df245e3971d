"""Junk in what the admin site is sent, and questions about rows that it does not answer."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.permissions.world import World

pytestmark = pytest.mark.django_db


def client_of(person: str, world: World) -> Client:
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = world.sessions[person]
    return client


@pytest.mark.parametrize("ticked", ["\x00", "1\x00"])
def test_a_ticked_row_that_is_none_is_refused(world: World, ticked: str) -> None:
    sent = {"action": "sign", "_selected_action": ticked}

    answer = client_of("library admin", world).post(reverse("admin:stretches_contraindication_changelist"), sent)

    assert answer.status_code == 400


MEMBERS_CLINIC = {"app_label": "accounts", "model_name": "membership", "field_name": "clinic"}


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("page", "asked"),
    [
        ("admin:accounts_clinic_changelist", {"name": "\x00"}),
        ("admin:stretches_cataloguerelease_changelist", {"title__exact": "\x00"}),
        ("admin:autocomplete", {**MEMBERS_CLINIC, "term": "a\x00b"}),
    ],
)
def test_a_nul_in_an_address_is_left_out(world: World, page: str, asked: dict[str, str]) -> None:
    """PostgreSQL cannot look for one."""
    answer = client_of("operator", world).get(reverse(page), asked)

    assert answer.status_code in {200, 302}


@pytest.mark.parametrize("lookup", ["contraindications", "contraindications__isnull"])
def test_the_catalogue_is_looked_up_by_its_own_fields_only(world: World, lookup: str) -> None:
    """What points to a stretch may be another clinic's: even that there is something is no answer."""
    answer = client_of("library admin", world).get(reverse("admin:stretches_stretch_changelist"), {lookup: "1"})

    assert answer.status_code == 400
