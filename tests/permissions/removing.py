"""Take out every access check, one after the other, in one process and one world, and print what noticed."""

import sys
from collections.abc import Iterator

from tests.permissions import alone
from tests.permissions.access_checks import Check, Probe, caught_by, checks
from tests.permissions.foreign_ids import FOREIGN, got_through
from tests.permissions.narrowing import too_wide
from tests.permissions.rights_end import ENDS, not_ended
from tests.permissions.world import World


def probes() -> list[Probe]:
    """What is asked beside the table."""
    return [
        lambda world: next(too_wide(world), ""),
        *((lambda world, foreign=foreign: got_through(foreign, world)) for foreign in FOREIGN),  # type: ignore[misc]
        *((lambda world, end=end: not_ended(end, world)) for end in ENDS),  # type: ignore[misc]
    ]


def rows(world: World, only: str) -> Iterator[tuple[Check, str]]:
    """Each check, and what turned red without it."""
    for check in checks():
        if only in check.name:
            yield check, caught_by(check, world, probes())


def main(only: str) -> int:
    """Print a row for each check; 1 if one was not missed."""
    print("| check | taken out | noticed by |\n|---|---|---|")
    unnoticed = count = 0
    with alone.a_world() as world:
        red_before = [red for probe in probes() if (red := probe(world))]
        if red_before:
            print("Mend these first:", *red_before, sep="\n", file=sys.stderr)
        for check, noticed in rows(world, only):
            count += 1
            unnoticed += not noticed
            print(f"| `{check.name}` | `{check.words}` | {noticed or '**nothing**'} |", flush=True)
    print(f"\n{count} checks, {unnoticed} of which nothing missed.")
    return 1 if unnoticed or red_before else 0
