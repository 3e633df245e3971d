"""Erasing a record in three classes, in one transaction: what goes now, what is locked away, what is made anonymous.

Why an erasure does not remove all: GDPR art. 17 (3) (b) and (c) leave what a law orders to be kept about a treatment.
So the clinic's admin decides, sees first what will happen, and the ledger tells that it did.
"""

import dataclasses
import datetime
import re
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import models, transaction
from django.db.models import Count, F, ProtectedError, Q, Sum
from django.db.models.functions import ExtractYear
from django.utils.functional import Promise

from accounts import acting
from accounts.models import NO_ADDRESS, Draft, User
from accounts.personal import Rule, Subject, Table
from audit import sealing as audit
from clinic.models import Erasure, StretchTally
from clinic.privacy import ledger
from clinic.privacy.declarations import counts_of, opens_more, subject_of, tables_of_patients
from clinic.privacy.terms import kept_until_on
from patients.models import Patient
from prescriptions.models import Prescription
from prescriptions.models.prescription import IN_FORCE, PrescriptionStatus
from routines.models import StretchLog

REASON = "The record was erased"
TERM_OVER = "The legal term is over"
AN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclasses.dataclass(frozen=True)
class Share:
    """What one table has about somebody."""

    title: str | Promise
    why: str
    count: int


@dataclasses.dataclass(frozen=True)
class Plan:
    """What erasing a record would do. ``keeps_sign_in``: the person's sign-in opens more than this record."""

    shares: dict[Rule, list[Share]]
    kept_until_on: datetime.date
    keeps_sign_in: bool

    @property
    def erased(self) -> list[Share]:
        """What goes at once."""
        return self.shares[Rule.ERASE]

    @property
    def kept(self) -> list[Share]:
        """What stays, locked away."""
        return self.shares[Rule.KEEP]

    @property
    def made_anonymous(self) -> list[Share]:
        """What is counted, and goes."""
        return self.shares[Rule.ANONYMISE]


def plan_of(patient: Patient, *, at: datetime.datetime) -> Plan:
    """Look at what erasing would do; nothing is changed."""
    with acting.everywhere():  # whether the sign-in opens something elsewhere
        keeps_sign_in = opens_more(patient)
    subject = subject_of(patient, with_sign_in=not keeps_sign_in)
    shares: dict[Rule, list[Share]] = {Rule.ERASE: [], Rule.KEEP: [], Rule.ANONYMISE: []}
    counts = counts_of(subject)
    for table in tables_of_patients():
        # A history goes with what it tells of, and what has no title is a detail of something that has one.
        if table.title and not hasattr(table.model_class, "instance_type") and table.model in counts:
            shares[table.rule].append(Share(table.title, table.why, counts[table.model]))
    until = kept_until_on(subject, born_on=patient.born_on, today=patient.clinic.today(at))
    return Plan(shares, until, keeps_sign_in)


def erase(patient: Patient, *, by: User | None, at: datetime.datetime) -> Erasure | None:
    """Erase a record; None if it was erased already. ``by`` is None where the legal term decided, or a ledger."""
    # A sign-in may have left traces in any clinic, and goes only where it opens none.
    with transaction.atomic(), acting.everywhere(reason=REASON):
        locked = Patient.objects.select_for_update(of=("self",)).select_related("clinic", "user").get(pk=patient.pk)
        if locked.erased_at:
            return None
        keeps_sign_in = opens_more(locked)
        subject = subject_of(locked, with_sign_in=not keeps_sign_in)
        counts = _counts_by_rule(subject)
        counts[Rule.ERASE] += _erase_drafts(subject)
        until = kept_until_on(subject, born_on=locked.born_on, today=locked.clinic.today(at))
        _end_care(locked, by=by, at=at)
        _make_anonymous(subject)
        _erase_rows(subject)
        Patient.objects.filter(pk=locked.pk).update(erased_at=at, kept_until_on=until)
        if locked.user and not keeps_sign_in:
            _erase_sign_in(locked.user)
        line = ledger.note(
            locked.pk,
            Erasure.Step.ERASED,
            at=at,
            by=by,
            erased=counts[Rule.ERASE],
            kept=counts[Rule.KEEP],
            made_anonymous=counts[Rule.ANONYMISE],
        )
        audit.blank(locked.pk)
        return line


def remove(patient: Patient, *, at: datetime.datetime) -> Erasure | None:
    """Remove what was kept of an erased record, once the term is over; None if it is still in use."""
    with transaction.atomic(), acting.everywhere(reason=TERM_OVER):
        locked = Patient.objects.select_for_update(of=("self",)).select_related("clinic", "user").get(pk=patient.pk)
        if not locked.erased_at:
            return None
        subject = subject_of(locked, with_sign_in=False)
        removed = _delete([table for table in tables_of_patients() if table.patient], subject)
        line = ledger.note(locked.pk, Erasure.Step.REMOVED, at=at, by=None, kept=removed)
        audit.blank(locked.pk)
        return line


def _counts_by_rule(subject: Subject) -> dict[Rule, int]:
    """How many rows fall under each rule."""
    counts, by_rule = counts_of(subject), dict.fromkeys(Rule, 0)
    for table in tables_of_patients():
        by_rule[table.rule] += counts.get(table.model, 0)
    return by_rule


def _end_care(patient: Patient, *, by: User | None, at: datetime.datetime) -> None:
    """Nothing of an erased record is in force: no reminder, no line in a queue, no warning rests on it."""
    for prescription in patient.prescriptions.filter(status__in=[PrescriptionStatus.DRAFT, *IN_FORCE]):
        if by:
            prescription.revoke(by=by, at=at, reason=REASON)
        else:
            Prescription.objects.filter(pk=prescription.pk).update(
                status=PrescriptionStatus.REVOKED, ended_at=at, status_reason=REASON
            )


def _make_anonymous(subject: Subject) -> None:
    """Count what was logged, then remove it; blank what the admin site's log says of the sign-in."""
    _count_logs(StretchLog.objects.filter(session__patient=subject.patient_id, stretch__clinic=None))
    of_rule = [table for table in tables_of_patients() if table.rule is Rule.ANONYMISE]
    _delete([table for table in of_rule if table.patient], subject)
    for table in of_rule:
        if not table.patient:
            table.rows(subject).update(**_blank(table, Rule.ANONYMISE))


def _count_logs(logs: "models.QuerySet[StretchLog]") -> None:
    """Add what was logged to what is known of each stretch and year."""
    year = ExtractYear("session__on")
    counts = (
        logs.order_by()
        .values("stretch_id", year=year)
        .annotate(
            done=Count("pk", filter=Q(outcome="done")),
            partly=Count("pk", filter=Q(outcome="partly")),
            skipped=Count("pk", filter=Q(outcome="skipped")),
            pain_answers=Count("pain_score"),
            pain_total=Sum("pain_score", default=0),
        )
    )
    for row in counts:
        count: dict[str, Any] = {**row}
        key = {"stretch_id": count.pop("stretch_id"), "year": count.pop("year")}
        StretchTally.objects.get_or_create(**key)
        StretchTally.objects.filter(**key).update(**{name: F(name) + value for name, value in count.items()})


def _erase_rows(subject: Subject) -> None:
    """Remove what is nobody's duty to keep; of what is kept, blank what it need not say."""
    every = tables_of_patients()
    _delete([table for table in every if table.rule is Rule.ERASE and table.model_class is not User], subject)
    for table in every:
        if table.rule is Rule.KEEP and table.erase and table.patient:
            table.rows(subject).update(**_blank(table, Rule.ERASE))


def _erase_drafts(subject: Subject) -> int:
    """Remove what staff had typed on pages of the record's rows, such as a condition's; how many drafts they were.

    Of the record's own pages the declaration tells. Drafts live for a day: they are few, and the rows may be many.
    """
    drafts = Draft.objects.exclude(path__contains=str(subject.patient_id)).values_list("pk", "path")
    named = {pk: {uuid.UUID(each) for each in AN_ID.findall(path)} for pk, path in drafts}
    ids: set[uuid.UUID] = set().union(*named.values())
    about: set[uuid.UUID] = set()
    for table in tables_of_patients() if ids else ():
        if table.patient and isinstance(table.model_class._meta.pk, models.UUIDField):
            about |= set(table.rows(subject).filter(pk__in=ids).values_list("pk", flat=True))
    deleted, _ = Draft.objects.filter(pk__in=[pk for pk, found in named.items() if found & about]).delete()
    return deleted


def _erase_sign_in(user: User) -> None:
    """Remove a sign-in that opens nothing else. Who once worked here and decided things keeps the name, no more."""
    try:
        with transaction.atomic():
            user.delete()
    except ProtectedError:
        User.objects.filter(pk=user.pk).update(
            email=f"{uuid.uuid4()}@{NO_ADDRESS}", is_active=False, password=make_password(None), last_login=None
        )
        Draft.objects.filter(user=user).delete()


def _blank(table: Table, rule: Rule) -> dict[str, object]:
    """The fields under a rule, with nothing in them."""
    fields = (table.model_class._meta.get_field(name) for name, each in table.rules.items() if each is rule)
    return {field.name: None if getattr(field, "null", False) else "" for field in fields}


def _delete(some: Iterable[Table], subject: Subject) -> int:
    """Delete rows, and nothing else: what hangs on them is declared by itself. How many they were.

    What leads to the person over another row goes before that row; the database looks at keys at the end.
    """
    deepest_first = sorted(some, key=lambda table: -(table.patient + table.user).count("__"))
    found = (table.rows(subject) for table in deepest_first)
    return sum(rows._raw_delete(rows.db) or 0 for rows in found)
