"""A restore drill on both databases, and eight ways to spoil a backup, each of which has to raise an alarm."""

import contextlib
import datetime
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from clinic.privacy.erasing import erase
from operations.backup import making, postgres
from operations.backup.errors import BackupError
from operations.backup.keeping import Keeper
from operations.backup.making import alone, backups, keep_newest
from operations.backup.manifest import Manifest
from operations.backup.sealing import Key
from operations.backup.state import State
from operations.backup.stream import SLOT, Stream
from stretches.models import StretchPhoto
from tests.factories import PatientFactory, StretchFactory
from tests.operations.conftest import EARNEST, OWNER, copy_database_to_owner, pointed_at, prescribe
from tests.postgres import Cluster

KEY = b"a key for tests only, which everybody knows"
PHOTO = "stretch-photos/0123.jpg"


@dataclass
class Installation:
    """Somewhere with patients, of which there is a backup; ``spoil`` works on copies of it."""

    home: Path
    vendor: str

    @property
    def root(self) -> Path:
        return self.home / "backups"

    @property
    def newest(self) -> Path:
        return backups(self.root)[-1]

    def settings(self, **more):
        chosen = {"BACKUP_DIR": self.root, "BACKUP_KEY_FILE": self.home / "key", "MEDIA_ROOT": self.home / "media"}
        return override_settings(VAR_DIR=self.home, ERASURE_LEDGER=self.home / "ledger", **{**chosen, **more})

    def restore(self, **options) -> Path:
        into = Path(tempfile.mkdtemp(dir=self.home))
        into.chmod(0o755)
        call_command("restore", into=into, account="nobody", **options)
        return into


@pytest.fixture(scope="module")
def installation(request, django_db_setup, django_db_blocker) -> Iterator[Installation]:
    """Backed up, then changed: a patient more, and one erased."""
    home = Path(tempfile.mkdtemp(prefix="limber-backup-", dir="/tmp"))
    home.chmod(0o755)
    (home / "key").write_bytes(KEY)
    (home / "media/stretch-photos").mkdir(parents=True)
    (home / "media" / PHOTO).write_bytes(b"a picture" * 1000)
    here = Installation(home, connection.vendor)
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, home)
        stack.enter_context(django_db_blocker.unblock())
        stack.enter_context(here.settings())
        if here.vendor == "postgresql":
            cluster = Cluster(EARNEST)
            stack.callback(shutil.rmtree, cluster.home, ignore_errors=True)
            stack.enter_context(programs_of(cluster))
            on_postgres(here, cluster)
        else:
            on_sqlite(here)
        yield here


@contextlib.contextmanager
def programs_of(cluster):
    """Let Limber use the programs that the tests use, from where anybody may run them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PG_BIN", str(cluster.binaries))
        yield


def on_postgres(here, cluster) -> None:
    stream = Stream(here.home / "spool", SLOT)
    cluster.start()
    try:
        copy_database_to_owner(cluster)
        with pointed_at(cluster, **OWNER):
            backed_up_and_changed(here, stream)
    finally:
        stream.stop()
        cluster.stop("immediate")
        shutil.rmtree(cluster.home / "data")  # it is lost


def on_sqlite(here) -> None:
    """A copy of the test database: SQLite's own lies where others write."""
    original = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(here.home / "limber.sqlite3")])
    connection.close()
    connection.settings_dict["NAME"] = str(here.home / "limber.sqlite3")
    try:
        backed_up_and_changed(here, None)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = original


def backed_up_and_changed(here, stream) -> None:
    prescribe()
    forgotten = PatientFactory(full_name="Erased Afterwards")
    keeper = Keeper(here.root, Key(KEY), 3, datetime.timedelta(hours=24), print, print)
    keeper.look(stream)
    PatientFactory(full_name="Came Afterwards")
    erase(forgotten, by=None, at=timezone.now())
    keeper.look(stream)


def names_in(into: Path, vendor: str) -> set[str]:
    question = "SELECT full_name FROM patients_patient WHERE erased_at IS NULL"
    if vendor == "sqlite":
        with contextlib.closing(sqlite3.connect(into / "database/limber.sqlite3")) as link:
            return {name for (name,) in link.execute(question)}
    server = postgres.Server(into / "database", postgres.account("nobody"))
    server.start()
    try:
        with contextlib.closing(server.connect("limber_owner", "limber")) as link, link.cursor() as cursor:
            cursor.execute(question)
            return {name for (name,) in cursor.fetchall()}
    finally:
        server.remove()


pytestmark = pytest.mark.django_db


def test_a_backup_is_restored_to_the_last_change_but_not_what_was_erased(installation, capsys) -> None:
    into = installation.restore()

    names = names_in(into, installation.vendor)
    assert any(name.startswith("Patient ") for name in names)
    assert "Erased Afterwards" not in names
    assert ("Came Afterwards" in names) is (installation.vendor == "postgresql")  # SQLite: as when it was backed up
    assert (into / "media" / PHOTO).read_bytes() == b"a picture" * 1000
    assert "Rows as counted" in capsys.readouterr().out


@pytest.mark.postgres
def test_a_restore_to_the_moment_of_the_backup_forgets_what_was_erased_later(installation) -> None:
    into = installation.restore(until="backup")

    names = names_in(into, installation.vendor)
    assert not {"Erased Afterwards", "Came Afterwards"} & names
    assert any(name.startswith("Patient ") for name in names)


def test_nothing_is_restored_over_anything(installation, tmp_path) -> None:
    (tmp_path / "database").mkdir()
    (tmp_path / "database" / "theirs").touch()

    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", into=tmp_path)


def test_doctor_can_read_how_old_the_newest_is(installation) -> None:
    state = State.read(installation.root)

    assert state.backup == installation.newest.name
    assert state.age(at=timezone.now()) < datetime.timedelta(minutes=10)
    assert state.error == ""


def test_older_ones_go_and_what_is_left_is_whole(installation, tmp_path) -> None:
    copy = shutil.copytree(installation.root, tmp_path / "backups")
    shutil.copytree(copy / installation.newest.name, copy / "20200101T000000Z")

    with installation.settings(BACKUP_DIR=copy):
        gone = keep_newest(copy, Key(KEY), 1)
        call_command("verify_backup")

    assert gone == ["20200101T000000Z"]


@pytest.mark.postgres
def test_a_role_that_is_not_shown_what_was_received_is_told_which_right_it_needs(tmp_path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE limber_blind_of_this_test")
        cursor.execute("SET LOCAL ROLE limber_blind_of_this_test")

    with pytest.raises(BackupError, match="GRANT pg_read_all_stats TO limber_blind_of_this_test"):
        Stream(tmp_path).catch_up()


def test_who_comes_second_waits_and_is_refused_only_after_a_while(tmp_path, monkeypatch) -> None:
    first = contextlib.ExitStack()
    first.enter_context(alone(tmp_path))
    moments = iter((0, making.ALONE_SECONDS + 1, 0, 1))
    clock = SimpleNamespace(monotonic=lambda: next(moments), sleep=lambda _: first.close())
    monkeypatch.setattr(making, "time", clock)

    with pytest.raises(BackupError, match="Another backup is running"), alone(tmp_path):
        pass
    with alone(tmp_path):  # the first goes while the second waits
        came = True

    assert came


# Sabotage -------------------------------------------------------------------------------------------------------------
def biggest(root: Path, vendor: str) -> Path:
    return backups(root)[-1] / ("base.tar" if vendor == "postgresql" else "limber.sqlite3")


def missing_wal(root, vendor):
    max((root / "wal").iterdir()).unlink()


def flipped_byte(root, vendor):
    path = biggest(root, vendor)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def flipped_byte_in_wal(root, vendor):
    path = root / "wal" / Manifest.read(backups(root)[-1], Key(KEY)).postgres["first_segment"]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncated_file(root, vendor):
    path = biggest(root, vendor)
    os.truncate(path, path.stat().st_size - 100)


def newer_schema(root, vendor):
    manifest = Manifest.read(backups(root)[-1], Key(KEY))
    manifest.migrations.append("patients.0099_from_the_future")
    manifest.write(backups(root)[-1], Key(KEY))


def no_media(root, vendor):
    shutil.rmtree(root / "media")


def lost_row(root, vendor):
    manifest = Manifest.read(backups(root)[-1], Key(KEY))
    manifest.rows["patients_patient"] = [7000, 7000]
    manifest.write(backups(root)[-1], Key(KEY))


def no_ledger(root, vendor):
    (root / "erasures.jsonl").unlink()


def changed_manifest(root, vendor):
    path = backups(root)[-1] / "manifest.json"
    signed = json.loads(path.read_text())
    signed["content"]["rows"]["patients_patient"] = [0, 0]
    path.write_text(json.dumps(signed))


@pytest.mark.parametrize(
    ("spoil", "alarm"),
    [
        pytest.param(missing_wal, "log of changes has a gap", marks=pytest.mark.postgres),
        pytest.param(flipped_byte_in_wal, "changed or cut short", marks=pytest.mark.postgres),
        (flipped_byte, "changed or cut short"),
        (truncated_file, "cut short"),
        (newer_schema, "newer Limber.*patients.0099_from_the_future"),
        (no_media, "No media: 1 of 1 files missing"),
        (no_ledger, "ledger of erasures.*missing"),
        (changed_manifest, "changed after it was written"),
    ],
)
def test_a_spoilt_backup_raises_an_alarm_and_nothing_is_restored(installation, tmp_path, spoil, alarm) -> None:
    copy = shutil.copytree(installation.root, tmp_path / "backups")
    spoil(copy, installation.vendor)

    with installation.settings(BACKUP_DIR=copy), pytest.raises(CommandError, match=f"ALARM: .*{alarm}"):
        call_command("restore", into=tmp_path / "into")

    assert not (tmp_path / "into").exists()


@pytest.mark.sqlite  # PostgreSQL counts in the same words, and takes three times as long to get there
def test_rows_that_are_not_there_raise_an_alarm(installation, tmp_path) -> None:
    copy = shutil.copytree(installation.root, tmp_path / "backups")
    lost_row(copy, installation.vendor)

    with installation.settings(BACKUP_DIR=copy), pytest.raises(CommandError, match=r"patients_patient: \d+, not 7000"):
        installation.restore()


@pytest.mark.parametrize(
    ("setting", "alarm"),
    [
        ({"TIME_ZONE": "America/New_York"}, "Wrong time zone: TIME_ZONE is America/New_York here and was UTC"),
        ({"BACKUP_KEY_FILE": "other"}, "another key|signed with the key"),
    ],
)
def test_wrong_time_zone_and_wrong_key_raise_an_alarm(installation, tmp_path, setting, alarm) -> None:
    if "BACKUP_KEY_FILE" in setting:
        (tmp_path / "other").write_text("another key, that is as long as it has to be")
        setting = {"BACKUP_KEY_FILE": tmp_path / "other"}

    with installation.settings(**setting), pytest.raises(CommandError, match=f"ALARM: .*({alarm})"):
        call_command("verify_backup")


@pytest.mark.sqlite
def test_a_full_disk_raises_an_alarm_and_leaves_what_there_was(installation) -> None:
    before = backups(installation.root)
    environment = {
        **os.environ,
        "VAR_DIR": str(installation.home),
        "DATABASE_URL": f"sqlite:///{installation.home / 'limber.sqlite3'}",
        "BACKUP_DIR": str(installation.root),
        "BACKUP_KEY_FILE": str(installation.home / "key"),
        "MEDIA_DIR": str(installation.home / "media"),
    }
    manage = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "backup"]

    # No file may grow beyond 100 KB: a disk that is full, without needing one.
    limited = ["sh", "-c", 'ulimit -f 200; exec "$0" "$@"', *manage]
    done = subprocess.run(limited, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert re.search("ALARM: .*(full|disk I/O error)", done.stderr)
    assert backups(installation.root) == before
    assert "disk" in State.read(installation.root).error
    call_command("verify_backup")


@pytest.mark.sqlite
def test_a_photo_without_its_file_raises_an_alarm(installation, tmp_path) -> None:
    photo = StretchPhoto.objects.create(stretch=StretchFactory(), key="f" * 32, alt="A leg", width=1, height=1)

    with installation.settings(BACKUP_DIR=tmp_path / "b"), pytest.raises(CommandError, match="No media: 1 photos"):
        call_command("backup")

    photo.delete()


def test_a_key_among_the_backups_opens_them_for_everybody(tmp_path) -> None:
    (tmp_path / "key").write_bytes(KEY)

    with pytest.raises(BackupError, match="lies among the backups"):
        Key.read(tmp_path / "key", outside=tmp_path)
