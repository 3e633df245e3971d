"""Where the backups lie, and what opens them: from the settings."""

from pathlib import Path

from django.conf import settings

from operations.backup.errors import BackupError
from operations.backup.making import backups
from operations.backup.sealing import Key


def place() -> tuple[Path, Key]:
    """The folder and the key.

    Raises:
        BackupError: one of them is not set, or cannot be used.
    """
    if not settings.BACKUP_DIR:
        raise BackupError("BACKUP_DIR is not set: name a folder on another disk, better on another machine.")
    root = Path(settings.BACKUP_DIR)
    return root, Key.read(settings.BACKUP_KEY_FILE, outside=root)


def chosen(root: Path, name: str) -> Path:
    """The folder of a backup: by its path or its name, or the newest.

    Raises:
        BackupError: there is none.
    """
    if name != "latest":
        return Path(name) if "/" in name else root / name
    found = backups(root)
    if not found:
        raise BackupError(f"There is no backup below {root}.")
    return found[-1]
