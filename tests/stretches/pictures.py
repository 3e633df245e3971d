"""Files that somebody may upload as a photo: good ones, odd ones, and ones that mean harm."""

import io
import struct
import zipfile
import zlib
from typing import Any

from PIL import Image, ImageCms

RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(width: int = 480, height: int = 360) -> Image.Image:
    """Red, with a blue upper left quarter: it can be told which way up it stands."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (0, 0, width // 2, height // 2))
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def jpeg(**options: Any) -> bytes:
    return saved(picture(), "JPEG", **options)


def exif() -> bytes:
    """What a phone writes: lying on its side, of a make, at a place."""
    notes = Image.Exif()
    notes[0x0112], notes[0x010F] = 6, "Phone of Somebody"
    notes.get_ifd(0x8825)[1] = "N"
    return notes.tobytes()


def wide_profile() -> bytes:
    """The profile of a screen with other colours: red and blue are each other's."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for number in range(struct.unpack_from(">I", profile, 128)[0]):
        at = 132 + 12 * number
        swapped = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(bytes(profile[at : at + 4]))
        if swapped:
            profile[at : at + 4] = swapped
    return bytes(profile)


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("run.sh", "echo")
    return file.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that say how large they are; decoded, they would fill the memory."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def webp_that_claims_everything() -> bytes:
    return b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\xff" * 6


def jpeg_of_many_scans() -> bytes:
    """A last pass that hardly takes a byte, two hundred times."""
    made = jpeg(progressive=True)
    last = made.rindex(b"\xff\xda")
    return made[:-2] + 200 * made[last:-2] + made[-2:]


HOSTILE: dict[str, tuple[bytes, str]] = {
    "GIF": (saved(picture(), "GIF"), "no photo in JPEG, PNG or WebP, whatever its name says: it is GIF."),
    "SVG": (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "it is SVG."),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "it is EPS."),
    "PDF": (b"%PDF-1.7\n", "it is PDF."),
    "TIFF": (saved(picture(), "TIFF"), "it is TIFF."),
    "a video": (b"\0\0\0\x20ftypisom" + bytes(99), "it is HEIC, AVIF or a video."),
    "text": (b"A stretch.", "no photo in JPEG, PNG or WebP, whatever its name says."),
    "one byte": (b"\xff", "no photo in JPEG"),
    "JPEG in name only": (b"\xff\xd8\xff" + bytes(500), "damaged or cut off"),
    "cut off": (jpeg()[:-400], "damaged or cut off"),
    "cut off PNG": (saved(picture(), "PNG")[:-60], "damaged or cut off"),
    "cut off WebP": (saved(picture(), "WEBP")[:-60], "damaged or cut off"),
    "a WebP of no kind": (b"RIFF\x10\0\0\0WEBPNONE" + bytes(40), "damaged or cut off"),
    "bomb": (png_that_claims(30_000, 30_000), "900 megapixels; at most 25"),
    "just too many pixels": (png_that_claims(5_000, 5_001), "26 megapixels; at most 25"),
    "bomb in WebP": (webp_that_claims_everything(), "megapixels; at most 25"),
    "bomb of passes": (jpeg_of_many_scans(), "damaged or cut off"),
    "a line": (saved(Image.new("L", (1, 60_000)), "PNG"), "1 × 60000 pixels. Each side has to have at least 320."),
    "a ribbon": (saved(Image.new("L", (320, 1281)), "PNG"), "too long and narrow"),
    "a stamp": (saved(picture(319, 400), "PNG"), "at least 320"),
    "moving WebP": (saved(picture(), "WEBP", save_all=True, append_images=[picture().rotate(90)]), "moves"),
    "moving PNG": (saved(picture(), "PNG", save_all=True, append_images=[picture().rotate(90)]), "moves"),
    "a page in a comment": (jpeg(comment=b"<HTML><script>alert(1)</script>"), "something else inside"),
    "a page behind it": (jpeg() + b"<!DOCTYPE html><title>", "something else inside"),
    "a program in a PNG": (saved(picture(), "PNG") + b"<?php echo 1;", "something else inside"),
    "an archive behind it": (jpeg() + archive(), "something else inside"),
    "too many bytes": (jpeg() + bytes(10 * 2**20), "larger than 10 MB"),
}
"""By what it is: the file, and what is said of it."""

ODD: dict[str, bytes] = {
    "progressive": jpeg(progressive=True),
    "PNG": saved(picture(), "PNG"),
    "WebP": saved(picture(), "WEBP"),
    "lossless WebP": saved(picture(), "WEBP", lossless=True),
    "ink": saved(picture().convert("CMYK"), "JPEG"),
    "palette with a hole": saved(picture().convert("P"), "PNG", transparency=255),
    "colour that is a hole": saved(picture(), "PNG", transparency=(1, 2, 3)),
    "half transparent": saved(picture().convert("RGBA"), "PNG"),
    "several in one, as phones make": saved(picture(), "MPO", save_all=True, append_images=[picture(100, 100)]),
    "a film behind it, as phones make": jpeg() + b"\0\0\0\x20ftypisom" + bytes(range(256)) * 20,
    "broken notes": jpeg(exif=exif()[:-9]),
    "broken profile": jpeg(icc_profile=b"no profile"),
}
"""Files that are photos all the same."""
