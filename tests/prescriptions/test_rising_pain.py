"""Pain that rises from week to week, as a table that a clinician can object to."""

import pytest

from prescriptions.dosage import is_rising


@pytest.mark.parametrize(
    ("weeks", "rises"),
    [
        ([], False),
        ([[1, 1, 1], [2, 2, 2]], False),
        ([[1, 1, 1], [2, 2, 2], [3, 3, 3]], True),
        ([[0, 0, 0], [1, 1, 1], [2, 2, 2]], True),
        ([[9, 9, 9], [1, 1, 1], [2, 2, 2], [3, 3, 3]], True),
        ([[1, 1, 1], [2, 2, 2], [3, 3, 3], [3, 3, 3]], False),
        ([[1, 1, 1], [2, 2, 2], [2, 2, 3]], False),
        ([[1, 1, 1], [3, 3, 3], [2, 2, 2]], False),
        ([[3, 3, 3], [2, 2, 2], [1, 1, 1]], False),
        ([[1, 1], [2, 2, 2], [3, 3, 3]], False),
        ([[1, 1, 1], [], [3, 3, 3]], False),
        ([[1, 1, 5], [2, 2, 5], [3, 3, 5]], False),  # the worst did not get worse
        ([[1, 1, 2, 2], [2, 2, 3, 3], [3, 3, 4, 4]], True),
        ([[1, 1, 2, 2], [1, 2, 2, 2], [2, 2, 2, 3]], False),  # half a point
    ],
)
def test_is_rising(weeks, rises):
    assert is_rising(weeks) is rises
