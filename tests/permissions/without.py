"""A plugin for pytest, for ``elsewhere``: it runs tests with a check in its place, and then without it.

Nothing of Django is imported before pytest has made it ready.
"""

import json
import os
import pathlib
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

ASKED, SAID = "LIMBER_WITHOUT", "LIMBER_MISSED"
"""Variables: the names and words of the checks as JSON, and the file for what turned red."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Write down of each check the first test that is green with it and red without."""
    if ASKED not in os.environ:
        return None
    from tests.permissions.access_checks import checks
    from tests.permissions.elsewhere import tests_of

    asked = {tuple(each) for each in json.loads(os.environ[ASKED])}
    missed = {}
    for check in checks():
        if (check.name, check.words) in asked:
            path, _, begins = tests_of(check).partition("::")
            items = [each for each in session.items if f"/{path}" in str(each.path) and each.name.startswith(begins)]
            missed[f"{check.name} {check.words}"] = next((each.name for each in items if _misses(each, check)), "")
    pathlib.Path(os.environ[SAID]).write_text(json.dumps(missed))
    return True


def _misses(item: pytest.Item, check: Any) -> bool:
    from tests.permissions.access_checks import taken_out

    if _is_red(item):
        return False
    with taken_out(check):
        return _is_red(item)


def _is_red(item: pytest.Item) -> bool:
    kept: Any = item.session  # what lasts for all of them stays set up
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=kept))
