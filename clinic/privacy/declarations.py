"""All that is stored, table by table and field by field, as the apps declare it in their ``personal.py``."""

import dataclasses
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Count, Model, Value
from django.utils.module_loading import import_string

from accounts.personal import Rule, Subject, Table
from patients.models import Patient

APPS = ("accounts", "audit", "stretches", "patients", "prescriptions", "routines", "clinic", "operations")
OF_EVERY_HISTORY = "history_id history_date history_type"


def declared() -> Iterator[Table]:
    """What the apps declare, and the history of each."""
    for app in APPS:
        for table in import_string(f"{app}.personal.TABLES"):
            yield table
            if history := _history_of(table):
                yield history


@cache
def tables() -> dict[type[Model], Table]:
    """The table of every model that is declared."""
    return {table.model_class: table for table in declared()}


def tables_of_patients() -> list[Table]:
    """Those whose rows may be about a patient."""
    return [table for table in tables().values() if table.is_of_patients]


def counts_of(subject: Subject) -> dict[str, int]:
    """How many rows of each table are about somebody; tables without any are left out. One query."""
    queries = [
        table.rows(subject).order_by().annotate(table=Value(table.model)).values_list("table").annotate(Count("pk"))
        for table in tables_of_patients()
    ]
    return {model: count for model, count in queries[0].union(*queries[1:], all=True) if count}


def undeclared(models: Iterable[type[Model]]) -> Iterator[str]:
    """Each field of these models that no rule is declared for, and each rule without its field."""
    known = tables()
    for model in models:
        fields = {field.name for field in model._meta.local_concrete_fields}
        rules = known[model].rules if model in known else {}
        yield from (f"{model._meta.label}.{name}" for name in sorted(fields - set(rules)))
        yield from (f"{model._meta.label}.{name} (there is no such field)" for name in sorted(set(rules) - fields))


def stored_models() -> list[type[Model]]:
    """Every model that has a table, of whoever makes it."""
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def subject_of(patient: Patient, *, with_sign_in: bool) -> Subject:
    """Whom to look for. ``with_sign_in`` counts the person's sign-in, which may open more than this record."""
    user = patient.user if with_sign_in else None
    found = {patient.email, user.email if user else ""} - {""}
    return Subject(
        patient_id=patient.pk, clinic_id=patient.clinic_id, user_id=user.pk if user else None, addresses=sorted(found)
    )


def opens_more(patient: Patient) -> bool:
    """Whether the sign-in behind a record opens anything else: another clinic's record, or a place of work."""
    user = patient.user
    if user is None:
        return False
    others = Patient.objects.filter(user=user).exclude(pk=patient.pk)
    return user.is_staff or user.is_superuser or user.memberships.exists() or others.exists()


def _history_of(table: Table) -> Table | None:
    """The same rules hold for what a row said before."""
    histories: dict[Any, type[Model]] = _histories()
    model = histories.get(table.model_class)
    if model is None:
        return None
    changes: dict[str, Any] = {
        "model": model._meta.label,
        "not_personal": f"{table.not_personal} {OF_EVERY_HISTORY} {table.history}",
        "why": f"What a row of {table.model} said before, when it was changed, and by whom.",
        "patient": "id" if table.patient == "pk" else table.patient,
    }
    names = {field.name for field in model._meta.local_concrete_fields}
    if "history_user" in names:
        changes["keep" if table.rule is not Rule.ANONYMISE else "anonymise"] = " ".join(
            (table.keep if table.rule is not Rule.ANONYMISE else table.anonymise, "history_user history_change_reason")
        ).strip()
    else:  # that of a link between two tables
        changes["not_personal"] = f"{table.not_personal} {table.history}"
    dropped = set((changes["not_personal"] + " " + table.erase).split()) - names
    changes["not_personal"] = " ".join(each for each in changes["not_personal"].split() if each not in dropped)
    changes["erase"] = " ".join(each for each in table.erase.split() if each not in dropped)
    return dataclasses.replace(table, **changes)


@cache
def _histories() -> dict[Any, type[Model]]:
    """The history of each model that has one."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if of := getattr(model, "instance_type", None):
            found[of] = model
    return found
