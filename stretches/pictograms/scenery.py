"""The things around the body: floor, wall, chairs, mats, a towel."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from stretches.pictograms.body import RADII_CM, Body
from stretches.pictograms.canvas import Canvas
from stretches.pictograms.geometry import along
from stretches.pictograms.palette import Palette
from stretches.pictograms.pose import Prop

#: A wall goes on past the top of the picture.
ENDLESS_CM = 400.0
MAT_CM = 1.5
#: Props that lie before the body; the rest stand behind it.
IN_FRONT = ("mat", "wall", "doorway", "cushion", "bed", "step")


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of a prop, in cm from the lower left corner of the world."""

    left_cm: float
    bottom_cm: float
    width_cm: float
    height_cm: float
    tone: Literal["prop", "soft_prop", "ground"] = "prop"
    rounding_cm: float = 1.5


def _chair(prop: Prop) -> list[Block]:
    left, width, seat = prop.x_cm, prop.width_cm or 44, prop.height_cm or 45
    right = left + width - 5
    blocks = [
        Block(left, seat - 6, width, 6, rounding_cm=2),
        Block(left, 0, 5, seat - 3),
        Block(right, 0, 5, seat - 3),
    ]
    if prop.has_backrest:
        blocks.append(Block(right if prop.faces_left else left, seat - 6, 5, 48, rounding_cm=2))
    return blocks


def _table(prop: Prop) -> list[Block]:
    left, width, top = prop.x_cm, prop.width_cm or 80, prop.height_cm or 72
    return [
        Block(left, top - 5, width, 5, rounding_cm=2),
        Block(left + 4, 0, 5, top - 3),
        Block(left + width - 9, 0, 5, top - 3),
    ]


def _bed(prop: Prop) -> list[Block]:
    left, width, top = prop.x_cm, prop.width_cm or 150, prop.height_cm or 45
    return [
        Block(left, top - 15, width, 15, tone="soft_prop", rounding_cm=5),
        Block(left + 2, top - 22, width - 4, 7),
        Block(left + 6, 0, 6, top - 20),
        Block(left + width - 12, 0, 6, top - 20),
    ]


def _wall(prop: Prop) -> list[Block]:
    return [Block(prop.x_cm, 0, prop.width_cm or 8, prop.height_cm or ENDLESS_CM, rounding_cm=0)]


def _rail(prop: Prop) -> list[Block]:
    height = prop.height_cm or 95
    return [
        Block(prop.x_cm, 0, 4, height),
        Block(prop.x_cm - 9, height - 4, 22, 5, rounding_cm=2.5),
    ]


def _mat(prop: Prop) -> list[Block]:
    """From the side a thin line; with a height it is seen from above."""
    if prop.height_cm:
        return [Block(prop.x_cm, prop.y_cm, prop.width_cm, prop.height_cm, tone="ground", rounding_cm=8)]
    return [Block(prop.x_cm, -2, prop.width_cm, MAT_CM + 2, tone="soft_prop")]


def _pillow(prop: Prop) -> list[Block]:
    """Seen from above."""
    return [Block(prop.x_cm, prop.y_cm, prop.width_cm or 30, prop.height_cm or 40, tone="soft_prop", rounding_cm=9)]


def _step(prop: Prop) -> list[Block]:
    return [Block(prop.x_cm, 0, prop.width_cm or 45, prop.height_cm or 20)]


def _cushion(prop: Prop) -> list[Block]:
    height = prop.height_cm or 6
    return [Block(prop.x_cm, prop.y_cm, prop.width_cm or 34, height, tone="soft_prop", rounding_cm=height / 2)]


def _doorway(prop: Prop) -> list[Block]:
    """A door frame from the side: one leg goes up the frame, the other, on the far side of it, through the door."""
    height = prop.height_cm or ENDLESS_CM
    return [
        Block(prop.x_cm, 0, 6, height, rounding_cm=0),
        Block(prop.x_cm + 7.5, 0, 2.5, height, rounding_cm=0),
    ]


BLOCKS: dict[str, Callable[[Prop], list[Block]]] = {
    "bed": _bed,
    "chair": _chair,
    "cushion": _cushion,
    "doorway": _doorway,
    "mat": _mat,
    "pillow": _pillow,
    "rail": _rail,
    "step": _step,
    "table": _table,
    "wall": _wall,
}


def blocks(prop: Prop) -> list[Block]:
    """The rectangles a prop is made of. A towel has none: it goes where the body takes it."""
    return BLOCKS[prop.kind](prop) if prop.kind in BLOCKS else []


def draw_page(canvas: Canvas, palette: Palette) -> None:
    """The background."""
    canvas.rectangle(canvas.left_cm, canvas.bottom_cm, canvas.width_cm, canvas.height_cm, f'fill="{palette.page}"')


def draw_floor(canvas: Canvas, palette: Palette) -> None:
    """The floor, right across the picture."""
    canvas.rectangle(canvas.left_cm, canvas.bottom_cm, canvas.width_cm, -canvas.bottom_cm, f'fill="{palette.ground}"')
    canvas.rectangle(canvas.left_cm, -2, canvas.width_cm, 2, f'fill="{palette.floor}"')


def draw_prop(canvas: Canvas, prop: Prop, palette: Palette) -> None:
    """A prop that does not move."""
    top_cm = canvas.bottom_cm + canvas.height_cm
    for block in blocks(prop):
        height_cm = min(block.height_cm, top_cm - block.bottom_cm)
        attributes = f'fill="{getattr(palette, block.tone)}" rx="{block.rounding_cm:g}"'
        canvas.rectangle(block.left_cm, block.bottom_cm, block.width_cm, height_cm, attributes)


def draw_towel(canvas: Canvas, bodies: Sequence[Body], palette: Palette) -> None:
    """A towel from the near hand round the ball of the near foot."""
    outlines = []
    for body in bodies:
        toe_degrees = body.direction_degrees("heel_near", "toe_near")
        toe, thick_cm = body.joints["toe_near"], RADII_CM["toe"] + 1.8
        forward, under = along(toe_degrees), along(toe_degrees - 90)
        points = (
            toe - 9 * forward + thick_cm * under,
            toe - 1 * forward + thick_cm * under,
            toe + thick_cm * (forward + under),
            toe + thick_cm * forward,
            body.joints["hand_near"],
        )
        tail, ball, corner, tip, hand = (canvas.xy(point) for point in points)
        outlines.append(f"M{tail}L{ball}Q{corner} {tip}L{hand}")
    canvas.path(outlines, f'fill="none" stroke="{palette.page}" stroke-width="8"')
    canvas.path(outlines, f'fill="none" stroke="{palette.towel}" stroke-width="4.4"')
