"""Where a muscle lies on the solid figure: three points of the line that is drawn in colour."""

from collections.abc import Callable

from stretches.pictograms.solid.body import SolidBody
from stretches.pictograms.solid.space import Vector, across, minus, plus, point_between, unit

Line = tuple[Vector, Vector, Vector]
#: The part of the picture that a muscle is drawn on.
PART_OF = {
    "adductor": "leg",
    "buttock": "leg",
    "forearm_over": "arm",
    "forearm_under": "arm",
    "hamstring": "leg",
    "shoulder_back": "arm",
    "quadriceps": "leg",
    "sole": "leg",
}


def part_of(muscle: str) -> str:
    """The part that a muscle is drawn on, e.g. leg_right."""
    name, _, side = muscle.rpartition("_")
    if name in ("neck_back", "neck_side"):  # it goes up behind the ear; what is before the neck goes under the chin
        return "head"
    return f"{PART_OF[name]}_{side}" if name in PART_OF else "torso"


def muscle_line(body: SolidBody, muscle: str) -> Line:
    """Start, a point on the way, and end."""
    name, _, side = muscle.rpartition("_")
    sign = 1.0 if side == "right" else -1.0
    for names, line in LINES.items():
        if name in names:
            return line(body, name, side, sign)
    return _on_trunk(body, name, side, sign)


def _on_belly(body: SolidBody, _name: str, _side: str, _sign: float) -> Line:
    front = [plus(body.joints[joint], body.chest.front, 7.0) for joint in ("hip", "waist", "neck")]
    return point_between(front[0], front[1], 0.3), front[1], point_between(front[1], front[2], 0.4)


def _behind_shoulder(body: SolidBody, _name: str, side: str, sign: float) -> Line:
    behind = plus(plus((0, 0, 0), body.chest.front, -3.0), body.chest.right, sign * 2.0)
    shoulder, elbow = body.joints[f"shoulder_{side}"], body.joints[f"elbow_{side}"]
    start = plus(plus(shoulder, body.chest.right, -sign * 5), behind)
    return start, plus(point_between(shoulder, elbow, 0.12), behind), point_between(shoulder, elbow, 0.45)


def _under_foot(body: SolidBody, _name: str, side: str, _sign: float) -> Line:
    heel, toe = body.joints[f"heel_{side}"], body.joints[f"toe_{side}"]
    below = plus((0, 0, 0), across(minus(heel, body.joints[f"ankle_{side}"]), minus(toe, heel)), 3.4)
    points = [plus(point_between(heel, toe, share), below) for share in (0.0, 0.5, 1.0)]
    return points[0], points[1], points[2]


def _on_trunk(body: SolidBody, name: str, side: str, sign: float) -> Line:
    chest, joints = body.chest, body.joints
    if name == "chest":
        middle = plus(plus(joints["neck"], chest.up, -13.0), chest.front, 7.0)
        start = plus(middle, chest.right, sign * 4.0)
        end = plus(plus(joints[f"shoulder_{side}"], chest.front, 4.0), chest.right, -sign * 1.0)
        return start, plus(point_between(start, end, 0.5), chest.up, -1.5), end
    if name == "low_back":
        shares = ((joints["hip"], joints["waist"], 0.3), (joints["hip"], joints["waist"], 1.0))
        low, high = (plus(point_between(*share), chest.front, -4.5) for share in shares)
        top = plus(point_between(joints["waist"], joints["neck"], 0.35), chest.front, -4.5)
        aside = sign * 5.0
        return plus(low, chest.right, aside), plus(high, chest.right, aside), plus(top, chest.right, aside)
    # The waist: from the ribs aslant to the hip.
    high = plus(plus(joints["waist"], chest.right, sign * 9.0), chest.up, 12.0)
    low = plus(plus(joints["hip"], body.pelvis.right, sign * 8.0), body.pelvis.up, 5.0)
    front = plus(plus((0, 0, 0), chest.front, 4.0), body.pelvis.front, 4.0)
    high, low = plus(high, front), plus(low, front)
    return high, point_between(high, low, 0.5), low


def _on_thigh(body: SolidBody, name: str, side: str, sign: float) -> Line:
    hip, knee = body.joints[f"hip_{side}"], body.joints[f"knee_{side}"]
    thigh = minus(knee, hip)
    outward = across(plus((0, 0, 0), body.pelvis.right, sign), thigh)
    ahead = across(plus(body.pelvis.front, body.pelvis.up, 0.9), thigh)
    if name == "outer_hip":
        edge = across(plus((0, 0, 0), body.pelvis.right, sign), unit(thigh))
        return (
            plus(plus(hip, body.pelvis.up, 11.0), body.pelvis.right, sign * 7.0),
            plus(point_between(hip, knee, 0.08), edge, 9.5),
            plus(point_between(hip, knee, 0.5), edge, 7.5),
        )
    if name == "buttock":
        back = plus(plus((0, 0, 0), ahead, -7.5), outward, 2.5)
        start = plus(plus(hip, body.pelvis.front, -7.0), body.pelvis.up, 2.0)
        return start, plus(hip, back), plus(point_between(hip, knee, 0.36), back, 0.8)
    asides = {
        "adductor": plus((0, 0, 0), outward, -5.0),
        "hamstring": plus((0, 0, 0), ahead, -5.0),
        "quadriceps": plus(plus((0, 0, 0), ahead, 4.0), outward, 3.5),
    }
    aside = asides[name]
    points = [plus(point_between(hip, knee, share), aside, 1.0 - share / 4) for share in (0.14, 0.5, 0.88)]
    return points[0], points[1], points[2]


def _on_neck(body: SolidBody, name: str, side: str, sign: float) -> Line:
    chest, head, joints = body.chest, body.head, body.joints
    if name == "neck_front":  # from the breastbone to behind the ear
        start = plus(plus(plus(joints["neck"], chest.front, 5.0), chest.up, -3.0), chest.right, sign * 1.5)
        end = plus(plus(joints["head"], head.right, sign * 6.5), head.up, -6.5)
        return start, point_between(start, end, 0.5), end
    aside_cm, back_cm = (5.5, 0.0) if name == "neck_side" else (3.0, -4.5)
    end = plus(plus(plus(joints["head"], head.up, -7.5), head.right, sign * (aside_cm + 2)), head.front, back_cm)
    on_shoulder = plus(point_between(joints["neck"], joints[f"shoulder_{side}"], 0.72), chest.up, 5.5)
    middle = plus(plus(joints["neck"], chest.up, 4.5), chest.right, sign * 6.0)
    return plus(on_shoulder, chest.front, back_cm / 2), plus(middle, chest.front, back_cm), end


def _on_forearm(body: SolidBody, name: str, side: str, _sign: float) -> Line:
    """Over or under it, as it is held out."""
    elbow, hand = body.joints[f"elbow_{side}"], body.joints[f"hand_{side}"]
    off = plus((0, 0, 0), across((0.0, 1.0, 0.0), minus(hand, elbow)), 2.6 if name == "forearm_over" else -2.6)
    points = [plus(point_between(elbow, hand, share), off) for share in (0.08, 0.5, 0.95)]
    return points[0], points[1], points[2]


LINES: dict[tuple[str, ...], Callable[[SolidBody, str, str, float], Line]] = {
    ("",): _on_belly,
    ("adductor", "buttock", "hamstring", "outer_hip", "quadriceps"): _on_thigh,
    ("forearm_over", "forearm_under"): _on_forearm,
    ("neck_back", "neck_front", "neck_side"): _on_neck,
    ("shoulder_back",): _behind_shoulder,
    ("sole",): _under_foot,
}
