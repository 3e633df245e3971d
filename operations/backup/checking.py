"""Reading a backup back: every byte of it, against what was written down of it."""

import contextlib
import datetime
import hashlib
import json
import re
import shutil
import sqlite3
import tarfile
import tempfile
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from clinic.privacy import ledger
from operations.backup import facts, media
from operations.backup.errors import BackupError, DamagedError
from operations.backup.manifest import Manifest, read_signed
from operations.backup.sealing import Key, opened
from operations.backup.wal import Archive, ensure_size

CLOCK_MAY_DIFFER = datetime.timedelta(minutes=5)


def check(folder: Path, key: Key, *, at: datetime.datetime, only_backup: bool = False) -> Manifest:
    """Read a backup and what it needs beside it, to the last byte. ``only_backup`` leaves out what came after it.

    Raises:
        BackupError: it cannot be relied on, and why.
    """
    root = folder.parent
    manifest = Manifest.read(folder, key)
    facts.ensure_fits(manifest)
    if manifest.moment > at + CLOCK_MAY_DIFFER:
        raise BackupError(
            f"Backup {manifest.id} was made at {manifest.made_at}, which has not come yet: set this machine's clock."
        )
    if manifest.vendor == "sqlite":
        check_sqlite(folder, manifest, key)
    else:
        check_base(folder, manifest, key)
        archive = Archive(root, key)
        for name in segments(archive, manifest, only_backup=only_backup):
            archive.check(name)
    media.check(root, media_of(root, manifest, key, only_backup=only_backup), key)
    ledger_of(root)
    return manifest


def segments(archive: Archive, manifest: Manifest, *, only_backup: bool) -> list[str]:
    """The segments of the log that a backup needs, or that there are after it."""
    first, last = manifest.postgres["first_segment"], manifest.postgres["last_segment"]
    needed = archive.needed_from(first, manifest.postgres["segment_bytes"])
    if last not in needed:
        raise DamagedError(f"The log of changes ends before backup {manifest.id} does: segment {last} is missing.")
    return [name for name in needed if not only_backup or name <= last]


def media_of(root: Path, manifest: Manifest, key: Key, *, only_backup: bool) -> dict[str, str]:
    """The media of a backup, or also those that came after it."""
    later = {} if only_backup or manifest.vendor == "sqlite" else read_signed(root / "media.json", key)["media"]
    return {**manifest.media, **later}


def ledger_of(root: Path) -> Path:
    """The ledger of erasures beside the backups.

    Raises:
        DamagedError: it is missing or cannot be read: what was erased would come back.
    """
    path = root / "erasures.jsonl"
    if not path.exists():
        raise DamagedError(f"The ledger of erasures, {path}, is missing: what patients had erased would come back.")
    try:
        ledger.read(path)
    except (OSError, ValueError) as error:
        raise DamagedError(f"The ledger of erasures, {path}, is damaged: {error}") from error
    return path


def check_sqlite(folder: Path, manifest: Manifest, key: Key) -> None:
    """Read a copy of an SQLite database, and ask SQLite whether it is whole.

    Raises:
        DamagedError: it is not.
    """
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as work:
        copy = Path(work) / "copy.sqlite3"
        unpack_sqlite(folder, manifest, key, copy)


def unpack_sqlite(folder: Path, manifest: Manifest, key: Key, target: Path) -> None:
    """Leave the copy at a path.

    Raises:
        DamagedError: it is not what was written.
    """
    name = "limber.sqlite3"
    ensure_size(folder / name, manifest.sealed(name))
    with opened(folder / name, key=key, name=f"{manifest.id}/{name}") as content, target.open("wb") as file:
        shutil.copyfileobj(content, file)
    with contextlib.closing(sqlite3.connect(target)) as link:
        said = link.execute("PRAGMA integrity_check").fetchone()[0]
        if said != "ok":
            raise DamagedError(f"{folder / name}: SQLite says {said}.")
        if broken := link.execute("PRAGMA foreign_key_check").fetchall():
            raise DamagedError(f"{folder / name}: {len(broken)} rows name others that are not there.")
        counts = facts.count_rows(list(manifest.rows), link.cursor())
    if found := facts.differences(manifest, counts):
        raise DamagedError(f"Backup {manifest.id} does not hold the rows that were counted: {'; '.join(found)}.")


def check_base(folder: Path, manifest: Manifest, key: Key, target: Path | None = None) -> str:
    """Read a copy of a cluster file by file against PostgreSQL's own list; returns the first segment that it needs.

    Raises:
        DamagedError: it is not what PostgreSQL sent.
    """
    name = "base.tar"
    ensure_size(folder / name, manifest.sealed(name))
    found: dict[str, tuple[int, str]] = {}
    kept: dict[str, bytes] = {}
    with opened(folder / name, key=key, name=f"{manifest.id}/{name}") as content:
        try:
            with tarfile.open(fileobj=content, mode="r|") as tar:
                for member in tar:
                    _read_member(tar, member, found, kept, target)
            while content.read(1 << 20):  # to the end, which says that nothing was cut off
                pass
        except tarfile.TarError as error:
            raise DamagedError(f"{folder / name} is no archive: {error}.") from error
    try:
        listed = {each["Path"]: (each["Size"], each["Checksum"]) for each in _files(kept["backup_manifest"])}
        started = re.search(rb"START WAL LOCATION: .* \(file ([0-9A-F]{24})\)", kept["backup_label"])
    except (KeyError, ValueError) as error:
        raise DamagedError(f"{folder / name} has no list of its files.") from error
    if wrong := sorted(path for path, facts_of in listed.items() if found.get(path) != facts_of):
        raise DamagedError(
            f"{folder / name}: {len(wrong)} files are not as PostgreSQL sent them: {', '.join(wrong[:3])}."
        )
    if started is None:
        raise DamagedError(f"{folder / name} does not say where it begins.")
    return started[1].decode()


def _files(backup_manifest: bytes) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = json.loads(backup_manifest)["Files"]
    return files


def _read_member(
    tar: tarfile.TarFile,
    member: tarfile.TarInfo,
    found: dict[str, tuple[int, str]],
    kept: dict[str, bytes],
    target: Path | None,
) -> None:
    path = target / member.name if target else None
    if path and not path.resolve().is_relative_to(target.resolve() if target else path):
        raise DamagedError(f"The archive names a file outside of itself: {member.name}.")
    if member.isdir():
        if path:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    content = tar.extractfile(member)
    if content is None:
        raise BackupError(f"{member.name} is a link: a cluster with tablespaces cannot be backed up this way.")
    digest, size = hashlib.sha256(), 0
    with contextlib.ExitStack() as stack:
        file: IO[bytes] | None = stack.enter_context(path.open("wb")) if path else None
        while block := content.read(1 << 20):
            digest.update(block)
            size += len(block)
            if member.name in {"backup_manifest", "backup_label"}:
                kept[member.name] = kept.get(member.name, b"") + block
            if file:
                file.write(block)
    if path:
        path.chmod(0o600)
    found[member.name] = (size, digest.hexdigest())
