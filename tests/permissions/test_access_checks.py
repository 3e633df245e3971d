"""The access checks that ``python -m tests.mutation access`` takes out: they are found, and each can be taken out."""

import ast

import pytest

from tests.permissions.access_checks import NARROWING, ROOT, checks, exchangeable
from tests.permissions.addresses import addresses
from tests.permissions.asking import Questions, cells_of
from tests.permissions.elsewhere import ELSEWHERE
from tests.permissions.narrowing import rights_for_nothing, too_wide
from tests.permissions.removing import ROW
from tests.permissions.world import World

CHECKS = checks()


def test_the_walk_finds_the_checks() -> None:
    found = {check.name for check in CHECKS}

    assert {
        "accounts/models/people.py:ClinicQuerySet.treating",
        "patients/models/records.py:PatientQuerySet.visible_to",
        "patients/models/records.py:PatientQuerySet.own",
        "patients/views/patient.py:patient_detail",
        "routines/views/play.py:routine_play",
        "stretches/views/pictures.py:stretch_picture",
        "accounts/admin.py:SuperusersOnly.has_module_permission",
        "stretches/admin/base.py:HistoricCatalogueAdmin.save_form",
    } <= found


@pytest.mark.parametrize("app", sorted({check.path.partition("/")[0] for check in CHECKS}))
def test_each_can_be_taken_out(app: str) -> None:
    stuck = [check.name for check in CHECKS if check.path.startswith(f"{app}/") and not exchangeable(check)]

    assert stuck == []


def test_each_has_its_row() -> None:
    """For a new one: ``python -m tests.mutation access PART_OF_ITS_NAME`` prints the row for docs/security.md."""
    rows = {(name, words) for name, words, _ in ROW.findall((ROOT / "docs/security.md").read_text())}
    names = {(check.name, check.words) for check in CHECKS}

    assert names - rows == set(), "take these out, and put what noticed into docs/security.md"
    assert rows - names == set(), "these are no checks any more: take their rows out of docs/security.md"


def test_tests_elsewhere_are_of_checks_that_there_are() -> None:
    for begins, tests in ELSEWHERE.items():
        path, _, name = tests.partition("::")

        assert any(f"{check.name} {check.words}".startswith(begins) for check in CHECKS), begins
        assert f"\ndef {name}" in (ROOT / "tests" / path).read_text()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "words", "red"),
    [
        ("patient_detail", "visible_to(request.user)", "GET own, patient: 200 instead of 404"),
        ("template_list", "Template.objects.visible_to", "GET -, clinician: reads Hillside"),
    ],
)
def test_what_is_taken_out_is_missed_and_comes_back(world: World, name: str, words: str, red: str) -> None:
    (check,) = [each for each in CHECKS if each.function == name and words in each.words]
    questions = Questions([check], [], world)
    probes = [probe for each in addresses() if each.view == name for probe in cells_of(each)]

    ((_, missed),) = questions.caught_by(probes, [check])
    again = [red for probe in probes if (red := probe.ask(world))]

    assert (questions.red_before, again) == ([], [])
    assert missed.endswith(red)


def asks_somebody_else(method: ast.FunctionDef) -> bool:
    """Whether a method that narrows rests on another one, or names the person itself."""
    calls = {
        node.func.attr
        for node in ast.walk(method)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    names = {node.id for node in ast.walk(method) if isinstance(node, ast.Name)}
    return bool(calls & NARROWING) or "user" in names


def test_every_method_that_narrows_asks_about_the_person() -> None:
    """A ``visible_to`` that forgets whom would let everybody see everything."""
    forgetful = []
    for check in CHECKS:
        narrowing = check.function.rpartition(".")[2]
        if narrowing not in {"visible_to", "own", "treating"} or "." not in check.function:
            continue
        if check.function == "EventQuerySet.own":  # which is asked about records that were found by the person
            continue
        tree = ast.parse((ROOT / check.path).read_text())
        methods = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == narrowing]
        forgetful += [check.name for method in methods if not asks_somebody_else(method)]

    assert forgetful == []


def test_a_method_that_forgets_whom_is_noticed() -> None:
    method = ast.parse("def visible_to(self, user):\n    return self.filter(is_retired=False)").body[0]

    assert isinstance(method, ast.FunctionDef)
    assert not asks_somebody_else(method)


@pytest.mark.django_db
def test_no_model_lets_a_stranger_at_a_row(world: World) -> None:
    assert list(too_wide(world)) == []


@pytest.mark.django_db
def test_the_admin_site_gives_no_right_without_a_permission(world: World) -> None:
    assert list(rights_for_nothing(world)) == []
