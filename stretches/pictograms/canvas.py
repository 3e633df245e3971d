"""SVG, written shape by shape. A canvas has one frame, or many that are played in a loop by SMIL.

SMIL, because it plays inside an <img> and under a strict Content-Security-Policy, where styles and scripts do not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from stretches.pictograms.geometry import turn_degrees

#: Every picture shows so much, so that figures have one scale and cards align: 4 to 3. A close-up shows less of it.
WIDTH_CM, HEIGHT_CM = 248.0, 186.0


@dataclass(frozen=True, slots=True)
class Window:
    """What is seen, in cm of the picture."""

    left_cm: float
    bottom_cm: float
    right_cm: float
    top_cm: float

    @classmethod
    def at(cls, corner_cm: tuple[float, float], zoom: float) -> "Window":
        """What a picture shows whose lower left corner is there."""
        left_cm, bottom_cm = corner_cm
        return cls(left_cm, bottom_cm, left_cm + WIDTH_CM / zoom, bottom_cm + HEIGHT_CM / zoom)

    def holds(self, point: complex, radius_cm: float) -> bool:
        """Whether a circle is within it."""
        across = self.left_cm <= point.real - radius_cm and point.real + radius_cm <= self.right_cm
        return across and self.bottom_cm <= point.imag - radius_cm and point.imag + radius_cm <= self.top_cm


def number(value: float) -> str:
    """A coordinate to a tenth, in as few characters as it takes."""
    text = f"{value:.1f}"
    return "0" if text == "-0.0" else text.removesuffix(".0")


@dataclass(slots=True)
class Canvas:
    """Shapes in world centimetres, y up, written as SVG with y down.

    `left_cm` and `bottom_cm` are the world coordinates of the lower left corner. `loop_seconds` is the length of the
    loop when shapes are given with more than one frame; the frames are spread evenly over it.
    """

    left_cm: float
    bottom_cm: float
    zoom: float = 1.0
    loop_seconds: float = 6.0
    #: When each frame is shown, for frames that are not spread evenly.
    key_seconds: tuple[float, ...] = ()
    shapes: list[str] = field(default_factory=list)

    @property
    def width_cm(self) -> float:
        """How much is seen from left to right."""
        return WIDTH_CM / self.zoom

    @property
    def height_cm(self) -> float:
        """How much is seen from top to bottom."""
        return HEIGHT_CM / self.zoom

    def line_cm(self, width_cm: float) -> float:
        """How wide a line is: from nearer it gets wider in the picture, though less than what it lies on."""
        return width_cm / math.pow(self.zoom, 0.4)

    def xy(self, point: complex) -> str:
        """A point in SVG coordinates."""
        return f"{number(point.real - self.left_cm)} {number(self.height_cm + self.bottom_cm - point.imag)}"

    def open_group(self, attributes: str) -> None:
        """Start a group that lends its attributes to the shapes in it."""
        self.shapes.append(f"<g {attributes}>")

    def close_group(self) -> None:
        """End the group."""
        self.shapes.append("</g>")

    def path(self, outlines: Sequence[str], attributes: str = "") -> None:
        """A path with one outline, in SVG coordinates, for each frame."""
        tag = f'<path d="{outlines[0]}"{_spaced(attributes)}'
        self._close(tag, "path", self._animate('animate attributeName="d"', outlines))

    def rigid(self, outline: str, places: Sequence[tuple[complex, float]], attributes: str = "") -> None:
        """A path that keeps its shape: where its origin is and to which degrees it points, for each frame.

        The outline is in its own coordinates: x along it, y down.
        """
        moves = [self.xy(origin) for origin, _ in places]
        turns = [-places[0][1]]
        for _, degrees in places[1:]:
            # Never more than half a turn from frame to frame, else it would be played as a spin.
            turns.append(turns[-1] + turn_degrees(turns[-1], -degrees))
        angles = [number(turn) for turn in turns]
        tag = f'<path d="{outline}" transform="translate({moves[0]}) rotate({angles[0]})"{_spaced(attributes)}'
        if len(set(moves)) == len(set(angles)) == 1:
            self.shapes.append(f"{tag}/>")
            return
        animated = 'animateTransform attributeName="transform" type='
        move = self._animate(f'{animated}"translate"', moves, always=True)
        self._close(tag, "path", move + self._animate(f'{animated}"rotate" additive="sum"', angles, always=True))

    def circle(self, centres: Sequence[complex], radius_cm: float | Sequence[float], attributes: str = "") -> None:
        """A circle with one centre, and one radius if it changes, for each frame."""
        places = [self.xy(centre).split() for centre in centres]
        radii = [number(each) for each in ([radius_cm] if isinstance(radius_cm, float | int) else radius_cm)]
        tag = f'<circle cx="{places[0][0]}" cy="{places[0][1]}" r="{radii[0]}"{_spaced(attributes)}'
        across = self._animate('animate attributeName="cx"', [x for x, _ in places])
        down = self._animate('animate attributeName="cy"', [y for _, y in places])
        self._close(tag, "circle", across + down + self._animate('animate attributeName="r"', radii))

    def rectangle(self, left_cm: float, bottom_cm: float, width_cm: float, height_cm: float, attributes: str) -> None:
        """A rectangle that does not move."""
        x, y = self.xy(complex(left_cm, bottom_cm + height_cm)).split()
        size = f'width="{number(width_cm)}" height="{number(height_cm)}"'
        self.shapes.append(f'<rect x="{x}" y="{y}" {size}{_spaced(attributes)}/>')

    def svg(self, title: str) -> str:
        """The document. The title must be XML already."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width_cm:g} {self.height_cm:g}" role="img"'
            f' stroke-linecap="round" stroke-linejoin="round"><title>{title}</title>{"".join(self.shapes)}</svg>'
        )

    def _animate(self, what: str, values: Sequence[str], *, always: bool = False) -> str:
        if len(set(values)) == 1:
            values = values[:1]
            if not always:
                return ""
        times = ""
        if len(values) > 1 and self.key_seconds:
            times = f' keyTimes="{";".join(f"{each / self.loop_seconds:.4g}" for each in self.key_seconds)}"'
        return (
            f'<{what} dur="{number(self.loop_seconds)}s" repeatCount="indefinite"{times} values="{";".join(values)}"/>'
        )

    def _close(self, tag: str, name: str, animations: str) -> None:
        self.shapes.append(f"{tag}>{animations}</{name}>" if animations else f"{tag}/>")


def _spaced(attributes: str) -> str:
    return f" {attributes}" if attributes else ""
