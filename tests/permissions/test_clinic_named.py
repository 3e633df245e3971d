"""Hot pages name the clinic in every statement about a clinic's rows: one shard answers each (docs/scaling.md)."""

import re
from collections import defaultdict

import pytest
from django.apps import apps
from django.db import connection

from patients.models import Condition
from routines.models import StretchLog
from tests.factories import ConditionFactory, StretchLogFactory
from tests.permissions.addresses import addresses, path_of
from tests.permissions.world import World, undone

pytestmark = pytest.mark.django_db

HOT = {
    "routines:routine_today": "patient",
    "routines:routine_data": "patient",
    "routines:stretch_log_record": "patient",
    "routines:progress_detail": "patient",
    "patients:patient_detail": "clinician",
    "routines:record_detail": "clinician",
    "prescriptions:prescription_detail": "clinician",
    "prescriptions:prescription_edit": "clinician",
    "prescriptions:prescription_activate": "clinician",
    "prescriptions:handout_pdf": "clinician",
    "attention_list": "clinician",
}
SPANNING = {
    "accounts_membership": "who works where is asked before any clinic is known",
    "patients_patient": "so is who is a patient where: somebody signs in as a person, not at a clinic",
}
"""Tables that a statement may ask without naming a clinic, and why; docs/scaling.md says what that costs."""
BY_ID = {
    ("patients:patient_detail", "routines_stretchlog"): "the logs behind an open pause, which Django prefetches",
    ("patients:patient_detail", "routines_sessionlog"): "along with their sessions",
}
"""What is left: the page, the table, and what it is."""


def tenant_tables() -> set[str]:
    """Tables whose every row belongs to one clinic."""
    return {
        model._meta.db_table
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name == "clinic" and not field.null and not model._meta.db_table.startswith("stretches_")
    }


def unnamed(sql: str) -> set[str]:
    """Tenant tables in a statement that names no clinic to find their rows by."""
    if sql.lstrip().upper().startswith(("INSERT", "SAVEPOINT", "RELEASE", "ROLLBACK")):
        return set()
    conditions = sql.partition(" WHERE ")[2] + "".join(re.findall(r" ON \(.*?\)", sql))
    if re.search(r'clinic_id"?\)? (=|IN) |"accounts_membership"."user_id" =|U\d\."clinic_id"', conditions):
        return set()
    tables = set(re.findall(r'(?:FROM|JOIN|UPDATE) "?(\w+)"?', sql))
    return tables & tenant_tables()


def test_hot_pages_name_the_clinic(world: World) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for address in addresses():
        if address.name not in HOT:
            continue
        statements: list[str] = []

        def listen(execute, sql, params, many, context, statements=statements):
            statements.append(sql)
            return execute(sql, params, many, context)

        with undone():
            url = path_of(address, world, address.objects[0])
            with connection.execute_wrapper(listen):
                answer = world.ask(HOT[address.name], "GET", url)
        assert answer.said == "200", (address.name, answer.said)
        for sql in statements:
            named = {table for page, table in BY_ID if page == address.name}
            if tables := unnamed(sql) - SPANNING.keys() - named:
                found[address.name].add(f"{sorted(tables)}: {sql}")

    assert not found, "\n".join(f"{page}\n  " + "\n  ".join(sorted(each)) for page, each in found.items())


def test_an_unnamed_clinic_is_noticed():
    rows = StretchLog.objects.filter(session__prescription__pk__isnull=False)

    assert unnamed(str(rows.query)) >= {"routines_stretchlog"}


def test_what_is_filtered_by_a_row_of_a_clinic_is_filtered_by_the_clinic():
    log = StretchLogFactory()
    session = log.session

    by_patient = StretchLog.objects.filter(session__patient=session.patient)

    assert str(by_patient.query).count("clinic_id") == 1 + 2  # it is read, and the clinic of both tables is named
    assert list(by_patient) == [log]
    assert unnamed(str(session.patient.conditions.all().query)) == set()
    assert log not in StretchLog.objects.exclude(session__patient=session.patient)


def test_a_code_of_the_catalogue_names_no_clinic():
    condition = ConditionFactory()

    assert list(Condition.objects.filter(code=condition.code)) == [condition]
    assert "WHERE" in str(Condition.objects.filter(code=condition.code).query)
    assert 'clinic_id" =' not in str(Condition.objects.filter(code=condition.code).query)
