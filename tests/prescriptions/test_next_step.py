"""Which step the logs speak for, as a table that a clinician can object to."""

import datetime

import pytest

from prescriptions.dosage import Evidence, PainTier, next_step, rung_above, rung_below

GREEN, AMBER, RED, UNKNOWN = PainTier.GREEN, PainTier.AMBER, PainTier.RED, None
MONDAY = datetime.date(2026, 1, 12)


def sessions(*tiers, on_one_day=False, **how):
    """One session a day, the latest first, done in full unless ``how`` says otherwise."""
    return [
        Evidence(
            on=MONDAY if on_one_day else MONDAY - datetime.timedelta(days=back), tier=tier, **{"is_full": True} | how
        )
        for back, tier in enumerate(tiers)
    ]


@pytest.mark.parametrize(
    ("latest_first", "start", "target", "step"),
    [
        ((), 10, 30, None),
        ((GREEN,), 10, 30, None),
        ((GREEN, GREEN), 10, 30, None),
        ((GREEN, GREEN, GREEN), 10, 30, "up"),
        ((GREEN, GREEN, GREEN), 30, 30, None),
        ((GREEN, GREEN, GREEN), None, None, None),
        ((GREEN, GREEN, GREEN, RED), 10, 30, "up"),
        ((UNKNOWN, GREEN, GREEN, GREEN), 10, 30, "up"),
        ((UNKNOWN, UNKNOWN, UNKNOWN), 10, 30, None),
        ((GREEN, GREEN, AMBER), 10, 30, None),
        ((GREEN, AMBER, AMBER), 15, 30, "down"),
        ((AMBER,), 10, 30, "hold"),
        ((AMBER, GREEN, GREEN), 10, 30, "hold"),
        ((AMBER, AMBER), 15, 30, "down"),
        ((AMBER, AMBER), 12, 30, "down"),
        ((AMBER, AMBER), 10, 30, "easier"),
        ((AMBER, AMBER), None, None, "easier"),
        ((AMBER, RED), 15, 30, "hold"),
        ((RED,), 15, 30, "easier"),
        ((RED, GREEN, GREEN), 15, 30, "easier"),
        ((GREEN, RED, GREEN), 10, 30, None),
    ],
)
def test_next_step(latest_first, start, target, step):
    assert next_step(sessions(*latest_first), start_hold_seconds=start, target_hold_seconds=target) == step


@pytest.mark.parametrize(
    ("how", "start", "step"),
    [
        ({"is_easy": True}, 30, "harder"),
        ({"is_easy": True}, None, "harder"),
        ({"is_easy": True}, 10, "up"),
        ({"is_hard": True}, 10, None),
        ({"is_full": False}, 10, None),
        ({"on_one_day": True}, 10, None),
    ],
)
def test_three_green_sessions_and_how_they_went(how, start, step):
    target = None if start is None else 30

    assert next_step(sessions(GREEN, GREEN, GREEN, **how), start_hold_seconds=start, target_hold_seconds=target) == step


@pytest.mark.parametrize(
    ("mornings", "evenings", "step"),
    [
        ([GREEN] * 3, [GREEN] * 3, "up"),
        ([GREEN] * 2, [GREEN] * 2, None),
        ([UNKNOWN, GREEN, GREEN], [GREEN] * 3, "up"),
        ([GREEN, GREEN, AMBER], [GREEN] * 3, None),
        ([AMBER, GREEN, GREEN], [GREEN] * 3, None),
        ([GREEN] * 3, [AMBER, GREEN, GREEN], "hold"),
    ],
)
def test_twice_a_day_counts_days_and_not_sessions(mornings, evenings, step):
    pairs = zip(sessions(*evenings), sessions(*mornings), strict=True)
    evidence = [each for pair in pairs for each in pair]

    assert next_step(evidence, start_hold_seconds=10, target_hold_seconds=30) == step


@pytest.mark.parametrize(
    ("start", "target", "above", "below"),
    [
        (10, 60, 15, None),
        (15, 60, 20, 10),
        (20, 60, 30, 15),
        (30, 60, 45, 20),
        (45, 60, 60, 30),
        (60, 60, None, 45),
        (12, 60, 15, 10),
        (20, 25, 25, 15),
        (5, 30, 10, None),
        (60, 90, 90, 45),
        (None, None, None, None),
    ],
)
def test_rungs(start, target, above, below):
    assert (rung_above(start, target), rung_below(start)) == (above, below)
