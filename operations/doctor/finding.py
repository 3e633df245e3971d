"""One thing that was looked at."""

import dataclasses
import enum


class State(enum.StrEnum):
    """How it is."""

    OK = "OK"
    LOOK_AT = "look at"
    BROKEN = "broken"


@dataclasses.dataclass(frozen=True)
class Finding:
    """``name`` is what was looked at; ``words`` say how it is, ``to_do`` what to do about it. Nobody's data."""

    name: str
    state: State
    words: str
    to_do: str = ""

    @property
    def is_broken(self) -> bool:
        """Whether patients should not be treated with it."""
        return self.state is State.BROKEN

    def __str__(self) -> str:
        line = f"{self.state:8} {self.name}: {self.words}"
        return f"{line}\n{'':9}To do: {self.to_do}" if self.to_do else line


def fine(name: str, words: str) -> Finding:
    """As it should be."""
    return Finding(name, State.OK, words)


def look_at(name: str, words: str, to_do: str) -> Finding:
    """Works, and somebody should know."""
    return Finding(name, State.LOOK_AT, words, to_do)


def broken(name: str, words: str, to_do: str) -> Finding:
    """Does not work, or may lose what it was given."""
    return Finding(name, State.BROKEN, words, to_do)
