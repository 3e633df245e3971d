"""Pictures of stretches: drawn as SVG from pose data, for every stretch in the catalogue.

A stretch without pose data gets a calm picture of its body position instead.
"""

import hashlib
import re
from functools import lru_cache
from importlib.resources import files
from xml.sax.saxutils import escape  # nosec B406 - it writes, and parses nothing

from stretches.pictograms.drawing import draw
from stretches.pictograms.fields import PoseError
from stretches.pictograms.lint import lint
from stretches.pictograms.palette import PALETTES, Theme, pale
from stretches.pictograms.pose import AnyPose, Pose, read_pose

__all__ = [
    "POSITIONS",
    "PoseError",
    "Theme",
    "can_be_read",
    "faults",
    "has_pose",
    "load_pose",
    "load_position",
    "picture_svg",
    "picture_version",
    "pose_text",
    "slugs",
]

POSITIONS = (
    "floor_sitting",
    "half_kneeling",
    "long_sitting",
    "prone",
    "quadruped",
    "side_lying",
    "sitting",
    "standing",
    "standing_or_sitting",
    "supine",
)
#: What XML 1.0 cannot hold, not even escaped.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Of pose data, in characters: several times what any shipped file has.
LONGEST = 20_000
#: Stands for the alt text in a cached picture: no XML text can hold it.
TITLE = "\0"


@lru_cache(maxsize=1)
def slugs() -> frozenset[str]:
    """The stretches that have pose data."""
    names = (file.name for file in files(__name__).joinpath("poses").iterdir())
    return frozenset(name.removesuffix(".json") for name in names if name.endswith(".json"))


def has_pose(slug: str) -> bool:
    """Whether the stretch is drawn from its own pose data."""
    return slug in slugs()


@lru_cache(maxsize=256)
def load_pose(slug: str) -> AnyPose:
    """The pose data of a stretch. Raises KeyError for a stretch without any, PoseError for data that is wrong."""
    return read_pose(pose_text(slug), name=f"poses/{slug}.json")


def pose_text(slug: str) -> str:
    """The file of a stretch, as it is written. Raises KeyError for a stretch without one."""
    if not has_pose(slug):
        raise KeyError(slug)
    return _text("poses", slug)


@lru_cache(maxsize=len(POSITIONS))
def load_position(position: str) -> Pose:
    """The neutral pose of a body position. Raises ValueError for a position that is not in POSITIONS."""
    if position not in POSITIONS:
        raise ValueError(f"no picture of the position {position!r}; known: {', '.join(POSITIONS)}")
    pose = read_pose(_text("positions", position), name=f"positions/{position}.json")
    if not isinstance(pose, Pose):
        raise PoseError(f"positions/{position}.json must be seen from the side")
    return pose


def picture_svg(
    slug: str, *, position: str, alt: str, own_pose: str = "", animated: bool = False, theme: Theme = "light"
) -> str:
    """The picture of a stretch as an SVG document, 4:3, always the same for the same arguments.

    `alt` says the movement; it becomes the title. `own_pose` is pose data that stands in for that of the shipped file.
    `position` is one of POSITIONS and is drawn for a stretch without pose data, or with own that is no pose; it never
    moves. An animated picture repeats for ever: show the still to who prefers reduced motion.

    Raises ValueError for a blank alt, and for an unknown position or theme.
    """
    if not alt.strip():
        raise ValueError("alt must say the movement")
    if theme not in PALETTES:
        raise ValueError(f"no theme {theme!r}; known: {', '.join(PALETTES)}")
    if position not in POSITIONS:
        raise ValueError(f"no picture of the position {position!r}; known: {', '.join(POSITIONS)}")
    if own_pose:
        svg = _own_picture(own_pose, position, animated=animated, theme=theme)
    else:
        svg = _picture(slug, animated=animated, theme=theme) if has_pose(slug) else _placeholder(position, theme)
    return svg.replace(TITLE, escape(NOT_XML.sub("", alt.strip())), 1)


def can_be_read(text: str) -> bool:
    """Whether pose data can be drawn, however it looks."""
    try:
        read_pose(text[: LONGEST + 1], name="pose")
    except PoseError:
        return False
    return len(text) <= LONGEST


def faults(text: str) -> list[str]:
    """What is wrong with pose data, as sentences: with how it is written, else with the body and with its movement."""
    if len(text) > LONGEST:
        return [f"The pose has {len(text):,} characters; it may have {LONGEST:,}."]
    try:
        pose = read_pose(text, name="pose")
    except PoseError as error:
        return [str(error)]
    still = len(pose.postures) > 1 and all(each == pose.postures[0] for each in pose.postures)
    return [*(["The end is the same as the start: nothing moves."] if still else []), *lint(pose)]


def picture_version(slug: str, *, position: str, alt: str, own_pose: str = "") -> str:
    """A word that changes whenever one of the pictures with these arguments does: a browser may keep them by it."""
    drawn_from = own_pose or (_text("poses", slug) if has_pose(slug) else position)
    return hashlib.sha256(f"{_renderer_version()}\0{drawn_from}\0{alt}".encode()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _renderer_version() -> str:
    """Changes with every line of the renderer: what it draws otherwise is told apart."""
    folder = files(__name__)
    sources = [file for part in (folder, folder / "solid", folder / "positions") for file in part.iterdir()]
    texts = (file.read_bytes() for file in sorted(sources, key=str) if file.name.endswith((".py", ".json")))
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


@lru_cache(maxsize=512)
def _picture(slug: str, *, animated: bool, theme: Theme) -> str:
    return draw(load_pose(slug), PALETTES[theme], title=TITLE, animated=animated)


@lru_cache(maxsize=256)
def _own_picture(own_pose: str, position: str, *, animated: bool, theme: Theme) -> str:
    try:
        return draw(read_pose(own_pose, name="pose"), PALETTES[theme], title=TITLE, animated=animated)
    except PoseError:  # it was checked when it was written; a later version may know less
        return _placeholder(position, theme)


@lru_cache(maxsize=64)
def _placeholder(position: str, theme: Theme) -> str:
    return draw(load_position(position), pale(PALETTES[theme]), title=TITLE)


@lru_cache(maxsize=256)
def _text(folder: str, name: str) -> str:
    return files(__name__).joinpath(folder, f"{name}.json").read_text(encoding="utf-8")
