"""What happened to a patient, week by week, the newest first: in words, from what ``events`` and ``chart`` read."""

import dataclasses
import datetime
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.urls import reverse

from accounts.models import Clinic
from patients.models import CONDITION_FIELDS, Invitation, OutcomeScore
from patients.versions import differences
from prescriptions.models import Override, PauseReason, PrescriptionStatus
from routines import events as happened
from routines.adherence import Adherence
from routines.chart import Logged, monday_of
from routines.events import Event
from routines.models import Proposal


@dataclasses.dataclass(frozen=True)
class Entry:
    """One line of the timeline. ``by`` is who did it, "" where the app or the patient did."""

    at: datetime.datetime
    icon: str
    title: str
    details: tuple[str, ...] = ()
    by: str = ""
    url: str = ""


@dataclasses.dataclass(frozen=True)
class Sessions:
    """What was logged in a week, in a few figures, and in the patient's own words."""

    adherence: Adherence
    logged: int
    worst_pain: int | None
    notes: tuple[tuple[datetime.date, str, str], ...]


@dataclasses.dataclass(frozen=True)
class Week:
    """A week from its Monday on: the sessions as a whole, the rest one by one."""

    monday: datetime.date
    sessions: Sessions | None
    entries: tuple[Entry, ...]


def weeks_of(
    entries: Iterable[Entry],
    logs: Iterable[Logged],
    adherence: Mapping[datetime.date, Adherence],
    *,
    clinic: Clinic,
    since: datetime.date | None,
) -> list[Week]:
    """Every week in which something happened, the newest first, in the clinic's local days."""
    by_week: dict[datetime.date, list[Entry]] = defaultdict(list)
    for entry in entries:
        day = clinic.today(entry.at)
        if since is None or day >= since:
            by_week[monday_of(day)].append(entry)
    logged: dict[datetime.date, list[Logged]] = defaultdict(list)
    for log in logs:
        logged[monday_of(log.on)].append(log)
    return [
        Week(
            monday=monday,
            sessions=_sessions(logged[monday], adherence.get(monday, Adherence())) if logged[monday] else None,
            entries=tuple(sorted(by_week[monday], key=lambda entry: entry.at, reverse=True)),
        )
        for monday in sorted({*by_week, *logged}, reverse=True)
    ]


def _sessions(logs: Collection[Logged], adherence: Adherence) -> Sessions:
    return Sessions(
        adherence=adherence,
        logged=len({(log.on, log.part_of_day) for log in logs if log.is_done}),
        worst_pain=max((log.pain_score for log in logs if log.pain_score is not None), default=None),
        notes=tuple((log.on, log.stretch, log.note) for log in logs if log.note),
    )


def entries_of_events(events: Collection[Event], *, clinic: Clinic) -> Iterator[Entry]:
    """Say what happened: prescriptions, pauses, stops, overrides, reviews, invitations, messages."""
    yield from _of_prescriptions([event for event in events if event.kind == happened.STATUS])
    yield from _of_messages([event for event in events if event.kind == happened.MAIL], clinic)
    says = {
        happened.PAUSE: _of_pause,
        happened.STOP: _of_stop,
        happened.OVERRIDE: _of_override,
        happened.REVIEW: _of_review,
        happened.INVITATION: _of_invitation,
    }
    for event in events:
        if event.kind in says:
            yield from says[event.kind](event)


def _of_prescriptions(events: Collection[Event]) -> Iterator[Entry]:
    """Each change of status, and the message to the patient when it comes into force and is another than before."""
    statuses: dict[Any, str] = {}
    message = ""
    for event in events:
        before, statuses[event.about] = statuses.get(event.about), event.code
        if before == event.code:
            continue
        details = [event.note] if event.note else []
        if event.code == PrescriptionStatus.ACTIVE and event.what != message:
            message = event.what
            details.append(f"Message to the patient: “{message}”" if message else "No message to the patient any more")
        yield Entry(
            at=event.at,
            icon=event.code,
            title=_status_words(before, event.code),
            details=tuple(details),
            by=event.by,
            url=reverse("prescriptions:prescription_detail", args=[event.about]),
        )


def _status_words(before: str | None, now: str) -> str:
    if before == PrescriptionStatus.DRAFT and now == PrescriptionStatus.REVOKED:
        return "Draft thrown away"
    if before == PrescriptionStatus.ON_HOLD and now == PrescriptionStatus.ACTIVE:
        return "Prescription resumed"
    words = {"draft": "drafted", "active": "activated", "on-hold": "put on hold"}
    return f"Prescription {words.get(now, now)}"


def _of_pause(event: Event) -> Iterator[Entry]:
    why = f"Because {PauseReason(event.code).label}"
    yield Entry(event.at, "pause", f"Paused by pain: {event.what}", (why,))
    if event.until:
        note = (event.note,) if event.note else ()
        yield Entry(event.until, "play", f"Pause lifted: {event.what}", note, event.until_by)


def _of_stop(event: Event) -> Iterator[Entry]:
    yield Entry(event.at, "red-flag", "Routine stopped by a red flag", (f"The patient was told: {event.what}",))
    if event.until:
        yield Entry(event.until, "play", "Routine reopened", (event.note,) if event.note else (), event.until_by)


def _of_override(event: Event) -> Iterator[Entry]:
    expires = f"Holds until {event.on.day} {event.on:%B %Y}" if event.on else ""
    details = (str(Override.Reason(event.code).label), event.note, expires)
    yield Entry(event.at, "needs_override", f"Override: {event.what}", tuple(filter(None, details)), event.by)


def _of_review(event: Event) -> Iterator[Entry]:
    yield Entry(event.at, "active", "Conditions reviewed", by=event.by)


def _of_invitation(event: Event) -> Iterator[Entry]:
    is_mail = event.what == Invitation.Channel.MAIL
    yield Entry(event.at, "key", "Invited by mail" if is_mail else "Invited by a code on the handout", by=event.by)
    if event.until:
        words = "Came in by the invitation" if event.code == "used" else "Invitation withdrawn"
        yield Entry(event.until, "key", words)


def _of_messages(events: Iterable[Event], clinic: Clinic) -> Iterator[Entry]:
    """One line a week for each kind of message: that it was sent, never what it said."""

    def sort(event: Event) -> tuple[datetime.date, str, str]:
        return monday_of(clinic.today(event.at)), event.what, event.code

    for (_monday, kind, code), group in itertools.groupby(sorted(events, key=sort), key=sort):
        each = list(group)
        words = {"sent": "sent", "cancelled": "not sent: no longer wanted", "waiting": "not sent yet"}[code]
        times = (f"{len(each)} times, the last one here",) if len(each) > 1 else ()
        title = f"Message {words}: {kind.replace('_', ' ').replace('-', ' ')}"
        yield Entry(max(event.at for event in each), "mail", title, times)


def entries_of_conditions(versions: Iterable[Any]) -> Iterator[Entry]:
    """Recorded, and every change. ``versions`` are those of all conditions, in the order in which they were stored."""
    earlier: dict[Any, Any] = {}
    for version in versions:
        before = earlier.get(version.id)
        earlier[version.id] = version
        name = str(version.code) if version.code else version.free_text
        changes = differences(before, version, CONDITION_FIELDS) if before else ()
        if before and not changes:
            continue
        status = f"{version.get_clinical_status_display()}, {version.get_verification_status_display().lower()}"
        yield Entry(
            at=version.history_date,
            icon="condition",
            title=f"Condition {'changed' if before else 'recorded'}: {name}",
            details=tuple(f"{each.field.capitalize()}: {each.before} → {each.after}" for each in changes) or (status,),
            by=str(version.history_user or ""),
            url=reverse("patients:condition_detail", args=[version.id]),
        )


def entries_of_proposals(proposals: Iterable[Proposal]) -> Iterator[Entry]:
    """What a clinician decided on what the app proposed."""
    for proposal in proposals:
        if proposal.decided_at:
            yield Entry(
                at=proposal.decided_at,
                icon="progress",
                title=f"Proposal {proposal.get_status_display().lower()}: {proposal.change_words}",
                details=tuple(filter(None, [str(proposal.item or ""), proposal.decision_note])),
                by=str(proposal.decided_by or ""),
                url=proposal.get_absolute_url(),
            )


def entries_of_scores(scores: Iterable[OutcomeScore]) -> Iterator[Entry]:
    """What was recorded by outcome measures, that entered in error too."""
    for score in scores:
        activities = tuple(f"{each.activity}: {each.rating}" for each in score.activities.all())
        error = ("Entered in error",) if score.is_entered_in_error else ()
        yield Entry(
            at=score.recorded_at,
            icon="progress",
            title=f"{score}, {score.get_occasion_display().lower()}",
            details=(*error, f"On {score.on.day} {score.on:%B %Y}", *activities),
            by=str(score.recorded_by),
            url=reverse("patients:outcome_score_edit", args=[score.pk]),
        )
