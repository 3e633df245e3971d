"""Geometry of the solid figure.

A vector is x, y, z in cm: x forward for somebody who stands and looks to the right of the picture, y up with the floor
at 0, z towards who looks at the picture from the side, which is that body's right.
"""

import math
from dataclasses import dataclass

Vector = tuple[float, float, float]

UP: Vector = (0.0, 1.0, 0.0)
FORWARD: Vector = (1.0, 0.0, 0.0)


def plus(first: Vector, second: Vector, times: float = 1.0) -> Vector:
    """The first vector, and so many times the second."""
    return first[0] + second[0] * times, first[1] + second[1] * times, first[2] + second[2] * times


def minus(first: Vector, second: Vector) -> Vector:
    """The way from the second point to the first."""
    return plus(first, second, -1.0)


def dot(first: Vector, second: Vector) -> float:
    """The product of two vectors that is a number."""
    return sum(a * b for a, b in zip(first, second, strict=True))


def cross(first: Vector, second: Vector) -> Vector:
    """The vector at right angles to both: forward and up give right."""
    (a, b, c), (x, y, z) = first, second
    return b * z - c * y, c * x - a * z, a * y - b * x


def length_cm(vector: Vector) -> float:
    """How long a vector is."""
    return math.sqrt(dot(vector, vector))


def unit(vector: Vector) -> Vector:
    """The same direction, one long. The zero vector points up: there is no better answer."""
    length = length_cm(vector)
    return plus((0.0, 0.0, 0.0), vector, 1 / length) if length > 1e-9 else UP


def across(vector: Vector, axis: Vector) -> Vector:
    """What of a vector is at right angles to an axis, one long; any such direction when nothing of it is."""
    rest = minus(vector, plus((0.0, 0.0, 0.0), axis, dot(vector, axis)))
    if length_cm(rest) > 1e-6:
        return unit(rest)
    other = FORWARD if abs(axis[0]) < 0.9 else UP
    return unit(minus(other, plus((0.0, 0.0, 0.0), axis, dot(other, axis))))


def angle_degrees(first: Vector, second: Vector) -> float:
    """The angle between two directions, 0 to 180."""
    return math.degrees(math.acos(max(-1.0, min(1.0, dot(unit(first), unit(second))))))


def point_between(start: Vector, end: Vector, share: float) -> Vector:
    """The point a share (0 to 1) of the way."""
    return plus(start, minus(end, start), share)


def direction_between(start: Vector, end: Vector, share: float) -> Vector:
    """The direction a share (0 to 1) of the short way round."""
    start, end = unit(start), unit(end)
    turn = math.radians(angle_degrees(start, end))
    if turn < 1e-6:
        return start
    side = across(end, start)
    return plus(plus((0.0, 0.0, 0.0), start, math.cos(turn * share)), side, math.sin(turn * share))


def bend_to_reach(
    root: Vector, target: Vector, upper_cm: float, lower_cm: float, bend: Vector
) -> tuple[Vector, Vector]:
    """Middle and end joint of a two-bone limb that reaches for a target; the middle one gives way towards `bend`.

    A target out of reach (too far or too near) is not an error: the end comes as near to it as the bones allow.
    """
    way = minus(target, root)
    axis = unit(way)
    distance_cm = min(max(length_cm(way), abs(upper_cm - lower_cm) + 0.001), upper_cm + lower_cm - 0.001)
    along_cm = (upper_cm**2 + distance_cm**2 - lower_cm**2) / (2 * distance_cm)
    aside_cm = math.sqrt(max(0.0, upper_cm**2 - along_cm**2))
    middle = plus(plus(root, axis, along_cm), across(bend, axis), aside_cm)
    return middle, plus(root, axis, distance_cm)


@dataclass(frozen=True, slots=True)
class View:
    """From where the body is seen, without perspective.

    `turn_degrees` walks round it: 0 sees its right side, 90 its front, 180 its left side, 270 its back.
    `tilt_degrees` rises above it: 90 looks straight down.
    """

    turn_degrees: float
    tilt_degrees: float
    zoom: float = 1.0

    def flat(self, point: Vector) -> complex:
        """Where a point is in the picture, in cm: to the right and up."""
        turn, tilt = math.radians(self.turn_degrees), math.radians(self.tilt_degrees)
        right = point[0] * math.cos(turn) - point[2] * math.sin(turn)
        near = point[0] * math.sin(turn) + point[2] * math.cos(turn)
        return complex(right, point[1] * math.cos(tilt) - near * math.sin(tilt))

    def depth_cm(self, point: Vector) -> float:
        """How near a point is: the more, the nearer."""
        turn, tilt = math.radians(self.turn_degrees), math.radians(self.tilt_degrees)
        near = point[0] * math.sin(turn) + point[2] * math.cos(turn)
        return point[1] * math.sin(tilt) + near * math.cos(tilt)
