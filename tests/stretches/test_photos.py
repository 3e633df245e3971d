import datetime
import io
import os
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from stretches import photos
from stretches.photos.making import make_photo
from tests.stretches.pictures import BLUE, HOSTILE, ODD, RED, exif, jpeg, picture, saved, wide_profile

NOW = datetime.datetime.now(datetime.UTC)


def made(data: bytes) -> photos.Photo:
    return make_photo(io.BytesIO(data))


def seen(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=["WEBP"])


def is_like(pixel: Any, color: tuple[int, ...]) -> bool:
    return max(abs(one - other) for one, other in zip(pixel, color, strict=True)) < 25


# What becomes of a file -----------------------------------------------------------------------------------------------
def test_a_photo_is_kept_in_two_sizes() -> None:
    photo = made(saved(picture(4000, 3000), "JPEG"))

    assert (seen(photo.large).size, seen(photo.small).size) == ((1600, 1200), (640, 480))
    assert (photo.width, photo.height) == (1600, 1200)


def test_a_small_photo_is_not_blown_up() -> None:
    photo = made(saved(picture(480, 360), "PNG"))

    assert (seen(photo.large).size, seen(photo.small).size) == ((480, 360), (480, 360))


def test_a_photo_is_turned_upright_and_nothing_that_was_noted_stays() -> None:
    photo = made(jpeg(exif=exif(), comment=b"at home", icc_profile=wide_profile()))

    for data in (photo.large, photo.small):
        image = seen(data)
        assert image.size == (360, 480)
        assert set(image.info) <= {"loop", "background", "timestamp", "duration"}
        assert not image.getexif()
        assert b"Somebody" not in data
        assert b"at home" not in data
        assert all(chunk not in data for chunk in (b"EXIF", b"XMP ", b"ICCP"))
    corners = [seen(photo.large).getpixel(place) for place in ((10, 10), (350, 10))]
    assert corners[0] != corners[1]  # the blue quarter came to the upper right


def test_colours_of_another_screen_become_those_of_every_screen() -> None:
    pixel = seen(made(jpeg(icc_profile=wide_profile())).large).getpixel((400, 300))

    assert is_like(pixel, BLUE)  # red and blue were each other's


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("name", ODD)
def test_what_is_a_photo_all_the_same_is_taken(name: str) -> None:
    image = seen(made(ODD[name]).large)

    corner, middle = image.getpixel((10, 10)), image.getpixel((image.width - 10, image.height - 10))
    assert image.mode == "RGB"
    assert is_like(corner, BLUE) or name in {"palette with a hole", "broken notes"}
    assert is_like(middle, RED) or name == "palette with a hole"


def test_sixteen_bits_of_grey_become_eight() -> None:
    grey = Image.new("I;16", (400, 400), 128 * 257)

    pixel = seen(made(saved(grey, "PNG")).large).getpixel((200, 200))

    assert is_like(pixel, (128, 128, 128))


def test_what_is_transparent_becomes_white() -> None:
    pixel = seen(made(saved(Image.new("RGBA", (400, 400), (9, 9, 9, 0)), "PNG")).large).getpixel((200, 200))

    assert is_like(pixel, (255, 255, 255))


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_photo_is_refused_with_the_reason(name: str) -> None:
    data, words = HOSTILE[name]

    with pytest.raises(photos.PhotoError) as refusal:
        made(data)

    assert words in str(refusal.value)


# Where it lies --------------------------------------------------------------------------------------------------------
@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "stretch-photos"


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir()) if folder.exists() else []


PHOTO = photos.Photo(large=b"large", small=b"small", width=2, height=1)


def test_both_sizes_are_written_and_removed_under_a_random_name(folder: Path) -> None:
    key, other = photos.write(PHOTO), photos.write(PHOTO)
    photos.remove(other)

    assert names(folder) == [f"{key}-large.webp", f"{key}-small.webp"]
    assert (photos.read(key, "small"), photos.read(other, "small")) == (b"small", None)
    assert len(key) == 32
    assert not any((folder / name).stat().st_mode & 0o111 for name in names(folder))
    photos.remove(other)  # once more is no error


def test_what_cannot_be_written_leaves_nothing(folder: Path) -> None:
    folder.parent.joinpath("stretch-photos").write_text("a file where the folder should be")

    with pytest.raises(OSError, match="stretch-photos"):
        photos.write(PHOTO)

    assert folder.is_file()


def test_what_is_written_goes_again_when_it_fails(folder: Path) -> None:
    kept = photos.write(PHOTO)

    @photos.kept_only_if_stored()
    def fail() -> None:
        raise KeyError(photos.write(PHOTO))

    with pytest.raises(KeyError):
        fail()

    assert names(folder) == [f"{kept}-large.webp", f"{kept}-small.webp"]


def test_what_a_kill_left_over_is_swept_away_an_hour_later(folder: Path) -> None:
    known, left_over, fresh = photos.write(PHOTO), photos.write(PHOTO), photos.write(PHOTO)
    (folder / "of-somebody-else.webp").touch()
    two_hours_ago = time.time() - 7200
    for name in names(folder):
        if fresh not in name:
            os.utime(folder / name, (two_hours_ago, two_hours_ago))

    assert photos.sweep({known}, at=NOW) == 2

    assert {name.partition("-")[0] for name in names(folder)} == {known, fresh, "of"}
    assert left_over not in str(names(folder))


def test_where_there_is_nothing_there_is_nothing_to_sweep(folder: Path) -> None:
    assert photos.sweep(set(), at=NOW) == 0
