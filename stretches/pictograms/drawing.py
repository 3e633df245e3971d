"""A pose as an SVG picture."""

import math
from collections.abc import Sequence
from dataclasses import replace

from stretches.pictograms.arrows import Arrow, curve, draw_arrow, followed
from stretches.pictograms.body import RADII_CM, SPINE_CM, Body, body_at
from stretches.pictograms.canvas import HEIGHT_CM, WIDTH_CM, Canvas, number
from stretches.pictograms.geometry import along, arc_handle_cm
from stretches.pictograms.muscles import ON_ARM, muscle_line
from stretches.pictograms.palette import Palette
from stretches.pictograms.pose import AnyPose, Pose
from stretches.pictograms.scenery import IN_FRONT, blocks, draw_floor, draw_page, draw_prop, draw_towel
from stretches.pictograms.solid.drawing import draw_solid, draw_solid_moment
from stretches.pictograms.solid.pose import SolidPose

#: What parts a limb from the body behind it.
HALO_CM = 2.2
MUSCLE_CM, NOSE_CM = 6.2, 3.0
#: How thick the neck is, and how far above its joint it leaves the rounding of the trunk.
NECK_CM, NECK_FROM_CM = 9.6, 6.5
#: How much ground is seen below the floor.
LEAST_GROUND_CM, MOST_GROUND_CM = 7.0, 40.0

#: The loop, in frames of 0.2 s: wait at the start, move, hold, move back.
WAIT_FRAMES, MOVE_FRAMES, HOLD_FRAMES, FRAME_SECONDS = 2, 10, 8, 0.2


def draw(pose: AnyPose, palette: Palette, *, title: str, animated: bool = False) -> str:
    """The picture as SVG. The title must be XML already.

    Still: the end, with the start as a ghost and an arrow. Animated: a loop from start to end and back, without either.
    A pose that does not move gives the same picture either way.
    """
    if isinstance(pose, SolidPose):
        return draw_solid(pose, palette, title=title, animated=animated)
    if len(pose.postures) == 1:
        return draw_moment(pose, palette, title=title, share=1)
    if animated:
        return _scene(replace(pose, start_above_cm=0.0), palette, _loop(pose)).svg(title)
    canvas = _scene(pose, palette, [body_at(pose, 1)], ghost=_start_above(body_at(pose, 0), pose.start_above_cm))
    for arrow in pose.arrows:
        draw_arrow(canvas, arrow, arrow_points(pose, arrow), palette)
    return canvas.svg(title)


def draw_moment(pose: AnyPose, palette: Palette, *, title: str, share: float) -> str:
    """One moment of the movement, a share (0 to 1) of the way, alone. The title must be XML already."""
    if isinstance(pose, SolidPose):
        return draw_solid_moment(pose, palette, title=title, share=share)
    return _scene(replace(pose, start_above_cm=0.0), palette, [body_at(pose, share)]).svg(title)


def _scene(pose: Pose, palette: Palette, bodies: Sequence[Body], ghost: Body | None = None) -> Canvas:
    """From the back to the front: page, what stands behind the body, the body, what lies before it."""
    canvas = Canvas(*corner_cm(pose), zoom=pose.zoom, loop_seconds=(len(bodies) - 1) * FRAME_SECONDS)
    before = [] if pose.is_seen_from_above else [prop for prop in pose.props if prop.kind in IN_FRONT]
    draw_page(canvas, palette)
    if not pose.is_seen_from_above:
        draw_floor(canvas, palette)
    for prop in pose.props:
        if prop not in before:
            draw_prop(canvas, prop, palette)
    if ghost:
        _draw_ghost(canvas, ghost, palette)
        if pose.start_above_cm:
            _draw_ledge(canvas, ghost, pose.start_above_cm, palette)
    for limb in ("arm_far", "leg_far"):
        _draw_limb(canvas, bodies, limb, palette.far, "")
    for prop in before:
        draw_prop(canvas, prop, palette)
    _draw_near_body(canvas, bodies, pose, palette)
    if any(prop.kind == "towel" for prop in pose.props):
        draw_towel(canvas, bodies, palette)
    return canvas


def corner_cm(pose: Pose) -> tuple[float, float]:
    """Left and bottom of the view: what is drawn stands in the middle, and low pictures are raised a little."""
    rounds = [(point, 5.0) for arrow in pose.arrows for point in arrow_points(pose, arrow)]
    for share in (0, 0.25, 0.5, 0.75, 1):
        rounds += outline_points(body_at(pose, share))
    furniture = [block for prop in pose.props for block in blocks(prop)]
    sides = [point.real + side * radius_cm for point, radius_cm in rounds for side in (-1, 1)]
    sides += [side for block in furniture for side in (block.left_cm, block.left_cm + block.width_cm)]
    tops = [point.imag + radius_cm for point, radius_cm in rounds]
    tops += [point.imag + radius_cm + pose.start_above_cm for point, radius_cm in outline_points(body_at(pose, 0))]
    tops += [block.bottom_cm + block.height_cm for block in furniture if block.height_cm < HEIGHT_CM]
    spare_cm = (HEIGHT_CM / pose.zoom - max(tops)) / 2
    bottom_cm = -spare_cm if pose.is_seen_from_above else -min(max(spare_cm, LEAST_GROUND_CM), MOST_GROUND_CM)
    return round((min(sides) + max(sides) - WIDTH_CM / pose.zoom) / 2, 1), round(bottom_cm, 1)


def outline_points(body: Body) -> list[tuple[complex, float]]:
    """The joints of a body, each with the radius of the body there in cm."""
    return [(point, RADII_CM[joint.partition("_")[0]]) for joint, point in body.joints.items()]


def arrow_points(pose: Pose, arrow: Arrow) -> list[complex]:
    """The line of an arrow, from tail to tip."""
    if arrow.joint is None:
        return curve(arrow.through_cm)
    return followed(arrow.joint, arrow, lambda share: body_at(pose, share).joints)


def _loop(pose: Pose) -> list[Body]:
    """The bodies of one loop, the first again at its end; movement eases in and out."""
    out = [body_at(pose, (1 - math.cos(math.pi * index / MOVE_FRAMES)) / 2) for index in range(MOVE_FRAMES + 1)]
    return [out[0]] * WAIT_FRAMES + out + [out[-1]] * (HOLD_FRAMES - 1) + out[::-1]


def _capsule(length_cm: float, root_cm: float, tip_cm: float) -> str:
    """A limb that tapers from one radius at the origin to another, `length_cm` along x: the hull of two circles."""
    cosine = (root_cm - tip_cm) / max(length_cm, abs(root_cm - tip_cm) + 0.1)
    sine = math.sqrt(1 - cosine**2)
    near_x, near_y = number(root_cm * cosine), root_cm * sine
    far_x, far_y = number(length_cm + tip_cm * cosine), tip_cm * sine
    root, tip = f"{root_cm:g} {root_cm:g} 0", f"{tip_cm:g} {tip_cm:g} 0"
    return (
        f"M{near_x} {number(-near_y)}L{far_x} {number(-far_y)}A{tip} {int(tip_cm > root_cm)} 1 {far_x} {number(far_y)}"
        f"L{near_x} {number(near_y)}A{root} {int(root_cm > tip_cm)} 1 {near_x} {number(-near_y)}Z"
    )


Bone = tuple[str, list[tuple[complex, float]]]


def _bone(bodies: Sequence[Body], start: str, end: str, root_cm: float, tip_cm: float) -> Bone:
    length_cm = abs(bodies[0].joints[end] - bodies[0].joints[start])
    places = [(body.joints[start], body.direction_degrees(start, end)) for body in bodies]
    return _capsule(length_cm, root_cm, tip_cm), places


def _limb(bodies: Sequence[Body], limb: str) -> list[Bone]:
    kind, side = limb.split("_")
    radius_cm = RADII_CM
    if kind == "arm":
        return [
            _bone(bodies, "shoulder", f"elbow_{side}", radius_cm["shoulder"], radius_cm["elbow"]),
            _bone(bodies, f"elbow_{side}", f"hand_{side}", radius_cm["elbow"], radius_cm["hand"]),
        ]
    return [
        _bone(bodies, "hip", f"knee_{side}", radius_cm["thigh"], radius_cm["knee"]),
        _bone(bodies, f"knee_{side}", f"ankle_{side}", radius_cm["knee"], radius_cm["ankle"]),
        _bone(bodies, f"ankle_{side}", f"heel_{side}", radius_cm["ankle"], radius_cm["heel"]),
        _bone(bodies, f"heel_{side}", f"toe_{side}", radius_cm["heel"], radius_cm["toe"]),
    ]


def _draw_bones(canvas: Canvas, bones: Sequence[Bone], fill: str) -> None:
    canvas.open_group(f'fill="{fill}"')
    for outline, places in bones:
        canvas.rigid(outline, places)
    canvas.close_group()


def _draw_halo(canvas: Canvas, bones: Sequence[Bone], page: str) -> None:
    canvas.open_group(f'fill="{page}" stroke="{page}" stroke-width="{2 * HALO_CM:g}"')
    for outline, places in bones:
        canvas.rigid(outline, places)
    canvas.close_group()


def _draw_limb(canvas: Canvas, bodies: Sequence[Body], limb: str, fill: str, page: str) -> None:
    if bodies[0].has(limb):
        bones = _limb(bodies, limb)
        if page:
            _draw_halo(canvas, bones, page)
        _draw_bones(canvas, bones, fill)


def _back(canvas: Canvas, body: Body) -> str:
    """The back as a curve from hip to neck."""
    handle_cm = arc_handle_cm(SPINE_CM, body.chest_degrees - body.pelvis_degrees)
    hip, neck = body.joints["hip"], body.joints["neck"]
    low, high = hip + along(body.pelvis_degrees, handle_cm), neck - along(body.chest_degrees, handle_cm)
    return f"M{canvas.xy(hip)}C{canvas.xy(low)} {canvas.xy(high)} {canvas.xy(neck)}"


def _draw_back(canvas: Canvas, bodies: Sequence[Body], colour: str, page: str) -> None:
    backs = [_back(canvas, body) for body in bodies]
    thick_cm = 2 * RADII_CM["waist"]
    if page:
        canvas.path(backs, f'fill="none" stroke="{page}" stroke-width="{number(thick_cm + 2 * HALO_CM)}"')
    canvas.path(backs, f'fill="none" stroke="{colour}" stroke-width="{number(thick_cm)}"')


def _start_above(body: Body, above_cm: float) -> Body:
    """The body, so much higher."""
    return replace(body, joints={joint: point + above_cm * 1j for joint, point in body.joints.items()})


def _draw_ledge(canvas: Canvas, ghost: Body, above_cm: float, palette: Palette) -> None:
    """What a start that is shown higher lies on."""
    sides = [point.real for point in ghost.joints.values()]
    left_cm, right_cm = min(sides) - 10, max(sides) + 10
    canvas.rectangle(left_cm, above_cm - 1.5, right_cm - left_cm, 2, f'fill="{palette.floor}"')


def _draw_ghost(canvas: Canvas, body: Body, palette: Palette) -> None:
    for limb in ("leg_far", "arm_far"):
        _draw_limb(canvas, [body], limb, palette.ghost, "")
    _draw_back(canvas, [body], palette.ghost, "")
    for limb in ("leg_near", "arm_near"):
        _draw_limb(canvas, [body], limb, palette.ghost, "")
    _draw_neck(canvas, [body], palette.ghost)
    canvas.circle([body.joints["head"]], RADII_CM["head"], f'fill="{palette.ghost}"')
    canvas.circle([nose(body)], NOSE_CM, f'fill="{palette.ghost}"')


def _draw_near_body(canvas: Canvas, bodies: Sequence[Body], pose: Pose, palette: Palette) -> None:
    # What parts the near leg from the far one comes before the trunk: it must not part the leg from its own hip.
    _draw_halo(canvas, _limb(bodies, "leg_near"), palette.page)
    _draw_back(canvas, bodies, palette.near, palette.page)
    _draw_limb(canvas, bodies, "leg_near", palette.near, "")
    _draw_muscles(canvas, bodies, [muscle for muscle in pose.muscles if muscle not in ON_ARM], palette)
    _draw_limb(canvas, bodies, "arm_near", palette.near, "" if "arm_near" in pose.joined else palette.page)
    _draw_muscles(canvas, bodies, [muscle for muscle in pose.muscles if muscle in ON_ARM], palette)
    _draw_head(canvas, bodies, palette)


def _draw_muscles(canvas: Canvas, bodies: Sequence[Body], muscles: Sequence[str], palette: Palette) -> None:
    for muscle in muscles:
        lines = [muscle_line(canvas, body, muscle) for body in bodies]
        canvas.path(lines, f'fill="none" stroke="{palette.muscle}" stroke-width="{number(canvas.line_cm(MUSCLE_CM))}"')


def nose(body: Body) -> complex:
    """Where the nose is: it tells who lies face up from who lies face down."""
    return body.joints["head"] + along(body.head_degrees - 90, RADII_CM["head"] + 0.4) - along(body.head_degrees, 1.5)


def _draw_neck(canvas: Canvas, bodies: Sequence[Body], fill: str) -> None:
    """From the rounding of the trunk into the head: a ball that floats is no head."""
    necks = []
    for body in bodies:
        neck, head = body.joints["neck"], body.joints["head"]
        low = neck + along(body.direction_degrees("neck", "head"), NECK_FROM_CM)
        necks.append(f"M{canvas.xy(low)}L{canvas.xy(head)}")
    # Cut off straight, or its end would cover what parts the arm from the trunk.
    canvas.path(necks, f'fill="none" stroke="{fill}" stroke-width="{NECK_CM}" stroke-linecap="butt"')


def _draw_head(canvas: Canvas, bodies: Sequence[Body], palette: Palette) -> None:
    heads, noses = [body.joints["head"] for body in bodies], [nose(body) for body in bodies]
    canvas.circle(noses, NOSE_CM + HALO_CM, f'fill="{palette.page}"')
    canvas.circle(heads, RADII_CM["head"] + HALO_CM, f'fill="{palette.page}"')
    _draw_neck(canvas, bodies, palette.near)
    canvas.circle(noses, NOSE_CM, f'fill="{palette.near}"')
    canvas.circle(heads, RADII_CM["head"], f'fill="{palette.near}"')
