"""The patient's calendar: the times of the coming days as an iCalendar file (RFC 5545), for their own calendar app.

It says when, and never which stretch: an app may go on showing what it read hours ago, and what was safe then may not
be now. A day on which nothing may be shown has no entry.
"""

import datetime

import icalendar
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from patients.reading import reading_language
from prescriptions.models import PartOfDay
from prescriptions.showing import routine_of
from routines.models import ReminderPreference
from routines.reminders import occasions

DAYS_AHEAD = 14
LENGTH = datetime.timedelta(minutes=15)
"""How long an entry is in the calendar, so that it can be seen and tapped. Ours."""


def preference_of_feed(secret: str) -> ReminderPreference | None:
    """The preference whose calendar has this secret address; ``None`` when it is closed, or its maker's no longer."""
    found = ReminderPreference.objects.with_feed(secret).select_related("clinic", "patient__clinic", "patient__user")
    preference = found.prefetch_related("times").first()
    return preference if preference and preference.is_feed_of_owner(secret) else None


def calendar_of(preference: ReminderPreference, *, at: datetime.datetime) -> bytes:
    """Today and the days after it, as they stand now.

    Every entry is a moment in UTC, worked out for its own local day: no app has to know when clocks change.
    """
    with translation.override(reading_language(preference.patient)):
        return _calendar(preference, at=at)


def _calendar(preference: ReminderPreference, *, at: datetime.datetime) -> bytes:
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Limber//Routine//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    name = _("Routine") if preference.is_discreet else _("Stretches")
    calendar.add("x-wr-calname", name)
    calendar.add("name", name)
    calendar.add("refresh-interval", datetime.timedelta(hours=6), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT6H")
    for event in _events(preference, at=at):
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _events(preference: ReminderPreference, *, at: datetime.datetime) -> list[icalendar.Event]:
    if not preference.is_on:
        return []
    due = {part.slug for part in routine_of(preference.patient, on=preference.clinic.today(at)).parts}
    times = [time for time in preference.times.all() if time.part_of_day in due]
    anchors = {time.part_of_day: time.anchor for time in times}
    today = at.astimezone(preference.zone).date()
    days = [today + datetime.timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
    return [
        _event(preference, occasion.on, PartOfDay(occasion.part), anchors[occasion.part], moment, at=at)
        for day in days
        for occasion, moment in occasions(preference, times, on=day)
        if not occasion.is_repeat
    ]


def _event(
    preference: ReminderPreference,
    on: datetime.date,
    part: PartOfDay,
    anchor: str,
    moment: datetime.datetime,
    *,
    at: datetime.datetime,
) -> icalendar.Event:
    event = icalendar.Event()
    host = settings.SITE_URL.partition("//")[2]
    event.add("uid", f"{preference.pk}-{on}-{part.value}@{host}")
    event.add("dtstamp", at)
    event.add("dtstart", moment)
    event.add("dtend", moment + LENGTH)
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    if preference.is_discreet:
        event.add("summary", _("Time for your routine"))
    else:
        event.add("summary", _("Time for your stretches: %(part)s") % {"part": part.label})
        if anchor:
            event.add("description", _("Right after: %(anchor)s") % {"anchor": anchor})
    event.add("url", settings.SITE_URL + reverse("routines:routine_today"))
    alarm = icalendar.Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event["summary"])
    alarm.add("trigger", datetime.timedelta(0))
    event.add_component(alarm)
    return event
