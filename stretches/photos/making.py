"""Whether a file is a photo, and the photo made anew: upright, in the colours of a screen, with nothing else in it.

Three kinds are read, known by their content. How large a photo is stands in its first bytes: whatever is too large is
refused before a pixel of it is decoded. What is kept is not the file but its pixels, encoded again, so that nothing
that the camera or anybody else wrote into it stays: no place, no name, no preview, no page or archive behind the photo.
"""

import dataclasses
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable
from typing import IO

from PIL import Image, ImageCms, ImageFile, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

BYTES_MAX = 10 * 2**20
PIXELS_MAX = 25_000_000
"""The largest photo: 10 MB in 25 megapixels, which take 100 MB of memory to decode."""

SIDE_MIN = 320
"""The shortest side, in pixels: less is a blur on a phone. Ours."""

SHAPE_MAX = 4
"""How many times as long as high, or as high as long. Ours."""

LARGE, SMALL = 1600, 640
"""The longest side of what is kept, in pixels: for a wide screen, and for a phone."""

QUALITY = 80
SCANS_MAX = 100
"""A JPEG is drawn in passes: cameras make one, the web ten. 10 MB hold 200,000, of 40 ms each. Ours."""

_SCAN = re.compile(rb"\xff\xda\x00[\x08\x0a\x0c\x0e]")

PROFILE_BYTES_MAX = 4_000_000
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))

_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What decoders raise about a broken file."""

_HIDDEN = (b"<script", b"<html>", b"<html ", b"<!doctype html", b"<?php", b"%pdf-1")
"""What a photo has no reason to contain, in small letters."""


class PhotoError(Exception):
    """This is no photo that can be shown; says why, for who uploads it."""


@dataclasses.dataclass(frozen=True)
class Photo:
    """A photo in two sizes, both WebP; ``width`` and ``height`` in pixels of the large one."""

    large: bytes
    small: bytes
    width: int
    height: int


def make_photo(file: IO[bytes]) -> Photo:
    """Read a file that somebody uploaded, and make a photo of it.

    Raises:
        PhotoError: it is none, or one that is too large, too small, moving, damaged, or something else besides.
    """
    data = file.read(BYTES_MAX + 1)
    if len(data) > BYTES_MAX:
        raise PhotoError("This file is larger than 10 MB. Make it smaller, then choose it again.")
    kind = _kind_of(data)
    if kind is None:
        raise PhotoError(f"This is no photo in JPEG, PNG or WebP, whatever its name says{_guessed(data)}.")
    if _is_more_than_a_photo(data):
        raise PhotoError(
            "This photo has something else inside it, such as a page or an archive. Open it in a program for photos, "
            "save it anew, and choose that file."
        )
    try:
        return _made(kind, data)
    except _UNREADABLE as error:
        raise PhotoError(
            "This photo is damaged or cut off. Open it in a program for photos, save it anew, and choose that file."
        ) from error


def _made(kind: Callable[[IO[bytes]], ImageFile.ImageFile], data: bytes) -> Photo:
    if kind is WebPImageFile:
        _check_size(*_webp_size(data))  # its decoder takes memory for the whole of it as soon as it is opened
    if kind is JpegImageFile and sum(1 for _ in _SCAN.finditer(data)) > SCANS_MAX:
        raise ValueError("no camera makes so many passes")
    with kind(io.BytesIO(data)) as image:
        _check_size(*image.size)
        if getattr(image, "is_animated", False):
            raise PhotoError("This picture moves. Choose one that stands still.")
        image.draft(None, (LARGE, LARGE))  # a JPEG is decoded no larger than it will be
        plain = _plain(image)
    large, small = _shrunk(plain, LARGE), _shrunk(plain, SMALL)
    return Photo(_encoded(large), _encoded(small), *large.size)


# What kind of file it is ----------------------------------------------------------------------------------------------
def _kind_of(data: bytes) -> Callable[[IO[bytes]], ImageFile.ImageFile] | None:
    """The reader of one of three kinds, by content. It is called by name: Pillow is never asked to find one itself."""
    if data.startswith(b"\xff\xd8\xff"):
        return JpegImageFile
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PngImageFile
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WebPImageFile
    return None


def _guessed(data: bytes) -> str:
    """What else it is, where that helps whoever chose it."""
    start = data[:512].lower()
    known: Iterable[tuple[bool, str]] = (
        (start.startswith(b"gif8"), "GIF"),
        (b"<svg" in start, "SVG"),
        (start.startswith((b"%!ps", b"\xc5\xd0\xd3\xc6")), "EPS"),
        (start.startswith(b"%pdf"), "PDF"),
        (start.startswith((b"ii*\x00", b"mm\x00*")), "TIFF"),
        (start.startswith(b"bm"), "BMP"),
        (start[4:8] == b"ftyp", "HEIC, AVIF or a video"),
    )
    return next((f": it is {name}" for is_it, name in known if is_it), "")


def _is_more_than_a_photo(data: bytes) -> bool:
    """Whether it could also be opened as a page, a program or an archive. Neither would outlive being made anew."""
    small = data.lower()
    return any(hidden in small for hidden in _HIDDEN) or zipfile.is_zipfile(io.BytesIO(data))


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height from the first chunk, in pixels. Source: RFC 9649, sections 2.5 to 2.7."""
    match data[12:16]:
        case b"VP8X":
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        case b"VP8L" if data[20:21] == b"\x2f":
            bits = int.from_bytes(data[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 " if data[23:26] == b"\x9d\x01\x2a":
            return struct.unpack_from("<H", data, 26)[0] & 0x3FFF, struct.unpack_from("<H", data, 28)[0] & 0x3FFF
    raise ValueError("no such chunk")


def _check_size(width: int, height: int) -> None:
    """Refuse what is too large to decode, or too small or narrow to be seen."""
    if width * height > PIXELS_MAX:
        megapixels = -(-width * height // 1_000_000)
        raise PhotoError(f"This photo has {megapixels:,} megapixels; at most 25 can be used. Make it smaller.")
    if min(width, height) < SIDE_MIN:
        raise PhotoError(f"This photo is {width} × {height} pixels. Each side has to have at least {SIDE_MIN}.")
    if max(width, height) > SHAPE_MAX * min(width, height):
        raise PhotoError(f"This photo is {width} × {height} pixels: too long and narrow to be seen. Cut it.")


# The photo made anew --------------------------------------------------------------------------------------------------
def _plain(image: ImageFile.ImageFile) -> Image.Image:
    """The photo upright, on white, in the colours of a screen; no larger than it will be."""
    profile = image.info.get("icc_profile")
    turned = ImageOps.exif_transpose(_shrunk(_in_whole_colours(image), LARGE))
    return _in_colours_of_a_screen(_on_white(turned), profile)


def _in_whole_colours(image: ImageFile.ImageFile) -> Image.Image:
    """Without a palette, and with eight bits a colour: what can be made smaller without steps."""
    if image.mode.startswith("I"):  # 16 bits of grey
        return _with_notes_of(image, image.convert("I").point(lambda value: value / 257).convert("L"))
    if image.mode in {"1", "P", "PA"} or "transparency" in image.info:
        return image.convert("RGBA")
    image.load()
    return image


def _with_notes_of(image: Image.Image, other: Image.Image) -> Image.Image:
    other.info = dict(image.info)
    return other


def _shrunk(image: Image.Image, longest: int) -> Image.Image:
    """At most so many pixels long and high; never larger than it was."""
    scale = max(image.size) / longest
    if scale <= 1:
        return image.copy()
    size = tuple(max(1, round(side / scale)) for side in image.size)
    return _with_notes_of(image, image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2))


def _on_white(image: Image.Image) -> Image.Image:
    """Without transparency."""
    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _in_colours_of_a_screen(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In sRGB. A profile that is broken or of other colours is as good as none."""
    if isinstance(profile, bytes) and 0 < len(profile) <= PROFILE_BYTES_MAX:
        try:
            made = ImageCms.profileToProfile(
                image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), _SRGB, outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            made = None
        if made is not None:
            return made
    return image.convert("RGB")


def _encoded(image: Image.Image) -> bytes:
    """The pixels and nothing else."""
    bare = Image.frombytes("RGB", image.size, image.tobytes())
    file = io.BytesIO()
    bare.save(file, "WEBP", quality=QUALITY, method=4)
    return file.getvalue()
