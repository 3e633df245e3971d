"""Bringing a backup back, into a place where nothing is: checked, counted, and without what was erased since."""

import contextlib
import dataclasses
import datetime
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings

from operations.backup import checking, facts, media, postgres
from operations.backup.errors import BackupError
from operations.backup.manifest import Manifest
from operations.backup.sealing import Key
from operations.backup.wal import Archive

DATABASE, MEDIA, COPY = "database", "media", "limber.sqlite3"
LATEST, BACKUP = "latest", "backup"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What to restore, and where.

    ``until`` is ``latest`` (every change there is), ``backup`` (as it was when the backup was made) or a moment.
    """

    folder: Path
    into: Path
    until: str = LATEST
    account: str = "postgres"

    @property
    def only_backup(self) -> bool:
        """Whether what came after the backup is left out."""
        return self.until == BACKUP


def restore(wanted: Wanted, key: Key, *, at: datetime.datetime, say: Callable[[str], Any]) -> Manifest:
    """Restore a backup; ``database`` and ``media`` below ``into`` hold it afterwards.

    Raises:
        BackupError: nothing was restored, or what was is not as it has to be. What there was is untouched.
    """
    for name in (DATABASE, MEDIA):
        if (wanted.into / name).exists() and any((wanted.into / name).iterdir()):
            raise BackupError(f"{wanted.into / name} is not empty: nothing is overwritten. Name an empty place.")
    say(f"Reading backup {wanted.folder.name} to its last byte")
    manifest = checking.check(wanted.folder, key, at=at, only_backup=wanted.only_backup)
    ledger = checking.ledger_of(wanted.folder.parent)
    try:
        for name in (DATABASE, MEDIA):
            (wanted.into / name).mkdir(parents=True, exist_ok=True)
        photos = checking.media_of(wanted.folder.parent, manifest, key, only_backup=wanted.only_backup)
        media.check(wanted.folder.parent, photos, key, wanted.into / MEDIA)
        if manifest.vendor == "sqlite":
            checking.unpack_sqlite(wanted.folder, manifest, key, wanted.into / DATABASE / COPY)
            say(f"Rows as counted, in {len(manifest.rows)} tables")
            finish(manifest, f"sqlite:///{wanted.into / DATABASE / COPY}", ledger, say)
        else:
            _restore_postgres(wanted, manifest, key, ledger, say)
    except OSError as error:
        raise BackupError(f"Not restored: {error.strerror or error} ({wanted.into}).") from error
    return manifest


def _restore_postgres(wanted: Wanted, manifest: Manifest, key: Key, ledger: Path, say: Callable[[str], Any]) -> None:
    data, log = wanted.into / DATABASE, wanted.into / ".log-of-changes"
    who = postgres.account(wanted.account)
    checking.check_base(wanted.folder, manifest, key, data)
    log.mkdir(mode=0o700)
    archive = Archive(wanted.folder.parent, key)
    for name in checking.segments(archive, manifest, only_backup=wanted.only_backup):
        archive.check(name, log)
    if not (data / "postgresql.conf").exists():  # Debian keeps it elsewhere
        (data / "postgresql.conf").write_text("# Nothing but PostgreSQL's own defaults: they were kept elsewhere.\n")
    data.chmod(0o700)
    if who:
        for path in [data, log, *data.rglob("*"), *log.iterdir()]:
            os.chown(path, who["user"], who["group"])
    facts_of = manifest.postgres
    login = {"role": facts_of["role"], "database": facts_of["database"]}
    with _served(data, who) as server:
        recovery = {"restore_command": f'cp "{log}/%f" "%p"', "recovery_target_timeline": "current"}
        _replay_to(server, data, who, **recovery, recovery_target_name=facts_of["restore_point"])
        server.wait_for("SELECT pg_is_wal_replay_paused()", **login)
        with contextlib.closing(server.connect(**login)) as link, link.cursor() as cursor:
            counts = facts.count_rows(list(manifest.rows), cursor)
        if found := facts.differences(manifest, counts):
            raise BackupError(f"Restored, but with other rows than were counted: {'; '.join(found)}. Do not use it.")
        say(f"Rows as counted, in {len(counts)} tables")
        server.stop()  # to resume from where it paused takes a superuser, and whoever backs up is none
        until = {"recovery_target_time": wanted.until}
        if wanted.until in (LATEST, BACKUP):
            until = {"recovery_target_name": facts_of["restore_point"]} if wanted.only_backup else {}
        _replay_to(server, data, who, **recovery, **until, recovery_target_action="promote")
        server.wait_for("SELECT NOT pg_is_in_recovery()", **login)
        say("Changes replayed")
        query = urllib.parse.urlencode({"host": str(server.home)})
        quoted = {name: urllib.parse.quote(value, safe="") for name, value in login.items()}
        finish(manifest, f"postgresql://{quoted['role']}@/{quoted['database']}?{query}", ledger, say)
    shutil.rmtree(log)


@contextlib.contextmanager
def _served(data: Path, who: dict[str, Any]) -> Iterator[postgres.Server]:
    server = postgres.Server(data, who)
    try:
        yield server
    finally:
        server.remove()


def _replay_to(server: postgres.Server, data: Path, who: dict[str, Any], **recovery: str) -> None:
    signal = data / "recovery.signal"
    signal.touch(mode=0o600)
    if who:
        os.chown(signal, who["user"], who["group"])
    server.start(**{"recovery_target_action": "pause", **recovery})


def finish(manifest: Manifest, url: str, ledger: Path, say: Callable[[str], Any]) -> None:
    """In a process of its own, whose database is the restored one: bring the schema up to date, erase again.

    Raises:
        BackupError: that failed.
    """
    where = {"DATABASE_URL": url, "OWNER_DATABASE_URL": url, "AS_OWNER": "1", "STATEMENT_TIMEOUT_SECONDS": "0"}
    secrets = dict.fromkeys(("DATABASE_URL_FILE", "OWNER_DATABASE_URL_FILE", "REPLICA_DATABASE_URL"), "")
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in {**os.environ, **where}.items() if name not in secrets}
        environment["ERASURE_LEDGER"] = str(Path(folder) / "ledger")  # not that of the system that runs this
        upgrade = [["migrate", "--verbosity", "0"]] if facts.is_older(manifest) else []
        for command in [*upgrade, ["apply_erasures", "--ledger", str(ledger)]]:
            done = subprocess.run(  # noqa: S603
                [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *command],
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise BackupError(f"Restored, but {command[0]} failed: {done.stderr.strip()[-500:]}")
            if done.stdout.strip():
                say(done.stdout.strip())
