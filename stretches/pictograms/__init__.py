"""Pictures of stretches: drawn as SVG from pose data, for every stretch in the catalogue.

A stretch without pose data gets a calm picture of its body position instead.
"""

import re
from functools import lru_cache
from importlib.resources import files
from xml.sax.saxutils import escape

from stretches.pictograms.drawing import draw
from stretches.pictograms.fields import PoseError
from stretches.pictograms.palette import PALETTES, Theme, pale
from stretches.pictograms.pose import Pose, read_pose

__all__ = ["POSITIONS", "PoseError", "Theme", "has_pose", "load_pose", "load_position", "picture_svg", "slugs"]

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
def load_pose(slug: str) -> Pose:
    """The pose data of a stretch. Raises KeyError for a stretch without any, PoseError for data that is wrong."""
    if not has_pose(slug):
        raise KeyError(slug)
    return _read("poses", slug)


@lru_cache(maxsize=len(POSITIONS))
def load_position(position: str) -> Pose:
    """The neutral pose of a body position. Raises ValueError for a position that is not in POSITIONS."""
    if position not in POSITIONS:
        raise ValueError(f"no picture of the position {position!r}; known: {', '.join(POSITIONS)}")
    return _read("positions", position)


def picture_svg(slug: str, *, position: str, alt: str, animated: bool = False, theme: Theme = "light") -> str:
    """The picture of a stretch as an SVG document, 4:3, always the same for the same arguments.

    `alt` says the movement; it becomes the title. `position` is one of POSITIONS and is drawn for a stretch without
    pose data, which never moves. An animated picture repeats for ever: show the still to who prefers reduced motion.

    Raises ValueError for a blank alt, and for an unknown position or theme.
    """
    if not alt.strip():
        raise ValueError("alt must say the movement")
    if theme not in PALETTES:
        raise ValueError(f"no theme {theme!r}; known: {', '.join(PALETTES)}")
    if position not in POSITIONS:
        raise ValueError(f"no picture of the position {position!r}; known: {', '.join(POSITIONS)}")
    svg = _picture(slug, animated=animated, theme=theme) if has_pose(slug) else _placeholder(position, theme)
    return svg.replace(TITLE, escape(NOT_XML.sub("", alt.strip())), 1)


@lru_cache(maxsize=512)
def _picture(slug: str, *, animated: bool, theme: Theme) -> str:
    return draw(load_pose(slug), PALETTES[theme], title=TITLE, animated=animated)


@lru_cache(maxsize=64)
def _placeholder(position: str, theme: Theme) -> str:
    return draw(load_position(position), pale(PALETTES[theme]), title=TITLE)


def _read(folder: str, name: str) -> Pose:
    text = files(__name__).joinpath(folder, f"{name}.json").read_text(encoding="utf-8")
    return read_pose(text, name=f"{folder}/{name}.json")
