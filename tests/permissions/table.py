"""The table of who gets what: ``tests/permissions.csv``, read and written.

One line is a pattern of the URLconf, one or more methods, one or more kinds of object; a column is a kind of person.
``docs/security.md`` says what the cells mean.
"""

import csv
import io
import pathlib
from collections.abc import Iterable, Iterator, Mapping

from tests.permissions.addresses import Address
from tests.permissions.world import PEOPLE

FILE = pathlib.Path(__file__).resolve().parent.parent / "permissions.csv"
METHODS = ("GET", "POST", "PUT")
"""PUT stands for whatever no page knows: ``test_table`` asks PATCH and DELETE as well. One object tells."""
BETWEEN = " | "
HEAD = ("address", "methods", "objects", *PEOPLE)

Key = tuple[str, str, str]
"""Address, method, object."""
Table = dict[Key, tuple[str, ...]]


def read() -> Table:
    """Every line, spread out.

    Raises:
        ValueError: a line has too few cells, or says something twice.
    """
    table: Table = {}
    rows = list(csv.reader(FILE.read_text().splitlines()))
    if tuple(rows[0]) != HEAD:
        raise ValueError(f"the first line has to be {','.join(HEAD)}")
    for name, methods, objects, *cells in rows[1:]:
        if len(cells) != len(PEOPLE):
            raise ValueError(f"{name}: {len(cells)} cells instead of {len(PEOPLE)}")
        for method in methods.split(BETWEEN):
            for what in objects.split(BETWEEN):
                if (name, method, what) in table:
                    raise ValueError(f"{name} {method} {what} stands there twice")
                table[name, method, what] = tuple(cells)
    return table


def cells_of(address: Address) -> Iterator[Key]:
    """Every cell that has to be declared of an address, the first object first.

    A method that a page does not know is refused before anything is looked for: one object tells (``is_refused``).
    The admin site takes what it does not know for GET.
    """
    for method in METHODS[:2] if address.is_of_admin else METHODS:
        for what in address.objects if method != "PUT" else address.objects[:1]:
            yield address.name, method, what


def is_refused(cells: Iterable[str]) -> bool:
    """Whether nobody gets anything but being told that there is no such method, or to sign in."""
    return set(cells) <= {"405", "login"}


def lines_of(address: Address, cells: Mapping[Key, tuple[str, ...]]) -> list[str]:
    """The lines of one address, as few as say all: objects with equal answers share one, methods likewise."""
    found: dict[tuple[str, ...], list[str]] = {}
    for method in METHODS:
        alike: dict[tuple[str, ...], list[str]] = {}
        for what in address.objects:
            if (address.name, method, what) in cells:
                alike.setdefault(cells[address.name, method, what], []).append(what)
        for row, objects in alike.items():
            found.setdefault((BETWEEN.join(objects), *row), []).append(method)
    return [written((address.name, BETWEEN.join(methods), *row)) for row, methods in found.items()]


def written(cells: Iterable[str]) -> str:
    """One line of the file."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()
