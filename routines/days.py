"""When something was done, in the patient's own time zone: the local day and its part. Pure functions.

A local day is a day of the calendar on the clinic's wall clock, whatever daylight saving does to its length.
"""

import datetime
import zoneinfo
from collections.abc import Collection

from prescriptions.models import PartOfDay

PART_STARTS = {
    PartOfDay.ON_GETTING_UP: datetime.time(0),
    PartOfDay.MIDDAY: datetime.time(11),
    PartOfDay.AFTERNOON: datetime.time(15),
    PartOfDay.BEFORE_BED: datetime.time(18),
}
"""From when on a part of the day is the one to show first. Ours: nothing is refused for being done at another hour."""


def local_part(at: datetime.datetime, time_zone: str) -> tuple[datetime.date, PartOfDay]:
    """The local day and the part of it at a moment."""
    local = at.astimezone(zoneinfo.ZoneInfo(time_zone))
    begun = [part for part, starts_at in PART_STARTS.items() if starts_at <= local.time()]
    return local.date(), begun[-1]


def next_part(due: Collection[str], now: PartOfDay) -> PartOfDay | None:
    """Which of the parts that are due comes now or next; ``None`` when the last of them is over."""
    order = list(PartOfDay)
    return next((part for part in order[order.index(now) :] if part.value in due), None)
