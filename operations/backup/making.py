"""One backup: copied, sealed, read back, and only then there."""

import contextlib
import datetime
import fcntl
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.db import connection

from clinic.privacy import write_ledger
from operations.backup import facts, media, postgres
from operations.backup.checking import check_base, check_sqlite
from operations.backup.errors import BackupError
from operations.backup.manifest import NAME, Manifest, write_signed
from operations.backup.sealing import Key, seal
from operations.backup.stream import Stream, for_one_backup, segment_bytes
from operations.backup.wal import Archive

BASE, COPY, LEDGER, MEDIA_INDEX = "base.tar", "limber.sqlite3", "erasures.jsonl", "media.json"
TRIES = 5
ALONE_SECONDS = 60
"""How long one waits for another who writes here: a look of `backup --loop` takes a second, a whole copy longer."""


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Let nobody else write backups here meanwhile.

    Raises:
        BackupError: somebody does, for longer than one waits.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(0o700)
        lock = (root / ".lock").open("w")
    except OSError as error:
        raise BackupError(f"BACKUP_DIR ({root}) cannot be written to: {error.strerror}.") from error
    with lock:
        until = time.monotonic() + ALONE_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > until:
                    raise BackupError("Another backup is running: this one did nothing.") from error
                time.sleep(0.2)
        yield


def make(root: Path, key: Key, *, at: datetime.datetime, stream: Stream | None = None) -> Manifest:
    """Make a backup, read it back, and put it among the others.

    Raises:
        BackupError: it is none. What was there before is as it was.
    """
    manifest = facts.describe(id=at.astimezone(datetime.UTC).strftime("%Y%m%dT%H%M%SZ"), made_at=at.isoformat())
    making = root / f".{manifest.id}.making"
    try:
        manifest.media = media.take(root, key)
        keep_ledger(root)
        if manifest.vendor == "sqlite":
            _copy_sqlite(making, manifest, key)
        elif stream:
            _copy_postgres(root, making, manifest, key, stream)
        else:
            with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as spool, for_one_backup(Path(spool)) as own:
                _copy_postgres(root, making, manifest, key, own)
        write_signed(root / MEDIA_INDEX, {"media": manifest.media}, key)
        manifest.write(making, key)
        making.rename(root / manifest.id)
    except OSError as error:
        raise BackupError(f"No backup was made: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return manifest


def keep_ledger(root: Path) -> None:
    """Keep what was erased beside the backups, for the day when one of them brings it back."""
    try:
        write_ledger(root / LEDGER)
    except (OSError, ValueError) as error:
        raise BackupError(f"The ledger of erasures could not be kept: {error}") from error


def _copy_sqlite(making: Path, manifest: Manifest, key: Key) -> None:
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        copy = Path(folder) / COPY
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
        with contextlib.closing(sqlite3.connect(copy)) as link:
            counts = facts.count_rows(facts.tables(), link.cursor())
        manifest.rows = {table: [count, count] for table, count in counts.items()}
        with copy.open("rb") as content:
            sealed = seal(content, making / COPY, key=key, name=f"{manifest.id}/{COPY}")
    manifest.parts[COPY] = asdict(sealed)
    check_sqlite(making, manifest, key)


def _copy_postgres(root: Path, making: Path, manifest: Manifest, key: Key, stream: Stream) -> None:
    archive = Archive(root, key)
    with postgres.base_backup(manifest.id) as content:
        sealed = seal(content, making / BASE, key=key, name=f"{manifest.id}/{BASE}")
    manifest.parts[BASE] = asdict(sealed)
    first = check_base(making, manifest, key)
    point = f"limber-{manifest.id}"
    manifest.rows = _count_around(point)
    last = stream.complete_segment()
    archive.take(stream.spool)
    given = connection.get_connection_params()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, current_database()")
        role, database = cursor.fetchone()
    manifest.postgres = {
        "first_segment": first,
        "last_segment": last,
        "segment_bytes": segment_bytes(),
        "restore_point": point,
        "role": str(given.get("user") or role),
        "database": str(database),
    }
    for name in archive.needed_from(first, manifest.postgres["segment_bytes"]):
        archive.check(name)


def _count_around(point: str) -> dict[str, list[int]]:
    """Rows at a moment that is marked in the log, so that a restored database can be held against them.

    They are counted before it and after it. While nobody writes that is one number; in a busy hour, the least and the
    most.
    """
    names = facts.tables()
    rows: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        for _ in range(TRIES):
            before = facts.count_rows(names, cursor)
            cursor.execute("SELECT pg_create_restore_point(%s)", [point])
            after = facts.count_rows(names, cursor)
            rows = {name: sorted((before[name], after[name])) for name in names}
            if before == after:
                break
    return rows


def backups(root: Path) -> list[Path]:
    """The folders of the backups there are, the oldest first."""
    return sorted(path.parent for path in root.glob(f"[0-9]*/{NAME}"))


def keep_newest(root: Path, key: Key, count: int) -> list[str]:
    """Remove older backups, and what only they needed; returns which."""
    every = backups(root)
    gone = every[: -max(count, 1)]
    for folder in gone:
        (folder / NAME).unlink()  # no longer a backup, whatever happens next
        shutil.rmtree(folder)
    kept = [Manifest.read(folder, key) for folder in every[len(gone) :]]
    if gone and kept:
        media.prune(root, {digest for manifest in kept for digest in manifest.media.values()})
        if kept[0].postgres:
            Archive(root, key).prune(min(manifest.postgres["first_segment"] for manifest in kept))
    return [folder.name for folder in gone]
