"""What is wrong with a pose, looked for in every in-between frame: what an eye lets pass, this does not."""

from collections.abc import Iterator

from stretches.pictograms.body import Body, body_at, solve
from stretches.pictograms.canvas import Window
from stretches.pictograms.drawing import arrow_points, corner_cm, outline_points
from stretches.pictograms.faults import FRAMES, Fault, arrows_outside, out_of_reach, said_once
from stretches.pictograms.geometry import turn_degrees
from stretches.pictograms.pose import AnyPose, Pose
from stretches.pictograms.scenery import blocks
from stretches.pictograms.solid.lint import lint_solid
from stretches.pictograms.solid.pose import SolidPose

#: Rounding and a soft mat let a body sink in this far.
FLOOR_SLACK_CM = 1.0
#: How far joints bend, from straight (a little past it: nobody is a ruler) to fully bent; an ankle from toes pointed
#: (0) past the right angle of standing. The figure is flat, so these are a little wider than a living body's.
KNEE_DEGREES, ELBOW_DEGREES, ANKLE_DEGREES = (-8.0, 160.0), (-8.0, 158.0), (-8.0, 130.0)
HIP_DEGREES, NECK_DEGREES = (-45.0, 150.0), (-75.0, 75.0)


def lint(pose: AnyPose) -> list[str]:
    """The faults of a pose as sentences, each once, with the share of the movement where it is first seen.

    Nothing may be below the floor or outside the view, every limb must reach what it reaches for, and no knee, elbow,
    hip, ankle or neck may bend further than a human one, or the wrong way.
    """
    if isinstance(pose, SolidPose):
        return lint_solid(pose)
    return said_once(_faults(pose))


def _faults(pose: Pose) -> Iterator[Fault]:
    window = Window.at(corner_cm(pose), pose.zoom)
    for frame in range(FRAMES + 1):
        share = frame / FRAMES
        body = body_at(pose, share)
        below = () if pose.is_seen_from_above else _below_floor(body)
        for what, detail in (*below, *out_of_reach(body.missed_cm), *_bent_wrong(body), *_outside(body, window)):
            yield what, f"{detail} at {share:.2f}"
    for posture in pose.postures:
        # A limb that turns on the way reaches only where it arrives.
        yield from out_of_reach(solve(posture).missed_cm)
    yield from _things_outside(pose, window)


def _things_outside(pose: Pose, window: Window) -> Iterator[Fault]:
    yield from arrows_outside((arrow_points(pose, arrow) for arrow in pose.arrows), window, pose.zoom)
    for prop in pose.props:
        for block in blocks(prop):
            right_cm = block.left_cm + block.width_cm
            if block.left_cm < window.left_cm or right_cm > window.right_cm:
                yield f"the {prop.kind} leaves the view", f"from {block.left_cm:.0f} to {right_cm:.0f} cm"


def _below_floor(body: Body) -> Iterator[Fault]:
    for joint, (point, radius_cm) in zip(body.joints, outline_points(body), strict=True):
        if point.imag - radius_cm < -FLOOR_SLACK_CM:
            yield f"{joint} is below the floor", f"{radius_cm - point.imag:.1f} cm"


def _bent_wrong(body: Body) -> Iterator[Fault]:
    for joint, bend_degrees, (least, most) in _bends(body):
        if not least <= bend_degrees <= most:
            yield f"{joint} bends the wrong way or too far", f"{bend_degrees:.0f} degrees"


def _bends(body: Body) -> Iterator[tuple[str, float, tuple[float, float]]]:
    yield "neck", turn_degrees(body.chest_degrees, body.head_degrees), NECK_DEGREES
    for side in ("near", "far"):
        if body.has(f"leg_{side}"):
            thigh = body.direction_degrees("hip", f"knee_{side}")
            shank = body.direction_degrees(f"knee_{side}", f"ankle_{side}")
            # A toe tapers: the heel and the toe are not on one line with the sole, but near enough.
            foot = body.direction_degrees(f"heel_{side}", f"toe_{side}")
            yield f"hip_{side}", turn_degrees(body.pelvis_degrees + 180, thigh), HIP_DEGREES
            yield f"knee_{side}", turn_degrees(shank, thigh), KNEE_DEGREES
            yield f"ankle_{side}", turn_degrees(shank, foot), ANKLE_DEGREES
        if body.has(f"arm_{side}"):
            upper = body.direction_degrees("shoulder", f"elbow_{side}")
            fore = body.direction_degrees(f"elbow_{side}", f"hand_{side}")
            yield f"elbow_{side}", turn_degrees(upper, fore), ELBOW_DEGREES


def _outside(body: Body, window: Window) -> Iterator[Fault]:
    for joint, (point, radius_cm) in zip(body.joints, outline_points(body), strict=True):
        if not window.holds(point, radius_cm):
            yield f"{joint} is outside the view", f"at {point.real:.0f}, {point.imag:.0f} cm"
