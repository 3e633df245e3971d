"""Everything that is stored about one patient: row by row for a machine, and in headings and tables for people.

It walks the same declarations as the erasure, so that no table is forgotten. What people read leaves out one thing:
the dose of what is not safe for the patient today, or not in force, since a dose is an invitation to follow it. So the
paper has none, whoever prints it, nor has the patient's own file; the clinic's file, for machines, says beside the dose
that it is not to be followed.
"""

import datetime
import json
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, ForeignKey, Model, QuerySet
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from accounts import acting
from accounts.field_words import FIELD_WORDS
from accounts.personal import Rule, Subject, Table
from audit.models import Event
from clinic.privacy.declarations import opens_more, subject_of, tables_of_patients
from clinic.privacy.paper_words import CHOICES
from patients.models import Patient
from prescriptions.handout import plain
from prescriptions.models import PermissibilityReport, PrescribedStretch
from prescriptions.models.prescribed_stretch import DOSE_FIELDS
from prescriptions.showing import routine_of
from routines.export import Document, own_data, part_of, printed
from routines.models import Proposal
from stretches.models import Stretch
from stretches.wording import Wording, wording_for

NOT_GIVEN = "not given out"
DOSE = (*DOSE_FIELDS, "note")
CHANGE = ("from_hold_seconds", "to_hold_seconds", "to_stretch", "rationale")
NOT_TODAY = "Not to be followed: not safe for the patient today, or not in force."
NAMES = ("full_name", "name", "short_name")
DAYS = ("on", "created_at", "date_joined")
"""The fields whose day heads a line; in a table without them, the first that says when something was done."""
AHEAD = frozenset({"due_at", "expire_date", "expires_at", "last_login"})
"""Moments that do not say when."""
SHOWN_FIRST = (0, 2)
"""Of the parts of the short paper: who it is, and what there is to do today. The rest is told in full below."""


def everything_of(patient: Patient, *, at: datetime.datetime, for_patient: bool) -> Document:
    """All of it as plain data. ``for_patient``: without doses that are not to be followed, with the whole sign-in.

    A clinic gets of the sign-in only what opens no other clinic's record: that is not its to give. Doses that are not
    to be followed say so: their row has one name more, ``today``.
    """
    subject = _subject(patient, for_patient=for_patient)
    safe = _safe_today(patient, at=at)
    return {
        "made_at": at.isoformat(),
        "summary": own_data(patient, at=at),
        "tables": {
            table.model: [_row(table, row, safe, for_patient=for_patient) for row in _rows(table, subject)]
            for table in tables_of_patients()
        },
    }


def as_json(documents: Iterable[Document]) -> str:
    """For a machine."""
    body = {"records": list(documents)}
    return json.dumps(body, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder)


def as_paper(patients: Iterable[Patient], *, at: datetime.datetime, for_patient: bool) -> bytes:
    """For people, in the language that is active: what is stored now, without what it said before it was changed."""
    return printed([_part(patient, at=at, for_patient=for_patient) for patient in patients])


def _subject(patient: Patient, *, for_patient: bool) -> Subject:
    """Whom to look for; whether a sign-in opens something elsewhere is known elsewhere only."""
    with acting.everywhere():
        return subject_of(patient, with_sign_in=for_patient or not opens_more(patient))


def _rows(table: Table, subject: Subject) -> "QuerySet[Model]":
    """The rows of a table about somebody, with what is named of others."""
    keys = [field.name for field in _fields(table) if isinstance(field, ForeignKey) and _is_named(field)]
    return table.rows(subject).select_related(*keys).order_by("pk") if keys else table.rows(subject).order_by("pk")


def _fields(table: Table) -> "list[Field[Any, Any]]":
    return list(table.model_class._meta.local_concrete_fields)


def _is_named(field: "ForeignKey[Any, Any]") -> bool:
    """Whether another row is told by its name: what is true of nobody, and people."""
    return any(hasattr(field.related_model, name) for name in NAMES) and field.related_model is not Patient


def _row(table: Table, row: Model, safe: Collection[Any], *, for_patient: bool) -> Document:
    left_out = _left_out(row, safe)
    told = {field.name: _value(table, row, field, left_out if for_patient else ()) for field in _fields(table)}
    if for_patient and isinstance(row, PermissibilityReport):
        told["document"] = _without_doses(row.document)
    return told if for_patient or not left_out or isinstance(row, Event) else told | {"today": NOT_TODAY}


def _value(table: Table, row: Model, field: "Field[Any, Any]", left_out: Collection[str]) -> Any:
    if field.name in left_out:
        return _("Left out: not safe for you today, or not in force. Ask your clinic.")
    value = field.value_from_object(row)
    if field.name in table.never_given.split():
        return NOT_GIVEN if value else value
    if isinstance(field, ForeignKey) and value is not None and _is_named(field):
        return {"id": value, "name": _name_of(row, field)}
    return value


def _name_of(row: Model, field: "ForeignKey[Any, Any]") -> str:
    """What another row is called; empty if it is gone, as in a history."""
    other = getattr(row, field.name, None)
    return next((str(getattr(other, name)) for name in NAMES if hasattr(other, name)), "")


# What is not to be followed -------------------------------------------------------------------------------------------
def _safe_today(patient: Patient, *, at: datetime.datetime) -> set[Any]:
    """Ids of the prescribed stretches that the patient may do today, and of their stretches."""
    shown = routine_of(patient, on=patient.clinic.today(at)).stretches
    return {each.item.pk for each in shown} | {each.item.stretch_id for each in shown}


def _left_out(row: Model, safe: Collection[Any]) -> Collection[str]:
    """The fields of a row that would invite to do what is not safe today."""
    if isinstance(row, PrescribedStretch) and row.pk not in safe:
        return DOSE
    if isinstance(row, Proposal) and row.item_id not in safe:
        return CHANGE
    if isinstance(row, Event):
        return ("content",)  # the same doses once more
    return ()


def _without_doses(report: Document) -> Document:
    """A report without the doses that were permissible on its day."""
    lines = [{name: each for name, each in line.items() if name != "dose"} for line in report.get("stretches", ())]
    return report | {"stretches": lines}


# On paper -------------------------------------------------------------------------------------------------------------
def _part(patient: Patient, *, at: datetime.datetime, for_patient: bool) -> Document:
    part = part_of(own_data(patient, at=at))
    part["sections"] = [part["sections"][index] for index in SHOWN_FIRST]
    part["sections"] += _sections(patient, at=at, for_patient=for_patient)
    return part


def _sections(patient: Patient, *, at: datetime.datetime, for_patient: bool) -> Iterator[Document]:
    """A section for each table that has rows: a day, and what the row says."""
    subject = _subject(patient, for_patient=for_patient)
    safe = _safe_today(patient, at=at)
    for table in tables_of_patients():
        if table.title and not hasattr(table.model_class, "instance_type"):
            found = _rows(table, subject)
            if rows := list(found.filter(table.on_paper(subject)) if table.on_paper else found):
                wording = wording_for(_stretches(rows))
                yield {"title": plain(str(table.title)), "rows": [_line(table, row, safe, wording) for row in rows]}


def _stretches(rows: Iterable[Model]) -> set[Stretch]:
    """The stretches that rows name."""
    names = ("stretch", "to_stretch")
    found = (getattr(row, name, None) for row in rows for name in names)
    return {stretch for stretch in found if isinstance(stretch, Stretch)}


def _line(table: Table, row: Model, safe: Collection[Any], wording: Wording) -> list[str]:
    """A day, and each field by what it is called; empty ones, ids and what is for machines are left out."""
    left_out = _left_out(row, safe)
    words = [_("Left out: not safe for you today, or not in force. Ask your clinic.")] if left_out else []
    told = {field.name: field for field in on_paper(table) if field.name not in left_out}
    values = {name: field.value_from_object(row) for name, field in told.items()}
    day = _day_of(values)
    for name, field in told.items():
        if name == day or values[name] in (None, ""):
            continue
        if said := _said(table, row, field, values[name], wording):
            words.append(f"{FIELD_WORDS.get(name, field.verbose_name)}: {said}")
    return [plain(_day(values[day])) if day else "–", plain(" · ".join(words)) or "–"]


def on_paper(table: Table) -> "list[Field[Any, Any]]":
    """The fields of a table that tell people something; of other rows the name is told, or nothing."""
    silent = {"patient", *table.off_paper.split(), *table.never_given.split()}
    return [
        field
        for field in _fields(table)
        if field.name not in silent
        and not field.primary_key
        and table.rules[field.name] is not Rule.NOT_PERSONAL
        and (not isinstance(field, ForeignKey) or _is_named(field))
    ]


def _day_of(values: Document) -> str:
    """The field that says when it was; empty where none does."""
    times = [name for name, value in values.items() if isinstance(value, datetime.datetime) and name not in AHEAD]
    return next((name for name in (*DAYS, *times) if values.get(name)), "")


def _said(table: Table, row: Model, field: "Field[Any, Any]", value: Any, wording: Wording) -> str:
    """A value as people read it, in their language where the words are ours; empty where what it named is gone."""
    if isinstance(field, ForeignKey):
        other = getattr(row, field.name, None)
        return str(wording.stretch(other).name) if isinstance(other, Stretch) else _name_of(row, field)
    if choices := CHOICES.get(f"{table.model}.{field.name}"):
        return str(choices.get(value, value))
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime.time):
        return str(time_format(value, "TIME_FORMAT"))
    return _day(value) if isinstance(value, datetime.date) else str(value)


def _day(moment: datetime.date) -> str:
    local = timezone.localtime(moment) if isinstance(moment, datetime.datetime) else moment
    return str(date_format(local, "DATE_FORMAT"))
