"""The list of broken clauses stays true to the code; breaking them for real is ``python -m tests.mutation``."""

import pytest

from tests.mutation import MUTANTS, ROOT, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.clause)
def test_each_clause_is_in_the_code_once(mutant: Mutant) -> None:
    assert (ROOT / mutant.path).read_text().count(mutant.old) == 1
    assert all((ROOT / path.partition("::")[0]).exists() for path in mutant.tests)
