"""A solid pose as an SVG picture: the same look as the flat ones, seen from anywhere."""

import cmath
import math
from collections.abc import Sequence
from itertools import pairwise

from stretches.pictograms.arrows import Arrow, Ring, curve, draw_arrow, followed
from stretches.pictograms.body import RADII_CM
from stretches.pictograms.canvas import HEIGHT_CM, WIDTH_CM, Canvas, number
from stretches.pictograms.geometry import between
from stretches.pictograms.palette import Palette
from stretches.pictograms.solid.body import FLANK_CM, RIBS_CM, SolidBody, body_at
from stretches.pictograms.solid.muscles import muscle_line, part_of
from stretches.pictograms.solid.pose import HANDS, PARTS, SolidPose
from stretches.pictograms.solid.scenery import corners, draw_box, draw_ground, floor_edge_cm
from stretches.pictograms.solid.space import Vector, View, plus

HALO_CM, MUSCLE_CM, TRUNK_CM, NECK_CM = 2.2, 6.2, 9.0, 5.2
#: Of a hand that is drawn alone: how thick it is, and how much of the forearm comes with it.
HAND_CM, WRIST_CM, THUMB_ROOT_CM = 4.6, 7.0, 2.4
LOOP_SECONDS = 6.0
STEPS = 8
#: The loop in seconds: wait at the start until the first, arrive at the second, hold until the third, then go back.
WAIT_UNTIL, MOVE_UNTIL, HOLD_UNTIL = 0.4, 2.4, 4.0
JOINT_RADII_CM = {
    **RADII_CM,
    "fingers": 2.3,
    "hand": 3.8,
    "toes": 3.2,
    "hip": 9.2,
    "waist": 9.0,
    "neck": NECK_CM,
    "nose": 3.0,
    "thumb": 1.9,
}


def draw_solid(pose: SolidPose, palette: Palette, *, title: str, animated: bool = False) -> str:
    """The picture as SVG. The title must be XML already.

    Still: the end, with the start as a ghost and an arrow. Animated: a loop from start to end and back, without either.
    """
    if animated and len(pose.postures) > 1:
        shares = [(1 - math.cos(math.pi * step / STEPS)) / 2 for step in range(STEPS + 1)]
        bodies = [body_at(pose, share) for share in [0.0, *shares, *shares[::-1]]]
        return _scene(pose, palette, bodies).svg(title)
    ghost = body_at(pose, 0) if len(pose.postures) > 1 else None
    canvas = _scene(pose, palette, [body_at(pose, 1)], ghost)
    for arrow in pose.arrows:
        draw_arrow(canvas, arrow, solid_arrow_points(pose, arrow), palette)
    return canvas.svg(title)


def draw_solid_moment(pose: SolidPose, palette: Palette, *, title: str, share: float) -> str:
    """One moment of the movement, a share (0 to 1) of the way, alone. The title must be XML already."""
    return _scene(pose, palette, [body_at(pose, share)]).svg(title)


def solid_outline(pose: SolidPose, body: SolidBody) -> dict[str, tuple[complex, float]]:
    """The joints in the picture, each with the radius of the body there in cm."""
    flat = body.flat(pose.view)
    return {joint: (point, JOINT_RADII_CM[joint.partition("_")[0]]) for joint, point in flat.items()}


def solid_arrow_points(pose: SolidPose, arrow: Arrow) -> list[complex]:
    """The line of an arrow in the picture, from tail to tip."""
    if arrow.through_space_cm:
        return curve([pose.view.flat(point) for point in arrow.through_space_cm])
    if arrow.joint is None:
        return curve(arrow.through_cm)
    if arrow.ring:
        return [pose.view.flat(point) for point in _ring_points(body_at(pose, 0), arrow.joint, arrow.ring)]
    return followed(arrow.joint, arrow, lambda share: body_at(pose, share).flat(pose.view))


def _ring_points(body: SolidBody, joint: str, ring: Ring) -> list[Vector]:
    middle = plus(body.joints[joint], body.chest.up, ring.up_cm)
    points = []
    for index in range(13):
        turn = math.radians(between(ring.from_degrees, ring.to_degrees, index / 12))
        ahead = plus(middle, body.chest.front, ring.radius_cm * math.cos(turn))
        points.append(plus(ahead, body.chest.right, ring.radius_cm * math.sin(turn)))
    return points


def solid_corner_cm(pose: SolidPose) -> tuple[float, float]:
    """Left and bottom of the view: a close-up round its centre, else what is drawn stands in the middle."""
    width_cm, height_cm = WIDTH_CM / pose.view.zoom, HEIGHT_CM / pose.view.zoom
    if pose.centre_cm is not None:
        return round(pose.centre_cm.real - width_cm / 2, 1), round(pose.centre_cm.imag - height_cm / 2, 1)
    rounds = [(point, 5.0) for arrow in pose.arrows for point in solid_arrow_points(pose, arrow)]
    for share in (0, 0.25, 0.5, 0.75, 1):
        rounds += solid_outline(pose, body_at(pose, share)).values()
    rounds += [(pose.view.flat(corner), 0.0) for prop in pose.props if prop.is_seen_whole for corner in corners(prop)]
    sides = [point.real + side * radius_cm for point, radius_cm in rounds for side in (-1, 1)]
    tops = [point.imag + side * radius_cm for point, radius_cm in rounds for side in (-1, 1)]
    bottom_cm = (min(tops) + max(tops) - height_cm) / 2
    if pose.has_floor:  # the floor's far edge is seen, and some floor before the body
        bottom_cm = min(bottom_cm, min(tops) - 6, floor_edge_cm(pose) - 6)
    return round((min(sides) + max(sides) - width_cm) / 2, 1), round(bottom_cm, 1)


def _scene(pose: SolidPose, palette: Palette, bodies: Sequence[SolidBody], ghost: SolidBody | None = None) -> Canvas:
    canvas = Canvas(*solid_corner_cm(pose), zoom=pose.view.zoom, loop_seconds=LOOP_SECONDS)
    if len(bodies) > 1:
        moves = [step / STEPS for step in range(STEPS + 1)]
        out = [between(WAIT_UNTIL, MOVE_UNTIL, move) for move in moves]
        back = [between(HOLD_UNTIL, LOOP_SECONDS, move) for move in moves]
        canvas.key_seconds = (0.0, *out, *back)
    draw_ground(canvas, pose, palette)
    for prop in pose.props:
        if not prop.is_in_front:
            draw_box(canvas, prop, pose.view, palette)
    if ghost:
        for part in (each for each in _order(pose, ghost) if each not in HANDS):
            _draw_part(canvas, pose, [ghost], part, palette.ghost, "")
    order = _order(pose, bodies[-1] if len(bodies) == 1 else bodies[len(bodies) // 2])
    for index, part in enumerate(order):
        if ghost and index == len(order) - len(pose.in_front):
            _draw_starts(canvas, pose, ghost, palette)
        is_paler = part in pose.paler or part.replace("hand", "arm") in pose.paler
        fill = palette.far if is_paler else palette.near
        _draw_part(canvas, pose, bodies, part, fill, "" if part in pose.joined else palette.page)
        _draw_muscles(canvas, pose, bodies, part, palette)
    for prop in pose.props:
        if prop.is_in_front:
            draw_box(canvas, prop, pose.view, palette)
    return canvas


def _draw_starts(canvas: Canvas, pose: SolidPose, ghost: SolidBody, palette: Palette) -> None:
    """The pale limbs that the trunk would hide, over it."""
    for limb in pose.start_in_front:
        _draw_part(canvas, pose, [ghost], limb, palette.ghost, palette.page)


def _order(pose: SolidPose, body: SolidBody) -> list[str]:
    """The parts from the back to the front."""

    def depth_cm(part: str) -> float:
        if part in ("torso", "head"):
            return pose.view.depth_cm(body.joints["waist" if part == "torso" else "head"])
        _, side = part.split("_")
        names = ("knee", "ankle") if part.startswith("leg") else ("elbow", "hand")
        return sum(pose.view.depth_cm(body.joints[f"{joint}_{side}"]) for joint in names) / 2

    parts = [part for part in PARTS if part in pose.postures[0].limbs or "_" not in part]
    behind = [part for part in parts if part not in pose.in_front]
    return sorted(behind, key=depth_cm) + list(pose.in_front)


def _draw_part(canvas: Canvas, pose: SolidPose, bodies: Sequence[SolidBody], part: str, fill: str, page: str) -> None:
    halo = f' stroke="{page}" stroke-width="{number(2 * HALO_CM)}" paint-order="stroke"' if page else ""
    if part == "torso":
        _draw_trunk(canvas, pose.view, bodies, fill, page)
    elif part == "head":
        _draw_head(canvas, pose.view, bodies, fill, page)
    elif part in HANDS:
        canvas.path([_hand(canvas, pose, body, part) for body in bodies], f'fill="{fill}"{halo}')
    else:
        canvas.path([_limb(canvas, pose, body, part) for body in bodies], f'fill="{fill}"{halo}')


def _draw_trunk(canvas: Canvas, view: View, bodies: Sequence[SolidBody], fill: str, page: str) -> None:
    outlines = [_trunk(canvas, view, body) for body in bodies]
    necks = [_neck(canvas, view, body) for body in bodies]
    if page:
        for outlines_, half_cm in ((outlines, TRUNK_CM), (necks, NECK_CM)):
            canvas.path(outlines_, f'fill="none" stroke="{page}" stroke-width="{number(2 * (half_cm + HALO_CM))}"')
    canvas.path(outlines, f'fill="{fill}" stroke="{fill}" stroke-width="{number(2 * TRUNK_CM)}"')
    canvas.path(necks, f'fill="none" stroke="{fill}" stroke-width="{number(2 * NECK_CM)}"')


def _trunk(canvas: Canvas, view: View, body: SolidBody) -> str:
    ribs, waist, hip = plus(body.joints["neck"], body.chest.up, -7.0), body.joints["waist"], body.joints["hip"]
    points = []
    for sign in (1.0, -1.0):
        side = [
            plus(ribs, body.chest.right, sign * RIBS_CM),
            plus(waist, body.chest.right, sign * FLANK_CM),
            plus(hip, body.pelvis.right, sign * (FLANK_CM + 2)),
        ]
        points += side if sign > 0 else side[::-1]
    return "M" + "L".join(canvas.xy(view.flat(point)) for point in points) + "Z"


def _neck(canvas: Canvas, view: View, body: SolidBody) -> str:
    low = view.flat(plus(body.joints["neck"], body.chest.up, -3.0))
    return f"M{canvas.xy(low)}L{canvas.xy(view.flat(plus(body.joints['head'], body.head.up, -6.0)))}"


def _draw_head(canvas: Canvas, view: View, bodies: Sequence[SolidBody], fill: str, page: str) -> None:
    """A ball with a nose, and eyes while it faces who looks at the picture."""
    radius_cm = RADII_CM["head"]
    heads = [view.flat(body.joints["head"]) for body in bodies]
    noses = [view.flat(body.joints["nose"]) for body in bodies]
    if page:
        canvas.circle(heads, radius_cm + HALO_CM, f'fill="{page}"')
        canvas.circle(noses, 3.0 + HALO_CM, f'fill="{page}"')
    canvas.circle(noses, 3.0, f'fill="{fill}"')
    canvas.circle(heads, radius_cm, f'fill="{fill}"')
    if not page:
        return
    for sign in (1.0, -1.0):
        ways = [_eye(body, sign) for body in bodies]
        eyes = [view.flat(plus(body.joints["head"], way)) for body, way in zip(bodies, ways, strict=True)]
        # An eye gets smaller as it goes round the side of the head, and is gone behind it.
        sizes = [1.8 * max(0.0, min(1.0, (view.depth_cm(way) + 0.5) / 4)) for way in ways]
        if any(sizes):
            canvas.circle(eyes, sizes, f'fill="{page}"')


def _eye(body: SolidBody, sign: float) -> Vector:
    """From the middle of the head to an eye."""
    return plus(plus(plus((0.0, 0.0, 0.0), body.head.front, 7.4), body.head.right, sign * 4.2), body.head.up, 1.8)


def _limb(canvas: Canvas, pose: SolidPose, body: SolidBody, part: str) -> str:
    kind, side = part.split("_")
    chain = (
        ("hip", "knee", "ankle", "heel", "toe", "toes") if kind == "leg" else ("shoulder", "elbow", "hand", "fingers")
    )
    joints = [f"{joint}_{side}" for joint in chain if f"{joint}_{side}" in body.joints]
    outline = ""
    for start, end in pairwise(joints):
        first, last = start.partition("_")[0], end.partition("_")[0]
        root_cm = 9.2 if first == "hip" else JOINT_RADII_CM[first]
        points = (pose.view.flat(body.joints[start]), pose.view.flat(body.joints[end]))
        outline += capsule(canvas, *points, root_cm, JOINT_RADII_CM[last])
    if f"thumb_{side}" in body.joints:
        root, tip = (pose.view.flat(body.joints[f"{joint}_{side}"]) for joint in ("hand", "thumb"))
        outline += capsule(canvas, root, tip, THUMB_ROOT_CM, JOINT_RADII_CM["thumb"])
    return outline


def _hand(canvas: Canvas, pose: SolidPose, body: SolidBody, part: str) -> str:
    side = part.removeprefix("hand_")
    hand = body.joints[part]
    wrist = plus(hand, body.direction(f"elbow_{side}", part), -WRIST_CM)
    outline = capsule(canvas, pose.view.flat(wrist), pose.view.flat(hand), HAND_CM, HAND_CM)
    if f"fingers_{side}" in body.joints:
        tip = pose.view.flat(body.joints[f"fingers_{side}"])
        outline += capsule(canvas, pose.view.flat(hand), tip, HAND_CM, JOINT_RADII_CM["fingers"])
    return outline


def capsule(canvas: Canvas, root: complex, tip: complex, root_cm: float, tip_cm: float) -> str:
    """The outline of two circles and what is between them; of one circle when they are one behind the other."""
    length_cm, way = abs(tip - root), cmath.phase(tip - root)
    opening = math.acos(max(-1.0, min(1.0, (root_cm - tip_cm) / max(length_cm, abs(root_cm - tip_cm) + 0.1))))
    left, right = cmath.rect(1, way + opening), cmath.rect(1, way - opening)
    near, far = f"{root_cm:g} {root_cm:g} 0", f"{tip_cm:g} {tip_cm:g} 0"
    return (
        f"M{canvas.xy(root + root_cm * left)}L{canvas.xy(tip + tip_cm * left)}"
        f"A{far} {int(tip_cm > root_cm)} 1 {canvas.xy(tip + tip_cm * right)}"
        f"L{canvas.xy(root + root_cm * right)}A{near} {int(root_cm > tip_cm)} 1 {canvas.xy(root + root_cm * left)}Z"
    )


def _draw_muscles(canvas: Canvas, pose: SolidPose, bodies: Sequence[SolidBody], part: str, palette: Palette) -> None:
    for muscle in pose.muscles:
        if part_of(muscle) != part:
            continue
        lines = []
        for body in bodies:
            start, bend, end = (pose.view.flat(point) for point in muscle_line(body, muscle))
            # The middle point is on the line; a quadratic curve wants the point that pulls it there.
            lines.append(f"M{canvas.xy(start)}Q{canvas.xy(2 * bend - (start + end) / 2)} {canvas.xy(end)}")
        canvas.path(lines, f'fill="none" stroke="{palette.muscle}" stroke-width="{number(canvas.line_cm(MUSCLE_CM))}"')
