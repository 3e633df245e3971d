"""10,000 stretches imported from a file that was made for it, then five contraindications for each from another.

Measured on SQLite from the bytes to the last row, with the progress that somebody watches: reading and checking,
showing what it would do, writing with history, and asking the movement rules about each. The stretches land as drafts
beside the catalogue that comes with Limber. The budget is a minute for them, of the processor: one process works all
the time, so that the clock shows the same on a machine that does nothing else, and the others' load on one that does.
"""

import copy
import json
import os
import subprocess
import sys
import tempfile
import time
from typing import Any

from bench.row import Row

STRETCHES = 10_000
CONTRAINDICATIONS_EACH = 5
SECONDS = 60


def measure() -> list[Row]:
    """Run in a process of its own: settings are read once."""
    with tempfile.TemporaryDirectory() as folder:
        child = subprocess.run(
            [sys.executable, "-m", "bench.catalogue_import"],
            env={**os.environ, "VAR_DIR": folder, "SECRET_KEY": "bench", "DJANGO_SETTINGS_MODULE": "clinic.settings"},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    return [Row(**row) for row in json.loads(child.stdout.splitlines()[-1])]


def main() -> None:
    """Load what comes with Limber, import the rest, and print the rows as JSON on the last line."""
    import django

    django.setup()
    from django.core.management import call_command

    from stretches.exchange.stored import stored_catalogue
    from stretches.models import Contraindication, Stretch

    call_command("migrate", verbosity=0)
    call_command("load_catalogue", verbosity=0, stdout=sys.stderr)
    library = stored_catalogue()
    before = len(library["contraindications"])
    rows = timed("10,000 stretches", with_stretches(library), at_most=SECONDS)
    if Stretch.objects.filter(status="draft").count() != STRETCHES:
        raise SystemExit("not all of them are here")
    rows += timed("50,000 contraindications of them", with_contraindications(library))
    if Contraindication.objects.count() - before != STRETCHES * CONTRAINDICATIONS_EACH:
        raise SystemExit("not all of the contraindications are here")
    print(json.dumps(rows))


def timed(what: str, content: dict[str, Any], at_most: float | None = None) -> list[dict[str, Any]]:
    """Import a file and say how long it took until it was shown, until it was written, and with how many steps."""
    from django.utils import timezone

    from stretches.exchange import incoming
    from stretches.exchange.landing import landing, plan

    made = json.dumps(content).encode()
    clock, processor = time.monotonic(), time.process_time()
    planned = plan(incoming.read(made))
    shown = time.monotonic()
    steps = list(landing(planned, with_changes=False, by=None, origin="Measured", at=timezone.now()))
    done, busy = time.monotonic(), time.process_time() - processor
    size = f"{len(made) / 1_000_000:.0f} MB"
    return [
        {"what": f"{what}, {size}: until it is shown", "value": shown - clock, "unit": "s"},
        {"what": f"{what}: until all is written", "value": done - clock, "unit": "s"},
        {"what": f"{what}: time of the processor", "value": busy, "unit": "s", "at_most": at_most},
        {"what": f"{what}: steps of progress", "value": len(steps), "unit": "steps", "at_least": 10},
    ]


def with_stretches(content: dict[str, Any]) -> dict[str, Any]:
    """The catalogue with copies of its stretches under other names."""
    originals = list(content["stretches"])
    for number in range(STRETCHES):
        row = copy.deepcopy(originals[number % len(originals)])
        row |= {"slug": f"made-{number}", "name": f"{row['name']} {number}", "easier": [], "harder": []}
        content["stretches"].append(row)
    return content


def with_contraindications(content: dict[str, Any]) -> dict[str, Any]:
    """The same with contraindications of each copy."""
    codes = [row["slug"] for row in content["conditions"] if not row["window_anchor"]]
    for number, row in enumerate(content["stretches"][-STRETCHES:]):
        content["contraindications"] += [
            {
                "id": f"made-{number}-{each}",
                "stretch": row["slug"],
                "condition": codes[(number + each * 7) % len(codes)],
                "severity": ("absolute", "relative", "precaution")[each % 3],
                "window": None,
                "rationale": f"Made to measure, {number} of {each}.",
                "source": row["source"],
                "confidence": "low",
                "origin": "author",
                "matched_flags": row["movement_flags"][:1],
            }
            for each in range(CONTRAINDICATIONS_EACH)
        ]
    return content


if __name__ == "__main__":
    main()
