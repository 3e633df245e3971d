"""Ids of another clinic in forms and queries: they find nothing, change nothing, and tell nothing."""

import pytest

from tests.permissions.foreign_ids import FOREIGN, Foreign, got_through
from tests.permissions.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("foreign", FOREIGN, ids=lambda foreign: foreign.words)
def test_what_belongs_to_another_clinic_is_not_taken(foreign: Foreign, world: World) -> None:
    assert got_through(foreign, world) == ""
