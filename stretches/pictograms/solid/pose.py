"""What a solid picture is drawn from: where the body starts and ends, what is around it, and from where it is seen.

The data of a pose is one JSON file; README.md of the pictograms describes it. Vectors are those of space.py.
"""

from dataclasses import dataclass

from stretches.pictograms.arrows import Arrow, read_solid_arrow
from stretches.pictograms.canvas import HEIGHT_CM
from stretches.pictograms.fields import Field
from stretches.pictograms.solid.space import FORWARD, UP, Vector, View, plus

SIDES = ("right", "left")
#: Legs before arms: a hand may hold a knee.
LIMBS = ("leg_right", "leg_left", "arm_right", "arm_left")
#: Parts of the picture that can be drawn paler, or over the others.
PARTS = (*LIMBS, "torso", "head")
#: What can be drawn over the rest alone, when the arm itself is behind: it shows what a hand holds.
HANDS = ("hand_right", "hand_left")
JOINTS = (
    *("hip", "neck", "head", "nose"),
    *(
        f"{joint}_{side}"
        for side in SIDES
        for joint in ("hip", "knee", "ankle", "heel", "toe", "toes", "shoulder", "elbow", "hand", "fingers")
    ),
)
#: A muscle of one side of the body; abdomen has none.
MUSCLES = (
    *("abdomen",),
    *(
        f"{muscle}_{side}"
        for side in SIDES
        for muscle in (
            *("adductor", "buttock", "chest", "forearm_over", "forearm_under", "hamstring", "low_back", "neck_back"),
            *("neck_front", "neck_side", "outer_hip", "quadriceps", "shoulder_back", "sole", "waist"),
        )
    ),
)
ON_LEG = ("adductor", "buttock", "hamstring", "outer_hip", "quadriceps", "sole")
PROPS = ("backrest", "bed", "bench", "cushion", "door", "mat", "panel", "pillow", "wall")


@dataclass(frozen=True, slots=True)
class Axes:
    """Which way a part of the body stands: the way from the hip to the head, and to the front."""

    up: Vector
    front: Vector


@dataclass(frozen=True, slots=True)
class Limb:
    """One arm or leg: by the directions of its bones, or by a place that it reaches.

    `at_cm` is a point, or with `joint` the way from that joint of the same body. `bend` is where a knee or elbow goes.
    `tip` is the direction of the foot or hand and `toes` that of the toes; a hand without one is a round end. A `thumb`
    tells a hand that bends from a forearm that does.
    """

    upper: Vector | None
    lower: Vector | None
    at_cm: Vector | None
    joint: str | None
    bend: Vector
    tip: Vector | None
    toes: Vector | None
    thumb: Vector | None


@dataclass(frozen=True, slots=True)
class Posture:
    """One still body. The head may be pushed before the neck by some cm."""

    hip_cm: Vector
    pelvis: Axes
    chest: Axes
    head: Axes
    head_forward_cm: float
    limbs: dict[str, Limb]


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing in the picture: a box from one corner to the other."""

    kind: str
    from_cm: Vector
    to_cm: Vector
    is_in_front: bool

    @property
    def is_seen_whole(self) -> bool:
        """Whether it is meant to be in the picture from end to end: walls and doors go on past it."""
        return self.to_cm[1] - self.from_cm[1] < HEIGHT_CM


@dataclass(frozen=True, slots=True)
class SolidPose:
    """A movement of a body that is seen from anywhere.

    `paler` are parts that step back, `in_front` those drawn over the rest, in that order. `start_in_front` are limbs
    whose pale start lies over the body, just under those: it would else be hidden by the trunk that it stands before.
    `joined` are parts without the light line that parts them from what lies behind, as a trunk from the legs it is on.
    `centre_cm` is the middle of a close-up that leaves the rest of the body outside; without it everything has to be
    seen.
    """

    view: View
    postures: tuple[Posture, ...]
    muscles: tuple[str, ...]
    props: tuple[Prop, ...]
    arrows: tuple[Arrow, ...]
    paler: tuple[str, ...]
    in_front: tuple[str, ...]
    start_in_front: tuple[str, ...]
    joined: tuple[str, ...]
    centre_cm: complex | None
    has_floor: bool


def read_solid_pose(root: Field) -> SolidPose:
    """Read a pose. Raises PoseError, which names the field, for anything missing, unknown or of the wrong kind.

    What the end, or a posture on the way, does not say stays as it starts.
    """
    root.only(
        *("view", "start", "via", "end", "muscles", "props", "arrows", "paler", "in_front", "start_in_front"),
        *("joined", "centre_cm", "has_floor"),
    )
    start = _posture(root["start"], None)
    later = [*root.items_of("via"), *([root["end"]] if "end" in root.names() else [])]
    postures = (start, *(_posture(step, start) for step in later))
    for step, first, last in zip([root["start"], *later], (start, *postures), postures, strict=False):
        _refuse_what_hangs(step, first.limbs, last.limbs)
    here = joints_of(start.limbs)
    _refuse_what_is_not_there(root, start, here)
    return SolidPose(
        view=_view(root["view"]),
        postures=postures,
        muscles=tuple(muscle.one_of(MUSCLES) for muscle in root.items_of("muscles")),
        props=tuple(_prop(prop) for prop in root.items_of("props")),
        arrows=tuple(read_solid_arrow(arrow, JOINTS, here) for arrow in root.items_of("arrows")),
        paler=tuple(part.one_of(PARTS) for part in root.items_of("paler")),
        in_front=tuple(part.one_of((*PARTS, *HANDS)) for part in root.items_of("in_front")),
        start_in_front=tuple(limb.one_of(LIMBS) for limb in root.items_of("start_in_front")),
        joined=tuple(part.one_of(PARTS) for part in root.items_of("joined")),
        centre_cm=root.optional("centre_cm", Field.point, default=None),
        has_floor=root.optional("has_floor", Field.truth, default=True),
    )


def joints_of(limbs: dict[str, Limb]) -> set[str]:
    """The joints of a body that has these limbs."""
    found = {"hip", "neck", "head", "nose", *(f"{joint}_{side}" for joint in ("hip", "shoulder") for side in SIDES)}
    for name, limb in limbs.items():
        kind, side = name.split("_")
        joints = ["knee", "ankle"] if kind == "leg" else ["elbow", "hand"]
        if limb.tip:
            joints += ["heel", "toe"] if kind == "leg" else ["fingers"]
            joints += ["toes"] if limb.toes else []
        found |= {f"{joint}_{side}" for joint in joints}
    return found


def placing_order(start: dict[str, Limb], end: dict[str, Limb]) -> list[str]:
    """What a limb rests on comes before it: an ankle may lie on the other knee, a hand on a foot."""
    return sorted(start, key=lambda name: (name.startswith("arm"), bool(start[name].joint or end[name].joint)))


def _refuse_what_hangs(field: Field, start: dict[str, Limb], end: dict[str, Limb]) -> None:
    placed: dict[str, Limb] = {}
    for name in placing_order(start, end):
        for joint in filter(None, (start[name].joint, end[name].joint)):
            if joint not in joints_of(placed):
                is_here = name in field.names() and "on" in field[name].names()
                at = field[name]["on"] if is_here else field
                raise at.error(f"is {joint}, which this body lacks or which hangs on this limb itself")
        placed[name] = start[name]


def _refuse_what_is_not_there(root: Field, start: Posture, joints: set[str]) -> None:
    """Muscles are on limbs that the body has."""
    for muscle in root.items_of("muscles"):
        name, _, side = muscle.one_of(MUSCLES).rpartition("_")
        if name in ON_LEG and f"leg_{side}" not in start.limbs:
            raise muscle.error(f"lies on leg_{side}, which this body lacks")
        if name == "sole" and f"toe_{side}" not in joints:
            raise muscle.error(f"lies on a foot, which leg_{side} lacks")


def vector(field: Field) -> Vector:
    """Three numbers: x, y and z."""
    x, y, z = field.numbers(3)
    return x, y, z


def direction(field: Field) -> Vector:
    """A vector that is not zero."""
    found = vector(field)
    if not any(found):
        raise field.error("must point somewhere")
    return found


def _view(field: Field) -> View:
    field.only("turn_degrees", "tilt_degrees", "zoom")
    tilt_degrees = field.optional("tilt_degrees", Field.number, default=0.0)
    if not 0 <= tilt_degrees <= 90:
        raise field["tilt_degrees"].error(f"must be from 0 to 90, not {tilt_degrees:g}")
    return View(field["turn_degrees"].number(), tilt_degrees, field.optional("zoom", Field.zoom, default=1.0))


def _posture(field: Field, start: Posture | None) -> Posture:
    field.only("hip_cm", "pelvis", "chest", "head", "head_forward_cm", *LIMBS)
    names = field.names()
    if start is None:
        missing = [name for name in ("hip_cm", "pelvis") if name not in names]
        missing += [f"arm_{side}" for side in SIDES if f"arm_{side}" not in names]
        for name in missing:
            raise field.error(f"has no {name}")
    elif strange := sorted(names & set(LIMBS) - set(start.limbs)):
        raise field.error(f"has a limb that the start lacks: {', '.join(strange)}")
    pelvis = field.optional("pelvis", _axes, default=start.pelvis if start else Axes(UP, FORWARD))
    chest = field.optional("chest", _axes, default=start.chest if start else pelvis)
    limbs = dict(start.limbs) if start else {}
    limbs |= {name: _limb(field[name], name) for name in LIMBS if name in names}
    return Posture(
        hip_cm=field.optional("hip_cm", vector, default=start.hip_cm if start else (0.0, 0.0, 0.0)),
        pelvis=pelvis,
        chest=chest,
        head=field.optional("head", _axes, default=start.head if start else chest),
        head_forward_cm=field.optional(
            "head_forward_cm", Field.number, default=start.head_forward_cm if start else 0.0
        ),
        limbs={name: limbs[name] for name in LIMBS if name in limbs},
    )


def _axes(field: Field) -> Axes:
    field.only("up", "front")
    return Axes(direction(field["up"]), direction(field["front"]))


def _limb(field: Field, name: str) -> Limb:
    tip = "foot" if name.startswith("leg") else "hand"
    more = (tip, "toes") if tip == "foot" else (tip, "thumb")
    upper: Vector | None
    lower: Vector | None
    at_cm: Vector | None
    if "upper" in field.names():
        field.only("upper", "lower", *more)
        upper, lower = direction(field["upper"]), direction(field["lower"])
        at_cm, joint, bend = None, None, FORWARD
    else:
        field.only("at_cm", "on", "bend", *more)
        upper = lower = None
        at_cm, joint = field.optional("at_cm", vector, default=(0.0, 0.0, 0.0)), None
        if "on" in field.names():
            joint = field["on"].one_of(JOINTS)
        elif "at_cm" not in field.names():
            raise field.error("has neither upper, at_cm nor on")
        bend = direction(field["bend"])
    return Limb(
        *(upper, lower, at_cm, joint, bend),
        tip=field.optional(tip, direction, default=None),
        toes=field.optional("toes", direction, default=None),
        thumb=field.optional("thumb", direction, default=None),
    )


def _prop(field: Field) -> Prop:
    field.only("kind", "from_cm", "size_cm", "is_in_front")
    corner, size = vector(field["from_cm"]), vector(field["size_cm"])
    if min(size) < 0:
        raise field["size_cm"].error("must not be negative")
    return Prop(
        kind=field["kind"].one_of(PROPS),
        from_cm=corner,
        to_cm=plus(corner, size),
        is_in_front=field.optional("is_in_front", Field.truth, default=False),
    )
