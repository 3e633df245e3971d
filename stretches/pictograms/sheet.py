"""The contact sheet: pictures on one page, to be looked at whenever a pose or the renderer changes."""

from collections.abc import Sequence

from stretches.pictograms import load_pose, picture_svg
from stretches.pictograms.canvas import HEIGHT_CM, WIDTH_CM
from stretches.pictograms.drawing import draw, draw_moment
from stretches.pictograms.palette import PALETTES

#: Width of a large and a middling picture, and of one on a card in a list.
LARGE_PX, MIDDLE_PX, SMALL_PX = 300, 210, 96
GAP_PX, LABEL_PX = 8, 22
ROW_PX = LARGE_PX * HEIGHT_CM / WIDTH_CM + LABEL_PX + GAP_PX
WIDTH_PX = 3 * MIDDLE_PX + 3 * LARGE_PX + SMALL_PX + 8 * GAP_PX
PLACEHOLDER_COLUMNS = 5


def contact_sheet(slugs: Sequence[str], positions: Sequence[str]) -> str:
    """An SVG with a row for each stretch: start, half-way and end, the still in each theme, and the still as on a card.

    After the stretches come the pictures of the positions. Raises KeyError for a stretch without pose data and
    ValueError for an unknown position.
    """
    shapes = [_row(slug, GAP_PX + index * ROW_PX) for index, slug in enumerate(slugs)]
    top_px = GAP_PX + len(slugs) * ROW_PX
    for index, position in enumerate(positions):
        row, column = divmod(index, PLACEHOLDER_COLUMNS)
        x, y = GAP_PX + column * (LARGE_PX + GAP_PX), top_px + row * ROW_PX
        picture = picture_svg("", position=position, alt=position)
        shapes.append(_label(position, x, y) + _placed(picture, x, y + LABEL_PX, LARGE_PX))
    height_px = top_px + -(-len(positions) // PLACEHOLDER_COLUMNS) * ROW_PX
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PX}" height="{height_px:.0f}" font-family="sans-serif">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(shapes)}</svg>\n'
    )


def contact_page(slugs: Sequence[str], positions: Sequence[str]) -> str:
    """The contact sheet as HTML, and under it every picture animated."""
    moving = "".join(
        _placed(draw(load_pose(slug), PALETTES["light"], title=slug, animated=True), 0, 0, LARGE_PX) for slug in slugs
    )
    sheet = contact_sheet(slugs, positions)
    return f'<!doctype html><html lang="en"><title>Pictures</title>{sheet}<div>{moving}</div></html>\n'


def _row(slug: str, y: float) -> str:
    pose = load_pose(slug)
    light, dark, printed = PALETTES["light"], PALETTES["dark"], PALETTES["print"]
    moments = [draw_moment(pose, light, title=slug, share=share) for share in (0, 0.5, 1)]
    stills = [draw(pose, palette, title=slug) for palette in (light, dark, printed)]
    shapes = [_label(slug, GAP_PX, y)]
    x = GAP_PX
    for picture, width_px in [*((m, MIDDLE_PX) for m in moments), *((s, LARGE_PX) for s in stills)]:
        shapes.append(_placed(picture, x, y + LABEL_PX, width_px))
        x += width_px + GAP_PX
    for index, picture in enumerate(stills[:2]):
        shapes.append(_placed(picture, x, y + LABEL_PX + index * (SMALL_PX * 0.75 + GAP_PX), SMALL_PX))
    return "".join(shapes)


def _placed(picture: str, x: float, y: float, width_px: float) -> str:
    size = f'x="{x:g}" y="{y:g}" width="{width_px:g}" height="{width_px * HEIGHT_CM / WIDTH_CM:g}"'
    return picture.replace("<svg", f"<svg {size}", 1)


def _label(text: str, x: float, y: float) -> str:
    return f'<text x="{x:g}" y="{y + LABEL_PX - 6:g}" font-size="14" fill="#444">{text}</text>'
