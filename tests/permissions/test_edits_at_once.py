"""Of many who opened the same row and save at the same moment, one is stored; the others are shown both versions."""

import functools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client

from accounts.models import CATALOGUE_ADMINS
from tests.permissions.test_forms import EDITS, Sent, client_of, opened
from tests.permissions.world import build

AT_ONCE = 4


def post_at_once(client: Client, path: str, together: threading.Barrier, sent: Sent) -> int:
    together.wait()
    try:
        return client.post(path, sent).status_code
    finally:
        connection.close()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_edits_at_once_one_is_stored() -> None:
    editors, _ = Group.objects.get_or_create(name=CATALOGUE_ADMINS)  # taken away with all rows by the test before
    editors.permissions.set(Permission.objects.filter(content_type__app_label="stretches"))
    world = build()
    answers = {}
    for name, (person, field, theirs, mine) in EDITS.items():
        path, sent = opened(name, field, world, client_of(person, world))
        typed = [str(int(theirs) + each % 3) if theirs.isdigit() else f"{mine} {each}" for each in range(AT_ONCE)]
        if name == "routines:reminder_edit":
            typed = [f"{mine}{each}" for each in range(AT_ONCE)]
        together = threading.Barrier(AT_ONCE)

        save = functools.partial(post_at_once, client_of(person, world), path, together)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers[name] = sorted(pool.map(save, [{**sent, field: value} for value in typed]))

    assert answers == dict.fromkeys(EDITS, [302] + [409] * (AT_ONCE - 1))
