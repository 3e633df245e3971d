"""The colours of a picture, for each theme."""

from dataclasses import dataclass
from typing import Literal

Theme = Literal["light", "dark", "print"]


@dataclass(frozen=True, slots=True)
class Palette:
    """One colour for each thing in a picture. `page` also parts a limb from what lies behind it."""

    page: str
    ground: str
    floor: str
    near: str
    far: str
    ghost: str
    muscle: str
    arrow: str
    prop: str
    soft_prop: str
    towel: str


PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        page="#f4f7f9",
        ground="#e6ecf0",
        floor="#b6c2cb",
        near="#12324a",
        far="#7d93a5",
        ghost="#b5c5d2",
        muscle="#f0603a",
        arrow="#d9481f",
        prop="#98a7b3",
        soft_prop="#a9c0d1",
        towel="#1f9a8c",
    ),
    "dark": Palette(
        page="#18222b",
        ground="#202d38",
        floor="#4a5b69",
        near="#e8eff5",
        far="#8fa3b4",
        ghost="#506579",
        muscle="#ff6a3d",
        arrow="#ff8f66",
        prop="#64788a",
        soft_prop="#4d6a82",
        towel="#45cbb9",
    ),
    # White paper, and tones that stay apart on a printer without colour.
    "print": Palette(
        page="#ffffff",
        ground="#ffffff",
        floor="#8a8a8a",
        near="#1c1c1c",
        far="#8c8c8c",
        ghost="#cccccc",
        muscle="#ff6f3c",
        arrow="#c93a10",
        prop="#a8a8a8",
        soft_prop="#c4c4c4",
        towel="#5c8f89",
    ),
}


def pale(palette: Palette) -> Palette:
    """The same page with a figure that steps back: for a picture that shows a position, not a movement."""
    return Palette(
        page=palette.page,
        ground=palette.ground,
        floor=palette.floor,
        near=palette.far,
        far=palette.ghost,
        ghost=palette.ghost,
        muscle=palette.muscle,
        arrow=palette.arrow,
        prop=palette.ghost,
        soft_prop=palette.ghost,
        towel=palette.ghost,
    )
