"""What is asked without an access check, the most telling first: something has to turn red.

A function with a check writes down that it ran, while every question is asked once with nothing taken out. After that,
only questions that run it are asked without the check, which is little: no other answer can be another one.
"""

import ast
import copy
import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from tests import test_conventions
from tests.permissions import ran, table, telling
from tests.permissions.access_checks import Check, code_in, functions, live, taken_out
from tests.permissions.addresses import Address, addresses, body_of, path_of
from tests.permissions.world import OF_ANOTHER, PEOPLE, World, undone

SAY_SO = "__import__('tests.permissions.ran').permissions.ran.RAN.add({name!r})"
TELLING = {"clinician elsewhere", "other patient", "admin", "library admin"}
"""Who gets in first where somebody is let in."""
LIKE_ANOTHER = {"colleague", "clinician of both", "admin elsewhere"}
"""Who gets in wherever a person of the same kind does, who is asked."""
DECLARED = table.read() if table.FILE.exists() else {}


@dataclasses.dataclass(frozen=True)
class Probe:
    """Something that turns red: ``ask`` says what is wrong, or nothing. ``page`` is the address it is about, if any.

    ``is_telling`` is what turns red where nearly anything does: it is asked before the rest.
    """

    ask: Callable[[World], str]
    page: str = ""
    is_telling: bool = True


class Questions:
    """Everything that can be asked, in one world."""

    def __init__(self, checks: list[Check], probes: list[Probe], world: World) -> None:
        self.world = world
        self.checks = checks
        cells = [probe for address in addresses() for probe in cells_of(address)]
        self.first = [*probes, *(each for each in cells if each.is_telling)]
        self.later = [each for each in cells if not each.is_telling]
        self.red_before: list[str] = []

    @property
    def asked(self) -> list[Probe]:
        """All of it, the most telling first."""
        return [*self.first, *self.later]

    def caught_at_once(self, checks: list[Check]) -> Iterator[tuple[Check, str]]:
        """What turned red of the page that the function is, or for a model's method of what each model lets through."""
        for check in checks:
            itself = {each.name for each in addresses() if _stands_in(each, check) and each.view == check.function}
            pages = itself | ({""} if "/models" in check.path else set())
            yield check, self._red(check, [each for each in self.asked if each.page in pages])

    def caught_by(self, probes: list[Probe], checks: list[Check]) -> Iterator[tuple[Check, str]]:
        """What of these turned red without each check, or ""; asked are those that run its function."""
        heard = self._heard_in(probes) if checks else {}
        for check in checks:
            running = heard.get(check.name, []) if check.source else probes
            near = {each.name for each in addresses() if _stands_in(each, check)}
            first = [probe for probe in running if probe.page in near or not probe.page]
            far = [probe for probe in running if probe.page and probe.page not in near]
            yield check, self._red(check, first) or broken_rule(check) or self._red(check, far)

    def _heard_in(self, probes: list[Probe]) -> dict[str, list[Probe]]:
        """Ask these once, with nothing taken out, and say which of them runs the function of which check."""
        heard: dict[str, list[Probe]] = defaultdict(list)
        with _saying_that_they_run(self.checks):
            for probe in probes:
                ran.RAN.clear()
                if red := probe.ask(self.world):
                    self.red_before.append(red)
                for name in ran.RAN:
                    heard[name].append(probe)
        return heard

    def _red(self, check: Check, probes: list[Probe]) -> str:
        """What turned red without the check, and is not with it."""
        for probe in probes:
            with taken_out(check):
                red = probe.ask(self.world)
            if red and not probe.ask(self.world):
                return red
        return ""


def _stands_in(address: Address, check: Check) -> bool:
    return address.module == check.path.removesuffix(".py").replace("/", ".")


@contextmanager
def _saying_that_they_run(checks: list[Check]) -> Iterator[None]:
    """Let the functions around these checks write into ``ran.RAN``, until the end."""
    kept = {}
    for check in checks:
        if check.source is not None and check.name not in kept:
            function = live(check)
            kept[check.name] = function, function.__code__
            tree = copy.deepcopy(check.source)
            twin = next(node for node, name in functions(tree) if name == check.function)
            twin.body[:0] = ast.parse(SAY_SO.format(name=check.name)).body
            function.__code__ = code_in(ast.fix_missing_locations(tree), check)
    try:
        yield
    finally:
        for function, code in kept.values():
            function.__code__ = code


def cells_of(address: Address) -> Iterator[Probe]:
    """Every cell of the table for an address: who gets another status than declared, or reads what they may not."""
    for key in table.cells_of(address):
        _, method, what = key
        if method == "PUT" or key not in DECLARED:
            continue
        is_telling = method == "GET" and what in {address.objects[0], OF_ANOTHER}
        for person in PEOPLE:
            if person not in LIKE_ANOTHER:
                ask = partial(_wrong, address, key, person)
                yield Probe(ask, address.name, is_telling=is_telling and person in TELLING)


def _wrong(address: Address, key: table.Key, person: str, world: World) -> str:
    name, method, what = key
    with undone():
        url, body = path_of(address, world, what), body_of(address, world, what)
        answer = world.ask(person, method, url, body)
    expected = DECLARED[key][PEOPLE.index(person)]
    if answer.said != expected:
        return f"{name}, {method} {what}, {person}: {answer.said} instead of {expected}"
    if word := telling.told(address, person, answer):
        return f"{name}, {method} {what}, {person}: reads {word}"
    return ""


def broken_rule(check: Check) -> str:
    """The rule that no view reaches a clinic's rows in another way, asked about the changed source."""
    if check.without is None:
        return ""
    rule = test_conventions.views_reach_a_clinics_rows_through_an_access_filter
    faults = list(rule(check.path, ast.unparse(check.without)))
    return f"house rule {rule.__name__}" if faults else ""
