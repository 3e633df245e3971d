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
#: How far above a stair its handrail is.
HANDRAIL_CM = 76.0
#: Props that lie before the body; the rest stand behind it.
IN_FRONT = ("mat", "wall", "doorway", "cushion", "bed", "step")
#: A, B and C, in shares of the height of a letter: what a foot writes in the air.
LETTERS = (
    ((0.0, 0.0), (0.35, 1.0), (0.7, 0.0)),
    ((0.15, 0.36), (0.55, 0.36)),
    ((1.0, 0.0), (1.0, 1.0), (1.38, 1.0), (1.55, 0.78), (1.38, 0.54), (1.0, 0.54)),
    ((1.38, 0.54), (1.6, 0.27), (1.38, 0.0), (1.0, 0.0)),
    ((2.55, 0.85), (2.35, 1.0), (2.08, 0.9), (1.95, 0.5), (2.08, 0.1), (2.35, 0.0), (2.55, 0.15)),
)
LETTER_LINE_CM = 4.6


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


def _stool(prop: Prop) -> list[Block]:
    """A cushion on legs with a bar between them: what one puts a leg on."""
    left, width, seat = prop.x_cm, prop.width_cm or 40, prop.height_cm or 42
    return [
        Block(left + 4, 0, 5, seat - 8),
        Block(left + width - 9, 0, 5, seat - 8),
        Block(left + 4, 12, width - 8, 4),
        Block(left, seat - 11, width, 11, tone="soft_prop", rounding_cm=5),
    ]


def _stairs(prop: Prop) -> list[Block]:
    """Three steps up, each as deep as it is wide."""
    tread, rise = (prop.width_cm or 96) / 3, prop.height_cm or 21
    steps = [Block(prop.x_cm + index * tread, 0, (3 - index) * tread, (index + 1) * rise) for index in range(3)]
    posts = [Block(prop.x_cm + (index + 0.5) * tread - 2, (index + 1) * rise, 4, HANDRAIL_CM) for index in (0, 2)]
    return posts + steps


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
    "stairs": _stairs,
    "step": _step,
    "stool": _stool,
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
    if prop.kind == "letters":
        _draw_letters(canvas, prop, palette)
    if prop.kind == "stairs":
        _draw_handrail(canvas, prop, palette)
    top_cm = canvas.bottom_cm + canvas.height_cm
    for block in blocks(prop):
        height_cm = min(block.height_cm, top_cm - block.bottom_cm)
        attributes = f'fill="{getattr(palette, block.tone)}" rx="{block.rounding_cm:g}"'
        if prop.kind == "mat" and prop.height_cm:  # an edge, or it would be taken for a wall
            attributes += f' stroke="{palette.soft_prop}" stroke-width="3"'
        canvas.rectangle(block.left_cm, block.bottom_cm, block.width_cm, height_cm, attributes)


def _draw_letters(canvas: Canvas, prop: Prop, palette: Palette) -> None:
    corner, height_cm = complex(prop.x_cm, prop.y_cm), prop.height_cm or 20
    strokes = [[corner + height_cm * complex(*point) for point in stroke] for stroke in LETTERS]
    line = "".join("M" + "L".join(canvas.xy(point) for point in stroke) for stroke in strokes)
    width = f'stroke-width="{LETTER_LINE_CM / canvas.zoom:.1f}"'
    canvas.path([line], f'fill="none" stroke="{palette.arrow}" {width}')


def _draw_handrail(canvas: Canvas, prop: Prop, palette: Palette) -> None:
    low, high = handrail_cm(prop)
    canvas.path([f"M{canvas.xy(low)}L{canvas.xy(high)}"], f'stroke="{palette.prop}" stroke-width="6"')


def handrail_cm(prop: Prop) -> tuple[complex, complex]:
    """Both ends of the handrail of stairs: it goes up as they do, a little past its posts."""
    tread, rise = (prop.width_cm or 96) / 3, prop.height_cm or 21
    first = complex(prop.x_cm + tread / 2, rise + HANDRAIL_CM)
    return first - 0.4 * complex(tread, rise), first + 2.4 * complex(tread, rise)


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
