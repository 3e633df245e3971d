"""The body in three dimensions: it keeps its measures, is seen from where one asks, and the lint sees its faults."""

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stretches.pictograms import PoseError, load_pose, slugs
from stretches.pictograms.body import SHANK_CM, THIGH_CM, UPPER_ARM_CM
from stretches.pictograms.drawing import draw
from stretches.pictograms.lint import lint
from stretches.pictograms.palette import PALETTES
from stretches.pictograms.pose import read_pose
from stretches.pictograms.solid.body import HIP_CM, SHOULDER_CM, body_at, forearm_cm
from stretches.pictograms.solid.drawing import solid_arrow_points
from stretches.pictograms.solid.muscles import muscle_line
from stretches.pictograms.solid.pose import MUSCLES, PROPS, SolidPose
from stretches.pictograms.solid.space import (
    View,
    angle_degrees,
    bend_to_reach,
    cross,
    length_cm,
    minus,
    plus,
    point_between,
)

STANDING: dict[str, Any] = {
    "hip_cm": [0, 89.9, 0],
    "pelvis": {"up": [0, 1, 0], "front": [1, 0, 0]},
    "leg_right": {"at_cm": [0, 7, 9], "bend": [1, 0, 0], "foot": [1, 0, 0]},
    "leg_left": {"at_cm": [0, 7, -9], "bend": [1, 0, 0], "foot": [1, 0, 0]},
    "arm_right": {"upper": [0, -1, 0.1], "lower": [0.1, -1, 0]},
    "arm_left": {"upper": [0, -1, -0.1], "lower": [0.1, -1, 0]},
}
LEGLESS = {key: STANDING[key] for key in STANDING if not key.startswith("leg")}
FOOTLESS = {**STANDING, "leg_left": {"upper": [0, -1, 0], "lower": [0, -1, 0]}}
SOLID = sorted(slug for slug in slugs() if isinstance(load_pose(slug), SolidPose))


def pose_of(end: dict[str, Any] | None = None, **more: Any) -> SolidPose:
    """Somebody who stands, and what changes until the end."""
    said = {"view": {"turn_degrees": 90}, "start": deepcopy(STANDING), **({"end": end} if end else {}), **more}
    pose = read_pose(json.dumps(said), name="test.json")
    assert isinstance(pose, SolidPose)
    return pose


def held(joint: str) -> dict[str, Any]:
    """An arm whose hand is on a joint."""
    return {"on": joint, "at_cm": [0, 0, 0], "bend": [0, 0, 1]}


def test_some_are_seen_from_the_side_some_from_the_front_and_some_from_above() -> None:
    views = [pose.view for pose in map(load_pose, SOLID) if isinstance(pose, SolidPose)]

    assert any(view.turn_degrees == 0 and view.tilt_degrees < 10 for view in views)
    assert any(view.turn_degrees == 90 for view in views)
    assert any(view.tilt_degrees > 60 for view in views)


@pytest.mark.parametrize("slug", SOLID)
def test_bones_keep_their_length_in_space(slug: str) -> None:
    pose = load_pose(slug)
    assert isinstance(pose, SolidPose)

    for frame in range(13):
        joints = body_at(pose, frame / 12).joints
        for side in ("right", "left"):
            pairs = [("shoulder", "elbow", UPPER_ARM_CM)]
            pairs += [("elbow", "hand", forearm_cm(pose.postures[0].limbs[f"arm_{side}"]))]
            pairs += [("hip", "knee", THIGH_CM), ("knee", "ankle", SHANK_CM)] if f"knee_{side}" in joints else []
            for start, end, bone_cm in pairs:
                length = length_cm(minus(joints[f"{start}_{side}"], joints[f"{end}_{side}"]))
                assert length == pytest.approx(bone_cm, abs=0.01)
        assert length_cm(minus(joints["shoulder_right"], joints["shoulder_left"])) == pytest.approx(2 * SHOULDER_CM)
        assert length_cm(minus(joints["hip_right"], joints["hip_left"])) == pytest.approx(2 * HIP_CM)


@pytest.mark.parametrize(
    ("turn", "tilt", "right_shoulder_is"),
    [(0, 0, "in the middle"), (90, 0, "left"), (270, 0, "right"), (0, 90, "below")],
)
def test_the_right_shoulder_is_where_one_sees_it(turn: float, tilt: float, right_shoulder_is: str) -> None:
    pose, view = pose_of(), View(turn, tilt)

    flat = body_at(pose, 0).flat(view)
    aside, up = (flat["shoulder_right"] - flat["neck"]).real, (flat["shoulder_right"] - flat["neck"]).imag

    where = "left" if aside < -1 else "right" if aside > 1 else "below" if up < -10 else "in the middle"
    assert where == right_shoulder_is


def test_who_turns_the_head_shows_its_nose_there() -> None:
    pose = pose_of({"head": {"up": [0, 1, 0], "front": [0, 0, 1]}})

    nose, head = (body_at(pose, 1).joints[joint] for joint in ("nose", "head"))

    assert minus(nose, head)[2] > 10


def test_eyes_are_seen_from_before_and_not_from_behind() -> None:
    poses = [pose_of(view={"turn_degrees": turn}) for turn in (90, 0, 270)]

    counts = [draw(pose, PALETTES["light"], title="x").count("<circle") for pose in poses]

    assert counts == [6, 5, 4]


def test_a_hand_has_a_thumb_where_it_is_said_to_be() -> None:
    hand = {"upper": [1, 0, 0], "lower": [1, 0, 0], "hand": [0, -1, 0]}
    thumbless = pose_of(start={**STANDING, "arm_right": hand})
    pose = pose_of(start={**STANDING, "arm_right": {**hand, "thumb": [-1, 0, 0]}})

    joints = body_at(pose, 0).joints

    assert joints["thumb_right"][0] == pytest.approx(joints["hand_right"][0] - 7)
    assert "thumb_right" not in body_at(thumbless, 0).joints
    assert draw(pose, PALETTES["light"], title="x") != draw(thumbless, PALETTES["light"], title="x")


@pytest.mark.parametrize(("tilt", "outlines"), [(0, 0), (78, 1)])
def test_a_mat_has_an_edge_when_it_is_seen_from_above(tilt: float, outlines: int) -> None:
    mat = {"kind": "mat", "from_cm": [-50, 0, -30], "size_cm": [100, 1, 60]}
    pose = pose_of(view={"turn_degrees": 0, "tilt_degrees": tilt}, props=[mat])

    assert draw(pose, PALETTES["light"], title="x").count('fill="none" stroke="#a9c0d1"') == outlines


def test_an_ankle_rests_on_the_other_knee_all_the_way() -> None:
    rests = {"on": "knee_left", "at_cm": [-6, 10, 0], "bend": [0.4, 0, 1]}
    pose = pose_of({"hip_cm": [0, 70, 0], "leg_left": {"at_cm": [30, 7, -9], "bend": [1, 0, 0]}, "leg_right": rests})
    pose = pose_of(start={**STANDING, "leg_right": rests}, end={"hip_cm": [0, 70, 0]})

    for share in (0, 0.5, 1):
        joints = body_at(pose, share).joints
        assert length_cm(minus(joints["ankle_right"], plus(joints["knee_left"], (-6, 10, 0)))) < 0.01


@pytest.mark.parametrize(
    ("end", "fault"),
    [
        ({"hip_cm": [0, 100, 0]}, "leg_right cannot reach"),
        ({"hip_cm": [0, 5, 0]}, "hip is below the floor"),
        ({"hip_cm": [0, 150, 0], "leg_right": {"at_cm": [0, 70, 9], "bend": [1, 0, 0]}}, "head is outside the view"),
        ({"head": {"up": [1, 0.1, 0], "front": [0, -1, 0]}}, "neck bends"),
        ({"head": {"up": [0, 1, 0], "front": [-1, 0, 0.2]}}, "neck in turning bends"),
        ({"chest": {"up": [0, 1, 0], "front": [-1, 0, 0.2]}}, "back in turning bends"),
        ({"chest": {"up": [0, -1, 0.2], "front": [1, 0, 0]}}, "back bends"),
        ({"arm_right": {"upper": [0, -1, 0], "lower": [0.1, 1, 0]}}, "elbow_right bends"),
        ({"leg_right": {"upper": [-1, 0, 0], "lower": [-1, -1, 0]}}, "hip_right bends"),
        ({"leg_right": {"upper": [0, 0, 1], "lower": [0, -1, 0]}}, "hip_right aside bends"),
        ({"leg_right": {"upper": [1, 0.1, 0], "lower": [-1, 0.05, 0], "foot": [0, 1, 0]}}, "knee_right bends"),
        ({"leg_right": {"at_cm": [0, 30, 9], "bend": [-1, 0, 0], "foot": [1, 0, 0]}}, "knee_right bends the wrong way"),
        ({"leg_right": {"at_cm": [0, 7, 9], "bend": [1, 0, 0], "foot": [0.1, 1, 0]}}, "ankle_right bends"),
    ],
)
def test_the_lint_sees_a_fault_in_space(end: dict[str, Any], fault: str) -> None:
    assert lint(pose_of()) == []

    faults = lint(pose_of(end))

    assert any(found.startswith(fault) for found in faults), faults


def test_the_lint_sees_a_wrist_and_an_arrow() -> None:
    bent = {"upper": [0, -1, 0], "lower": [0, -1, 0.01], "hand": [0.1, 1, 0]}
    start = {**STANDING, "arm_right": {**bent, "hand": [0, -1, 0]}}

    faults = lint(pose_of(start=start, end={"arm_right": bent}, arrows=[{"through_cm": [[0, 100], [0, 400]]}]))

    assert {fault.partition(" (")[0] for fault in faults} >= {
        "wrist_right bends the wrong way or too far",
        "an arrow leaves the view",
    }


def test_an_arrow_goes_round_the_head_from_the_front_to_the_right() -> None:
    ring = {"around": "head", "radius_cm": 20, "turn_degrees": [0, 90], "up_cm": 5}
    pose = pose_of({}, view={"turn_degrees": 0, "tilt_degrees": 90}, arrows=[ring])
    head = body_at(pose, 0).flat(pose.view)["head"]

    points = [point - head for point in solid_arrow_points(pose, pose.arrows[0])]

    assert points[0] == pytest.approx(20)
    assert points[-1] == pytest.approx(-20j)
    assert all(abs(point) == pytest.approx(20) for point in points)


def test_an_arrow_in_space_is_seen_from_where_the_body_is() -> None:
    ahead = [{"through_space_cm": [[0, 100, 0], [50, 100, 0]]}]
    sides = [pose_of({}, view={"turn_degrees": turn}, arrows=ahead) for turn in (0, 90, 180)]

    widths = [
        points[-1].real - points[0].real for points in (solid_arrow_points(each, each.arrows[0]) for each in sides)
    ]

    assert widths == pytest.approx([50, 0, -50])


def test_a_hand_alone_can_be_drawn_over_the_rest() -> None:
    hidden = pose_of({"arm_left": {"upper": [0, -1, 0.6], "lower": [0.3, -0.2, 1]}}, view={"turn_degrees": 0})
    shown = replace(hidden, in_front=("hand_left",))

    pictures = [draw(pose, PALETTES["light"], title="x") for pose in (hidden, shown)]

    assert pictures[1].count("<path") == pictures[0].count("<path") + 1
    assert pictures[1].startswith(pictures[0].removesuffix("</svg>"))  # the arm itself stays behind


def test_a_pale_start_can_be_drawn_over_the_trunk() -> None:
    raised = {"arm_left": {"upper": [1, 0, 0], "lower": [0, 1, 0]}}
    hidden = pose_of(raised, in_front=["arm_left"])
    shown = replace(hidden, start_in_front=("arm_left",))
    palette = PALETTES["light"]

    svgs = [draw(pose, palette, title="x") for pose in (hidden, shown)]

    before = [svg.split(f'fill="{palette.ghost}"')[-1] for svg in svgs]
    assert svgs[1].count(palette.ghost) == svgs[0].count(palette.ghost) + 1
    # Over the trunk, and under the arm where it arrives.
    assert before[0].count(f'fill="{palette.near}"') > before[1].count(f'fill="{palette.near}"') == 1


def test_a_trunk_that_is_joined_is_not_parted_from_the_legs() -> None:
    parted = pose_of(in_front=["leg_left", "torso"])
    joined = replace(parted, joined=("torso",))

    halos = [draw(pose, PALETTES["light"], title="x").count(PALETTES["light"].page) for pose in (parted, joined)]

    assert halos[1] == halos[0] - 2  # that of the trunk, and that of the neck


@pytest.mark.parametrize("aslant", [0.0, -0.5])
def test_the_outer_hip_follows_the_outside_of_a_thigh_that_slants(aslant: float) -> None:
    body = body_at(pose_of({"leg_right": {"upper": [0, -1, aslant], "lower": [0, -1, aslant]}}), 1)
    hip, knee = body.joints["hip_right"], body.joints["knee_right"]

    _, _, low = muscle_line(body, "outer_hip_right")

    off = minus(low, point_between(hip, knee, 0.5))
    assert angle_degrees(off, minus(knee, hip)) == pytest.approx(90)
    assert off[2] > 6


def test_a_close_up_may_leave_out_what_does_not_move() -> None:
    near = {"view": {"turn_degrees": 90, "zoom": 2}, "centre_cm": [0, 150]}
    turned = {"head": {"up": [0, 1, 0], "front": [0, 0, 1]}}
    stepping = {"leg_right": {"at_cm": [10, 20, 9], "bend": [1, 0, 0], "foot": [1, 0, 0]}}

    assert lint(pose_of(turned, **near)) == []
    assert any(fault.startswith("ankle_right is outside") for fault in lint(pose_of(stepping, **near)))


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"view": {}}, "test.json.view has no turn_degrees"),
        ({"view": {"turn_degrees": 0, "tilt_degrees": 91}}, "tilt_degrees must be from 0 to 90, not 91"),
        ({"view": {"turn_degrees": 0, "zoom": 9}}, "zoom must be from 1 to 4, not 9"),
        ({"muscles": ["hamstring"]}, "must be one of"),
        ({"props": [{"kind": "mat", "from_cm": [0, 0, 0], "size_cm": [1, -1, 1]}]}, "size_cm must not be negative"),
        ({"end": {"hip_cm": [0, 1]}}, "test.json.end.hip_cm must be 3 numbers, not 2"),
        ({"end": {"pelvis": {"up": [0, 0, 0], "front": [1, 0, 0]}}}, "end.pelvis.up must point somewhere"),
        ({"end": {"arm_right": {"bend": [1, 0, 0]}}}, "has neither upper, at_cm nor on"),
        ({"end": {"tail": 1}}, "has an unknown field 'tail'"),
        ({"start": {"hip_cm": [0, 0, 0]}}, "test.json.start has no pelvis"),
        ({"start": LEGLESS, "end": {"leg_left": {}}}, "test.json.end has a limb that the start lacks: leg_left"),
        ({"start": LEGLESS, "muscles": ["adductor_left"]}, "muscles[0] lies on leg_left, which this body lacks"),
        ({"muscles": ["sole_left"], "start": FOOTLESS}, "muscles[0] lies on a foot, which leg_left lacks"),
        ({"start": {**STANDING, "arm_left": held("fingers_right")}}, "start.arm_left.on is fingers_right, which"),
        ({"end": {"arm_left": held("hand_right"), "arm_right": held("hand_left")}}, ".on is hand_"),
        ({"start": {**STANDING, "arm_right": held("hand_left")}, "end": {"arm_left": held("hand_right")}}, "is hand_"),
        ({"start": LEGLESS, "arrows": [{"joint": "knee_left"}]}, "arrows[0].joint is knee_left, which this body lacks"),
        ({"arrows": [{"around": "tail", "radius_cm": 1, "turn_degrees": [0, 1]}]}, "arrows[0].around must be one of"),
        (
            {"start": LEGLESS, "arrows": [{"around": "knee_left", "radius_cm": 20, "turn_degrees": [0, 90]}]},
            "arrows[0].around is knee_left, which this body lacks",
        ),
        ({"arrows": [{"through_space_cm": [[0, 0, 0]]}]}, "arrows[0].through_space_cm must be at least two points"),
        ({"in_front": ["foot_left"]}, "in_front[0] must be one of"),
        ({"start": {**STANDING, "hip_cm": [0, 10**400, 0]}}, "start.hip_cm[1] must be from -10,000 to 10,000"),
    ],
)
def test_an_error_in_space_names_the_field(more: dict[str, Any], complaint: str) -> None:
    with pytest.raises(PoseError) as raised:
        pose_of(**more)

    assert complaint in str(raised.value)


@pytest.mark.parametrize("muscle", MUSCLES)
def test_every_muscle_can_be_drawn_in_space(muscle: str) -> None:
    toes = {**STANDING, "leg_right": {**STANDING["leg_right"], "toes": [1, 0, 0]}}

    svg = draw(pose_of(start=toes, muscles=[muscle]), PALETTES["light"], title="x")

    assert PALETTES["light"].muscle in svg


@pytest.mark.parametrize("kind", PROPS)
def test_every_prop_can_be_drawn_in_space(kind: str) -> None:
    prop = {"kind": kind, "from_cm": [30, 0, 0], "size_cm": [10, 20, 30]}

    drawn = [draw(pose_of(props=props), PALETTES["light"], title="x") for props in ([], [prop])]

    assert drawn[1].count("<path") > drawn[0].count("<path")


@given(*[st.tuples(*[st.floats(-60, 60)] * 3)] * 2)
def test_a_limb_in_space_keeps_its_bones(target: tuple[float, float, float], bend: tuple[float, float, float]) -> None:
    middle, end = bend_to_reach((0, 0, 0), target, 42, 41, bend)

    assert length_cm(middle) == pytest.approx(42, abs=0.01)
    assert length_cm(minus(end, middle)) == pytest.approx(41, abs=0.01)


def test_right_is_at_right_angles_to_forward_and_up() -> None:
    assert cross((1, 0, 0), (0, 1, 0)) == (0, 0, 1)
    assert angle_degrees((1, 0, 0), (0, 0, 5)) == pytest.approx(90)
