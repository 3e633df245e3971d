"""The solid body: where its joints are in a posture and between two. Its measures are those of the flat figure."""

from dataclasses import dataclass

from stretches.pictograms.body import FOREARM_CM, HEEL_CM, SHANK_CM, SPINE_CM, THIGH_CM, TOE_CM, UPPER_ARM_CM
from stretches.pictograms.geometry import between, step_at
from stretches.pictograms.pose import SOLE_CM
from stretches.pictograms.solid.pose import SIDES, Axes, Limb, Posture, SolidPose, placing_order
from stretches.pictograms.solid.space import (
    Vector,
    View,
    across,
    bend_to_reach,
    cross,
    direction_between,
    minus,
    plus,
    point_between,
    unit,
)

#: From the middle out to a shoulder and a hip joint, and to where the ribs and the flank are round.
SHOULDER_CM, HIP_CM, RIBS_CM, FLANK_CM = 18.0, 8.5, 12.0, 5.5
HEAD_FROM_NECK_CM, SHOULDER_BELOW_NECK_CM, NOSE_CM = 21.0, 5.0, 11.4
#: A hand that shows its direction takes its length from a shorter forearm; the ball of a foot lies before its toes.
PALM_CM, SHORT_FOREARM_CM, TOES_CM, THUMB_CM = 15.0, 24.0, 6.5, 7.0
HEEL_RADIUS_CM = 4.4


@dataclass(frozen=True, slots=True)
class Way:
    """Which way a part stands, one long and at right angles to each other."""

    up: Vector
    front: Vector
    right: Vector


@dataclass(frozen=True, slots=True)
class SolidBody:
    """One body, solved: where each joint is, and by how many cm a limb falls short of what it reaches for."""

    joints: dict[str, Vector]
    pelvis: Way
    chest: Way
    head: Way
    missed_cm: dict[str, float]

    def direction(self, start: str, end: str) -> Vector:
        """The way from one joint to another, one long."""
        return unit(minus(self.joints[end], self.joints[start]))

    def flat(self, view: View) -> dict[str, complex]:
        """Where the joints are in the picture."""
        return {joint: view.flat(point) for joint, point in self.joints.items()}


def body_at(pose: SolidPose, share: float) -> SolidBody:
    """The body a share (0 to 1) of the way through the movement."""
    if len(pose.postures) == 1:
        return solve(pose.postures[0])
    index, further = step_at(len(pose.postures), share)
    return _solve(pose.postures[index], pose.postures[index + 1], further)


def solve(posture: Posture) -> SolidBody:
    """The body in one posture."""
    return _solve(posture, posture, 0.0)


def forearm_cm(limb: Limb) -> float:
    """How long a forearm is drawn."""
    return SHORT_FOREARM_CM if limb.tip else FOREARM_CM


def _way(start: Axes, end: Axes, share: float) -> Way:
    first_up, last_up = unit(start.up), unit(end.up)
    up = direction_between(first_up, last_up, share)
    front = across(direction_between(across(start.front, first_up), across(end.front, last_up), share), up)
    return Way(up, front, cross(front, up))


def _solve(start: Posture, end: Posture, share: float) -> SolidBody:
    pelvis, chest = _way(start.pelvis, end.pelvis, share), _way(start.chest, end.chest, share)
    head = _way(start.head, end.head, share)
    hip = point_between(start.hip_cm, end.hip_cm, share)
    waist = plus(hip, plus(plus((0.0, 0.0, 0.0), pelvis.up, 3.0), chest.up), SPINE_CM / 8)
    neck = plus(waist, plus(pelvis.up, chest.up, 3.0), SPINE_CM / 8)
    forward_cm = between(start.head_forward_cm, end.head_forward_cm, share)
    joints = {
        "hip": hip,
        "waist": waist,
        "neck": neck,
        "head": plus(plus(neck, head.up, HEAD_FROM_NECK_CM), chest.front, forward_cm),
    }
    joints["nose"] = plus(plus(joints["head"], head.front, NOSE_CM), head.up, -1.5)
    for side, sign in zip(SIDES, (1.0, -1.0), strict=True):
        joints[f"shoulder_{side}"] = plus(
            plus(neck, chest.up, -SHOULDER_BELOW_NECK_CM), chest.right, sign * SHOULDER_CM
        )
        joints[f"hip_{side}"] = plus(hip, pelvis.right, sign * HIP_CM)
    body = SolidBody(joints, pelvis, chest, head, {})
    for name in placing_order(start.limbs, end.limbs):
        _place(body, name, start, end, share)
    return body


def bones(name: str) -> tuple[str, str, str]:
    """Root, middle and end joint of a limb."""
    kind, side = name.split("_")
    names = ("hip", "knee", "ankle") if kind == "leg" else ("shoulder", "elbow", "hand")
    root, middle, tip = (f"{joint}_{side}" for joint in names)
    return root, middle, tip


def _place(body: SolidBody, name: str, start: Posture, end: Posture, share: float) -> None:
    first, last = start.limbs[name], end.limbs[name]
    root, middle, tip = bones(name)
    joints, is_leg = body.joints, name.startswith("leg")
    upper_cm, lower_cm = (THIGH_CM, SHANK_CM) if is_leg else (UPPER_ARM_CM, forearm_cm(first))
    if first.at_cm is not None and last.at_cm is not None:
        target = point_between(_target(body, first), _target(body, last), share)
        bend = direction_between(first.bend, last.bend, share)
        joints[middle], joints[tip] = bend_to_reach(joints[root], target, upper_cm, lower_cm, bend)
        missed = minus(target, joints[tip])
        body.missed_cm[name] = sum(each**2 for each in missed) ** 0.5
    else:
        (upper, lower), (last_upper, last_lower) = _turns(start, name), _turns(end, name)
        joints[middle] = plus(joints[root], direction_between(upper, last_upper, share), upper_cm)
        joints[tip] = plus(joints[middle], direction_between(lower, last_lower, share), lower_cm)
    if first.tip and last.tip:
        _place_tip(body, name, first, last, share)


def _target(body: SolidBody, limb: Limb) -> Vector:
    at_cm = limb.at_cm or (0.0, 0.0, 0.0)
    return plus(at_cm, body.joints[limb.joint]) if limb.joint else at_cm


def _turns(posture: Posture, name: str) -> tuple[Vector, Vector]:
    limb = posture.limbs[name]
    if limb.upper and limb.lower:
        return limb.upper, limb.lower
    root, middle, tip = bones(name)
    body = solve(posture)
    return body.direction(root, middle), body.direction(middle, tip)


def _place_tip(body: SolidBody, name: str, first: Limb, last: Limb, share: float) -> None:
    """The foot, flat below its ankle, or the hand."""
    kind, side = name.split("_")
    _, middle, end = bones(name)
    joints, tip = body.joints, direction_between(first.tip or (1, 0, 0), last.tip or (1, 0, 0), share)
    if kind == "arm":
        joints[f"fingers_{side}"] = plus(joints[end], tip, PALM_CM)
        if first.thumb and last.thumb:
            thumb = direction_between(first.thumb, last.thumb, share)
            joints[f"thumb_{side}"] = plus(plus(joints[end], tip, PALM_CM / 4), thumb, THUMB_CM)
        return
    below = across(body.direction(middle, end), tip)
    sole = plus(joints[end], below, SOLE_CM - HEEL_RADIUS_CM)
    joints[f"heel_{side}"] = plus(sole, tip, -HEEL_CM)
    if first.toes and last.toes:
        ball = joints[f"toe_{side}"] = plus(sole, tip, TOE_CM - TOES_CM + 1)
        joints[f"toes_{side}"] = plus(ball, direction_between(first.toes, last.toes, share), TOES_CM)
    else:
        joints[f"toe_{side}"] = plus(sole, tip, TOE_CM)
