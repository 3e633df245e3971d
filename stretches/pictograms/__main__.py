"""Write contact sheets: python -m stretches.pictograms FOLDER, or FILE.svg|FILE.html [NAME ...].

Into a folder go four pictures of all stretches: light.png, dark.png, print.png, and small.png as on cards in a list. A
file shows start, half-way and end too. A name is that of a stretch or of a body position; without any, all are drawn.
"""

import sys
from pathlib import Path

from stretches.pictograms import POSITIONS, slugs
from stretches.pictograms.palette import PALETTES
from stretches.pictograms.sheet import as_png, contact_page, contact_sheet, small_sheet, theme_sheet

USAGE = "usage: python -m stretches.pictograms FOLDER, or FILE.svg|FILE.html [NAME ...]"


def main(arguments: list[str]) -> int:
    """Write the sheet of what is named, or of all. Returns the exit status: 2 for arguments that make no sense."""
    if len(arguments) == 1 and Path(arguments[0]).is_dir():
        return _write_sheets(Path(arguments[0]))
    if not arguments or Path(arguments[0]).suffix not in (".svg", ".html"):
        sys.stderr.write(f"{USAGE}\n")
        return 2
    path, names = Path(arguments[0]), arguments[1:] or [*sorted(slugs()), *POSITIONS]
    if unknown := sorted(set(names) - slugs() - set(POSITIONS)):
        sys.stderr.write(f"no picture of {', '.join(unknown)}\n")
        return 2
    stretches = [name for name in names if name in slugs()]
    positions = [name for name in names if name in POSITIONS]
    write = contact_page if path.suffix == ".html" else contact_sheet
    path.write_text(write(stretches, positions), encoding="utf-8")
    sys.stdout.write(f"{path}: {len(stretches)} stretches, {len(positions)} positions\n")
    return 0


def _write_sheets(folder: Path) -> int:
    names = sorted(slugs())
    sheets = {theme: theme_sheet(names, theme) for theme in PALETTES} | {"small": small_sheet(names)}
    for name, sheet in sheets.items():
        png = as_png(sheet)
        (folder / f"{name}.png").write_bytes(png)
        sys.stdout.write(f"{folder / name}.png: {len(names)} stretches, {len(png) // 1024} KB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
