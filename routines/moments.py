"""When a time of day is, on a day in a time zone. Pure: nothing here reads the clock or the database."""

import datetime
import zoneinfo


def moment_of(day: datetime.date, time: datetime.time, zone: zoneinfo.ZoneInfo) -> datetime.datetime | None:
    """The one moment, in UTC, at which a local day has this time of day.

    When the clocks go back and the time comes twice, it is the first. When they go forward and it does not come, it is
    as long after midnight as it would have been, so half past two is half past three; and where that would already be
    the next day, it is as much before the change. ``None`` only for a day that a zone leaves out, as Samoa did with 30
    December 2011.
    """
    local = datetime.datetime.combine(day, time, tzinfo=zone)
    for fold in (0, 1):  # of a time that does not come, the offsets before and after the change: see PEP 495
        moment = local.replace(fold=fold).astimezone(datetime.UTC)
        if moment.astimezone(zone).date() == day:
            return moment
    return None


def is_within(time: datetime.time, since: datetime.time | None, until: datetime.time | None) -> bool:
    """Whether a time of day lies in hours that may pass midnight; ``since`` belongs to them and ``until`` does not.

    Hours without a beginning or an end, or as long as nothing, hold no time.
    """
    if since is None or until is None:
        return False
    if since <= until:
        return since <= time < until
    return time >= since or time < until
