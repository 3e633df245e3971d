"""JSON values that know their path, so that a complaint about one can be found in its file."""

import json
import math
from collections.abc import Callable, Collection
from typing import TypeVar, cast

T = TypeVar("T")


#: Nothing in a picture is further away, in cm, or turned further, in degrees.
MOST = 10_000


class PoseError(ValueError):
    """Pose data that cannot be drawn. The message names the file and the field."""


class Field:
    """A value read from JSON. Every method raises PoseError, with the path, for a value it did not expect."""

    def __init__(self, value: object, path: str) -> None:
        self.value, self.path = value, path

    @classmethod
    def from_json(cls, text: str, *, name: str) -> "Field":
        """The root of a JSON text; paths start with `name`."""
        try:
            return cls(json.loads(text), name)
        except json.JSONDecodeError as error:
            raise PoseError(f"{name}: not JSON: {error}") from error
        except (RecursionError, ValueError) as error:  # nested without end, or a number of thousands of digits
            raise PoseError(f"{name}: not JSON that can be read") from error

    def error(self, complaint: str) -> PoseError:
        """An error about this value, to raise."""
        return PoseError(f"{self.path} {complaint}")

    def only(self, *known: str) -> None:
        """Refuse names that nobody reads: a misspelt field would be ignored silently."""
        for name in sorted(self.names() - set(known)):
            raise self.error(f"has an unknown field {name!r}; known: {', '.join(known)}")

    def names(self) -> set[str]:
        """The names in this object."""
        if not isinstance(self.value, dict):
            raise self.error("must be an object")
        return set(self.value)

    def __getitem__(self, name: str) -> "Field":
        if name not in self.names():
            raise self.error(f"has no {name}")
        return Field(cast("dict[str, object]", self.value)[name], f"{self.path}.{name}")

    def optional(self, name: str, read: Callable[["Field"], T], *, default: T) -> T:
        """What `read` makes of a named value, or the default when it is absent."""
        return read(self[name]) if name in self.names() else default

    def items_of(self, name: str) -> list["Field"]:
        """The values in a named list; none when it is absent."""
        return self[name].items() if name in self.names() else []

    def items(self) -> list["Field"]:
        """The values in this list."""
        if not isinstance(self.value, list):
            raise self.error("must be a list")
        return [Field(item, f"{self.path}[{index}]") for index, item in enumerate(self.value)]

    def number(self) -> float:
        """A finite number."""
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(f"must be a number, not {value!r}")
        if isinstance(value, float) and not math.isfinite(value):
            raise self.error(f"must be a number, not {value!r}")
        if abs(value) > MOST:
            raise self.error(f"must be from {-MOST:,} to {MOST:,}")
        return float(value)

    def numbers(self, count: int) -> list[float]:
        """So many numbers."""
        items = self.items()
        if len(items) != count:
            raise self.error(f"must be {count} numbers, not {len(items)}")
        return [item.number() for item in items]

    def pair(self) -> tuple[float, float]:
        """Two numbers."""
        first, second = self.numbers(2)
        return first, second

    def share(self) -> float:
        """A number from 0 to 1."""
        number = self.number()
        if not 0 <= number <= 1:
            raise self.error(f"must be from 0 to 1, not {number:g}")
        return number

    def length(self) -> float:
        """A number that is not negative."""
        number = self.number()
        if number < 0:
            raise self.error("must not be negative")
        return number

    def zoom(self) -> float:
        """How many times nearer than usual, from 1 to 4."""
        number = self.number()
        if not 1 <= number <= 4:
            raise self.error(f"must be from 1 to 4, not {number:g}")
        return number

    def point(self) -> complex:
        """Two numbers: x and y in cm."""
        return complex(*self.pair())

    def truth(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.error(f"must be true or false, not {self.value!r}")
        return self.value

    def one_of(self, words: Collection[str]) -> str:
        """One of the words."""
        if not isinstance(self.value, str) or self.value not in words:
            raise self.error(f"must be one of {', '.join(sorted(words))}, not {self.value!r}")
        return self.value
