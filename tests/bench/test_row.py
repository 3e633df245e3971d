import pytest

from bench.row import Row


@pytest.mark.parametrize(
    ("at_most", "at_least", "verdict"),
    [
        (None, None, ""),
        (1.5, None, "kept"),
        (1.4, None, "OVER"),
        (None, 1.5, "kept"),
        (None, 1.6, "OVER"),
        (2, 1.6, "OVER"),
    ],
)
def test_verdict(at_most: float | None, at_least: float | None, verdict: str) -> None:
    row = Row("safety filter, against raw SQL", 1.5, "×", at_most=at_most, at_least=at_least)

    assert row.verdict == verdict
