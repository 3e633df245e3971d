"""Write a contact sheet: python -m stretches.pictograms FILE.svg|FILE.html [NAME ...].

A name is that of a stretch or of a body position; without any, all are drawn.
"""

import sys
from pathlib import Path

from stretches.pictograms import POSITIONS, slugs
from stretches.pictograms.sheet import contact_page, contact_sheet

USAGE = "usage: python -m stretches.pictograms FILE.svg|FILE.html [NAME ...]"


def main(arguments: list[str]) -> int:
    """Write the sheet of what is named, or of all. Returns the exit status: 2 for arguments that make no sense."""
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
