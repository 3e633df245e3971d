"""Every field that is stored has a rule."""

import pytest
from django.db import connection, models

from accounts.models import User
from accounts.personal import Rule
from clinic.checks import every_field_has_a_rule
from clinic.privacy.declarations import declared, stored_models, tables, undeclared
from patients.models import Condition, Patient
from tests.privacy_table import PAGE, written


def test_every_field_of_every_table_is_declared() -> None:
    assert every_field_has_a_rule() == []


def test_a_new_field_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    field = models.CharField(max_length=20)
    field.set_attributes_from_name("favourite_colour")
    monkeypatch.setattr(Patient._meta, "local_concrete_fields", (*Patient._meta.local_concrete_fields, field))

    errors = every_field_has_a_rule()

    assert [error.msg for error in errors] == ["patients.Patient.favourite_colour has no retention rule."]
    assert errors[0].id == "limber.E010"


def test_a_new_table_and_a_field_that_is_gone_fail_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {model: table for model, table in tables().items() if model is not Condition}
    monkeypatch.setattr("clinic.privacy.declarations.tables", lambda: known)
    monkeypatch.setattr(User._meta, "local_concrete_fields", User._meta.local_concrete_fields[1:])

    faults = list(undeclared([Condition, User]))

    assert "patients.Condition.free_text" in faults
    assert [fault for fault in faults if "no such field" in fault] == [
        "accounts.User.password (there is no such field)"
    ]


def test_nothing_is_declared_twice_and_no_table_is_left_out() -> None:
    names = [table.model for table in declared()]

    assert len(names) == len(set(names))
    assert set(tables()) == set(stored_models())
    for table in tables().values():
        fields = f"{table.not_personal} {table.erase} {table.keep} {table.anonymise}".split()
        assert len(fields) == len(set(fields)), table.model
        assert set(table.never_given.split()) <= set(fields), table.model


@pytest.mark.django_db
def test_every_table_that_leads_to_a_patient_says_how() -> None:
    leads = tables_that_lead_to(Patient._meta.db_table)

    ways = {table.model_class._meta.db_table: table for table in tables().values()}

    assert len(leads) > 20
    assert [name for name in leads if not ways[name].patient] == []
    assert [name for name in leads if ways[name].rule is Rule.NOT_PERSONAL] == []


def tables_that_lead_to(target: str) -> set[str]:
    """What the database itself says: tables whose foreign keys lead to another; a history has none."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        keys = {name: connection.introspection.get_relations(cursor, name) for name in names}
    found = {target}
    while more := {name for name in names if any(to in found for _, to in keys[name].values())} - found:
        found |= more
    histories = {model._meta.db_table: model for model in stored_models() if hasattr(model, "instance_type")}
    return found | {name for name, model in histories.items() if model.instance_type._meta.db_table in found}


def test_the_page_about_privacy_says_what_is_declared() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == written(page), "python -m tests.privacy_table"
    assert "`patients.Condition`" in page
