"""Rights that were taken away are gone at the next request: sessions, roles, links, feeds."""

import pytest

from tests.permissions.rights_end import ENDS, End, not_ended
from tests.permissions.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.words)
def test_what_was_taken_away_is_gone_at_the_next_request(end: End, world: World) -> None:
    assert not_ended(end, world) == ""
