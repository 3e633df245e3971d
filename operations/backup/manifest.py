"""What a backup consists of and how the system was from which it was made: signed, and written last."""

import dataclasses
import datetime
import hmac
import json
import os
from pathlib import Path
from typing import Any, Self

from operations.backup.errors import BackupError, DamagedError, WrongKeyError
from operations.backup.sealing import Key, Sealed, sync_folder

NAME = "manifest.json"


@dataclasses.dataclass(kw_only=True)
class Manifest:
    """One backup. ``rows`` are for each table the least and the most that there were while it was made."""

    id: str
    made_at: str
    vendor: str
    server_version: str
    migrations: list[str]
    rows: dict[str, list[int]]
    time_zone: str
    database_time_zone: str
    clinic_zones: list[str]
    parts: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    media: dict[str, str] = dataclasses.field(default_factory=dict)
    postgres: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def moment(self) -> datetime.datetime:
        """When it was made."""
        return datetime.datetime.fromisoformat(self.made_at)

    def sealed(self, part: str) -> Sealed:
        """What is known of one of its files."""
        return Sealed(**self.parts[part])

    def write(self, folder: Path, key: Key) -> None:
        """Write it: from now on this is a backup."""
        write_signed(folder / NAME, dataclasses.asdict(self), key)

    @classmethod
    def read(cls, folder: Path, key: Key) -> Self:
        """The manifest in a folder.

        Raises:
            BackupError: see ``read_signed``.
        """
        return cls(**read_signed(folder / NAME, key))


def write_signed(path: Path, content: dict[str, Any], key: Key) -> None:
    """Write a file that nobody without the key can change unseen; at once or not at all."""
    text = json.dumps(content, indent=1, sort_keys=True)
    signed = {"key": key.id, "signature": key.sign(text.encode()), "content": content}
    write_whole(path, json.dumps(signed, indent=1, sort_keys=True) + "\n")


def write_whole(path: Path, text: str) -> None:
    """Write a file at once or not at all.

    Raises:
        BackupError: the disk is full, for instance.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise BackupError(f"{path} could not be written: {error.strerror}.") from error


def read_signed(path: Path, key: Key) -> dict[str, Any]:
    """What such a file says.

    Raises:
        DamagedError: it is missing, or somebody changed it.
        WrongKeyError: it was signed with another key.
    """
    try:
        signed = json.loads(path.read_text(encoding="utf-8"))
        content: dict[str, Any] = signed["content"]
        by, signature = str(signed["key"]), str(signed["signature"])
    except OSError as error:
        raise DamagedError(f"{path} is missing: this is no finished backup.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedError(f"{path} is damaged.") from error
    if by != key.id:
        raise WrongKeyError(f"{path} was signed with the key {by}; BACKUP_KEY_FILE holds {key.id}.")
    text = json.dumps(content, indent=1, sort_keys=True)
    if not hmac.compare_digest(signature, key.sign(text.encode())):
        raise DamagedError(f"{path} was changed after it was written.")
    return content
