import datetime
import io
import json
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.core.checks import Warning  # noqa: A004 - Django's name
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from accounts import outbox
from accounts.models import OutboxMessage
from accounts.models.outbox import MOST_ATTEMPTS
from accounts.sealing import seal
from operations import doctor
from operations.doctor import around, database, inside
from operations.doctor.finding import State
from operations.models import beat_of_sender
from stretches.models import StretchDecision, StretchStatus
from tests.accounts.postbox import opened
from tests.factories import StretchFactory, UserFactory
from tests.operations.test_health import without_a_database

AT = datetime.datetime(2026, 11, 21, 12, 0, tzinfo=datetime.UTC)
OK, LOOK_AT, BROKEN = State


def test_without_a_database_it_says_so_and_asks_what_needs_none(db, settings):
    with without_a_database():
        found = {each.name: each for each in doctor.examine(AT)}

    assert found["database"].state == BROKEN
    assert set(found) == set(doctor.CHECKS) - doctor.NEED_THE_DATABASE


def test_the_command_says_line_by_line_what_to_do_and_exits_1(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    said, as_json = io.StringIO(), io.StringIO()

    with pytest.raises(SystemExit) as exit_status:
        call_command("doctor", only=["media", "sender"], stdout=said)
    with pytest.raises(SystemExit):
        call_command("doctor", only=["sender"], json=True, stdout=as_json)

    assert exit_status.value.code == 1
    assert said.getvalue().splitlines() == [
        "broken   sender: send_due never ran: no mail leaves.",
        "         To do: Start the worker: manage.py send_due --loop.",
        f"OK       media: {tmp_path} can be written.",
    ]
    assert json.loads(as_json.getvalue())[0]["state"] == "broken"


def test_where_all_is_well_it_exits_0(db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    beat_of_sender(at=timezone.now())

    call_command("doctor", only=["media", "sender"], stdout=io.StringIO())


@pytest.mark.postgres
def test_a_server_that_is_too_old_is_broken(db, monkeypatch):
    now = database.answers(AT)
    monkeypatch.setitem(connections["default"].__dict__, "pg_version", 140_011)
    old = database.answers(AT)

    assert [now.state, old.state] == [OK, BROKEN]
    assert "Limber needs 15 or newer" in old.words


@pytest.mark.postgres
def test_a_server_that_forgets_is_broken(db):
    # the server of the tests has all three off
    everything = database.keeps_what_it_takes(AT)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO on")
    two = database.keeps_what_it_takes(AT)

    assert everything.words.startswith("fsync and full_page_writes and synchronous_commit off")
    assert two.words.startswith("fsync and full_page_writes off")
    assert everything.is_broken
    assert two.is_broken


@pytest.mark.postgres
def test_a_role_that_owns_the_tables_is_broken_and_another_is_not(db):
    owner = database.role_is_not_the_owner(AT)
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE limber_app_of_this_test")
        cursor.execute("SET LOCAL ROLE limber_app_of_this_test")
    app = database.role_is_not_the_owner(AT)

    assert owner.is_broken
    assert "is a superuser" in owner.words
    assert "owns" in owner.words
    assert app.state == OK


@pytest.mark.postgres
@pytest.mark.parametrize(("seconds", "state"), [(0, OK), (3600, BROKEN), (-3600, BROKEN)])
def test_clocks_that_differ(db, seconds, state):
    assert database.clocks_agree(timezone.now() + datetime.timedelta(seconds=seconds)).state == state


@pytest.mark.sqlite
def test_sqlite_is_looked_at(db):
    assert [check(AT).state for check in (database.answers, database.role_is_not_the_owner)] == [LOOK_AT, OK]


def test_migrations(db):
    with connection.cursor() as cursor:
        before = database.migrations_are_applied(AT)
        cursor.execute("DELETE FROM django_migrations WHERE app = 'operations'")

    assert before.state == OK
    assert database.migrations_are_applied(AT).is_broken


def test_keys(db, settings):
    settings.SEALING_KEYS = ["k" * 32]
    Authenticator.objects.create(user=UserFactory(), type=Authenticator.Type.TOTP, data={"secret": seal("seed")})

    kept = inside.keys_open_what_is_sealed(AT)
    settings.SEALING_KEYS = ["n" * 32, "k" * 32]
    in_front = inside.keys_open_what_is_sealed(AT)
    settings.SEALING_KEYS = ["n" * 32]
    lost = inside.keys_open_what_is_sealed(AT)

    assert [kept.state, in_front.state, lost.state] == [OK, OK, BROKEN]


def test_the_catalogue(db):
    empty = inside.catalogue_is_there_and_signed(AT)
    stretches = StretchFactory.create_batch(2, status=StretchStatus.REVIEWED)
    unsigned = inside.catalogue_is_there_and_signed(AT)
    for stretch in stretches:
        StretchDecision.objects.create(stretch=stretch, kind="published", why="Read it.", decided_by=UserFactory())
    signed = inside.catalogue_is_there_and_signed(AT)

    assert [empty.state, unsigned.state, signed.state] == [BROKEN, LOOK_AT, OK]
    assert "0 of them a person has published (0 %)" in unsigned.words


@pytest.mark.parametrize(("minutes", "state"), [(1, OK), (11, BROKEN)])
def test_a_sender_that_is_silent(db, minutes, state):
    beat_of_sender(at=AT - datetime.timedelta(minutes=minutes))

    assert inside.sender_runs(AT).state == state


def test_messages_that_were_given_up(db):
    beat_of_sender(at=AT)
    outbox.post("needs_you", unique_key="k", address="p@example.org", due_at=AT)
    OutboxMessage.objects.update(attempts=MOST_ATTEMPTS)

    assert inside.sender_runs(AT).words == "1 messages were given up."


def test_mail(db, settings):
    printed = around.mail_leaves(AT)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False
    silent = around.mail_leaves(AT)
    with opened() as (_, environment):
        settings.EMAIL_PORT = urlsplit(environment["EMAIL_URL"]).port
        from_nowhere = around.mail_leaves(AT)
        settings.DEFAULT_FROM_EMAIL = "Limber <limber@limber.example>"
        answering = around.mail_leaves(AT)

    assert [each.state for each in (printed, silent, from_nowhere, answering)] == [LOOK_AT, BROKEN, LOOK_AT, OK]
    assert "from limber@localhost" in from_nowhere.words


@pytest.mark.parametrize(("free", "state"), [(100, OK), (4.9, LOOK_AT), (0.9, BROKEN)])
def test_disk(monkeypatch, free, state):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, free * 1024**3))

    assert around.disk_has_room(AT).state == state


def test_a_media_folder_that_cannot_be_made(settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.MEDIA_ROOT = tmp_path / "file" / "media"

    assert around.media_can_be_written(AT).is_broken


@pytest.mark.parametrize(
    ("made_days", "safe_minutes", "state"),
    [(1, 1, OK), (1, None, OK), (1, 16, BROKEN), (3, 1, BROKEN), (3, None, BROKEN)],
)
def test_a_backup_that_is_old(settings, tmp_path, made_days, safe_minutes, state):
    settings.BACKUP_DIR = tmp_path
    safe = (AT - datetime.timedelta(minutes=safe_minutes)).isoformat() if safe_minutes else ""
    noted = {"made_at": (AT - datetime.timedelta(days=made_days)).isoformat(), "changes_at": safe}
    Path(tmp_path, "state.json").write_text(json.dumps(noted))

    assert around.backup_is_fresh(AT).state == state


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, ""),
        ("{", ""),
        ("[]", ""),
        ('{"made_at": "", "changes_at": ""}', ""),
        ('{"made_at": "", "changes_at": "", "error": "The disk is full."}', " The disk is full."),
    ],
)
def test_a_backup_that_is_not_there(settings, tmp_path, content, why):
    settings.BACKUP_DIR = tmp_path
    if content:
        Path(tmp_path, "state.json").write_text(content)

    found = around.backup_is_fresh(AT)

    assert found.is_broken
    assert found.words == f"none in {tmp_path} that was read back.{why}"


def test_no_backup_at_all_is_looked_at(settings):
    settings.BACKUP_DIR = None

    assert around.backup_is_fresh(AT).state == LOOK_AT


def test_settings_are_those_of_the_check(settings):
    settings.DEMO = True

    found = around.settings_hold(AT)

    assert found.is_broken
    assert "limber.E002 DEMO is on." in found.words


def test_who_owns_the_tables_is_asked_of_the_database(settings, monkeypatch):
    monkeypatch.setattr(around, "run_checks", lambda **_: [Warning("Pages connect as the owner.", id="limber.W001")])

    assert around.settings_hold(AT).state == OK
