"""Remove each access check in turn and see that something turns red: ``python -m tests.mutation access``.

The checks are found by walking the source, so that a new one cannot be forgotten: every call that narrows rows to what
a person may see, every method that does the narrowing, every question about a role, every refusal by exception. A check
is removed by exchanging the code of the function that it stands in, in this process; then a world is asked, and the
house rules that read source read the changed one.
"""

import ast
import copy
import dataclasses
import functools
import importlib
import inspect
import pathlib
import re
import types
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.contrib.admin.options import BaseModelAdmin
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.middleware import LoginRequiredMiddleware

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
APPS = ("accounts", "audit", "clinic", "operations", "patients", "prescriptions", "routines", "stretches")
NARROWING = frozenset(
    {"visible_to", "own", "treating", "administered_by", "employing", "caring_for", "with_token", "with_feed"}
)
"""What turns all rows into those that somebody may see."""
DECIDES = re.compile(r"has_(\w+_)?permission")
"""The admin site's questions."""
REFUSALS = frozenset({"PermissionDenied", "Http404"})

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
Remove = Callable[[ast.AST, FunctionNode], None]


@dataclasses.dataclass(frozen=True)
class Check:
    """One access check: where it stands, and what the function around it is without it."""

    path: str
    function: str
    words: str
    source: ast.Module | None = dataclasses.field(default=None, compare=False, repr=False)
    without: ast.Module | None = dataclasses.field(default=None, compare=False, repr=False)
    given: tuple[object, object] | None = dataclasses.field(default=None, compare=False, repr=False)
    """For a check that is not ours: the function, and one that checks nothing."""

    @property
    def name(self) -> str:
        return f"{self.path}:{self.function}"


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
    for function, qualified in functions(tree):
        seen: Counter[str] = Counter()
        for spot, said, remove in _spots(function, is_method="." in qualified):
            seen[said] += 1
            words = f"{said} ({seen[said]})" if seen[said] > 1 else said
            without = copy.deepcopy(tree)
            twin = next(node for node, name in functions(without) if name == qualified)
            remove(list(ast.walk(twin))[spot], twin)
            ast.fix_missing_locations(without)
            yield Check(str(path.relative_to(ROOT)), qualified, words, tree, without)


def functions(tree: ast.Module) -> Iterator[tuple[FunctionNode, str]]:
    """Functions of a module and methods of its classes; what is nested belongs to the one around it."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node, node.name
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield inner, f"{node.name}.{inner.name}"


def _spots(function: FunctionNode, *, is_method: bool) -> Iterator[tuple[int, str, Remove]]:
    """Places among the function's nodes where something is checked, with the way to remove it."""
    if DECIDES.fullmatch(function.name):
        yield 0, f"{function.name} decides", _say_yes
        return
    narrows = function.name in NARROWING and is_method
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


@functools.cache
def _code(check: Check) -> types.CodeType:
    if check.given:
        return _plain(check.given[1]).__code__
    assert check.without
    return code_in(check.without, check)


def code_in(tree: ast.Module, check: Check) -> types.CodeType:
    """The code of the function around a check, as it stands in this source of its module."""
    code = compile(tree, check.path, "exec", dont_inherit=True)
    for word in check.function.split("."):
        code = next(each for each in code.co_consts if isinstance(each, types.CodeType) and each.co_name == word)
    return code


def exchangeable(check: Check) -> bool:
    """Whether the changed code fits into the live function."""
    return live(check).__code__.co_freevars == _code(check).co_freevars


@contextmanager
def taken_out(check: Check) -> Iterator[None]:
    """Do without a check, and put it back in the end."""
    function = live(check)
    before = function.__code__
    function.__code__ = _code(check)
    try:
        yield
    finally:
        function.__code__ = before
