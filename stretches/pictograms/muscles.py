"""Where a muscle lies on the figure: the line that is drawn in colour."""

from stretches.pictograms.body import SPINE_CM, Body
from stretches.pictograms.canvas import Canvas
from stretches.pictograms.geometry import along, arc_chord, between, point_between

THIGH, SHANK = ("hip", "knee_near"), ("knee_near", "ankle_near")

#: On a bone: from and to as a share of its length, and how far before (or, negative, behind) it in cm.
ON_BONE = {
    "hamstring": (THIGH, 0.1, 0.9, -4.9),
    "quadriceps": (THIGH, 0.15, 0.9, 4.9),
    "calf": (SHANK, 0.06, 0.62, -3.6),
    "shin": (SHANK, 0.3, 0.9, 2.4),
    "soleus": (SHANK, 0.4, 0.92, -2.6),
    "shoulder": (("shoulder", "elbow_near"), 0.02, 0.5, 0.0),
}
#: Drawn over the near arm, the rest under it.
ON_ARM = ("shoulder",)
#: On the back: from and to as a share of its length from the hip up, and how far before or behind its middle in cm.
ON_BACK = {
    "low_back": (0.05, 0.52, -5.6),
    "upper_back": (0.48, 0.95, -5.6),
    "abdomen": (0.08, 0.6, 5.6),
    "chest": (0.55, 0.98, 5.6),
    "lats": (0.3, 0.9, -4.6),
}


def muscle_line(canvas: Canvas, body: Body, muscle: str) -> str:
    """The path of a muscle, in SVG coordinates."""
    start, bend, end = _line(body, muscle)
    # The middle point is on the line; a quadratic curve wants the point that pulls it there.
    pull = 2 * bend - (start + end) / 2
    return f"M{canvas.xy(start)}Q{canvas.xy(pull)} {canvas.xy(end)}"


def _line(body: Body, muscle: str) -> tuple[complex, complex, complex]:
    if muscle in ON_BONE:
        (start, end), low, high, before_cm = ON_BONE[muscle]
        middle = _beside_bone(body, start, end, (low + high) / 2, before_cm * 1.15)
        return (
            _beside_bone(body, start, end, low, before_cm),
            middle,
            _beside_bone(body, start, end, high, before_cm * 0.85),
        )
    if muscle in ON_BACK:
        low, high, before_cm = ON_BACK[muscle]
        first, middle, last = (_beside_back(body, share, before_cm) for share in (low, (low + high) / 2, high))
        return first, middle, last
    if muscle == "hip_flexor":
        return _round_hip(body, 0.3, 0.42, before_cm=5.2)
    if muscle == "gluteal":
        return _round_hip(body, 0.12, 0.2, before_cm=-5.6)
    neck, head = body.joints["neck"], body.joints["head"]
    behind = along(body.chest_degrees + 90, 3.5)
    return (
        neck + behind,
        point_between(neck, head, 0.4) + behind * 1.1,
        point_between(neck, head, 0.8) + behind,
    )


def _round_hip(body: Body, back: float, thigh: float, *, before_cm: float) -> tuple[complex, complex, complex]:
    """From a share of the back to a share of the thigh, round the hip."""
    start = _beside_back(body, back, before_cm)
    end = _beside_bone(body, *THIGH, thigh, before_cm)
    facing = (along(body.pelvis_degrees - 90) + along(body.direction_degrees(*THIGH) + 90)) / 2
    return start, body.joints["hip"] + facing * before_cm, end


def _beside_bone(body: Body, start: str, end: str, share: float, before_cm: float) -> complex:
    on_bone = point_between(body.joints[start], body.joints[end], share)
    return on_bone + along(body.direction_degrees(start, end) + 90, before_cm)


def _beside_back(body: Body, share: float, before_cm: float) -> complex:
    here_degrees = between(body.pelvis_degrees, body.chest_degrees, share)
    on_back = body.joints["hip"] + arc_chord(SPINE_CM * share, body.pelvis_degrees, here_degrees)
    return on_back + along(here_degrees - 90, before_cm)
