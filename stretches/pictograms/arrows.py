"""Arrows: the movement, for who cannot see it move."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from stretches.pictograms.canvas import Canvas, number
from stretches.pictograms.fields import Field
from stretches.pictograms.geometry import along, between, direction_degrees
from stretches.pictograms.palette import Palette

#: Widths for a picture that is not a close-up; those keep the same width on paper.
ARROW_CM, ARROW_HEAD_CM, ARROW_HALO_CM = 5.4, 13.5, 2.2


@dataclass(frozen=True, slots=True)
class Ring:
    """Part of a circle round a joint, at right angles to the back: from straight ahead (0) to the right side (90)."""

    radius_cm: float
    from_degrees: float
    to_degrees: float
    up_cm: float


@dataclass(frozen=True, slots=True)
class Arrow:
    """The movement: along the way a joint takes (pushed outwards from the hip), or through points of the picture.

    A solid body has two more: round a joint, for what turns, and through points in space.
    """

    joint: str | None
    out_cm: float
    from_share: float
    to_share: float
    through_cm: tuple[complex, ...]
    goes_both_ways: bool
    ring: Ring | None = None
    through_space_cm: tuple[tuple[float, float, float], ...] = ()


def read_arrow(field: Field, joints: Collection[str], here: Collection[str]) -> Arrow:
    """An arrow from JSON, on one of the joints that are here. Raises PoseError with the field that is wrong."""
    goes_both_ways = field.optional("goes_both_ways", Field.truth, default=False)
    if "through_cm" in field.names():
        field.only("through_cm", "goes_both_ways")
        through_cm = tuple(point.point() for point in field["through_cm"].items())
        if len(through_cm) < 2:
            raise field["through_cm"].error("must be at least two points")
        return Arrow(None, 0.0, 0.0, 1.0, through_cm, goes_both_ways)
    field.only("joint", "out_cm", "span", "goes_both_ways")
    from_share, to_share = field.optional("span", Field.pair, default=(0.0, 1.0))
    if not 0 <= from_share < to_share <= 1:
        raise field["span"].error("must rise within 0 and 1")
    joint = _joint(field["joint"], joints, here)
    return Arrow(joint, field.optional("out_cm", Field.number, default=0.0), from_share, to_share, (), goes_both_ways)


def _joint(field: Field, joints: Collection[str], here: Collection[str]) -> str:
    joint = field.one_of(joints)
    if joint not in here:
        raise field.error(f"is {joint}, which this body lacks")
    return joint


def read_solid_arrow(field: Field, joints: Collection[str], here: Collection[str]) -> Arrow:
    """An arrow of a solid body from JSON. Raises PoseError with the field that is wrong."""
    goes_both_ways = field.optional("goes_both_ways", Field.truth, default=False)
    if "around" in field.names():
        field.only("around", "radius_cm", "turn_degrees", "up_cm", "goes_both_ways")
        first, last = field["turn_degrees"].pair()
        ring = Ring(field["radius_cm"].length(), first, last, field.optional("up_cm", Field.number, default=0.0))
        return Arrow(_joint(field["around"], joints, here), 0.0, 0.0, 1.0, (), goes_both_ways, ring)
    if "through_space_cm" in field.names():
        field.only("through_space_cm", "goes_both_ways")
        points = [tuple(point.numbers(3)) for point in field["through_space_cm"].items()]
        if len(points) < 2:
            raise field["through_space_cm"].error("must be at least two points")
        return Arrow(None, 0.0, 0.0, 1.0, (), goes_both_ways, None, tuple((x, y, z) for x, y, z in points))
    return read_arrow(field, joints, here)


def curve(points: Sequence[complex]) -> list[complex]:
    """A quadratic curve when there are three points, else the points as they are."""
    if len(points) != 3:
        return list(points)
    first, bend, last = points
    shares = [index / 24 for index in range(25)]
    return [(1 - t) ** 2 * first + 2 * t * (1 - t) * bend + t**2 * last for t in shares]


def followed(joint: str, arrow: Arrow, joints_at: Callable[[float], dict[str, complex]]) -> list[complex]:
    """The way that a joint takes, pushed outwards as the arrow says. `joints_at` tells the joints at a share."""
    points = []
    for index in range(13):
        joints = joints_at(between(arrow.from_share, arrow.to_share, index / 12))
        away = joints[joint] - joints["hip"]
        points.append(joints[joint] + (away / abs(away) * arrow.out_cm if abs(away) > 1 else 0))
    return points


def draw_arrow(canvas: Canvas, arrow: Arrow, points: list[complex], palette: Palette) -> None:
    """The arrow along its points, from tail to tip."""
    shaft, heads = points, []
    head_cm = ARROW_HEAD_CM / canvas.zoom
    for _ in range(2 if arrow.goes_both_ways else 1):
        base, head = _arrow_head(canvas, points, head_cm)
        heads.append(head)
        shaft = [point for point in shaft if abs(points[-1] - point) > head_cm] + [base]
        shaft, points = shaft[::-1], points[::-1]
    line = "M" + "L".join(canvas.xy(point) for point in shaft)
    for colour, extra_cm in ((palette.page, 2 * ARROW_HALO_CM), (palette.arrow, 0.0)):
        canvas.open_group(f'stroke="{colour}"')
        canvas.path([line], f'fill="none" stroke-width="{number((ARROW_CM + extra_cm) / canvas.zoom)}"')
        canvas.path(["".join(heads)], f'fill="{colour}" stroke-width="{number((1.6 + extra_cm) / canvas.zoom)}"')
        canvas.close_group()


def _arrow_head(canvas: Canvas, points: Sequence[complex], head_cm: float) -> tuple[complex, str]:
    """Where the shaft meets the head at the end of the points, and the outline of the head."""
    tip = points[-1]
    # The head points the way the last part of the line goes, or it would follow a kink at the very end.
    behind = next((point for point in reversed(points) if abs(tip - point) > head_cm * 0.8), points[0])
    degrees = direction_degrees(behind, tip)
    base = tip - along(degrees, head_cm)
    left, right = (base + along(degrees + side, head_cm * 0.62) for side in (90, -90))
    return base, f"M{canvas.xy(left)}L{canvas.xy(tip)}L{canvas.xy(right)}Z"
