"""The catalogue as it is held in memory: always what the tables say, and never another clinic's."""

import re

import pytest
from django.db import connection, transaction
from django.db.models import F, Q
from django.test.utils import CaptureQueriesContext

from audit import catalogue_mark, triggers
from stretches.forms.filters import StretchFilterForm
from stretches.inventory import Inventory, inventory_of
from stretches.matching import fulfils
from stretches.models import (
    Broader,
    CatalogueMark,
    CatalogueText,
    ConditionCode,
    Contraindication,
    Equipment,
    Movement,
    Muscle,
    Source,
    Stretch,
)
from tests.factories import ClinicFactory, ConditionCodeFactory, ContraindicationFactory, StretchFactory


@pytest.fixture
def clinic(db):
    return ClinicFactory()


@pytest.fixture
def towel(db):
    towel = StretchFactory(name="Towel one", slug="towel", muscles=["hamstrings"], position="prone", difficulty=2)
    towel.movements.add(Movement.objects.create(slug="pelvic-tilt", name="Pelvic tilt"))
    towel.equipment.add(Equipment.objects.create(slug="towel", name="towel"))
    CatalogueText.objects.create(
        language="es", kind="stretch-name", key="towel", text="Estiramiento con toalla", original_digest="0" * 64
    )
    narrower, broader = ConditionCodeFactory(), ConditionCodeFactory()
    Broader.objects.create(narrower=narrower, broader=broader)
    ContraindicationFactory(stretch=towel, condition_code=broader)
    StretchFactory(name="Calf one", muscles=["gastrocnemius"], position="standing", difficulty=1)
    return towel


# What is held ---------------------------------------------------------------------------------------------------------
def test_a_catalogue_that_has_not_changed_is_read_once(clinic, towel):
    first = inventory_of(clinic.pk)

    with CaptureQueriesContext(connection) as queries:
        again = inventory_of(clinic.pk)

    assert again is first
    assert len(queries) == 1


WRITES = {
    "a stretch": lambda towel: Stretch.objects.filter(pk=towel.pk).update(name="Scarf one"),
    "a muscle of one": lambda towel: towel.muscles.clear(),
    "one more muscle of one": lambda towel: towel.muscles.add(Muscle.objects.get(slug="gastrocnemius")),
    "its equipment": lambda towel: towel.equipment.clear(),
    "its movements": lambda towel: towel.movements.clear(),
    "a contraindication": lambda towel: towel.contraindications.update(severity="relative"),
    "one less": lambda towel: towel.contraindications.all().delete(),
    "one more": lambda towel: ContraindicationFactory(stretch=towel),
    "a muscle": lambda _: Muscle.objects.update(name=F("slug")),
    "one more, unless it is there": lambda _: Muscle.objects.bulk_create([Muscle(slug="psoas")], ignore_conflicts=True),
    "one more, or in its place": lambda _: Muscle.objects.bulk_create(
        [Muscle(slug="hamstrings", name="hams")], update_conflicts=True, unique_fields=["slug"], update_fields=["name"]
    ),
    "equipment": lambda _: Equipment.objects.update(name="scarf"),
    "a movement": lambda _: Movement.objects.update(name="tilt"),
    "a text": lambda _: CatalogueText.objects.all().delete(),
    "the hierarchy": lambda _: Broader.objects.all().delete(),
    "a condition code": lambda _: ConditionCode.objects.update(name="Other"),
    "a source": lambda _: Source.objects.update(citation="Other"),
}
SETTLED = ["INSERT OR IGNORE INTO", "INSERT OR ABORT INTO", "REPLACE INTO"]
"""How SQLite is told to settle a conflict; it then settles those in triggers likewise."""


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_whatever_is_written_is_known_at_once(clinic, towel, write):
    before = inventory_of(clinic.pk)

    write(towel)

    assert inventory_of(clinic.pk) is not before


@pytest.mark.sqlite
@pytest.mark.parametrize("insert", SETTLED)
def test_a_write_is_marked_however_it_settles_conflicts(towel, insert):
    before = CatalogueMark.current()

    with connection.cursor() as cursor:
        cursor.execute(f"{insert} stretches_muscle (slug, name) VALUES ('psoas', 'psoas')")

    assert CatalogueMark.current() != before


def test_nobody_waits_for_who_goes_on_writing(clinic, towel, monkeypatch):
    reads = []

    def write_once_more(_clinic_id):
        reads.append(towel.contraindications.update(severity="relative"))
        assert len(reads) < 10, "it is read without end"
        return False

    monkeypatch.setattr("stretches.inventory._has_own", write_once_more)
    read_meanwhile = inventory_of(clinic.pk)
    monkeypatch.undo()

    assert towel.pk in read_meanwhile.place_of
    assert inventory_of(clinic.pk) is not read_meanwhile


def test_a_mark_never_comes_back(towel):
    marks = {CatalogueMark.current()}

    for _ in range(2):
        with transaction.atomic():
            towel.muscles.clear()
            marks.add(CatalogueMark.current())
            transaction.set_rollback(True)
    towel.muscles.clear()
    marks.add(CatalogueMark.current())

    assert len(marks) == 4


def test_every_table_that_is_read_is_marked(clinic, towel):
    ContraindicationFactory(stretch=towel, clinic=clinic)

    with CaptureQueriesContext(connection) as queries:
        Inventory(clinic.pk).faces([towel.pk])

    read = {table for query in queries for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"])}
    assert read <= set(catalogue_mark.MARKED)
    assert catalogue_mark.unmarked(connection) == []


def test_a_trigger_that_is_gone_is_missed_and_made_anew(db):
    name = next(iter(catalogue_mark.statements(connection, "stretches_muscle")))
    on = " ON stretches_muscle" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")

    missing = catalogue_mark.unmarked(connection)
    catalogue_mark.install(connection)

    assert missing == ["stretches_muscle"]
    assert catalogue_mark.unmarked(connection) == []


def test_what_was_written_without_triggers_is_known_once_they_are_there(clinic, towel):
    before = inventory_of(clinic.pk)
    on = " ON stretches_stretch" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in catalogue_mark.statements(connection, "stretches_stretch"):
            cursor.execute(f"DROP TRIGGER {name}{on}")
    Stretch.objects.filter(pk=towel.pk).update(status="retired")

    catalogue_mark.install(connection)

    assert inventory_of(clinic.pk) is not before


@pytest.mark.postgres
def test_a_trigger_that_is_off_is_missed_and_made_anew(db):
    for table, name in [("stretches_muscle", catalogue_mark.NAME), ("patients_patient", triggers.NAME)]:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
    missing = [*catalogue_mark.unmarked(connection), *triggers.stale(connection)]

    triggers.install(connection)
    catalogue_mark.install(connection)

    assert missing == ["stretches_muscle", "patients_patient"]
    assert [*catalogue_mark.unmarked(connection), *triggers.stale(connection)] == []


# Whose it is ----------------------------------------------------------------------------------------------------------
def test_a_clinics_own_is_known_in_it_and_nowhere_else(clinic, towel):
    other = ClinicFactory()
    own = StretchFactory(name="Own", clinic=clinic)
    stricter = ContraindicationFactory(stretch=towel, clinic=clinic)

    here, elsewhere = inventory_of(clinic.pk), inventory_of(other.pk)

    assert own.pk in here.ids
    assert own.pk not in elsewhere.ids
    assert stricter.condition_code_id in here.kinds
    assert stricter.condition_code_id not in elsewhere.kinds
    assert elsewhere is inventory_of(ClinicFactory().pk)


# Finding --------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "asked",
    [
        {},
        *({"q": words} for words in ["TWOEL", "one hamstirng", "hamstring calf", "pelivc", "toalla", "lying"]),
        *({"q": words} for words in ["calves", "o", "on", "%", "_", "zorro", "one towel one"]),
        *({"muscle": slug} for slug in ["hamstrings", "no-such"]),
        *({"position": value} for value in ["prone", "supine"]),
        *({"equipment": slug} for slug in ["towel", "nothing", "no-such"]),
        *({"difficulty": value} for value in ["1", "5"]),
        {"q": "one", "muscle": "gastrocnemius", "difficulty": "1", "equipment": "nothing"},
    ],
    ids=str,
)
def test_memory_finds_what_the_tables_hold(clinic, towel, asked):
    StretchFactory(name="Towel at the clinic", clinic=clinic, muscles=["hamstrings"], difficulty=1)
    filters, inventory = StretchFilterForm(asked), inventory_of(clinic.pk)

    found = inventory.ids_of(filters.places_in(inventory), 0, 10)

    assert found == list(filters.narrow(Stretch.objects.in_clinic(clinic.pk)).values_list("pk", flat=True))


def test_a_page_is_a_part_of_what_is_found_in_its_order(clinic):
    stretches = [StretchFactory(name=f"Number {number}", difficulty=1) for number in range(9)]
    inventory = inventory_of(clinic.pk)

    page = inventory.ids_of(inventory.all & ~0b100, 2, 5)

    assert page == [stretch.pk for stretch in stretches[3:6]]
    assert inventory.ids_of(0, 0, 5) == inventory.ids_of(inventory.all, 9, 12) == []


def test_faces_are_not_taken_from_who_reads_them_when_there_are_too_many(clinic, towel, monkeypatch):
    other = StretchFactory(name="Other one")
    inventory = inventory_of(clinic.pk)
    inventory.faces([towel.pk])
    read_by_another = inventory._faces
    monkeypatch.setattr("stretches.inventory.FACES_MAX", 1)

    found = inventory.faces([other.pk])

    assert (list(found), list(read_by_another)) == ([other.pk], [towel.pk])


# Conditions -----------------------------------------------------------------------------------------------------------
WEEKS = [Q(from_week__lte=4), ~Q(from_week__lte=4), Q(from_week__isnull=True) | Q(from_week=6), Q(from_week__gt=0)]
ASKED = [*WEEKS, Q(severity__in=["absolute"]), ~Q(severity__in=["absolute"]), Q(pk__in=[]), ~Q(pk__in=[]), Q()]


@pytest.mark.parametrize("condition", [*ASKED, ASKED[0] & ~ASKED[4], ~(ASKED[2] | ASKED[4])], ids=str)
def test_a_condition_means_in_memory_what_it_means_in_the_database(towel, condition):
    for week, severity in [(None, "absolute"), (0, "absolute"), (4, "relative"), (6, "absolute"), (None, "relative")]:
        ContraindicationFactory(stretch=towel, from_week=week, severity=severity)

    rows = Contraindication.objects.order_by("pk")

    assert [row for row in rows if fulfils(condition)(row)] == list(rows.filter(condition))


@pytest.mark.parametrize(
    "condition", [Q(rationale__icontains="x"), Q(from_week=None), Q(from_week__lt=F("until_week")), Q(a=1) ^ Q(b=2)]
)
def test_a_condition_that_is_not_understood_is_refused(condition):
    with pytest.raises(NotImplementedError):
        fulfils(condition)
