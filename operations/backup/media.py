"""Photos and whatever else lies below ``MEDIA_DIR``: each sealed once, under the checksum of what is in it."""

import hashlib
from pathlib import Path

from django.conf import settings

from operations.backup.errors import BackupError, DamagedError
from operations.backup.sealing import Key, opened, seal
from stretches.models import StretchPhoto

FOLDER = "media"


def take(root: Path, key: Key) -> dict[str, str]:
    """Seal what is new, and name all there is: path below ``MEDIA_DIR`` → checksum.

    Raises:
        BackupError: there are photos in the database whose files are not there.
    """
    source = Path(settings.MEDIA_ROOT)
    found: dict[str, str] = {}
    for path in sorted(path for path in source.rglob("*") if path.is_file()) if source.exists() else []:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if not (root / FOLDER / digest).exists():
            with path.open("rb") as file:
                seal(file, root / FOLDER / digest, key=key, name=f"media/{digest}")
        found[str(path.relative_to(source))] = digest
    names = " ".join(found)
    if missing := [photo for photo in StretchPhoto.objects.select_related("stretch") if photo.key not in names]:
        raise BackupError(
            f"No media: {len(missing)} photos are in the database and not below MEDIA_DIR ({source}), that of "
            f"“{missing[0].stretch}” for instance. Is the volume there?"
        )
    return found


def check(root: Path, media: dict[str, str], key: Key, target: Path | None = None) -> None:
    """Read every file, and leave it below a folder if one is given.

    Raises:
        DamagedError: one is missing, or is not what was sealed.
    """
    if missing := sorted(name for name, digest in media.items() if not (root / FOLDER / digest).exists()):
        raise DamagedError(
            f"No media: {len(missing)} of {len(media)} files missing below {root / FOLDER}, {missing[0]} for instance."
        )
    for name, digest in media.items():
        with opened(root / FOLDER / digest, key=key, name=f"media/{digest}") as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != digest:
            raise DamagedError(f"{root / FOLDER / digest} is not {name} as it was.")
        if target:
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def prune(root: Path, needed: set[str]) -> None:
    """Remove what no backup names that is kept."""
    for path in (root / FOLDER).glob("*"):
        if path.name not in needed:
            path.unlink()
