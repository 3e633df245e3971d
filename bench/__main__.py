"""``python -m bench [NAME …]``: run the measurements in this folder, print a table, write bench.json into VAR_DIR.

Each table is also kept as ``bench/results/NAME.txt`` and ``.json``, along with the machine that it was measured on.

A measurement is a module here with one function, ``measure() -> list[Row]``. Its rows are ratios within one run:
seconds say something about a machine, a ratio about the code. A row with a budget says whether it was kept; one that
was not makes the exit status 1.
"""

import importlib
import json
import os
import pkgutil
import platform
import sys
import time
from dataclasses import asdict
from pathlib import Path

from bench.row import Row

RESULTS = Path(__file__).parent / "results"


ONLY_IF_ASKED_FOR = {"kill"}
"""What takes longer than all the rest together."""


def names() -> list[str]:
    """The measurements there are; a folder, or a name that starts with an underscore, is a part of others."""
    modules = pkgutil.iter_modules([str(Path(__file__).parent)])
    found = sorted(module.name for module in modules if not module.ispkg)
    return [name for name in found if name[0] != "_" and name != "row"]


def table(rows: list[Row]) -> str:
    """The rows as text, in columns."""
    cells = [("what", "measured", "budget", "")]
    cells += [(row.what, row.measured_text, row.budget_text, row.verdict) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in cells)


def as_json(rows: list[Row]) -> str:
    """The rows, and the machine that they were measured on; ``load`` is what else it did, in processes."""
    machine = {"cpus": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()}
    measured = {"machine": {**machine, "load": os.getloadavg()[0]}, "rows": [asdict(row) for row in rows]}
    return json.dumps(measured, indent=2, ensure_ascii=False) + "\n"


def keep(name: str, text: str, rows: list[Row]) -> None:
    """Put the table among the results. What a measurement itself keeps there has another ending."""
    RESULTS.mkdir(exist_ok=True)
    cores = f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the end"
    (RESULTS / f"{name}.txt").write_text(f"Written by `./limber bench {name}`: {cores}.\n\n{text}")
    (RESULTS / f"{name}.json").write_text(as_json(rows))


def main(wanted: list[str]) -> int:
    """Measure what is wanted, or everything, and return the exit status."""
    if unknown := set(wanted) - set(names()):
        print(f"no such measurement: {', '.join(sorted(unknown))}; there are: {', '.join(names()) or 'none'}")
        return 2
    rows: list[Row] = []
    for name in wanted or [name for name in names() if name not in ONLY_IF_ASKED_FOR]:
        started = time.monotonic()
        found = importlib.import_module(f"bench.{name}").measure()
        rows += found
        text = f"{name}, in {time.monotonic() - started:.0f} s\n{table(found)}\n"
        print(text, flush=True)
        if found:
            keep(name, text, found)
    if not rows:
        print("nothing to measure yet")
    written = Path(os.environ.get("VAR_DIR", "var")) / "bench.json"
    written.parent.mkdir(exist_ok=True)
    written.write_text(as_json(rows))
    return int(any(row.is_over_budget for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
