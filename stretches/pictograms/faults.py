"""What both lints ask of a body, flat or solid: that it reaches, and that its arrows are seen."""

from collections.abc import Iterable, Iterator, Sequence

from stretches.pictograms.arrows import ARROW_CM
from stretches.pictograms.canvas import Window

#: A movement is looked at in so many steps.
FRAMES = 24
REACH_SLACK_CM = 1.5

#: What is wrong, and a measure of it. The first says the same in every frame.
Fault = tuple[str, str]


def said_once(faults: Iterable[Fault]) -> list[str]:
    """The faults as sentences, each with what was measured where it is first seen."""
    seen: dict[str, str] = {}
    for what, detail in faults:
        seen.setdefault(what, f"{what} ({detail})")
    return list(seen.values())


def out_of_reach(missed_cm: dict[str, float]) -> Iterator[Fault]:
    """Limbs that fall short of what they reach for by more than rounding."""
    for limb, short_cm in missed_cm.items():
        if short_cm > REACH_SLACK_CM:
            yield f"{limb} cannot reach", f"{short_cm:.1f} cm short"


def arrows_outside(lines: Iterable[Sequence[complex]], window: Window, zoom: float) -> Iterator[Fault]:
    """Arrows that leave the picture."""
    for point in (point for line in lines for point in line):
        if not window.holds(point, ARROW_CM / 2 / zoom):
            yield "an arrow leaves the view", f"at {point.real:.0f}, {point.imag:.0f} cm"
