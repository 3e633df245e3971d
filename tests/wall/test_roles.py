"""The roles of the database: made and granted by a command, and looked at by ``check``."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts import acting, database_role
from accounts.models import Clinic
from clinic.checks import a_role_that_owns_nothing, the_second_wall_holds
from tests.factories import ClinicFactory, PatientFactory
from tests.wall.tables import rows_of
from tests.walled import ROLE, as_role

NAME = "limber_for_a_test"


@pytest.fixture
def two_roles(settings: pytest.MonkeyPatch) -> None:
    settings.APPLICATION_DATABASE = {"ENGINE": "postgresql", "USER": NAME, "PASSWORD": "a long one"}
    settings.OWNER_DATABASE = {"ENGINE": "postgresql", "USER": "limber"}


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.usefixtures("two_roles")
def test_make_roles_makes_a_role_that_reads_and_writes_rows(capsys: pytest.CaptureFixture[str]) -> None:
    ClinicFactory()
    call_command("make_roles")
    call_command("make_roles")

    as_role(f"SET ROLE {NAME}")
    with connection.cursor() as cursor:
        faults = database_role.faults(cursor)
    with acting.everywhere("a job"):
        clinics = Clinic.objects.count()
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        rows_of("UPDATE django_migrations SET name = name")
    as_role("RESET ROLE")

    assert faults == []
    assert clinics == 1
    assert "owns nothing" in capsys.readouterr().out


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.usefixtures("two_roles")
def test_make_roles_takes_back_what_is_too_much() -> None:
    rows_of(f"CREATE ROLE {NAME} SUPERUSER BYPASSRLS CREATEROLE")

    call_command("make_roles", verbosity=0)

    assert rows_of(f"SELECT {database_role.TOO_MUCH}, rolcanlogin FROM pg_roles WHERE rolname = %s", NAME) == [
        (False, True)
    ]


@pytest.mark.postgres
@pytest.mark.django_db
def test_what_is_in_the_schema_of_the_record_is_read_and_never_written() -> None:
    rows_of("CREATE SCHEMA IF NOT EXISTS audit")
    rows_of("CREATE TABLE audit.a_line (id int)")
    with connection.cursor() as cursor:
        database_role.grant(cursor, ROLE)

    as_role(f"SET ROLE {ROLE}")
    read = rows_of("SELECT count(*) FROM audit.a_line")
    for statement in ("INSERT INTO audit.a_line VALUES (1)", "DELETE FROM audit.a_line"):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            rows_of(statement)
    as_role("RESET ROLE")

    assert read == [(0,)]


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_job_sees_the_rows_of_every_clinic() -> None:
    PatientFactory()
    PatientFactory()

    as_role(f"SET ROLE {ROLE}")
    alone = rows_of("SELECT count(*) FROM patients_patient")
    with acting.everywhere("a job"):
        together = rows_of("SELECT count(*) FROM patients_patient")
    afterwards = rows_of("SELECT count(*) FROM patients_patient")
    as_role("RESET ROLE")

    assert (alone, together, afterwards) == ([(0,)], [(2,)], [(0,)])


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_check_asks_the_database_who_we_are() -> None:
    as_superuser = [found.id for found in the_second_wall_holds(databases=["default"])]
    as_role(f"SET ROLE {ROLE}")
    as_application = the_second_wall_holds(databases=["default"])
    as_role("RESET ROLE")

    assert set(as_superuser) == {"limber.W002"}
    assert as_application == []
    assert the_second_wall_holds(databases=None) == []


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_check_names_an_owner() -> None:
    rows_of(f"CREATE ROLE {NAME} NOSUPERUSER BYPASSRLS")
    rows_of(f"GRANT CREATE ON SCHEMA public TO {NAME}")

    as_role(f"SET ROLE {NAME}")
    rows_of("CREATE TABLE mine (id int)")
    with connection.cursor() as cursor:
        faults = database_role.faults(cursor)
    as_role("RESET ROLE")

    assert faults == [f"{NAME} may bypass row security", f"{NAME} owns tables"]


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_check_names_a_superuser_who_is_nothing_else() -> None:
    rows_of(f"CREATE ROLE {NAME} SUPERUSER NOBYPASSRLS")

    as_role(f"SET ROLE {NAME}")
    with connection.cursor() as cursor:
        faults = database_role.faults(cursor)
    as_role("RESET ROLE")

    assert faults == [f"{NAME} is a superuser"]


@pytest.mark.usefixtures("two_roles")
def test_the_check_of_a_deployment_knows_one_role_from_two(settings: pytest.MonkeyPatch) -> None:
    two = a_role_that_owns_nothing()
    settings.OWNER_DATABASE = settings.APPLICATION_DATABASE

    assert two == []
    assert [found.id for found in a_role_that_owns_nothing()] == ["limber.W001"]
