"""The lists of broken clauses stay true to the code; breaking them for real is ``python -m tests.mutation``."""

import pytest

from tests.clauses import MUTANTS, Mutant
from tests.mutation import ROOT
from tests.promises import running, topics

PROTECTIONS = [each for protections in topics().values() for each in protections]


@pytest.mark.parametrize("mutant", [*MUTANTS, *PROTECTIONS], ids=lambda mutant: mutant.clause)
def test_each_clause_is_in_the_code_once(mutant: Mutant) -> None:
    assert (ROOT / mutant.path).read_text().count(mutant.old) == 1
    for path, _, name in (test.partition("::") for test in mutant.tests):
        assert not name or f"def {name.partition('[')[0]}(" in (ROOT / path).read_text()
        assert (ROOT / path).exists()


def test_each_protection_has_a_name_of_its_own() -> None:
    names = [each.clause for each in PROTECTIONS]

    assert len(names) == len(set(names))


def test_what_a_test_noticed_is_not_left() -> None:
    noticed, missed, red, *others = topics()["wall"]
    rows = [
        f"| {noticed.clause} | `a.py: without {{a \\| b}}` | `test_of_it[a|b]` |",
        f"| {missed.clause} | `a.py: pass` | {running.NOTHING} |",
        f"| {red.clause} | `a.py: pass` | {running.RED_BEFORE} |",
    ]

    chosen = list(running.chosen(["left", "wall", "audit"], rows))

    assert chosen == [[missed, red, *others], topics()["audit"]]
    assert list(running.chosen([noticed.clause], rows)) == [[noticed]]
