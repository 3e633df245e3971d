"""``./limber run`` from a clone to the first page, everything downloaded and nothing installed yet (design, section 9).

A clone of this checkout into an empty folder, with an empty cache, so that downloading is a part of it; then once more,
as on the second day. What apt would install has to be there already: this makes no system. The floor is the time that
an empty virtual environment takes.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench._phone import free_port
from bench.row import Row

BUDGET_SECONDS = 20
GIVE_UP_SECONDS = 300


def measure() -> list[Row]:
    """Clone, run, wait for the sign-in page, twice."""
    with tempfile.TemporaryDirectory() as folder:
        clone, cache = Path(folder, "clone"), Path(folder, "cache")
        started = time.monotonic()
        subprocess.run([sys.executable, "-m", "venv", f"{folder}/venv"], check=True)
        floor = time.monotonic() - started
        cold_began = time.monotonic()
        subprocess.run(["git", "clone", "--quiet", str(Path.cwd()), str(clone)], check=True)
        cloned = time.monotonic() - cold_began
        cold = cloned + seconds_to_page(clone, cache)
        warm = seconds_to_page(clone, cache)
    return [
        Row("./limber run, from the clone to the page, cold", cold, "s", at_most=BUDGET_SECONDS),
        Row("  of it the clone", cloned, "s"),
        Row("  the second time", warm, "s"),
        Row("  floor: an empty virtual environment", floor, "s"),
        Row("  cold / floor", cold / floor, "×"),
    ]


def seconds_to_page(clone: Path, cache: Path) -> float:
    """How long ``./limber run`` takes until it answers; it is ended then."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "VAR_DIR", "DATABASE_URL"}}
    environment = {**kept, "PORT": str(port), "UV_CACHE_DIR": str(cache / "uv"), "PIP_CACHE_DIR": str(cache / "pip")}
    started = time.monotonic()
    running = subprocess.Popen(["./limber", "run"], cwd=clone, env=environment, start_new_session=True)
    try:
        while time.monotonic() - started < GIVE_UP_SECONDS:
            if running.poll() is not None:
                raise SystemExit(f"./limber run ended with {running.returncode}")
            with (
                contextlib.suppress(OSError, urllib.error.URLError),
                urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=2) as page,
            ):
                if page.status == 200:
                    return time.monotonic() - started
            time.sleep(0.05)
        raise SystemExit(f"no page after {GIVE_UP_SECONDS} s")
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(running.pid, 15)
        running.wait(timeout=30)
