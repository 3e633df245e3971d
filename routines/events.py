"""What happened to a patient and when, out of many tables by one statement; what it means is said in ``timeline``.

Each table gives the same columns, so that the database sends them as one result, however many there are.
"""

import dataclasses
import datetime
import uuid
from collections.abc import Collection
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateField,
    DateTimeField,
    F,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce
from simple_history.utils import get_history_manager_for_model

from accounts.models import OutboxMessage
from patients.models import Invitation, Patient
from prescriptions.models import Override, Prescription, RoutineStop, StretchPause

STATUS, PAUSE, STOP = "status", "pause", "stop"
OVERRIDE, REVIEW, INVITATION, MAIL = "override", "review", "invitation", "mail"
BREAKS = (STATUS, PAUSE, STOP)
"""What says when something was not to be done."""

FOR_STAFF = ("needs_you",)
"""Kinds of messages that tell clinicians: a patient who is one has them, and they are no part of the record."""


@dataclasses.dataclass(frozen=True)
class Event:
    """One thing that happened. ``code`` is a status or a reason, as its table has it; ``note`` is what was written.

    ``about`` is the id of the stretch of a pause, of the prescription of a status, otherwise of the row. ``until``
    and ``until_by`` tell when it ended and through whom; ``on`` is a day that it names, such as that of expiry.
    """

    kind: str
    about: uuid.UUID
    at: datetime.datetime
    by: str
    until: datetime.datetime | None
    until_by: str
    code: str
    what: str
    note: str
    on: datetime.date | None


COLUMNS = [field.name for field in dataclasses.fields(Event)]


def events_of(patient: Patient, *, kinds: Collection[str] = (), since: datetime.datetime | None = None) -> list[Event]:
    """Read what happened, in order: one query. ``kinds`` narrows it; ``since`` spares what says when breaks were."""
    chosen = {kind: rows for kind, rows in _tables(patient).items() if not kinds or kind in kinds}
    if since:
        chosen = {kind: rows if kind in BREAKS else rows.filter(event_at__gte=since) for kind, rows in chosen.items()}
    first, *others = (rows.values_list(*(f"event_{name}" for name in COLUMNS)) for rows in chosen.values())
    rows = first.union(*others, all=True) if others else first
    return sorted((Event(*row) for row in rows), key=lambda event: event.at)


def _tables(patient: Patient) -> dict[str, QuerySet[Any]]:
    history = get_history_manager_for_model
    reviews = history(Patient).filter(id=patient.pk, history_change_reason="Conditions reviewed")
    to_patient = Q(address=patient.email) if patient.email else Q(pk=None)
    if patient.user_id:
        to_patient |= Q(recipient=patient.user_id)
    mail = OutboxMessage.objects.filter(to_patient, clinic=patient.clinic_id).exclude(kind__in=FOR_STAFF)
    return {
        STATUS: _columns(
            history(Prescription).filter(patient=patient.pk),
            STATUS,
            about="id",
            at="history_date",
            by=_name("history_user"),
            code="status",
            what="note",
            note="status_reason",
        ),
        PAUSE: _columns(
            StretchPause.objects.filter(patient=patient),
            PAUSE,
            about="stretch_id",
            at="paused_at",
            until="lifted_at",
            until_by=_name("lifted_by"),
            code="reason",
            what="stretch__name",
            note="lift_note",
        ),
        STOP: _columns(
            RoutineStop.objects.filter(patient=patient),
            STOP,
            at="stopped_at",
            until="reopened_at",
            until_by=_name("reopened_by"),
            code="tier",
            what="message",
            note="reopen_note",
        ),
        OVERRIDE: _columns(
            Override.objects.filter(patient=patient),
            OVERRIDE,
            at="decided_at",
            by=_name("decided_by"),
            code="reason",
            what="stretch__name",
            note="reason_text",
            on="expires_on",
        ),
        REVIEW: _columns(
            reviews, REVIEW, about="id", at="history_date", by=_name("history_user"), on="conditions_reviewed_on"
        ),
        INVITATION: _columns(
            Invitation.objects.filter(patient=patient),
            INVITATION,
            at="created_at",
            by=_name("created_by"),
            until=Coalesce("used_at", "revoked_at"),
            code=Case(
                When(used_at__isnull=False, then=Value("used")),
                When(revoked_at__isnull=False, then=Value("revoked")),
                default=Value("open"),
            ),
            what="channel",
        ),
        MAIL: _columns(
            mail,
            MAIL,
            at=Coalesce("sent_at", "cancelled_at", "due_at"),
            code=Case(
                When(sent_at__isnull=False, then=Value("sent")),
                When(cancelled_at__isnull=False, then=Value("cancelled")),
                default=Value("waiting"),
            ),
            what="kind",
            note="channel",
        ),
    }


def _first_that_is_set(moments: dict[str, str], *, otherwise: str) -> Combinable:
    """The word for the first of these columns that is not empty."""
    whens = [When(**{f"{column}__isnull": False}, then=Value(word)) for column, word in moments.items()]
    return Case(*whens, default=Value(otherwise))


def _name(relation: str) -> Combinable:
    """How a person is called; "" where the row names nobody."""
    return Coalesce(F(f"{relation}__full_name"), Value(""), output_field=TextField())


def _columns(rows: QuerySet[Any, Any], kind: str, **given: str | Combinable) -> QuerySet[Any, Any]:
    """Name the columns as ``Event`` does. Each is cast: some databases ask for the type of a bare NULL."""
    none_at, none_on = Cast(Value(None), DateTimeField()), Cast(Value(None), DateField())
    defaults: dict[str, Any] = {"until": none_at, "on": none_on, "about": "pk"}
    columns: dict[str, Any] = {}
    for name in COLUMNS:
        expression = given.get(name, defaults.get(name, Value("")))
        expression = F(expression) if isinstance(expression, str) else expression
        if name in {"by", "until_by", "code", "what", "note"}:
            expression = Cast(expression, TextField())
        columns[name] = expression
    columns["kind"] = Value(kind, output_field=CharField())
    named: QuerySet[Any, Any] = rows.order_by().annotate(**{f"event_{name}": each for name, each in columns.items()})
    return named
