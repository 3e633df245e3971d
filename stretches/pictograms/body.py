"""The body: how long and thick it is, and where its joints are in a posture and between two postures.

The measures are those of an adult of 1.72 m, a little stylised.
"""

from dataclasses import dataclass

from stretches.pictograms.geometry import (
    along,
    arc_chord,
    bend_to_reach,
    between,
    direction_between,
    direction_degrees,
    point_between,
    step_at,
    turn_degrees,
)
from stretches.pictograms.pose import SOLE_CM, Pose, Posture, Reaching

SPINE_CM = 47.0
THIGH_CM, SHANK_CM = 42.0, 41.0
UPPER_ARM_CM, FOREARM_CM = 28.0, 29.0
#: From the neck to the middle of the head, and from the neck down to the shoulder.
HEAD_FROM_NECK_CM, SHOULDER_BELOW_NECK_CM = 23.5, 4.0
#: From below the ankle back to the heel and forward to the toe, to the middle of the rounding.
HEEL_CM, TOE_CM = 1.0, 16.8

#: Half the thickness of the body at each joint.
RADII_CM = {
    "hip": 10.0,
    "waist": 10.0,
    "neck": 10.0,
    "head": 11.0,
    "shoulder": 5.8,
    "elbow": 4.8,
    "hand": 4.2,
    "thigh": 9.2,
    "knee": 6.9,
    "ankle": 4.8,
    "heel": 4.4,
    "toe": 3.6,
}


@dataclass(frozen=True, slots=True)
class Body:
    """One body, solved: where each joint is.

    `missed_cm` says for each limb that reaches by how many cm it falls short of its target.
    """

    joints: dict[str, complex]
    pelvis_degrees: float
    chest_degrees: float
    head_degrees: float
    missed_cm: dict[str, float]

    def direction_degrees(self, start: str, end: str) -> float:
        """Direction from one joint to another."""
        return direction_degrees(self.joints[start], self.joints[end])

    def has(self, limb: str) -> bool:
        """Whether the limb, e.g. arm_far, is drawn at all."""
        return _bones(limb)[2] in self.joints


def solve(posture: Posture) -> Body:
    """Where the joints are in a posture."""
    return _solve(posture, posture, 0.0)


def body_at(pose: Pose, share: float) -> Body:
    """The body a share (0 to 1) of the way through the movement, past any postures on the way."""
    if len(pose.postures) == 1:
        return solve(pose.postures[0])
    index, further = step_at(len(pose.postures), share)
    return _solve(pose.postures[index], pose.postures[index + 1], further)


def _solve(start: Posture, end: Posture, share: float) -> Body:
    """In between, angles turn and bones keep their length; a limb that reaches in both postures keeps reaching."""
    pelvis_degrees = between(start.pelvis_degrees, end.pelvis_degrees, share)
    chest_degrees = between(start.chest_degrees, end.chest_degrees, share)
    head_degrees = direction_between(start.head_degrees, end.head_degrees, share)
    hip = point_between(start.hip_cm, end.hip_cm, share)
    neck = hip + arc_chord(SPINE_CM, pelvis_degrees, chest_degrees)
    half_way_degrees = (pelvis_degrees + chest_degrees) / 2
    joints = {
        "hip": hip,
        "waist": hip + arc_chord(SPINE_CM / 2, pelvis_degrees, half_way_degrees),
        "neck": neck,
        "shoulder": neck - along(chest_degrees, SHOULDER_BELOW_NECK_CM),
        "head": neck + along(head_degrees, HEAD_FROM_NECK_CM),
    }
    body = Body(joints, pelvis_degrees, chest_degrees, head_degrees, {})
    for name in start.limbs:
        _place(body, name, start, end, share)
    return body


def _bones(limb: str) -> tuple[str, str, str, float, float]:
    """Root, middle and end joint of a limb, and the length of its two bones in cm."""
    kind, side = limb.split("_")
    if kind == "leg":
        return "hip", f"knee_{side}", f"ankle_{side}", THIGH_CM, SHANK_CM
    return "shoulder", f"elbow_{side}", f"hand_{side}", UPPER_ARM_CM, FOREARM_CM


def _target(body: Body, limb: Reaching) -> complex:
    return limb.at_cm + (body.joints[limb.joint] if limb.joint else 0)


def _place(body: Body, name: str, start: Posture, end: Posture, share: float) -> None:
    first, last = start.limbs[name], end.limbs[name]
    root, middle, tip, upper_cm, lower_cm = _bones(name)
    joints, is_leg = body.joints, name.startswith("leg")
    if isinstance(first, Reaching) and isinstance(last, Reaching):
        target = point_between(_target(body, first), _target(body, last), share)
        # A body that faces right has its knees on the left of the way from hip to foot, and its elbows on the right.
        joints[middle], joints[tip] = bend_to_reach(joints[root], target, upper_cm, lower_cm, bends_left=is_leg)
        body.missed_cm[name] = abs(target - joints[tip])
        toe_degrees = direction_between(first.toe_degrees, last.toe_degrees, share)
    else:
        upper, lower, scale = _turns(start, name)
        last_upper, last_lower, _ = _turns(end, name)
        joints[middle] = joints[root] + along(direction_between(upper, last_upper, share), upper_cm * scale)
        lower_now_degrees = direction_between(lower, last_lower, share)
        joints[tip] = joints[middle] + along(lower_now_degrees, lower_cm * scale)
        # A foot in the air follows its shank, or it would turn the short way round, through the shin.
        ankle = direction_between(
            turn_degrees(lower, first.toe_degrees), turn_degrees(last_lower, last.toe_degrees), share
        )
        toe_degrees = lower_now_degrees + ankle
    if is_leg:
        _place_foot(body, name, toe_degrees)


def _turns(posture: Posture, name: str) -> tuple[float, float, float]:
    """Directions of the two bones in degrees, and the foreshortening, of a limb however it is given."""
    limb = posture.limbs[name]
    if not isinstance(limb, Reaching):
        return limb.upper_degrees, limb.lower_degrees, limb.foreshortening
    root, middle, tip, _, _ = _bones(name)
    body = solve(posture)
    return body.direction_degrees(root, middle), body.direction_degrees(middle, tip), 1.0


def _place_foot(body: Body, leg: str, toe_degrees: float) -> None:
    side = leg.removeprefix("leg_")
    sole = body.joints[f"ankle_{side}"] + along(toe_degrees - 90, SOLE_CM - RADII_CM["heel"])
    body.joints[f"heel_{side}"] = sole - along(toe_degrees, HEEL_CM)
    # The sole of the foot is flat, though the toe is thinner than the heel.
    thinner_cm = RADII_CM["heel"] - RADII_CM["toe"]
    body.joints[f"toe_{side}"] = sole + along(toe_degrees, TOE_CM) + along(toe_degrees - 90, thinner_cm)
