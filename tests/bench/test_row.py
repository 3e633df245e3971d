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


@pytest.mark.parametrize(
    ("value", "words"), [(100_007, "100,007 rows"), (315.4, "315 rows"), (7.694, "7.69 rows"), (0, "0 rows")]
)
def test_what_was_counted_is_told_to_the_last_one(value: float, words: str) -> None:
    assert Row("acknowledged logs", value, "rows").measured_text == words
