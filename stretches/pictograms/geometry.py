"""Plane geometry for the figure.

A point is a complex number of centimetres: x to the right, y up, the floor at 0. An angle is in degrees, 0 to the right
and 90 up.
"""

import cmath
import math

#: A leg or arm never quite locks: at full stretch the bend of the joint would jump from frame to frame.
SLACK_CM = 0.001


def along(degrees: float, length_cm: float = 1.0) -> complex:
    """The way from a point when one goes `length_cm` in a direction."""
    return cmath.rect(length_cm, math.radians(degrees))


def direction_degrees(start: complex, end: complex) -> float:
    """Direction from one point to another, -180 to 180; 0 when they coincide."""
    way = end - start
    return math.degrees(math.atan2(way.imag, way.real))


def turn_degrees(start_degrees: float, end_degrees: float) -> float:
    """The short way round from one direction to another, -180 (included) to 180."""
    return (end_degrees - start_degrees + 180) % 360 - 180


def between(start: float, end: float, share: float) -> float:
    """The number a `share` (0 to 1) of the way from start to end."""
    return start + (end - start) * share


def point_between(start: complex, end: complex, share: float) -> complex:
    """The point a `share` (0 to 1) of the way from start to end."""
    return start + (end - start) * share


def direction_between(start_degrees: float, end_degrees: float, share: float) -> float:
    """The direction a `share` (0 to 1) of the short way round."""
    return start_degrees + turn_degrees(start_degrees, end_degrees) * share


def step_at(postures: int, share: float) -> tuple[int, float]:
    """Between which of several postures a share (0 to 1) of the whole movement is: the first of two, and how far on."""
    index = min(int(share * (postures - 1)), postures - 2)
    return index, share * (postures - 1) - index


def bend_to_reach(
    root: complex, target: complex, upper_cm: float, lower_cm: float, *, bends_left: bool
) -> tuple[complex, complex]:
    """Middle and end joint of a two-bone limb that reaches for a target.

    `bends_left` puts the middle joint on the left of the way from root to target. A target out of reach (too far or too
    near) is not an error: the end joint comes as near to it as the bones allow.
    """
    shortest_cm, longest_cm = abs(upper_cm - lower_cm) + SLACK_CM, upper_cm + lower_cm - SLACK_CM
    distance_cm = min(max(abs(target - root), shortest_cm), longest_cm)
    cosine = (upper_cm**2 + distance_cm**2 - lower_cm**2) / (2 * upper_cm * distance_cm)
    opening_degrees = math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
    way_degrees = direction_degrees(root, target)
    middle = root + along(way_degrees + (opening_degrees if bends_left else -opening_degrees), upper_cm)
    return middle, root + along(way_degrees, distance_cm)


def arc_chord(length_cm: float, start_degrees: float, end_degrees: float) -> complex:
    """From start to end of a circular arc of a given length that leaves in one direction and arrives in another.

    The arc turns by end - start as given, not the short way round, so that a back may round by more than half a turn.
    """
    turn = math.radians(end_degrees - start_degrees)
    shrink = math.sin(turn / 2) / (turn / 2) if abs(turn) > 1e-6 else 1.0
    return along((start_degrees + end_degrees) / 2, length_cm * shrink)


def arc_handle_cm(length_cm: float, turn_degrees_: float) -> float:
    """Length of the two Bézier handles that make a cubic curve follow a circular arc."""
    turn = math.radians(abs(turn_degrees_))
    return length_cm / 3 if turn < 1e-3 else 4 / 3 * math.tan(turn / 4) * length_cm / turn
