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


@pytest.mark.parametrize("lookup", ["contraindications", "contraindications__isnull"])
def test_the_catalogue_is_looked_up_by_its_own_fields_only(world: World, lookup: str) -> None:
    """What points to a stretch may be another clinic's: even that there is something is no answer."""
    answer = client_of("library admin", world).get(reverse("admin:stretches_stretch_changelist"), {lookup: "1"})

    assert answer.status_code == 400
