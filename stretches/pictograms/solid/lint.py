"""What is wrong with a solid pose, looked for in every in-between frame."""

from collections.abc import Iterator

from stretches.pictograms.canvas import Window
from stretches.pictograms.faults import FRAMES, Fault, arrows_outside, out_of_reach, said_once
from stretches.pictograms.solid.body import SolidBody, body_at, solve
from stretches.pictograms.solid.drawing import JOINT_RADII_CM, solid_arrow_points, solid_corner_cm, solid_outline
from stretches.pictograms.solid.pose import SIDES, SolidPose
from stretches.pictograms.solid.space import across, angle_degrees, dot, length_cm, minus, plus

FLOOR_SLACK_CM = 1.5
#: The most that joints bend. Knee, elbow and wrist from straight; hip from standing; the trunk from the pelvis; the
#: neck aside or forward, and round. An ankle: from toes pointed (0) past the right angle of standing.
KNEE_DEGREES, ELBOW_DEGREES, WRIST_DEGREES = 160.0, 158.0, 103.0
ANKLE_DEGREES = (10.0, 145.0)
HIP_FORWARD_DEGREES, HIP_BACK_DEGREES, HIP_ASIDE_DEGREES = 140.0, 40.0, 75.0
TRUNK_DEGREES, TRUNK_TURN_DEGREES, NECK_DEGREES, NECK_TURN_DEGREES = 100.0, 80.0, 60.0, 90.0
#: A knee that bends less than this may seem to bend any way.
STRAIGHT_DEGREES = 20.0
#: What moves less than this stays where it is.
STILL_CM = 3.0


def lint_solid(pose: SolidPose) -> list[str]:
    """The faults of a pose as sentences, each once, with the share of the movement where it is first seen.

    Nothing may be below the floor or outside the view (of a close-up: the head and what moves), every
    limb must reach what it reaches for, and no joint may bend further than a human one, or the wrong way.
    """
    return said_once(_faults(pose))


def _faults(pose: SolidPose) -> Iterator[Fault]:
    window = Window.at(solid_corner_cm(pose), pose.view.zoom)
    for frame in range(FRAMES + 1):
        share = frame / FRAMES
        body = body_at(pose, share)
        for what, detail in (
            *_below_floor(pose, body),
            *out_of_reach(body.missed_cm),
            *_bent_wrong(body),
            *_outside(pose, body, window),
        ):
            yield what, f"{detail} at {share:.2f}"
    for posture in pose.postures:
        # A limb that turns on the way reaches only where it arrives.
        yield from out_of_reach(solve(posture).missed_cm)
    yield from arrows_outside((solid_arrow_points(pose, arrow) for arrow in pose.arrows), window, pose.view.zoom)


def _below_floor(pose: SolidPose, body: SolidBody) -> Iterator[Fault]:
    for joint, (_, height_cm, _) in body.joints.items():
        radius_cm = JOINT_RADII_CM[joint.partition("_")[0]]
        if pose.centre_cm is None and height_cm - radius_cm < -FLOOR_SLACK_CM:
            yield f"{joint} is below the floor", f"{radius_cm - height_cm:.1f} cm"


def _bent_wrong(body: SolidBody) -> Iterator[Fault]:
    yield from _too_far("back", angle_degrees(body.pelvis.up, body.chest.up), TRUNK_DEGREES)
    # A part's own turn is that of its front round its own axis.
    turned = across(body.pelvis.front, body.chest.up)
    yield from _too_far("back in turning", angle_degrees(turned, body.chest.front), TRUNK_TURN_DEGREES)
    yield from _too_far("neck", angle_degrees(body.chest.up, body.head.up), NECK_DEGREES)
    turned = across(body.chest.front, body.head.up)
    yield from _too_far("neck in turning", angle_degrees(turned, body.head.front), NECK_TURN_DEGREES)
    for side in SIDES:
        if f"knee_{side}" in body.joints:
            yield from _leg_bent_wrong(body, side)
        upper = body.direction(f"shoulder_{side}", f"elbow_{side}")
        fore = body.direction(f"elbow_{side}", f"hand_{side}")
        yield from _too_far(f"elbow_{side}", angle_degrees(upper, fore), ELBOW_DEGREES)
        if f"fingers_{side}" in body.joints:
            hand = body.direction(f"hand_{side}", f"fingers_{side}")
            yield from _too_far(f"wrist_{side}", angle_degrees(fore, hand), WRIST_DEGREES)


def _leg_bent_wrong(body: SolidBody, side: str) -> Iterator[Fault]:
    thigh = body.direction(f"hip_{side}", f"knee_{side}")
    shank = body.direction(f"knee_{side}", f"ankle_{side}")
    down = plus((0.0, 0.0, 0.0), body.pelvis.up, -1.0)
    is_behind = dot(thigh, body.pelvis.front) < 0
    most = HIP_BACK_DEGREES if is_behind else HIP_FORWARD_DEGREES
    aside = 90.0 - angle_degrees(thigh, body.pelvis.right)
    if abs(aside) < HIP_ASIDE_DEGREES:  # else it points out, and neither before nor behind
        forward = across(thigh, body.pelvis.right)
        yield from _too_far(f"hip_{side}", angle_degrees(down, forward), most)
    yield from _too_far(f"hip_{side} aside", abs(aside), HIP_ASIDE_DEGREES + 5)
    knee = angle_degrees(thigh, shank)
    yield from _too_far(f"knee_{side}", knee, KNEE_DEGREES)
    if f"toe_{side}" in body.joints:
        foot = body.direction(f"heel_{side}", f"toe_{side}")
        ankle, (least, most) = angle_degrees(shank, foot), ANKLE_DEGREES
        if not least <= ankle <= most:
            yield f"ankle_{side} bends the wrong way or too far", f"{ankle:.0f} degrees"
        if knee > STRAIGHT_DEGREES and dot(foot, across(thigh, shank)) < -0.3:
            yield f"knee_{side} bends the wrong way for its foot", f"{knee:.0f} degrees"


def _too_far(joint: str, degrees: float, most: float) -> Iterator[Fault]:
    if degrees > most:
        yield f"{joint} bends the wrong way or too far", f"{degrees:.0f} degrees"


def _outside(pose: SolidPose, body: SolidBody, window: Window) -> Iterator[Fault]:
    start, end = body_at(pose, 0).joints, body_at(pose, 1).joints
    for joint, (point, radius_cm) in solid_outline(pose, body).items():
        # A close-up may leave out what stays where it is.
        is_needed = pose.centre_cm is None or joint == "head" or length_cm(minus(end[joint], start[joint])) > STILL_CM
        if is_needed and not window.holds(point, radius_cm):
            yield f"{joint} is outside the view", f"at {point.real:.0f}, {point.imag:.0f} cm"
