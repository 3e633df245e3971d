"""Where photos lie: two files each, below ``MEDIA_ROOT``, named at random, named by one row of the database.

A file is written before its row and removed after it: whatever fails in between, or is killed, no row is without its
files. Files without a row are removed as soon as that failed; if even that was prevented, by the next one that is
written an hour later.
"""

import contextlib
import datetime
import re
import secrets
from collections.abc import Collection, Iterator
from contextvars import ContextVar

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from stretches.photos.making import Photo

FOLDER = "stretch-photos"
SIZES = ("large", "small")
KEY_LENGTH = 32

_LEFT_OVER_AFTER = datetime.timedelta(hours=1)
_NAME = re.compile(rf"(?P<key>[0-9a-f]{{{KEY_LENGTH}}})-({'|'.join(SIZES)})\.webp")
_written: ContextVar[list[str] | None] = ContextVar("written", default=None)


def _path(key: str, size: str) -> str:
    return f"{FOLDER}/{key}-{size}.webp"


def write(photo: Photo) -> str:
    """Write both sizes and return the key they are found by.

    Raises:
        OSError: they could not be written; then neither is there.
    """
    key = secrets.token_hex(KEY_LENGTH // 2)
    if (written := _written.get()) is not None:
        written.append(key)
    try:
        for size in SIZES:
            default_storage.save(_path(key, size), ContentFile(getattr(photo, size)))
    except OSError:
        remove(key)
        raise
    return key


def remove(key: str) -> None:
    """Remove both sizes; those that are gone already stay so."""
    for size in SIZES:
        with contextlib.suppress(OSError):  # it is left over, and swept away later
            default_storage.delete(_path(key, size))


def read(key: str, size: str) -> bytes | None:
    """One of the files; ``None`` where there is none, as after restoring the database without the files."""
    try:
        with default_storage.open(_path(key, size)) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def kept_only_if_stored() -> Iterator[None]:
    """Remove again what is written within, should it fail."""
    written: list[str] = []
    token = _written.set(written)
    try:
        yield
    except BaseException:
        for key in written:
            remove(key)
        raise
    finally:
        _written.reset(token)


def sweep(known: Collection[str], *, at: datetime.datetime) -> int:
    """Remove files that no row names and that are older than an hour; say how many."""
    try:
        _, names = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return 0
    left_over = [name for name in names if (found := _NAME.fullmatch(name)) and found["key"] not in known]
    old = [name for name in left_over if _is_older(name, at - _LEFT_OVER_AFTER)]
    for name in old:
        default_storage.delete(f"{FOLDER}/{name}")
    return len(old)


def _is_older(name: str, moment: datetime.datetime) -> bool:
    try:
        return default_storage.get_modified_time(f"{FOLDER}/{name}") < moment
    except FileNotFoundError:  # somebody else has just swept
        return False
