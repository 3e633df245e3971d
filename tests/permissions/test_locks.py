"""Who writes waits first, and looks afterwards at what there is: so nothing slips in between.

Another connection holds all rows here. Whatever a form is about to write, the first statement that waits has to be a
lock, and not the write itself: that would come after the look.
"""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import CATALOGUE_ADMINS, Clinic, Membership, User
from patients.models import Patient
from prescriptions.models import Template, TemplateLine
from stretches.models import Muscle, Source
from tests.permissions.test_forms import EDITS, MAKES, Sent, client_of, opened, sent_by
from tests.permissions.world import World, build

HELD = (Clinic, Membership, User, Patient, Template, TemplateLine, Muscle, Source)
WITHOUT = {
    "patients:patient_add": "a row that nobody else knows: its id makes it one",
    "prescriptions:template_add": "the same",
    "admin:accounts_clinic_add": "counted as sent, under a lock: accounts.limits.form_slots",
    "admin:stretches_muscle_add": "the same",
}


def forms(world: World) -> Iterator[tuple[str, Client, str, Sent]]:
    """Each form that edits or makes something, as it was opened before."""
    for name, (person, field, theirs, _) in EDITS.items():
        client = client_of(person, world)
        path, sent = opened(name, field, world, client)
        yield name, client, path, {**sent, field: theirs}
    for name in sorted(set(MAKES) - set(WITHOUT)):
        client = client_of(MAKES[name][0], world)
        path, _, sent = sent_by(name, world, client)
        yield name, client, path, sent


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_who_writes_waits_before_looking() -> None:
    editors, _ = Group.objects.get_or_create(name=CATALOGUE_ADMINS)  # taken away with all rows by the test before
    editors.permissions.set(Permission.objects.filter(content_type__app_label="stretches"))
    world = build()
    every = list(forms(world))
    other = connection.copy()
    other.set_autocommit(False)
    waited = {}
    try:
        with other.cursor() as cursor:
            for model in HELD:
                # What a foreign key asks of a row goes on; who locks it, or writes to it, waits.
                cursor.execute(f'SELECT 1 FROM "{model._meta.db_table}" FOR NO KEY UPDATE')
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20ms'")
        for name, client, path, sent in every:
            with CaptureQueriesContext(connection) as asked:
                answer = client.post(path, sent)
            asked_for = [each["sql"] for each in asked if re.match(r"(SELECT|INSERT|UPDATE|DELETE)\b", each["sql"])]
            last = next(each for each in reversed(asked_for) if "limber_act(" not in each)  # who makes the page of it
            is_lock = bool(re.search(r" FOR (NO KEY )?UPDATE( OF \S+)?$", last))
            waited[name] = (answer.status_code, is_lock or last)
    finally:
        other.rollback()
        other.close()
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")

    assert waited == dict.fromkeys(waited, (503, True))
    assert len(waited) == len(EDITS) + len(MAKES) - len(WITHOUT)
