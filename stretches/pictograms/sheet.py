"""The contact sheet: pictures on one page, to be looked at whenever a pose or the renderer changes."""

import io
import re
from collections.abc import Sequence
from pathlib import Path

import typst
from PIL import Image

from stretches.pictograms import load_pose, picture_svg
from stretches.pictograms.canvas import HEIGHT_CM, WIDTH_CM
from stretches.pictograms.drawing import draw, draw_moment
from stretches.pictograms.palette import PALETTES, Theme

#: Width of a large and a middling picture, and of one on a card in a list.
LARGE_PX, MIDDLE_PX, SMALL_PX = 300, 210, 96
GAP_PX, LABEL_PX = 8, 22
ROW_PX = LARGE_PX * HEIGHT_CM / WIDTH_CM + LABEL_PX + GAP_PX
WIDTH_PX = 3 * MIDDLE_PX + 3 * LARGE_PX + SMALL_PX + 8 * GAP_PX
PLACEHOLDER_COLUMNS = 5
FONTS = Path(__file__).parents[2] / "prescriptions" / "fonts"


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


#: Pictures side by side on a sheet of one theme.
COLUMNS = 5


def theme_sheet(slugs: Sequence[str], theme: Theme) -> str:
    """An SVG with the still of every stretch in one theme, as on a page. Raises KeyError for one without pose."""
    return _grid(slugs, [theme], MIDDLE_PX, COLUMNS, _page_of(theme))


def small_sheet(slugs: Sequence[str]) -> str:
    """An SVG with the still of every stretch as on a card in a list, light, dark and printed."""
    return _grid(slugs, ["light", "dark", "print"], SMALL_PX, 4, "#ffffff")


def _page_of(theme: Theme) -> str:
    return {"light": "#ffffff", "dark": "#0f161c", "print": "#ffffff"}[theme]


def _grid(slugs: Sequence[str], themes: Sequence[Theme], picture_px: int, columns: int, page: str) -> str:
    cell_px = max(len(themes) * (picture_px + 4), picture_px) + GAP_PX
    row_px = picture_px * HEIGHT_CM / WIDTH_CM + LABEL_PX + GAP_PX
    shapes = []
    for index, slug in enumerate(slugs):
        row, column = divmod(index, columns)
        x, y = GAP_PX + column * cell_px, GAP_PX + row * row_px
        colour = "#c8d2da" if page.startswith("#0") else "#444"
        size_px = min(11 if len(themes) == 1 else 10, 1.75 * cell_px / len(slug))  # a long name stays in its column
        shapes.append(f'<text x="{x:g}" y="{y + LABEL_PX - 7:g}" font-size="{size_px:g}" fill="{colour}">{slug}</text>')
        for place, theme in enumerate(themes):
            picture = draw(load_pose(slug), PALETTES[theme], title=slug)
            shapes.append(_placed(picture, x + place * (picture_px + 4), y + LABEL_PX, picture_px))
    width_px, height_px = GAP_PX + columns * cell_px, GAP_PX + -(-len(slugs) // columns) * row_px
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_px:g}" height="{height_px:.0f}" font-family="Inter">'
        f'<rect width="100%" height="100%" fill="{page}"/>{"".join(shapes)}</svg>\n'
    )


def as_png(svg: str) -> bytes:
    """A sheet as a PNG with few colours, which keeps it small."""
    size = re.match(r'<svg [^>]*width="([0-9.]+)" height="([0-9.]+)"', svg)
    if size is None:
        raise ValueError("not a sheet")
    width_px, height_px = size.groups()
    page = (
        f"#set page(width: {width_px}pt, height: {height_px}pt, margin: 0pt)\n"
        f'#image(bytes(sys.inputs.svg), format: "svg", width: {width_px}pt)'
    )
    png = typst.compile(
        page.encode(), format="png", ppi=72 * 1.5, sys_inputs={"svg": svg}, font_paths=typst.Fonts(font_paths=[FONTS])
    )
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(120, dither=Image.Dither.NONE)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()
