"""What a picture is drawn from: where the body starts, where it ends, and what stands around it.

The data of a pose is one JSON file; README.md in this folder describes it. Lengths are cm and angles are degrees as in
geometry.py: the body faces right, so a back that stands is at 90 degrees and one that lies face up at 180.
"""

from collections.abc import Collection
from dataclasses import dataclass

from stretches.pictograms.arrows import Arrow, read_arrow
from stretches.pictograms.fields import Field
from stretches.pictograms.solid.pose import SolidPose, read_solid_pose

#: Height of the ankle above the sole.
SOLE_CM = 7.0
#: Legs before arms: a hand may hold a knee.
LIMBS = ("leg_near", "leg_far", "arm_near", "arm_far")
MUSCLES = (
    "abdomen",
    "calf",
    "chest",
    "gluteal",
    "hamstring",
    "hip_flexor",
    "lats",
    "low_back",
    "neck",
    "quadriceps",
    "shin",
    "shoulder",
    "soleus",
    "upper_back",
)
#: Points of the body that a hand may hold and an arrow may follow.
JOINTS = (
    *("hip", "waist", "neck", "shoulder", "head"),
    *(f"{joint}_{side}" for side in ("near", "far") for joint in ("knee", "ankle", "heel", "toe", "elbow", "hand")),
)
PROPS = (
    *("bed", "chair", "cushion", "doorway", "letters", "mat", "pillow", "rail", "stairs", "step", "stool", "table"),
    *("towel", "wall"),
)


@dataclass(frozen=True, slots=True)
class Turned:
    """A limb given by the direction of its two bones and, for a leg, of the toes.

    `foreshortening` below 1 shortens the bones: the limb points out of the picture.
    """

    upper_degrees: float
    lower_degrees: float
    toe_degrees: float
    foreshortening: float


@dataclass(frozen=True, slots=True)
class Reaching:
    """A limb given by where its ankle or hand is: a point, or as far from a joint of the same body as `at_cm` says."""

    at_cm: complex
    joint: str | None
    toe_degrees: float


Limb = Turned | Reaching


@dataclass(frozen=True, slots=True)
class Posture:
    """One still body. The back is a circular arc that leaves the hip at one angle and comes to the neck at another."""

    hip_cm: complex
    pelvis_degrees: float
    chest_degrees: float
    head_degrees: float
    limbs: dict[str, Limb]


@dataclass(frozen=True, slots=True)
class Prop:
    """A thing in the picture. `x_cm` is its left edge; a zero measure stands for the usual one of its kind."""

    kind: str
    x_cm: float
    y_cm: float
    width_cm: float
    height_cm: float
    faces_left: bool
    has_backrest: bool


@dataclass(frozen=True, slots=True)
class Pose:
    """A movement: its postures in order (start, any on the way, end), the muscles stretched, props and arrows."""

    postures: tuple[Posture, ...]
    muscles: tuple[str, ...] = ()
    props: tuple[Prop, ...] = ()
    arrows: tuple[Arrow, ...] = ()
    #: Somebody who lies on one side is seen from above, on a mat, and shows the same outline as when standing.
    is_seen_from_above: bool = False
    #: Above 1 for a small movement, seen from nearer.
    zoom: float = 1.0
    #: So much higher the still shows the start, where the end would cover what tells one from the other.
    start_above_cm: float = 0.0
    #: `arm_near`, without the light line that parts it from the trunk it lies against.
    joined: tuple[str, ...] = ()


AnyPose = Pose | SolidPose


def read_pose(text: str, *, name: str) -> AnyPose:
    """Read a pose from JSON: a solid one when it says from where it is seen, else one seen from the side.

    Raises PoseError, which says the name and the field, for anything missing, unknown or of the wrong kind. Without an
    end the body stays as it starts.
    """
    root = Field.from_json(text, name=name)
    if "view" in root.names():
        return read_solid_pose(root)
    return _flat_pose(root)


def _flat_pose(root: Field) -> Pose:
    root.only(
        *("start", "via", "end", "muscles", "props", "arrows"),
        *("is_seen_from_above", "zoom", "start_above_cm", "joined"),
    )
    steps = [root["start"], *root.items_of("via"), *([root["end"]] if "end" in root.names() else [])]
    postures = tuple(_posture(step) for step in steps)
    for step, posture in zip(steps, postures, strict=True):
        if posture.limbs.keys() != postures[0].limbs.keys():
            raise step.error(f"must have the limbs of the start: {', '.join(postures[0].limbs)}")
    _refuse_stretching(root, postures)
    for step, posture in zip(steps, postures, strict=True):
        _refuse_missing_joints(step, posture)
    here = known_joints(postures[0].limbs)
    return Pose(
        postures=postures,
        muscles=tuple(muscle.one_of(MUSCLES) for muscle in root.items_of("muscles")),
        props=tuple(_prop(prop) for prop in root.items_of("props")),
        arrows=tuple(read_arrow(arrow, JOINTS, here) for arrow in root.items_of("arrows")),
        is_seen_from_above=root.optional("is_seen_from_above", Field.truth, default=False),
        zoom=root.optional("zoom", Field.zoom, default=1.0),
        start_above_cm=root.optional("start_above_cm", Field.length, default=0.0),
        joined=tuple(limb.one_of(("arm_near",)) for limb in root.items_of("joined")),
    )


def known_joints(limbs: Collection[str]) -> set[str]:
    """The joints of a body that has these limbs."""
    found = {"hip", "waist", "neck", "shoulder", "head"}
    for limb in limbs:
        kind, side = limb.split("_")
        names = ("knee", "ankle", "heel", "toe") if kind == "leg" else ("elbow", "hand")
        found |= {f"{name}_{side}" for name in names}
    return found


def _refuse_missing_joints(step: Field, posture: Posture) -> None:
    """A hand holds what is there before it: the trunk, a leg, or the arm that is drawn first."""
    placed: list[str] = []
    for name, limb in posture.limbs.items():
        if isinstance(limb, Reaching) and limb.joint and limb.joint not in known_joints(placed):
            raise step[name]["hand_on"].error(f"is {limb.joint}, which this body lacks or which hangs on this arm")
        placed.append(name)


def _refuse_stretching(root: Field, postures: tuple[Posture, ...]) -> None:
    """A limb is drawn as one shape that turns: its foreshortening is the same from start to end."""
    for name in postures[0].limbs:
        limbs = [posture.limbs[name] for posture in postures]
        if len({limb.foreshortening if isinstance(limb, Turned) else 1.0 for limb in limbs}) > 1:
            raise root.error(f"changes the foreshortening of {name} between start and end")


def _posture(field: Field) -> Posture:
    field.only("hip_cm", "spine_degrees", "head_degrees", *LIMBS)
    pelvis_degrees, chest_degrees = field["spine_degrees"].pair()
    limbs: dict[str, Limb] = {name: _limb(field[name], name) for name in LIMBS if name in field.names()}
    for name in ("leg_near", "arm_near"):
        if name not in limbs:
            raise field.error(f"has no {name}")
    return Posture(
        hip_cm=field["hip_cm"].point(),
        pelvis_degrees=pelvis_degrees,
        chest_degrees=chest_degrees,
        head_degrees=field.optional("head_degrees", Field.number, default=chest_degrees),
        limbs=limbs,
    )


def _limb(field: Field, name: str) -> Limb:
    is_leg = name.startswith("leg")
    end, toe = ("ankle_cm", ("toe_degrees",)) if is_leg else ("hand_cm", ())
    if end in field.names():
        field.only(end, *toe)
        return Reaching(field[end].point(), None, field.optional("toe_degrees", Field.number, default=0.0))
    if "sole_cm" in field.names() and is_leg:
        field.only("sole_cm")
        return Reaching(field["sole_cm"].point() + SOLE_CM * 1j, None, 0.0)
    if "hand_on" in field.names() and not is_leg:
        field.only("hand_on", "offset_cm")
        joint = field["hand_on"].one_of(JOINTS)
        return Reaching(field.optional("offset_cm", Field.point, default=0j), joint, 0.0)
    bones = ("thigh_degrees", "shank_degrees") if is_leg else ("upper_degrees", "fore_degrees")
    field.only(*bones, *toe, "foreshortening")
    upper_degrees, lower_degrees = (field[bone].number() for bone in bones)
    toe_degrees = field.optional("toe_degrees", Field.number, default=lower_degrees + 90)
    return Turned(upper_degrees, lower_degrees, toe_degrees, field.optional("foreshortening", Field.share, default=1.0))


def _prop(field: Field) -> Prop:
    field.only("kind", "x_cm", "y_cm", "width_cm", "height_cm", "faces_left", "has_backrest")
    return Prop(
        kind=field["kind"].one_of(PROPS),
        x_cm=field.optional("x_cm", Field.number, default=0.0),
        y_cm=field.optional("y_cm", Field.number, default=0.0),
        width_cm=field.optional("width_cm", Field.length, default=0.0),
        height_cm=field.optional("height_cm", Field.length, default=0.0),
        faces_left=field.optional("faces_left", Field.truth, default=False),
        has_backrest=field.optional("has_backrest", Field.truth, default=True),
    )
