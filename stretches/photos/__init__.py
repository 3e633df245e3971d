"""Photos of stretches: what comes from a camera is checked and made anew before anybody is shown it."""

from stretches.photos.files import SIZES, kept_only_if_stored, read, remove, sweep, write
from stretches.photos.making import BYTES_MAX, Photo, PhotoError, make_photo

__all__ = [
    "BYTES_MAX",
    "SIZES",
    "Photo",
    "PhotoError",
    "kept_only_if_stored",
    "make_photo",
    "read",
    "remove",
    "sweep",
    "write",
]
