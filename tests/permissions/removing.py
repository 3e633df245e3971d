"""Take out every access check, one after the other, in one process and one world, and print what noticed."""

import functools
import pathlib
import re
import sys
from collections.abc import Callable, Iterator

from tests.permissions import alone, elsewhere
from tests.permissions.access_checks import Check, checks
from tests.permissions.asking import Probe, Questions
from tests.permissions.foreign_ids import FOREIGN, got_through
from tests.permissions.narrowing import rights_for_nothing, too_wide
from tests.permissions.rights_end import ENDS, not_ended

Stage = Callable[[list[Check]], Iterator[tuple[Check, str]]]
ROW = re.compile(r"^\| `([^`]+)` \| `([^`]+)` \| (.*) \|$", re.MULTILINE)
"""A check's name and words, and what noticed; in ``**`` if nothing did, or nobody has asked yet."""


def probes() -> list[Probe]:
    """What is asked beside the table."""
    return [
        Probe(lambda world: next(too_wide(world), "")),
        Probe(lambda world: next((f"{each}, without a permission" for each in rights_for_nothing(world)), "")),
        *(Probe(functools.partial(got_through, foreign), foreign.page) for foreign in FOREIGN),
        *(Probe(functools.partial(not_ended, end), end.page) for end in ENDS),
    ]


def rows(questions: Questions, asked: list[Check]) -> Iterator[tuple[Check, str]]:
    """Each check, and what turned red without it: what is found soon first."""
    stages: tuple[Stage, ...] = (
        questions.caught_at_once,
        functools.partial(questions.caught_by, questions.first),
        elsewhere.noticed,
        functools.partial(questions.caught_by, questions.later),
    )
    for stage in stages:
        done = set()
        for check, red in stage(asked):
            if red:
                done.add(check)
                yield check, red
        asked = [check for check in asked if check not in done]
    yield from ((check, "") for check in asked)


def main(only: str = "", file: str = "") -> int:
    """Print a row for each check; 1 if one was not missed.

    ``only`` is a part of a check's name. What has a row in ``file`` already is left out, and each new row is written
    there at once: a run that was interrupted goes on.
    """
    kept = pathlib.Path(file) if file else None
    rows_there = ROW.findall(kept.read_text()) if kept and kept.exists() else []
    done = {(name, words) for name, words, noticed in rows_there if not noticed.startswith("**")}
    asked = [each for each in checks() if only in each.name and (each.name, each.words) not in done]
    print("| check | taken out | noticed by |\n|---|---|---|")
    unnoticed = 0
    with alone.a_world() as world:
        questions = Questions(asked, probes(), world)
        for check, noticed in rows(questions, asked):
            unnoticed += not noticed
            row = f"| `{check.name}` | `{check.words}` | {noticed or '**nothing**'} |"
            print(row, flush=True)
            if kept:
                with kept.open("a") as out:
                    out.write(f"{row}\n")
    if questions.red_before:
        print("Mend these, which are red anyway:", *questions.red_before, sep="\n", file=sys.stderr)
    print(f"\n{len(asked)} checks, {unnoticed} of which nothing missed.")
    return 1 if unnoticed or questions.red_before else 0
