"""With every check of our own taken away, the other clinic's rows are not there: PostgreSQL lets none through."""

import contextlib
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts import acting
from accounts.models import Membership, User
from tests.permissions.world import OTHER, OWN, World, undone
from tests.wall import tables
from tests.wall.tables import rows_of
from tests.walled import FORGET, ROLE, as_role

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]


@contextlib.contextmanager
def walled(actor: acting.Actor = acting.NOBODY) -> Iterator[None]:
    """Be the role of the application, for somebody; what is written is taken back."""
    with undone():
        as_role(f"SET LOCAL ROLE {ROLE}")
        with acting.inside(actor):
            yield


def clinician(world: World) -> acting.Actor:
    return acting.Actor(user_id=world.people["clinician"].pk)


def walled_tables() -> list[str]:
    return sorted(set(tables.tables()) - tables.open_tables())


def foreign(table: str, world: World) -> int:
    """How many rows of the other clinic are seen."""
    return int(
        rows_of(f'SELECT count(*) FROM "{table}" t WHERE {tables.clinic_of(table)} = %s', world.elsewhere.pk)[0][0]
    )


def foreign_keys(table: str, world: World) -> list[str]:
    """Where the rows of the other clinic lie."""
    found = rows_of(f'SELECT t.ctid::text FROM "{table}" t WHERE {tables.clinic_of(table)} = %s', world.elsewhere.pk)
    return [place for (place,) in found]


def rows_at(table: str, places: list[str]) -> int:
    """How many of the rows that lie there are seen."""
    return int(rows_of(f'SELECT count(*) FROM "{table}" WHERE ctid = ANY (%s::tid[])', places)[0][0])


def refused(statement: str, *parameters: object) -> bool:
    """Whether the wall does not let a statement write."""
    try:
        with transaction.atomic():
            rows_of(statement, *parameters)
    except DatabaseError as error:
        return "row-level security" in str(error)
    return False


def test_every_table_has_a_wall_or_a_reason() -> None:
    assert tables.faults() == []


@pytest.mark.parametrize(
    "breach",
    [
        "ALTER TABLE patients_patient NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE patients_patient DISABLE ROW LEVEL SECURITY",
        "DROP POLICY wall_deletes ON routines_proposal_logs",
        "CREATE TABLE patients_letter (id int, clinic_id uuid)",
        "CREATE TABLE patients_letter_copies (id int, letter_id int)",
        "ALTER TABLE accounts_draft ADD COLUMN clinic_id uuid",
    ],
)
def test_a_table_without_a_wall_is_noticed(breach: str) -> None:
    rows_of(breach)

    assert len(tables.faults()) == 1


def test_of_the_other_clinic_no_row_is_there(world: World) -> None:
    there = {table: foreign_keys(table, world) for table in walled_tables()}
    with walled(clinician(world)):
        seen = {table: rows_at(table, places) for table, places in there.items()}
        own = rows_of("SELECT count(*) FROM patients_patient")[0][0]

    assert [table for table, places in there.items() if not places] == [], "put such a row into tests/wall/conftest.py"
    assert {table: count for table, count in seen.items() if count} == {}
    assert own == 2


def test_no_model_finds_a_row_of_the_other_clinic(world: World) -> None:
    owned = [model for model in apps.get_models() if any(field.name == "clinic" for field in model._meta.fields)]
    with walled(clinician(world)):
        found = {model.__name__: model._base_manager.filter(clinic=world.elsewhere.pk).count() for model in owned}

    assert len(found) > 35
    assert {name: count for name, count in found.items() if count} == {}


def test_nothing_of_the_other_clinic_is_changed_or_deleted(world: World) -> None:
    places = {table: foreign_keys(table, world) for table in walled_tables()}
    touched = []
    with walled(clinician(world)):
        for table, there in places.items():
            column = next(iter(tables.tables()[table]))
            for statement in (f'UPDATE "{table}" SET "{column}" = "{column}"', f'DELETE FROM "{table}"'):
                found = rows_of(f"{statement} WHERE ctid = ANY (%s::tid[]) RETURNING 1", there)
                touched += [statement] * len(found)

    assert touched == []


def test_nothing_is_put_into_the_other_clinic(world: World) -> None:
    let_through = []
    for table, places in {table: foreign_keys(table, world) for table in walled_tables()}.items():
        columns = sorted(tables.tables()[table])
        names = ", ".join(f'"{column}"' for column in columns)
        (row,) = rows_of(f'SELECT {names} FROM "{table}" WHERE ctid = %s::tid', places[0])
        with walled(clinician(world)):
            if not refused(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(["%s"] * len(row))})', *row):
                let_through.append(f"insert into {table}")
            # Without WHERE: what a statement reads has to be seen afterwards, too, and that alone refuses it.
            if "clinic_id" in columns and not refused(f'UPDATE "{table}" SET clinic_id = %s', world.elsewhere.pk):
                let_through.append(f"hand over {table}")

    assert let_through == []


def test_who_belongs_to_no_clinic_finds_nothing(world: World) -> None:
    library = {table for table in walled_tables() if table.startswith(("stretches_", "prescriptions_"))}
    there = {table: foreign_keys(table, world) for table in library}
    with walled():
        of_clinics = {
            table: rows_of(f'SELECT count(*) FROM "{table}"')[0][0] for table in set(walled_tables()) - library
        }
        of_library = [rows_at(table, places) for table, places in there.items()]

    assert {table: count for table, count in of_clinics.items() if count} == {}
    assert sum(of_library) == 0


def test_without_a_word_of_who_acts_there_is_nothing(world: World) -> None:
    with undone():
        as_role(FORGET)
        as_role(f"SET LOCAL ROLE {ROLE}")

        assert rows_of("SELECT count(*) FROM patients_patient") == [(0,)]
        assert rows_of("SELECT count(*) FROM accounts_membership") == [(0,)]
        assert rows_of("SELECT count(*) FROM stretches_stretch WHERE clinic_id IS NOT NULL") == [(0,)]
        assert rows_of("SELECT count(*) > 0 FROM stretches_stretch") == [(True,)]


def test_the_wall_stands_for_the_owner_of_the_tables_too(world: World) -> None:
    with undone():
        rows_of("SET CONSTRAINTS ALL IMMEDIATE")
        rows_of(f"GRANT CREATE ON SCHEMA public TO {ROLE}")
        rows_of(f"ALTER TABLE patients_patient OWNER TO {ROLE}")
        as_role(FORGET)
        as_role(f"SET LOCAL ROLE {ROLE}")

        assert rows_of("SELECT count(*) FROM patients_patient") == [(0,)]


def test_a_patient_finds_the_rows_of_the_clinic_that_treats_them(world: World) -> None:
    with walled(acting.Actor(user_id=world.people["patient"].pk)):
        clinics = rows_of("SELECT DISTINCT clinic_id FROM prescriptions_prescription")

    assert clinics == [(world.clinic.pk,)]


def test_who_works_at_both_finds_both(world: World) -> None:
    with walled(acting.Actor(user_id=world.people["clinician of both"].pk)):
        clinics = rows_of("SELECT count(DISTINCT clinic_id) FROM prescriptions_prescription")

    assert clinics == [(2,)]


def test_an_operator_finds_every_clinics_staff_and_nobodys_record(world: World) -> None:
    operator = world.people["operator"]
    entries = foreign("stretches_stretch", world)
    actor = acting.Actor(user_id=operator.pk, is_operator=True, is_staff=True, reach=acting.Reach.SETUP)
    with walled(actor):
        staff, own, records = (
            rows_of("SELECT count(DISTINCT clinic_id) FROM accounts_membership"),
            foreign("stretches_stretch", world),
            rows_of("SELECT count(*) FROM patients_patient"),
        )

    assert (staff, own, records) == ([(2,)], entries, [(0,)])
    assert entries


def test_somebody_is_no_member_of_a_clinic_by_their_own_word(world: World) -> None:
    person = world.people["clinician"]
    row = {"user_id": person.pk, "clinic_id": world.elsewhere.pk, "role": "admin"}
    with walled(clinician(world)):
        assert refused("INSERT INTO accounts_membership (user_id, clinic_id, role) VALUES (%s, %s, %s)", *row.values())


@pytest.mark.parametrize(("person", "may_write"), [("library admin", True), ("operator", True), ("admin", False)])
def test_the_librarys_rows_are_written_by_who_edits_it(world: World, person: str, may_write: bool) -> None:
    user = world.people[person]
    stretch = world.objects[OWN]["reviewed stretch"]
    actor = acting.Actor(
        user_id=user.pk,
        is_staff=True,
        is_operator=user.is_superuser,
        reach=acting.Reach.SETUP if user.is_superuser else acting.Reach.CLINICS,
    )
    with walled(actor):
        changed = not refused("UPDATE stretches_stretch SET name = 'Mine' WHERE id = %s", stretch)
        moves = (
            "INSERT INTO stretches_stretch_movements (stretch_id, movement_id) SELECT %s, id FROM stretches_movement"
        )
        said_to_move = not refused(f"{moves} WHERE slug = 'flexion'", stretch)
        locked = rows_of("SELECT 1 FROM stretches_stretch WHERE id = %s FOR SHARE", stretch)
        deleted = rows_of("DELETE FROM stretches_stretch WHERE id = %s RETURNING 1", stretch)

    assert (changed, said_to_move) == (may_write, may_write)
    assert bool(deleted) is may_write
    assert locked == [(1,)], "a row that is not locked is prescribed while it is being changed"


def test_a_secret_opens_its_own_clinic_and_no_other(world: World) -> None:
    from patients.models import Invitation

    token = world.objects[OTHER]["token"]
    with walled():
        before = Invitation.objects.count()
        found = Invitation.objects.with_token(token).first()
        clinics = set(rows_of("SELECT DISTINCT clinic_id FROM patients_patient"))
        left_over = acting.current().let_into

    with walled():
        wrong = Invitation.objects.with_token("no such token").first()
        opened = rows_of("SELECT count(*) FROM patients_patient")

    assert before == 0
    assert found.clinic_id == world.elsewhere.pk
    assert clinics == {(world.elsewhere.pk,)}
    assert left_over == (world.elsewhere.pk,)
    assert (wrong, opened) == (None, [(0,)])


SECRETS = {
    "patients_invitation": "token_hash",
    "accounts_staffinvitation": "token_hash",
    "routines_reminderpreference": "feed_hash",
}


@pytest.mark.parametrize("opened", [*SECRETS, "nothing"])
def test_while_a_secret_is_shown_its_row_is_there_and_no_other(world: World, opened: str) -> None:
    secret = "no such secret"
    if column := SECRETS.get(opened):
        secret = rows_of(f"SELECT {column} FROM {opened} WHERE clinic_id = %s", world.elsewhere.pk)[0][0]

    with walled():
        rows_of("SELECT set_config('limber.token', %s, true)", secret)
        seen = {table: rows_of(f"SELECT {column} FROM {table}") for table, column in SECRETS.items()}

    assert seen == {table: [(secret,)] if table == opened else [] for table in SECRETS}


def test_an_id_that_is_a_row_of_the_other_clinic_makes_another_row(world: World) -> None:
    from accounts.models import StaffInvitation
    from patients.models import Invitation, Patient

    now, clinician_, admin = timezone.now(), world.people["clinician"], world.people["admin"]
    links = (Invitation, StaffInvitation)
    patients, staff = (model.objects.filter(clinic=world.elsewhere).values_list("pk", flat=True)[0] for model in links)
    with walled(clinician(world)):
        patient = Patient.objects.get(pk=world.objects[OWN]["patient"])
        invitation, _token = Invitation.on_paper(patient, by=clinician_, at=now, new_id=patients)
    with walled(acting.Actor(user_id=admin.pk)):
        to = {"address": "n@example.org", "full_name": "New", "role": "clinician"}
        invited = StaffInvitation.by_mail(world.clinic, **to, by=admin, at=now, new_id=staff)

    assert (invitation.clinic, invited.clinic) == (world.clinic, world.clinic)
    assert (invitation.pk == patients, invited.pk == staff) == (False, False)


def test_asking_about_somebody_lets_through_what_is_theirs(world: World) -> None:
    both = world.people["clinician of both"]
    with walled(clinician(world)):
        before = Membership.objects.filter(user=both).count()
        with acting.asking_about(both.pk):
            during = Membership.objects.filter(user=both).count()
        after = Membership.objects.filter(user=both).count()

    assert (before, during, after) == (1, 2, 1)


def test_the_role_of_the_application_owns_nothing_and_makes_nothing(world: World) -> None:
    with undone():
        as_role(f"SET LOCAL ROLE {ROLE}")
        from accounts import database_role

        with connection.cursor() as cursor:
            faults = database_role.faults(cursor)
        for statement in (
            "CREATE TABLE mine (id int)",
            "TRUNCATE patients_patient",
            "ALTER TABLE patients_patient DISABLE ROW LEVEL SECURITY",
            "DROP POLICY wall_sees ON patients_patient",
            "DELETE FROM django_migrations",
        ):
            with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
                rows_of(statement)

    assert faults == []


def test_a_session_tells_whose_it_is_before_anybody_acts(world: World) -> None:
    from accounts.models import Session

    with undone():
        as_role(FORGET)
        as_role(f"SET LOCAL ROLE {ROLE}")
        staff = {row.user_id: (row.is_staffs, row.manages_staff) for row in Session.objects.with_staff()}
        who_is_told = rows_of("SELECT COALESCE(current_setting('limber.user', true), '')")

    told = {name: staff[user.pk] for name, user in world.people.items() if isinstance(user, User) and user.is_active}
    assert who_is_told == [("",)]
    assert told["clinician"] == (True, False)
    assert told["admin"] == (True, True)
    assert told["patient"] == (False, False)
