"""When a time of day is: every zone, every day of 2024 to 2028."""

import datetime
import zoneinfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from routines.moments import is_within, moment_of

FIRST, LAST = datetime.date(2024, 1, 1), datetime.date(2028, 12, 31)
DAY = datetime.timedelta(days=1)
EVERY_DAY = [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]
HALF_HOURS = [datetime.time(n // 2, n % 2 * 30) for n in range(48)]
NIGHT = datetime.time(2, 30)  # when most clocks change


ZONES = [zoneinfo.ZoneInfo(name) for name in sorted(zoneinfo.available_timezones())]


def assert_right(moment: datetime.datetime | None, day: datetime.date, time: datetime.time, zone) -> None:
    """On that day, at that time; or, if the day has no such time, on that day nevertheless."""
    assert moment is not None, (zone, day, time)
    local = moment.astimezone(zone)
    assert local.date() == day, (zone, day, time)
    wall = datetime.datetime.combine(day, time, tzinfo=zone)
    comes = wall.astimezone(datetime.UTC).astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None)
    assert (local.time() == time) is comes, (zone, day, time)
    assert local.fold == 0, (zone, day, time)


def test_every_zone_has_one_moment_on_every_day() -> None:
    for zone in ZONES:
        moments = [moment_of(day, NIGHT, zone) for day in EVERY_DAY]

        assert [moment.astimezone(zone).date() for moment in moments if moment] == EVERY_DAY
        assert len(set(moments)) == len(EVERY_DAY)


def test_every_change_of_clocks_leaves_one_moment_for_every_time() -> None:
    changes = 0
    for zone in ZONES:
        midnights = [datetime.datetime.combine(day, datetime.time(), tzinfo=zone) for day in [*EVERY_DAY, LAST + DAY]]
        for day, today, tomorrow in zip(EVERY_DAY, midnights, midnights[1:], strict=False):
            if today.utcoffset() != tomorrow.utcoffset():
                changes += 1
                for near in (day - DAY, day, day + DAY):
                    for time in HALF_HOURS:
                        assert_right(moment_of(near, time, zone), near, time, zone)

    assert changes > 500


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(FIRST, LAST),
    time=st.times().map(lambda time: time.replace(microsecond=0, fold=0)),
)
@example(zone=zoneinfo.ZoneInfo("Europe/London"), day=datetime.date(2026, 3, 29), time=datetime.time(1, 30))
@example(zone=zoneinfo.ZoneInfo("Australia/Lord_Howe"), day=datetime.date(2026, 10, 4), time=datetime.time(2, 15))
@example(zone=zoneinfo.ZoneInfo("America/Nuuk"), day=datetime.date(2026, 10, 24), time=datetime.time(23, 30))
def test_a_time_of_day_is_once_a_day(zone, day, time) -> None:
    assert_right(moment_of(day, time, zone), day, time, zone)


@pytest.mark.parametrize(
    ("zone", "day", "time", "expected"),
    [
        ("Europe/London", "2026-01-15", "08:00", "2026-01-15T08:00"),
        ("Europe/London", "2026-07-15", "08:00", "2026-07-15T07:00"),
        ("Europe/London", "2026-03-29", "01:30", "2026-03-29T01:30"),  # does not come: it is half past two
        ("Europe/London", "2026-10-25", "01:30", "2026-10-25T00:30"),  # comes twice: the first
        ("Asia/Beirut", "2026-03-29", "00:30", "2026-03-28T22:30"),  # the day begins at one
        ("America/Toronto", "1919-03-30", "23:45", "1919-03-31T03:45"),  # half past eleven is past midnight: before it
        ("Pacific/Apia", "2011-12-30", "08:00", None),  # left out
    ],
)
def test_moment_of(zone, day, time, expected) -> None:
    moment = moment_of(datetime.date.fromisoformat(day), datetime.time.fromisoformat(time), zoneinfo.ZoneInfo(zone))

    assert moment == (datetime.datetime.fromisoformat(f"{expected}+00:00") if expected else None)


@pytest.mark.parametrize(
    ("time", "since", "until", "expected"),
    [
        ("13:00", "12:00", "14:00", True),
        ("12:00", "12:00", "14:00", True),
        ("14:00", "12:00", "14:00", False),
        ("23:00", "22:00", "07:00", True),
        ("06:59", "22:00", "07:00", True),
        ("07:00", "22:00", "07:00", False),
        ("12:00", "22:00", "07:00", False),
        ("12:00", "12:00", "12:00", False),
        ("12:00", None, "14:00", False),
        ("12:00", "11:00", None, False),
    ],
)
def test_is_within(time, since, until, expected) -> None:
    hours = [datetime.time.fromisoformat(each) if each else None for each in (since, until)]

    assert is_within(datetime.time.fromisoformat(time), *hours) is expected
