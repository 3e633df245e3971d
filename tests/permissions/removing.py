"""Take out every access check, one after the other, in one process and one world, and print what noticed."""

import ast
import functools
import pathlib
import shutil
import sys
import tempfile
from collections.abc import Iterator

from tests import mutation
from tests.permissions import alone
from tests.permissions.access_checks import Check, Probe, caught_by, checks
from tests.permissions.foreign_ids import FOREIGN, got_through
from tests.permissions.narrowing import rights_for_nothing, too_wide
from tests.permissions.rights_end import ENDS, not_ended
from tests.permissions.world import World


def probes() -> list[Probe]:
    """What is asked beside the table."""
    return [
        Probe(lambda world: next(too_wide(world), "")),
        Probe(lambda world: next((f"{each}, without a permission" for each in rights_for_nothing(world)), "")),
        *(Probe(functools.partial(got_through, foreign), foreign.page) for foreign in FOREIGN),
        *(Probe(functools.partial(not_ended, end), end.page) for end in ENDS),
    ]


ELSEWHERE = {
    "patients/inviting.py:compose": "tests/patients/test_invitations.py",
    "patients/views/condition.py:_tell_clinician": "tests/patients/test_condition_effect.py",
    "routines/views/reminders.py:reminder_edit": "tests/routines/test_push.py",
    "stretches/admin/base.py:HistoricCatalogueAdmin.save_form": "tests/stretches/test_admin.py",
}
"""Tests of what is no answer to a request by a stranger: mail, an old version, another's devices on one's page."""


def noticed_elsewhere(check: Check) -> str:
    """Run the tests named above on a copy of the project without the check."""
    if check.name not in ELSEWHERE or check.without is None:
        return ""
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / "limber"
        ignored = shutil.ignore_patterns(".venv", ".git", "var", ".*cache", ".hypothesis")
        shutil.copytree(mutation.ROOT, copy, ignore=ignored)
        text = (copy / check.path).read_text()
        mutant = mutation.Mutant(check.name, check.path, text, ast.unparse(check.without), (ELSEWHERE[check.name],))
        return mutation.survives(mutant, copy)


def rows(world: World, only: str) -> Iterator[tuple[Check, str]]:
    """Each check, and what turned red without it."""
    for check in checks():
        if only in check.name:
            yield check, noticed_elsewhere(check) or caught_by(check, world, probes())


def main(only: str) -> int:
    """Print a row for each check; 1 if one was not missed."""
    print("| check | taken out | noticed by |\n|---|---|---|")
    unnoticed = count = 0
    with alone.a_world() as world:
        red_before = [red for probe in probes() if (red := probe.ask(world))]
        if red_before:
            print("Mend these first:", *red_before, sep="\n", file=sys.stderr)
        for check, noticed in rows(world, only):
            count += 1
            unnoticed += not noticed
            print(f"| `{check.name}` | `{check.words}` | {noticed or '**nothing**'} |", flush=True)
    print(f"\n{count} checks, {unnoticed} of which nothing missed.")
    return 1 if unnoticed or red_before else 0
