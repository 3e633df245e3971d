"""Remove each access check in turn and see that something turns red: ``python -m tests.mutation access``.

The checks are found by walking the source, so that a new one cannot be forgotten: every call that narrows rows to what
a person may see, every method that does the narrowing, every question about a role, every refusal by exception. A check
is removed by exchanging the code of the function that it stands in, in this process; then a world is asked, and the
house rules that read source read the changed one.
"""

import ast
import copy
import dataclasses
import importlib
import inspect
import pathlib
import re
import types
from collections.abc import Callable, Iterator

from django.contrib.admin.options import BaseModelAdmin
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.middleware import LoginRequiredMiddleware

from tests import test_conventions
from tests.permissions import table
from tests.permissions.addresses import Address, addresses, body_of, path_of
from tests.permissions.world import MISSING, World, undone

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
APPS = ("accounts", "clinic", "patients", "prescriptions", "routines", "stretches")
NARROWING = frozenset({"visible_to", "own", "treating", "with_token", "with_feed"})
"""What turns all rows into those that somebody may see."""
DECIDES = re.compile(r"has_(\w+_)?permission")
"""The admin site's questions."""
REFUSALS = frozenset({"PermissionDenied"})

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclasses.dataclass(frozen=True)
class Check:
    """One access check: where it stands, and what the function around it is without it."""

    path: str
    function: str
    words: str
    without: ast.Module | None = dataclasses.field(default=None, compare=False, repr=False)
    given: tuple[object, object] | None = dataclasses.field(default=None, compare=False, repr=False)
    """For a check that is not ours: the function, and one that checks nothing."""

    @property
    def name(self) -> str:
        return f"{self.path}:{self.function}"


@dataclasses.dataclass(frozen=True)
class Probe:
    """Something that turns red: ``ask`` says what is wrong, or nothing. ``page`` is the address it is about, if any."""

    ask: Callable[[World], str]
    page: str = ""


def checks() -> list[Check]:
    """Every access check of the product."""
    ours = [each for app in APPS for path in sorted((ROOT / app).rglob("*.py")) for each in _in(path)]
    return [*_given(), *ours]


def _nobody_asks(*_args: object, **_kwargs: object) -> None:
    """Let everybody past."""


def _always(*_args: object, **_kwargs: object) -> bool:
    return True


def _given() -> Iterator[Check]:
    """What Django checks for us."""
    yes = (
        ("clinic/settings.py", "AUTHENTICATION_BACKENDS", "only who is active", ModelBackend.user_can_authenticate),
        ("stretches/admin/base.py", "CatalogueAdmin", "has_view_permission", BaseModelAdmin.has_view_permission),
        ("stretches/admin/base.py", "CatalogueAdmin", "has_add_permission", BaseModelAdmin.has_add_permission),
        ("stretches/admin/base.py", "CatalogueAdmin", "has_change_permission", BaseModelAdmin.has_change_permission),
        ("stretches/admin/base.py", "CatalogueAdmin", "has_delete_permission", BaseModelAdmin.has_delete_permission),
    )
    sign_in = (LoginRequiredMiddleware.process_view, _nobody_asks)
    yield Check("clinic/settings.py", "MIDDLEWARE", "SignInRequiredMiddleware", given=sign_in)
    for path, where, words, function in yes:
        yield Check(path, where, words, given=(function, _always))


def _in(path: pathlib.Path) -> Iterator[Check]:
    if "migrations" in path.parts or "management" in path.parts:
        return
    tree = ast.parse(path.read_text())
    for function, qualified in _functions(tree):
        for spot, words, remove in _spots(function):
            without = copy.deepcopy(tree)
            twin = next(node for node, name in _functions(without) if name == qualified)
            remove(list(ast.walk(twin))[spot], twin)
            ast.fix_missing_locations(without)
            yield Check(str(path.relative_to(ROOT)), qualified, words, without)


def _functions(tree: ast.Module) -> Iterator[tuple[FunctionNode, str]]:
    """Functions of a module and methods of its classes; what is nested belongs to the one around it."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node, node.name
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield inner, f"{node.name}.{inner.name}"


def _spots(function: FunctionNode) -> Iterator[tuple[int, str, Callable[[ast.AST, FunctionNode], None]]]:
    """Places among the function's nodes where something is checked, with the way to remove it."""
    if DECIDES.fullmatch(function.name):
        yield 0, f"{function.name} decides", _say_yes
        return
    narrows = function.name in NARROWING
    if narrows:
        yield 0, f"{function.name} narrows", _let_all_through
    for place, node in enumerate(ast.walk(function)):
        match node:
            case ast.Call(func=ast.Attribute(attr=attr)) if attr in NARROWING and not narrows:
                yield place, ast.unparse(node)[-60:], _ask_for_all
            case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))) if name in REFUSALS:
                yield place, f"raise {name}", _go_on
            case _:
                pass


def _let_all_through(_node: ast.AST, function: FunctionNode) -> None:
    function.body = [ast.Return(ast.Name("self", ast.Load())), *_closing_over_the_same(function)]


def _ask_for_all(node: ast.AST, _function: FunctionNode) -> None:
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Attribute)
    node.func.attr, node.args, node.keywords = "all", [], []


def _say_yes(_node: ast.AST, function: FunctionNode) -> None:
    function.body = [ast.Return(ast.Constant(True)), *_closing_over_the_same(function)]


def _closing_over_the_same(function: FunctionNode) -> list[ast.stmt]:
    """What is never reached, and makes the code fit in the place of a function that asks ``super()``."""
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return [ast.Expr(ast.Name("__class__", ast.Load()))] if names & {"super", "__class__"} else []


def _go_on(node: ast.AST, function: FunctionNode) -> None:
    class Past(ast.NodeTransformer):
        def visit_Raise(self, each: ast.Raise) -> ast.AST:
            return ast.Pass() if each is node else each

    Past().visit(function)


# Taking one out, in this process ------------------------------------------------------------------------------------
def live(check: Check) -> types.FunctionType:
    """The function as it runs, without its decorators."""
    if check.given:
        return _plain(check.given[0])
    found: object = importlib.import_module(check.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
    for word in check.function.split("."):
        found = inspect.getattr_static(found, word)
    if isinstance(found, property):
        found = found.fget
    return _plain(found)


def _plain(found: object) -> types.FunctionType:
    function = inspect.unwrap(getattr(found, "__func__", found))  # type: ignore[arg-type]
    assert isinstance(function, types.FunctionType)
    return function


def _code(check: Check) -> types.CodeType:
    if check.given:
        return _plain(check.given[1]).__code__
    assert check.without
    code = compile(check.without, check.path, "exec", dont_inherit=True)
    for word in check.function.split("."):
        code = next(each for each in code.co_consts if isinstance(each, types.CodeType) and each.co_name == word)
    return code


def exchangeable(check: Check) -> bool:
    """Whether the changed code fits into the live function."""
    return live(check).__code__.co_freevars == _code(check).co_freevars


def caught_by(check: Check, world: World, probes: list[Probe]) -> str:
    """Remove a check, ask, put it back. Says what turned red, or ""."""
    function = live(check)
    before = function.__code__
    function.__code__ = _code(check)
    try:
        return next((red for ask in _questions(check, probes) if (red := ask(world))), "")
    finally:
        function.__code__ = before


def _questions(check: Check, probes: list[Probe]) -> Iterator[Callable[[World], str]]:
    """What is asked, the most telling first: a run of all has to end."""
    module = check.path.removesuffix(".py").replace("/", ".")
    near = sorted((each for each in addresses() if each.module == module), key=lambda each: each.view != check.function)
    names = {each.name for each in near}
    yield lambda world: _wrong_cell(world, near, table.PEOPLE)
    yield from (probe.ask for probe in probes if not probe.page or probe.page in names)
    yield lambda _world: _broken_rule(check)
    yield from (probe.ask for probe in probes if probe.page and probe.page not in names)
    if "/views" not in check.path:
        yield lambda world: _wrong_cell(world, _far(check), STRANGERS)


def _far(check: Check) -> list[Address]:
    """Every address, those of the same app first."""
    of_admin, app = "admin" in check.path, check.path.partition("/")[0]
    return sorted(addresses(), key=lambda each: (each.is_of_admin != of_admin, not each.module.startswith(f"{app}.")))


def _wrong_cell(world: World, asked: list[Address], who: tuple[str, ...]) -> str:
    """A cell of the table that is wrong now; of all people every cell is asked, of few the first object."""
    for address in asked:
        for _, method, what in table.cells_of(address):
            telling = {address.objects[0], MISSING} if address.is_of_admin else {address.objects[0]}
            is_asked = who is table.PEOPLE or (what in telling and method != "PUT")
            if is_asked and (found := _differs(address, world, method, what, who=who)):
                return found
    return ""


STRANGERS = ("clinician elsewhere", "other patient", "admin", "clinician", "visitor", "deactivated")
"""Who gets in first where everybody is let in."""


def _differs(address: Address, world: World, method: str, what: str, *, who: tuple[str, ...]) -> str:
    declared = DECLARED.get((address.name, method, what))
    if declared is None:
        return ""
    with undone():
        url, body = path_of(address, world, what), body_of(address, world, what)
        for person in who:
            said = world.ask(person, method, url, body).said
            expected = declared[table.PEOPLE.index(person)]
            if said != expected:
                return f"{address.name}, {method} {what}, {person}: {said} instead of {expected}"
    return ""


DECLARED = table.read() if table.FILE.exists() else {}


def _broken_rule(check: Check) -> str:
    """The rule that no view reaches a clinic's rows in another way, asked about the changed source."""
    if check.without is None:
        return ""
    rule = test_conventions.views_reach_a_clinics_rows_through_an_access_filter
    faults = list(rule(check.path, ast.unparse(check.without)))
    return f"house rule {rule.__name__}" if faults else ""
