"""The things around a solid body: boxes, and the floor that they stand on."""

from stretches.pictograms.canvas import Canvas
from stretches.pictograms.palette import Palette
from stretches.pictograms.solid.pose import Prop, SolidPose
from stretches.pictograms.solid.space import Vector, View

#: How far behind the body the floor ends.
FLOOR_ENDS_CM = 62.0
#: From here on a mat is seen from above, and has an edge, or it would be taken for a wall.
FROM_ABOVE_DEGREES = 20.0
#: The colour of the sides and that of the top.
TONES = {
    "backrest": ("prop", "prop"),
    "bed": ("prop", "soft_prop"),
    "bench": ("prop", "soft_prop"),
    "cushion": ("soft_prop", "soft_prop"),
    "door": ("prop", "prop"),
    "mat": ("soft_prop", "soft_prop"),
    "pillow": ("soft_prop", "soft_prop"),
    "wall": ("prop", "prop"),
    "panel": ("soft_prop", "soft_prop"),
}


def floor_edge_cm(pose: SolidPose) -> float:
    """How high in the picture the floor ends: at its back when seen from above, else where one stands."""
    view = pose.view
    flat = View(0.0, view.tilt_degrees)
    return flat.flat((0.0, 0.0, -FLOOR_ENDS_CM)).imag


def draw_ground(canvas: Canvas, pose: SolidPose, palette: Palette) -> None:
    """The page, and the floor unless one looks straight down."""
    canvas.rectangle(canvas.left_cm, canvas.bottom_cm, canvas.width_cm, canvas.height_cm, f'fill="{palette.page}"')
    edge_cm = floor_edge_cm(pose)
    if pose.has_floor and canvas.bottom_cm < edge_cm < canvas.bottom_cm + canvas.height_cm:
        canvas.rectangle(
            canvas.left_cm, canvas.bottom_cm, canvas.width_cm, edge_cm - canvas.bottom_cm, f'fill="{palette.ground}"'
        )
        canvas.rectangle(canvas.left_cm, edge_cm - 2, canvas.width_cm, 2, f'fill="{palette.floor}"')


def corners(prop: Prop) -> list[Vector]:
    """The eight corners of a prop."""
    (x0, y0, z0), (x1, y1, z1) = prop.from_cm, prop.to_cm
    return [(x, y, z) for x in (x0, x1) for y in (y0, y1) for z in (z0, z1)]


def draw_box(canvas: Canvas, prop: Prop, view: View, palette: Palette) -> None:
    """A prop: its outline, and its top when that is seen."""
    side, top = (getattr(palette, tone) for tone in TONES[prop.kind])
    points = corners(prop)
    if prop.kind in ("mat", "panel"):  # large, and no more than a hint
        outline = [view.flat(point) for point in points]
        _polygon(canvas, outline, side, ' fill-opacity="0.28"')
        if prop.kind == "mat" and view.tilt_degrees > FROM_ABOVE_DEGREES:
            _polygon(canvas, outline, "none", f' stroke="{side}" stroke-width="3"')
        return
    if prop.kind == "pillow":  # parts it from a bed of the same colour
        _polygon(canvas, [view.flat(point) for point in points], side, f' stroke="{palette.page}" stroke-width="3"')
    _polygon(canvas, [view.flat(point) for point in points], side)
    if view.tilt_degrees > 3:
        _polygon(canvas, [view.flat(point) for point in points if point[1] == prop.to_cm[1]], top)


def _polygon(canvas: Canvas, points: list[complex], fill: str, more: str = "") -> None:
    line = "L".join(canvas.xy(point) for point in hull(points))
    canvas.path([f"M{line}Z"], f'fill="{fill}"{more}' if more else f'fill="{fill}" stroke="{fill}" stroke-width="1.5"')


def hull(points: list[complex]) -> list[complex]:
    """The convex outline of points, anticlockwise."""
    ordered = sorted(set(points), key=lambda point: (point.real, point.imag))
    if len(ordered) < 3:
        return ordered

    def half(row: list[complex]) -> list[complex]:
        found: list[complex] = []
        for point in row:
            while len(found) > 1 and ((found[-1] - found[-2]).conjugate() * (point - found[-2])).imag <= 0:
                found.pop()
            found.append(point)
        return found[:-1]

    return half(ordered) + half(ordered[::-1])
