"""The pain-monitoring tiers, as a table that a clinician can object to."""

import pytest

from prescriptions.dosage import pain_tier

UNKNOWN, SETTLED, NOT_SETTLED = None, True, False


@pytest.mark.parametrize(
    ("pain_score", "has_settled", "has_spread", "tier"),
    [
        (0, UNKNOWN, False, "green"),
        (0, SETTLED, False, "green"),
        (0, NOT_SETTLED, False, "red"),
        (0, SETTLED, True, "red"),
        (1, UNKNOWN, False, None),
        (2, UNKNOWN, False, None),
        (2, SETTLED, False, "green"),
        (2, NOT_SETTLED, False, "red"),
        (3, UNKNOWN, False, "amber"),
        (3, SETTLED, False, "amber"),
        (5, SETTLED, False, "amber"),
        (5, NOT_SETTLED, False, "red"),
        (6, UNKNOWN, False, "red"),
        (6, SETTLED, False, "red"),
        (10, SETTLED, False, "red"),
        (None, UNKNOWN, False, None),
        (None, SETTLED, False, None),
        (None, NOT_SETTLED, False, "red"),
        (None, UNKNOWN, True, "red"),
        (2, SETTLED, True, "red"),
    ],
)
def test_pain_tier(pain_score, has_settled, has_spread, tier):
    assert pain_tier(pain_score, has_settled=has_settled, has_spread=has_spread) == tier
