"""SVG, written shape by shape. A canvas has one frame, or many that are played in a loop by SMIL.

SMIL, because it plays inside an <img> and under a strict Content-Security-Policy, where styles and scripts do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from stretches.pictograms.geometry import turn_degrees

#: Every picture has this size, so that figures have one scale and cards align: 4 to 3.
WIDTH_CM, HEIGHT_CM = 248.0, 186.0


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
    loop_seconds: float = 6.0
    shapes: list[str] = field(default_factory=list)

    def xy(self, point: complex) -> str:
        """A point in SVG coordinates."""
        return f"{number(point.real - self.left_cm)} {number(HEIGHT_CM + self.bottom_cm - point.imag)}"

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

    def circle(self, centres: Sequence[complex], radius_cm: float, attributes: str = "") -> None:
        """A circle with one centre for each frame."""
        places = [self.xy(centre).split() for centre in centres]
        tag = f'<circle cx="{places[0][0]}" cy="{places[0][1]}" r="{number(radius_cm)}"{_spaced(attributes)}'
        across = self._animate('animate attributeName="cx"', [x for x, _ in places])
        down = self._animate('animate attributeName="cy"', [y for _, y in places])
        self._close(tag, "circle", across + down)

    def rectangle(self, left_cm: float, bottom_cm: float, width_cm: float, height_cm: float, attributes: str) -> None:
        """A rectangle that does not move."""
        x, y = self.xy(complex(left_cm, bottom_cm + height_cm)).split()
        size = f'width="{number(width_cm)}" height="{number(height_cm)}"'
        self.shapes.append(f'<rect x="{x}" y="{y}" {size}{_spaced(attributes)}/>')

    def svg(self, title: str) -> str:
        """The document. The title must be XML already."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(WIDTH_CM)} {number(HEIGHT_CM)}" role="img"'
            f' stroke-linecap="round" stroke-linejoin="round"><title>{title}</title>{"".join(self.shapes)}</svg>'
        )

    def _animate(self, what: str, values: Sequence[str], *, always: bool = False) -> str:
        if len(set(values)) == 1:
            values = values[:1]
            if not always:
                return ""
        return f'<{what} dur="{number(self.loop_seconds)}s" repeatCount="indefinite" values="{";".join(values)}"/>'

    def _close(self, tag: str, name: str, animations: str) -> None:
        self.shapes.append(f"{tag}>{animations}</{name}>" if animations else f"{tag}/>")


def _spaced(attributes: str) -> str:
    return f" {attributes}" if attributes else ""
