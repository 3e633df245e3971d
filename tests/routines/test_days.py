"""Every zone and every day of 2024 to 2028: a local day has each of its parts once, whatever daylight saving does."""

import datetime
import itertools
import zoneinfo
from pathlib import Path

import pytest

from prescriptions.models import PartOfDay
from routines.days import PART_STARTS, local_part, next_part

FIRST, LAST = datetime.date(2024, 1, 1), datetime.date(2028, 12, 31)
DAY, HOUR = datetime.timedelta(days=1), datetime.timedelta(hours=1)
DAYS = [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]


def clock(name):
    """What the time zone database says of a zone; many names stand for the same clock."""
    files = (Path(folder, name) for folder in zoneinfo.TZPATH)
    return next((file.read_bytes() for file in files if file.is_file()), name)


ZONES = sorted({clock(name): name for name in zoneinfo.available_timezones()}.values())


def test_every_zone_and_every_day_has_each_part_once():
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        for day in DAYS:
            for part, starts_at in PART_STARTS.items():
                inside = datetime.datetime.combine(day, starts_at, zone) + 2 * HOUR  # by the clock on the wall
                found = local_part(inside.astimezone(datetime.UTC), name)
                assert found == (day, part), f"{name}: {inside} is in {found}"


@pytest.mark.parametrize(
    "name",
    [
        "Europe/London",
        "America/Havana",
        "Africa/Cairo",
        "Asia/Beirut",
        "Australia/Lord_Howe",
        "America/Nuuk",
        "Antarctica/Troll",
    ],
)
def test_through_a_year_no_part_comes_back_or_is_left_out(name):
    at, end = (
        datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC),
        datetime.datetime(2025, 1, 1, 12, tzinfo=datetime.UTC),
    )
    seen = []
    while at < end:
        seen.append(local_part(at, name))
        at += datetime.timedelta(minutes=10)

    runs = [key for key, _ in itertools.groupby(seen)]
    order = list(PartOfDay)

    assert len(runs) == len(set(runs))
    for (day, part), (next_day, following) in itertools.pairwise(runs):
        is_last = part == order[-1]
        assert (next_day, following) == (day + DAY if is_last else day, order[(order.index(part) + 1) % len(order)])


@pytest.mark.parametrize(
    ("due", "now", "expected"),
    [
        (["on-getting-up", "before-bed"], "on-getting-up", "on-getting-up"),
        (["on-getting-up", "before-bed"], "midday", "before-bed"),
        (["on-getting-up"], "midday", None),
        (["afternoon"], "on-getting-up", "afternoon"),
        ([], "midday", None),
    ],
)
def test_next_part(due, now, expected):
    assert next_part(due, PartOfDay(now)) == expected
