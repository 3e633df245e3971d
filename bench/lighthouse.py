"""Lighthouse on the pages that a patient opens first: how, and what it gave, stands in docs/lighthouse.md.

``LIGHTHOUSE=/path/to/lighthouse python -m bench lighthouse``. Lighthouse is an npm program and no dependency of ours;
without it there is nothing to measure here. It looks at a phone's browser that is signed in and otherwise empty.
"""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from bench._phone import chromium, demo_site, free_port
from bench.row import Row

PAGES = (
    ("sign-in", "/accounts/login/", False),
    ("today", "/today/", True),
    ("player", "/today/play/", True),
    ("progress", "/progress/", True),
)
CATEGORIES = ("performance", "accessibility", "best-practices")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
BUDGET = 100
ATTEMPTS = 4


def measure() -> list[Row]:
    """Three scores of each page; nothing where Lighthouse is not installed."""
    program = os.environ.get("LIGHTHOUSE") or shutil.which("lighthouse")
    if not program:
        print("LIGHTHOUSE=/path/to/lighthouse is not set: skipped")
        return []
    rows = []
    with demo_site() as (address, session):
        for words, path, is_signed_in in PAGES:
            scores = scores_of(program, address, path, session if is_signed_in else None)
            rows += [Row(f"{words}: {name}", scores[name], "of 100", at_least=BUDGET) for name in CATEGORIES]
    return rows


def scores_of(program: str, address: str, path: str, session: str | None) -> dict[str, float]:
    """What Lighthouse gives a page in a browser of its own; its whole report stays in VAR_DIR for a look."""
    port = free_port()
    written = Path(os.environ.get("VAR_DIR", "var"), f"lighthouse{path.replace('/', '-')}.json").resolve()
    written.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium(), args=[*FLAGS, f"--remote-debugging-port={port}"]
        )
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
        options = ["--quiet", f"--port={port}", f"--only-categories={','.join(CATEGORIES)}", "--disable-storage-reset"]
        output = ["--output=json", f"--output-path={written}"]
        for _ in range(ATTEMPTS):  # on a busy machine it now and then finds no trace of a page, and says so
            done = subprocess.run([program, address + path, *options, *output], check=False, capture_output=True)
            if done.returncode == 0:
                break
        context.close()
    report = json.loads(written.read_text())
    return {name: round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES}
