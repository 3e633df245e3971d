"""The pictures: what any page may rely on."""

import gzip
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from stretches.pictograms import POSITIONS, Theme, has_pose, picture_svg, picture_version, pose_text, slugs
from stretches.pictograms.__main__ import main
from stretches.pictograms.palette import PALETTES

SVG = "{http://www.w3.org/2000/svg}"
THEMES: tuple[Theme, ...] = get_args(Theme)
UNDRAWN = "never-drawn"


def picture(slug: str = "towel-hamstring-stretch", **more: object) -> str:
    arguments: dict[str, object] = {"position": "supine", "alt": "Raise a straight leg with a towel.", **more}
    return picture_svg(slug, **arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("animated", [False, True])
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("slug", [*sorted(slugs()), UNDRAWN])
def test_a_picture_is_svg_with_a_title(slug: str, theme: Theme, animated: bool) -> None:
    root = ElementTree.fromstring(picture(slug, theme=theme, animated=animated))

    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == "Raise a straight leg with a towel."


@pytest.mark.parametrize("slug", [*sorted(slugs()), UNDRAWN])
def test_all_pictures_are_4_to_3_and_none_comes_nearer_than_it_may(slug: str) -> None:
    root = ElementTree.fromstring(picture(slug))

    left, top, width, height = (float(number) for number in root.attrib["viewBox"].split())
    assert (left, top) == (0, 0)
    assert 62 <= width <= 248
    assert width * 3 == pytest.approx(height * 4, abs=0.01)


@pytest.mark.parametrize("slug", [*sorted(slugs()), UNDRAWN])
def test_all_heads_have_one_size(slug: str) -> None:
    root = ElementTree.fromstring(picture(slug))

    assert "11" in {circle.get("r") for circle in root.iter(f"{SVG}circle")}


@pytest.mark.parametrize("animated", [False, True])
@pytest.mark.parametrize("slug", sorted(slugs()))
def test_a_picture_needs_nothing_that_a_strict_policy_refuses(slug: str, animated: bool) -> None:
    svg = picture(slug, animated=animated)

    tags = {element.tag.removeprefix(SVG) for element in ElementTree.fromstring(svg).iter()}
    attributes = {name for element in ElementTree.fromstring(svg).iter() for name in element.attrib}
    assert tags <= {"svg", "title", "g", "path", "circle", "rect", "animate", "animateTransform"}
    assert not {
        name for name in attributes if name.startswith("on") or name in ("style", "class", "id") or "href" in name
    }
    assert "url(" not in svg


@pytest.mark.parametrize("slug", sorted(slugs()))
def test_only_the_animated_picture_moves(slug: str) -> None:
    still, animated = picture(slug), picture(slug, animated=True)

    assert "<animate" not in still
    assert "<animate" in animated
    assert len(gzip.compress(animated.encode())) < 5_000


@pytest.mark.parametrize("slug", sorted(slugs()))
def test_a_loop_ends_where_it_starts_and_all_parts_keep_time(slug: str) -> None:
    root = ElementTree.fromstring(picture(slug, animated=True))
    animations = [*root.iter(f"{SVG}animate"), *root.iter(f"{SVG}animateTransform")]

    timelines = [animation.attrib["values"].split(";") for animation in animations]

    assert {animation.get("dur") for animation in animations} == {"6s"}
    assert {animation.get("repeatCount") for animation in animations} == {"indefinite"}
    assert {len(timeline) for timeline in timelines} <= {1, 19, 31}
    for animation, timeline in zip(animations, timelines, strict=True):
        times = [float(time) for time in animation.get("keyTimes", "").split(";") if time]
        assert times == sorted(times)
        assert not times or (len(times), times[0], times[-1]) == (len(timeline), 0, 1)
    assert all(timeline[0] == timeline[-1] for timeline in timelines)


def test_nothing_spins_from_frame_to_frame() -> None:
    for slug in slugs():
        root = ElementTree.fromstring(picture(slug, animated=True))
        for animation in root.iter(f"{SVG}animateTransform"):
            if animation.get("type") == "rotate":
                angles = [float(value) for value in animation.attrib["values"].split(";")]
                assert all(abs(after - before) < 60 for before, after in pairwise(angles)), slug


def test_the_still_shows_the_start_the_muscle_and_an_arrow() -> None:
    svg = picture()

    for colour in (PALETTES["light"].ghost, "#f0603a", "#d9481f"):
        assert colour in svg


def test_a_head_seen_from_the_side_hangs_on_a_neck() -> None:
    light = PALETTES["light"]

    necks = re.findall(r'stroke="(#\w+)" stroke-width="9.6" stroke-linecap="butt"', picture())

    assert necks == [light.ghost, light.near]


@given(st.text(min_size=1).filter(lambda text: text.strip() != ""))
def test_any_alt_text_becomes_the_title(alt: str) -> None:
    root = ElementTree.fromstring(picture(alt=alt))

    kept = re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", alt.strip())
    assert (root[0].text or "") == kept.replace("\r\n", "\n").replace("\r", "\n")
    assert len(root[0]) == 0


def test_the_alt_text_is_escaped() -> None:
    svg = picture(alt="<script>alert(1)</script> & more")

    assert "<script" not in svg
    assert "<title>&lt;script&gt;alert(1)&lt;/script&gt; &amp; more</title>" in svg


def test_the_same_arguments_give_the_same_picture_in_another_process() -> None:
    call = "picture_svg('chin-tuck', position='sitting', alt='x', animated=True)"
    code = f"from stretches.pictograms import picture_svg; print({call})"

    elsewhere = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert elsewhere.strip() == picture_svg("chin-tuck", position="sitting", alt="x", animated=True)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("position", POSITIONS)
def test_a_stretch_without_pose_shows_its_position(position: str, theme: Theme) -> None:
    svg = picture(UNDRAWN, position=position, theme=theme)

    assert not has_pose(UNDRAWN)
    assert svg == picture("another-unknown-stretch", position=position, theme=theme, animated=True)
    assert svg.count("<circle") == 4  # head and nose, with what parts them from the rest
    palette = PALETTES[theme]
    assert palette.page in svg
    assert palette.far in svg
    assert not {palette.near, palette.muscle, palette.arrow} & set(re.findall("#[0-9a-f]{6}", svg))


def test_each_position_looks_different() -> None:
    assert len({picture(UNDRAWN, position=position) for position in POSITIONS}) == len(POSITIONS)


def test_the_themes_differ() -> None:
    assert len({picture(theme=theme) for theme in THEMES}) == len(THEMES)


@pytest.mark.parametrize(
    "slug", ["../positions/supine", "", "poses/towel-hamstring-stretch", "TOWEL-HAMSTRING-STRETCH"]
)
def test_a_slug_that_is_not_a_pose_reads_no_file(slug: str) -> None:
    assert not has_pose(slug)
    assert picture(slug) == picture(UNDRAWN)


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"alt": "  "}, "alt must say the movement"),
        ({"position": "flying"}, "no picture of the position 'flying'"),
        ({"theme": "sepia"}, "no theme 'sepia'"),
    ],
)
def test_a_wrong_argument_is_refused(more: dict[str, str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        picture(**more)


@pytest.mark.parametrize("name", ["sheet.svg", "sheet.html"])
def test_the_contact_sheet_holds_every_stretch_and_position(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / name

    status = main([str(file)])

    text = file.read_text(encoding="utf-8")
    assert status == 0
    assert all(f">{slug}</text>" in text for slug in [*slugs(), *POSITIONS])
    assert f"{len(slugs())} stretches, {len(POSITIONS)} positions" in capsys.readouterr().out


def test_the_sheets_of_the_documentation_are_written_into_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stretches.pictograms.__main__.slugs", lambda: frozenset({"chin-tuck", "cat-camel-mobility"}))

    status = main([str(tmp_path)])

    assert status == 0
    assert {file.name for file in tmp_path.iterdir()} == {"light.png", "dark.png", "print.png", "small.png"}
    with Image.open(tmp_path / "dark.png") as sheet:
        assert sheet.getpixel((1, 1)) != Image.open(tmp_path / "light.png").getpixel((1, 1))
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in tmp_path.iterdir())


@pytest.mark.parametrize(
    "change", [{"slug": "chin-tuck"}, {"alt": "x"}, {"own_pose": "{}"}, {"slug": UNDRAWN, "position": "prone"}]
)
def test_another_picture_has_another_version(change: dict[str, str]) -> None:
    shown = {"slug": UNDRAWN, "position": "supine", "alt": "Raise a leg."}

    assert picture_version(**shown) == picture_version(**shown)
    assert picture_version(**shown) != picture_version(**{**shown, **change})


def test_another_renderer_has_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = picture_version(UNDRAWN, position="supine", alt="x")

    monkeypatch.setattr("stretches.pictograms._renderer_version", lambda: "a line more")

    assert picture_version(UNDRAWN, position="supine", alt="x") != before


def test_own_pose_data_stands_in_for_the_file() -> None:
    own = picture(own_pose=pose_text("chin-tuck"))

    assert own == picture("chin-tuck")
    assert own != picture()


def test_own_pose_data_that_cannot_be_read_any_more_shows_the_position() -> None:
    assert picture(own_pose='{"end": 1}') == picture(UNDRAWN)


def test_a_contact_sheet_in_svg_is_xml(tmp_path: Path) -> None:
    file = tmp_path / "sheet.svg"

    main([str(file), "chin-tuck"])

    assert len(list(ElementTree.parse(file).getroot().iter(f"{SVG}svg"))) == 9


@pytest.mark.parametrize("arguments", [[], ["sheet.png"], ["sheet.svg", "no-such-stretch"]])
def test_a_contact_sheet_that_makes_no_sense_is_refused(arguments: list[str], tmp_path: Path) -> None:
    with_folder = [str(tmp_path / argument) if "sheet" in argument else argument for argument in arguments]

    status = main(with_folder)

    assert status == 2
    assert not list(tmp_path.iterdir())
