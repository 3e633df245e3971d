"""What a patient has done, day by day, and how it felt: for looking back without blame. Reads only."""

import dataclasses
import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _

from patients.models import Patient
from prescriptions.models import Prescription
from routines.models import DONE_AT_ALL, Proposal, ProposalKind, ProposalStatus, SessionLog, StretchLog
from routines.plots import Plot, hold_plot, pain_plot
from stretches.models import Stretch
from stretches.wording import Wording, wording_for

DAY = datetime.timedelta(days=1)
WEEK = 7
WEEKS = (4, 12)
"""How far back one may look, in weeks; the first is what is shown at first."""

LONGEST_ROW_DAYS = 365
"""Days in a row are counted within so many days."""


@dataclasses.dataclass(frozen=True)
class CalendarDay:
    """A day of the calendar; ``sessions`` counts the parts of the day in which something was done."""

    on: datetime.date
    sessions: int
    is_today: bool
    is_future: bool


@dataclasses.dataclass(frozen=True)
class Said:
    """What a clinician said or changed, in the patient's words."""

    on: datetime.date
    by: str
    words: str


@dataclasses.dataclass(frozen=True)
class StretchProgress:
    """One stretch: its name in the patient's language, and its plots, which may be empty."""

    key: uuid.UUID
    name: str
    pain: Plot
    hold: Plot

    @property
    def pain_id(self) -> str:
        """An id for the plot of pain, unique on the page."""
        return f"pain-{self.key}"

    @property
    def hold_id(self) -> str:
        """The same for the plot of holds."""
        return f"hold-{self.key}"


@dataclasses.dataclass(frozen=True)
class Progress:
    """One clinic's record of a person over the last weeks; each week of the calendar begins on Monday."""

    patient: Patient
    weeks: tuple[tuple[CalendarDay, ...], ...]
    stretches: tuple[StretchProgress, ...]
    said: tuple[Said, ...]
    days_in_a_row: int

    @property
    def days_done(self) -> int:
        """On how many of the days shown something was done."""
        return sum(day.sessions > 0 for week in self.weeks for day in week)

    @property
    def days_so_far(self) -> int:
        """How many of the days shown have come."""
        return sum(not day.is_future for week in self.weeks for day in week)


def progress_of(patient: Patient, *, on: datetime.date, weeks: int) -> Progress:
    """Read a record's last weeks, this one included: five queries, however much was logged."""
    monday = on - on.weekday() * DAY
    since = monday - (weeks - 1) * WEEK * DAY
    logs = list(
        StretchLog.objects.filter(session__patient=patient, session__on__range=(since, on))
        .select_related("session", "stretch")
        .order_by("session__on", "logged_at", "id")
    )
    proposals = _decided(patient, since=since)
    prescriptions = list(
        Prescription.objects.filter(patient=patient, activated_at__isnull=False).select_related("activated_by")
    )
    stretches = {log.stretch_id: log.stretch for log in logs}
    named = [*stretches.values(), *(each.to_stretch for each in proposals if each.to_stretch)]
    named += [each.item.stretch for each in proposals if each.item]
    wording = wording_for(named)
    done = SessionLog.objects.filter(
        patient=patient,
        on__range=(min(since, on - LONGEST_ROW_DAYS * DAY), on),
        stretch_logs__outcome__in=DONE_AT_ALL,
    )
    sessions: dict[datetime.date, int] = defaultdict(int)
    for day, _part in done.order_by().values_list("on", "part_of_day").distinct():
        sessions[day] += 1
    return Progress(
        patient,
        weeks=tuple(
            tuple(
                CalendarDay(day, sessions.get(day, 0), is_today=day == on, is_future=day > on)
                for day in (since + (week * WEEK + weekday) * DAY for weekday in range(WEEK))
            )
            for week in range(weeks)
        ),
        stretches=tuple(_stretch(stretch, logs, wording, since=since, until=on) for stretch in stretches.values()),
        said=tuple(_said(patient, prescriptions, proposals, wording, since=since)),
        days_in_a_row=in_a_row(sessions, on=on),
    )


def in_a_row(days_done: Collection[datetime.date], *, on: datetime.date) -> int:
    """Days without a gap up to a day; a day that is not over breaks nothing."""
    day = on if on in days_done else on - DAY
    count = 0
    while day in days_done:
        count, day = count + 1, day - DAY
    return count


def _stretch(
    stretch: Stretch, logs: Iterable[StretchLog], wording: Wording, *, since: datetime.date, until: datetime.date
) -> StretchProgress:
    own = [log for log in logs if log.stretch_id == stretch.pk]
    pain = [(log.session.on, log.pain_score) for log in own if log.pain_score is not None]
    holds = [(log.session.on, log.held_seconds) for log in own if log.held_seconds is not None]
    return StretchProgress(
        own[0].item_id,
        wording.stretch(stretch).name,
        pain_plot(_("Pain"), pain, since=since, until=until),
        hold_plot(_("Longest hold"), holds, since=since, until=until),
    )


def _decided(patient: Patient, *, since: datetime.date) -> list[Proposal]:
    """Proposals that a clinician accepted, with what they changed."""
    accepted = patient.proposals.filter(status=ProposalStatus.ACCEPTED, decided_at__date__gte=since)
    return list(accepted.exclude(kind=ProposalKind.HOLD).select_related("item__stretch", "to_stretch", "decided_by"))


def _said(
    patient: Patient,
    prescriptions: Iterable[Prescription],
    proposals: Iterable[Proposal],
    wording: Wording,
    *,
    since: datetime.date,
) -> list[Said]:
    """Messages and changes, the latest first."""
    today = patient.clinic.today
    said = [
        Said(today(each.activated_at), str(each.activated_by), each.note)
        for each in prescriptions
        if each.note and each.activated_at and today(each.activated_at) >= since
    ]
    said += [
        Said(today(each.decided_at), str(each.decided_by), _change(each, wording))
        for each in proposals
        if each.decided_at
    ]
    return sorted(said, key=lambda each: each.on, reverse=True)


def _change(proposal: Proposal, wording: Wording) -> str:
    """An accepted change in the patient's words."""
    if proposal.to_stretch:
        return _("New for you: %(stretch)s.") % {"stretch": wording.stretch(proposal.to_stretch).name}
    if proposal.item and proposal.to_hold_seconds is not None:
        words = {"stretch": wording.stretch(proposal.item.stretch).name, "seconds": proposal.to_hold_seconds}
        return _("%(stretch)s: start with a hold of %(seconds)s seconds.") % words
    return _("You go on to the next part of your programme.")
