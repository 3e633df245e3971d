"""Files of a backup: compressed, then encrypted in chunks, so that nothing is changed, cut off or swapped unseen.

The construction is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár: Online authenticated-encryption and its nonce-reuse
misuse-resistance, CRYPTO 2015), as ``age`` has it: ChaCha20-Poly1305, one key for each file by HKDF-SHA256 from a
random salt and the file's name, and a nonce of the chunk's number and whether it is the last one.
"""

import contextlib
import errno
import hashlib
import hmac
import io
import os
import secrets
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from operations.backup.errors import BackupError, DamagedError, WrongKeyError

MAGIC = b"LIMBER-BACKUP-1\n"
ID_LENGTH, SALT_LENGTH = 8, 32
CHUNK, TAG = 1 << 20, 16
SHORTEST_KEY = 32


@dataclass(frozen=True)
class Key:
    """What opens every file of our backups."""

    secret: bytes

    @classmethod
    def read(cls, path: Path | None, *, outside: Path | None = None) -> "Key":
        """From its file.

        Raises:
            BackupError: there is none, it is too short, or it lies beside what it opens.
        """
        if path is None:
            raise BackupError("BACKUP_KEY_FILE is not set: make a key with `openssl rand -hex 32`, and keep a copy.")
        if outside and path.resolve().is_relative_to(outside.resolve()):
            raise BackupError(f"The key {path} lies among the backups: whoever takes them could open them.")
        try:
            secret = path.read_bytes().strip()
        except OSError as error:
            raise BackupError(f"The key {path} cannot be read: {error.strerror}.") from error
        if len(secret) < SHORTEST_KEY:
            raise BackupError(f"The key {path} is shorter than {SHORTEST_KEY} characters: `openssl rand -hex 32`.")
        return cls(secret)

    @property
    def id(self) -> str:
        """A name by which a key is told from another. It says nothing about the key."""
        return self.derive(b"id").hex()[: 2 * ID_LENGTH]

    def derive(self, purpose: bytes, salt: bytes = b"") -> bytes:
        """A key for one purpose."""
        return HKDF(SHA256(), 32, salt, b"limber backup " + purpose).derive(self.secret)

    def sign(self, text: bytes) -> str:
        """A mark that only who has the key can make."""
        return hmac.new(self.derive(b"manifest"), text, hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Sealed:
    """What there is to know of a file that was sealed: bytes and SHA-256 of what lies there, and of what is in it."""

    size: int
    sha256: str
    content_size: int
    content_sha256: str


def seal(source: IO[bytes], target: Path, *, key: Key, name: str) -> Sealed:
    """Write a sealed file, whole or not at all.

    Raises:
        BackupError: it could not be written, because the disk is full for instance.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            writer = _Writer(file, key, name)
            while block := source.read(CHUNK):
                writer.write(block)
            sealed = writer.close()
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        why = "the disk is full" if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} else error.strerror
        raise BackupError(f"{target} could not be written: {why}.") from error
    return sealed


def sync_folder(folder: Path) -> None:
    """Let a name that was just given outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Writer:
    def __init__(self, file: IO[bytes], key: Key, name: str) -> None:
        salt = secrets.token_bytes(SALT_LENGTH)
        self.file, self.box = file, ChaCha20Poly1305(key.derive(name.encode(), salt))
        self.zip, self.waiting, self.number = zlib.compressobj(1), bytearray(), 0
        self.inside, self.outside, self.size, self.content_size = hashlib.sha256(), hashlib.sha256(), 0, 0
        self._put(MAGIC + bytes.fromhex(key.id) + salt)

    def write(self, block: bytes) -> None:
        self.inside.update(block)
        self.content_size += len(block)
        self._add(self.zip.compress(block))

    def close(self) -> Sealed:
        self._add(self.zip.flush())
        self._put(self.box.encrypt(_nonce(self.number, is_last=True), bytes(self.waiting), None))
        return Sealed(self.size, self.outside.hexdigest(), self.content_size, self.inside.hexdigest())

    def _add(self, block: bytes) -> None:
        self.waiting += block
        while len(self.waiting) > CHUNK:
            self._put(self.box.encrypt(_nonce(self.number, is_last=False), bytes(self.waiting[:CHUNK]), None))
            del self.waiting[:CHUNK]
            self.number += 1

    def _put(self, block: bytes) -> None:
        self.outside.update(block)
        self.size += len(block)
        self.file.write(block)


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


@contextlib.contextmanager
def opened(path: Path, *, key: Key, name: str) -> Iterator[IO[bytes]]:
    """What is in a sealed file, to be read once from its beginning to its end.

    Raises:
        DamagedError: it is not there, or not what was written; also while it is read.
        WrongKeyError: it was sealed with another key.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise DamagedError(f"{path} is missing: {error.strerror}.") from error
    with file:
        header = file.read(len(MAGIC) + ID_LENGTH + SALT_LENGTH)
        if len(header) < len(MAGIC) + ID_LENGTH + SALT_LENGTH or not header.startswith(MAGIC):
            raise DamagedError(f"{path} is no file of a backup, or was damaged in its first bytes.")
        if header[len(MAGIC) :][:ID_LENGTH].hex() != key.id:
            raise WrongKeyError(f"{path} was sealed with another key than {key.id}, the one in BACKUP_KEY_FILE.")
        yield io.BufferedReader(_Reader(path, file, key.derive(name.encode(), header[-SALT_LENGTH:])), CHUNK)


class _Reader(io.RawIOBase):
    def __init__(self, path: Path, file: IO[bytes], secret: bytes) -> None:
        super().__init__()
        self.path, self.file, self.box = path, file, ChaCha20Poly1305(secret)
        self.zip, self.number, self.waiting = zlib.decompressobj(), 0, b""
        self.next: bytes = file.read(CHUNK + TAG)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self.waiting and self.next:
            self._open_next()
        given = self.waiting[: len(buffer)]
        self.waiting = self.waiting[len(given) :]
        buffer[: len(given)] = given
        return len(given)

    def _open_next(self) -> None:
        chunk, self.next = self.next, self.file.read(CHUNK + TAG)
        try:
            content = self.box.decrypt(_nonce(self.number, is_last=not self.next), chunk, None)
            self.waiting = self.zip.decompress(content)
        except (InvalidTag, zlib.error) as error:
            at = f"in or before its byte {len(MAGIC) + ID_LENGTH + SALT_LENGTH + (self.number + 1) * (CHUNK + TAG)}"
            raise DamagedError(f"{self.path} was changed or cut short {at}.") from error
        self.number += 1
