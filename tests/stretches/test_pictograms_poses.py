"""Every pose that is shipped, in every in-between frame; and that the lint sees each fault it is there for."""

import json
import math
import re
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stretches.catalogue.reading import SHIPPED
from stretches.pictograms import POSITIONS, PoseError, load_pose, load_position, slugs
from stretches.pictograms.body import FOREARM_CM, SHANK_CM, SPINE_CM, THIGH_CM, UPPER_ARM_CM, body_at, solve
from stretches.pictograms.drawing import draw, draw_moment
from stretches.pictograms.geometry import arc_chord, bend_to_reach
from stretches.pictograms.lint import lint
from stretches.pictograms.palette import PALETTES
from stretches.pictograms.pose import MUSCLES, PROPS, AnyPose, Pose, read_pose
from stretches.pictograms.solid.body import body_at as solid_body_at
from stretches.pictograms.solid.pose import SolidPose

FOUNDING = [
    "standing-hamstring-stretch",
    "chair-hamstring-stretch",
    "seated-hamstring-stretch",
    "towel-hamstring-stretch",
    "wall-hamstring-stretch-both-legs",
    "wall-hamstring-stretch-doorway",
]
STANDING: dict[str, Any] = {
    "hip_cm": [0, 89.9],
    "spine_degrees": [90, 90],
    "leg_near": {"sole_cm": [0, 0]},
    "arm_near": {"upper_degrees": -91, "fore_degrees": -84},
}


def pose_of(start: dict[str, Any], end: dict[str, Any] | None = None, **more: Any) -> Pose:
    pose = read_pose(json.dumps({"start": start, **({"end": end} if end else {}), **more}), name="test.json")
    assert isinstance(pose, Pose)
    return pose


def standing(**changes: Any) -> dict[str, Any]:
    return {**deepcopy(STANDING), **changes}


def places(pose: AnyPose, share: float) -> dict[str, complex]:
    """Where the joints are in the picture."""
    if isinstance(pose, SolidPose):
        return solid_body_at(pose, share).flat(pose.view)
    return body_at(pose, share).joints


def test_every_stretch_of_the_shipped_catalogue_has_a_pose() -> None:
    catalogue = json.loads(SHIPPED.read_text(encoding="utf-8"))

    assert {stretch["slug"] for stretch in catalogue["stretches"]} == slugs()
    assert len(slugs()) == 45


@pytest.mark.parametrize("slug", FOUNDING)
def test_the_founding_stretches_have_poses(slug: str) -> None:
    pose = load_pose(slug)

    assert len(pose.postures) >= 2
    assert pose.muscles == ("hamstring",)
    assert pose.arrows


@pytest.mark.parametrize("slug", sorted(slugs()))
def test_a_shipped_pose_has_no_fault(slug: str) -> None:
    pose = load_pose(slug)

    faults = lint(pose)

    assert faults == []


@pytest.mark.parametrize("slug", sorted(slugs()))
def test_a_shipped_pose_moves_and_says_where_to(slug: str) -> None:
    pose = load_pose(slug)

    start, end = places(pose, 0), places(pose, 1)

    assert any(abs(start[joint] - end[joint]) > 3 for joint in start)
    assert pose.arrows


@pytest.mark.parametrize("position", POSITIONS)
def test_a_position_has_no_fault_and_does_not_move(position: str) -> None:
    pose = load_position(position)

    faults = lint(pose)

    assert faults == []
    assert len(pose.postures) == 1
    assert not pose.arrows
    assert not pose.muscles


@pytest.mark.parametrize("slug", sorted(slug for slug in slugs() if isinstance(load_pose(slug), Pose)))
def test_bones_keep_their_length(slug: str) -> None:
    pose = load_pose(slug)
    assert isinstance(pose, Pose)
    foreshortening = getattr(pose.postures[0].limbs["arm_near"], "foreshortening", 1.0)

    for frame in range(25):
        joints = body_at(pose, frame / 24).joints

        assert abs(joints["knee_near"] - joints["hip"]) == pytest.approx(THIGH_CM)
        assert abs(joints["ankle_near"] - joints["knee_near"]) == pytest.approx(SHANK_CM, abs=0.01)
        assert abs(joints["elbow_near"] - joints["shoulder"]) == pytest.approx(UPPER_ARM_CM * foreshortening)
        assert abs(joints["hand_near"] - joints["elbow_near"]) == pytest.approx(FOREARM_CM * foreshortening, abs=0.01)
        assert abs(joints["neck"] - joints["hip"]) <= SPINE_CM + 1e-9


@pytest.mark.parametrize("slug", ["wall-hamstring-stretch-both-legs", "wall-hamstring-stretch-doorway"])
def test_the_heel_stays_on_the_wall(slug: str) -> None:
    pose = load_pose(slug)
    assert isinstance(pose, Pose)
    wall_cm = next(prop.x_cm for prop in pose.props if prop.kind in ("wall", "doorway"))

    ankles = [body_at(pose, frame / 24).joints["ankle_near"] for frame in range(25)]

    assert {round(ankle.real, 6) for ankle in ankles} == {4.5}
    assert wall_cm - 4.5 < 8
    assert all(low.imag < high.imag for low, high in pairwise(ankles))


def test_a_foot_that_stands_stays_put() -> None:
    pose = pose_of(standing(), standing(hip_cm=[-12, 70]))

    ankles = [body_at(pose, frame / 24).joints["ankle_near"] for frame in range(25)]

    assert all(abs(ankle - 7j) < 0.01 for ankle in ankles)


def test_a_hand_on_a_knee_goes_with_the_knee() -> None:
    hold = {"hand_on": "knee_near", "offset_cm": [0, 5]}
    seated = standing(hip_cm=[0, 54], spine_degrees=[70, 70], leg_near={"sole_cm": [42, 0]}, arm_near=hold)
    pose = pose_of(seated, {**seated, "spine_degrees": [60, 50], "leg_near": {"ankle_cm": [60, 20]}})

    bodies = [body_at(pose, frame / 24).joints for frame in range(25)]

    assert all(abs(joints["hand_near"] - joints["knee_near"] - 5j) < 0.01 for joints in bodies)
    assert abs(bodies[0]["knee_near"] - bodies[-1]["knee_near"]) > 5


def test_the_movement_passes_the_postures_on_the_way() -> None:
    on_the_way = standing(hip_cm=[-20, 60])
    pose = pose_of(standing(), standing(hip_cm=[0, 80]), via=[on_the_way])

    half_way = body_at(pose, 0.5)

    assert half_way.joints == solve(pose.postures[1]).joints
    assert half_way.joints["hip"] == -20 + 60j


def test_a_limb_that_starts_turned_and_ends_reaching_arrives() -> None:
    pose = pose_of(standing(), standing(arm_near={"hand_cm": [40, 120]}))

    arrived = body_at(pose, 1).joints["hand_near"]
    on_the_way = body_at(pose, 0.5).joints

    assert abs(arrived - (40 + 120j)) < 0.01
    assert abs(on_the_way["hand_near"] - on_the_way["elbow_near"]) == pytest.approx(FOREARM_CM)


@pytest.mark.parametrize(
    ("end", "fault"),
    [
        ({"hip_cm": [0, 96], "leg_near": {"sole_cm": [0, 0]}}, "leg_near cannot reach"),
        ({"hip_cm": [0, 60], "leg_near": {"ankle_cm": [0, -12]}}, "ankle_near is below the floor"),
        ({"hip_cm": [0, 6], "leg_near": {"ankle_cm": [60, 8]}}, "hip is below the floor"),
        ({"arm_near": {"hand_cm": [90, 120]}}, "arm_near cannot reach"),
        ({"leg_near": {"thigh_degrees": -90, "shank_degrees": -60}}, "knee_near bends the wrong way"),
        ({"arm_near": {"upper_degrees": -80, "fore_degrees": -130}}, "elbow_near bends the wrong way"),
        ({"leg_near": {"thigh_degrees": -150, "shank_degrees": -150}}, "hip_near bends the wrong way"),
        ({"leg_near": {"ankle_cm": [0, 7], "toe_degrees": 180}}, "ankle_near bends the wrong way"),
        ({"head_degrees": -20}, "neck bends the wrong way"),
        ({"hip_cm": [0, 140], "leg_near": {"ankle_cm": [0, 60]}}, "head is outside the view"),
    ],
)
def test_the_lint_sees_a_fault(end: dict[str, Any], fault: str) -> None:
    pose = pose_of(standing(), standing(**end))

    faults = lint(pose)

    assert any(found.startswith(fault) for found in faults), faults


def test_the_lint_sees_a_fault_that_is_only_on_the_way() -> None:
    low = standing(hip_cm=[0, 60], leg_near={"ankle_cm": [0, -20], "toe_degrees": 0})
    pose = pose_of(standing(), standing(), via=[low])

    faults = lint(pose)

    assert lint(pose_of(standing(), standing())) == []
    assert any(fault.startswith("ankle_near is below the floor") for fault in faults)


def test_the_lint_sees_an_arrow_and_a_prop_that_leave_the_view() -> None:
    high = {"through_cm": [[0, 100], [0, 300]]}
    long = {"kind": "mat", "x_cm": -200, "width_cm": 400}

    faults = lint(pose_of(standing(), standing(), arrows=[high], props=[long]))

    assert [fault.partition(" (")[0] for fault in faults] == ["an arrow leaves the view", "the mat leaves the view"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"hip_cm": [0]}, "test.json.start.hip_cm must be 2 numbers, not 1"),
        ({"hip_cm": [0, "90"]}, "test.json.start.hip_cm[1] must be a number, not '90'"),
        ({"hip_cm": [0, math.inf]}, "test.json.start.hip_cm[1] must be a number, not inf"),
        ({"head_degrees": True}, "test.json.start.head_degrees must be a number, not True"),
        ({"spine_degrees": 90}, "test.json.start.spine_degrees must be a list"),
        ({"tail_degrees": 0}, "test.json.start has an unknown field 'tail_degrees'"),
        (
            {"leg_near": {"sole_cm": [0, 0], "toe_degrees": 0}},
            "test.json.start.leg_near has an unknown field 'toe_degrees'",
        ),
        ({"leg_near": {"thigh_degrees": 0}}, "test.json.start.leg_near has no shank_degrees"),
        ({"arm_near": {"hand_on": "nose"}}, "test.json.start.arm_near.hand_on must be one of"),
        (
            {"arm_near": {"upper_degrees": 0, "fore_degrees": 0, "foreshortening": 2}},
            "test.json.start.arm_near.foreshortening must be from 0 to 1, not 2",
        ),
        ({"arm_near": []}, "test.json.start.arm_near must be an object"),
        ({"arm_near": {"hand_on": "knee_far"}}, "test.json.start.arm_near.hand_on is knee_far, which this body lacks"),
        ({"hip_cm": [0, 20_000]}, "test.json.start.hip_cm[1] must be from -10,000 to 10,000"),
    ],
)
def test_an_error_names_the_field(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(PoseError) as raised:
        pose_of(standing(**change))

    assert str(raised.value).startswith(complaint)


@pytest.mark.parametrize("missing", ["hip_cm", "spine_degrees", "leg_near", "arm_near"])
def test_what_is_missing_is_named(missing: str) -> None:
    posture = standing()
    del posture[missing]

    with pytest.raises(PoseError, match=f"start has no {missing}"):
        pose_of(posture)


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        ({"muscles": ["heart"]}, r"muscles\[0\] must be one of .*hamstring.*, not 'heart'"),
        ({"props": [{"kind": "sofa"}]}, r"props\[0\].kind must be one of"),
        ({"props": [{"kind": "chair", "color": "red"}]}, r"props\[0\] has an unknown field 'color'"),
        ({"props": [{"kind": "chair", "faces_left": 1}]}, r"props\[0\].faces_left must be true or false, not 1"),
        ({"arrows": [{"joint": "tail"}]}, r"arrows\[0\].joint must be one of"),
        ({"arrows": [{"joint": "head", "span": [0.5, 0.5]}]}, r"arrows\[0\].span must rise within 0 and 1"),
        ({"arrows": [{"through_cm": [[0, 0]]}]}, r"arrows\[0\].through_cm must be at least two points"),
        ({"via": {}}, "via must be a list"),
        ({"colour": "red"}, "has an unknown field 'colour'"),
        ({"props": [{"kind": "chair", "width_cm": -1}]}, r"props\[0\].width_cm must not be negative"),
        ({"arrows": [{"joint": "knee_far"}]}, r"arrows\[0\].joint is knee_far, which this body lacks"),
        ({"zoom": 0.5}, "zoom must be from 1 to 4, not 0.5"),
    ],
)
def test_an_error_names_what_is_wrong_around_the_body(more: dict[str, Any], complaint: str) -> None:
    with pytest.raises(PoseError, match=complaint):
        pose_of(standing(), **more)


def test_the_end_must_have_the_limbs_of_the_start() -> None:
    with pytest.raises(PoseError, match=r"test.json.end must have the limbs of the start: leg_near, arm_near"):
        pose_of(standing(), standing(leg_far={"sole_cm": [0, 0]}))


def test_a_limb_may_not_change_its_foreshortening() -> None:
    short = {"upper_degrees": -91, "fore_degrees": -84, "foreshortening": 0.5}

    with pytest.raises(PoseError, match="changes the foreshortening of arm_near"):
        pose_of(standing(), standing(arm_near=short))


@pytest.mark.parametrize("muscle", MUSCLES)
def test_every_muscle_can_be_drawn(muscle: str) -> None:
    plain, coloured = pose_of(standing()), pose_of(standing(), muscles=[muscle])

    svg = draw(coloured, PALETTES["light"], title="x")

    assert svg != draw(plain, PALETTES["light"], title="x")
    assert PALETTES["light"].muscle in svg


@pytest.mark.parametrize("kind", PROPS)
def test_every_prop_can_be_drawn(kind: str) -> None:
    prop = {"kind": kind, "x_cm": 10, "width_cm": 30, "height_cm": 40}
    plain, furnished = pose_of(standing()), pose_of(standing(), props=[prop])

    svg = draw(furnished, PALETTES["light"], title="x")

    shapes = [len(re.findall("<(rect|path)", text)) for text in (draw(plain, PALETTES["light"], title="x"), svg)]
    assert shapes[0] < shapes[1]


def test_a_start_above_is_drawn_clear_of_the_end() -> None:
    end = standing(hip_cm=[0, 80])
    palette = PALETTES["light"]

    svgs = [draw(pose_of(standing(), end, start_above_cm=above), palette, title="x") for above in (0, 60)]

    heads = [re.findall(rf'cy="([0-9.-]+)" r="11" fill="({palette.ghost}|{palette.near})"', svg) for svg in svgs]
    gaps = [float(end_y) - float(start_y) for (start_y, _), (end_y, _) in heads]
    assert gaps == [pytest.approx(9.9), pytest.approx(69.9)]
    assert svgs[1].count(palette.floor) == svgs[0].count(palette.floor) + 1  # what it stands on


def test_a_start_above_is_no_part_of_what_moves() -> None:
    palette, both = (
        PALETTES["light"],
        [pose_of(standing(), standing(hip_cm=[0, 80]), start_above_cm=a) for a in (0, 60)],
    )

    moving = [draw(pose, palette, title="x", animated=True) for pose in both]
    moments = [draw_moment(pose, palette, title="x", share=0.5) for pose in both]

    assert moving[0] == moving[1]
    assert moments[0] == moments[1]


def test_a_joined_arm_is_not_parted_from_the_trunk() -> None:
    page = PALETTES["light"].page

    svgs = [draw(pose_of(standing(), joined=joined), PALETTES["light"], title="x") for joined in ([], ["arm_near"])]

    assert svgs[0].count(f'stroke="{page}"') == svgs[1].count(f'stroke="{page}"') + 1


def test_text_that_is_not_json_is_named() -> None:
    with pytest.raises(PoseError, match=r"broken\.json: not JSON"):
        read_pose("{", name="broken.json")


def test_a_stretch_without_pose_data_has_no_pose() -> None:
    with pytest.raises(KeyError, match="never-drawn"):
        load_pose("never-drawn")


@given(st.floats(-100, 100), st.floats(-100, 100), st.booleans())
def test_a_reaching_limb_keeps_its_bones_and_its_side(x: float, y: float, bends_left: bool) -> None:
    target = complex(x, y)

    middle, end = bend_to_reach(0j, target, 42, 41, bends_left=bends_left)

    assert abs(middle) == pytest.approx(42)
    assert abs(end - middle) == pytest.approx(41, abs=0.01)
    side = (end.conjugate() * middle).imag
    assert side >= -1e-6 if bends_left else side <= 1e-6
    if 1.1 < abs(target) < 82.9:
        assert abs(end - target) < 0.01


@given(st.floats(-180, 180), st.floats(-300, 300))
def test_a_back_is_never_longer_than_it_is(start_degrees: float, turn_degrees: float) -> None:
    chord = arc_chord(SPINE_CM, start_degrees, start_degrees + turn_degrees)

    assert abs(chord) <= SPINE_CM + 1e-9
    assert abs(arc_chord(SPINE_CM, start_degrees, start_degrees)) == pytest.approx(SPINE_CM)
