"""What follows from the catalogue alone is worked out once for each version of it, in each process.

Nothing of a patient is kept, and nothing of it decides: of what is shown, the safety rule asks the database (ADR 0017).
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The latest ``most`` answers to questions about one version of the catalogue; several threads may ask."""

    def __init__(self, most: int = 1) -> None:
        self._most = most
        self._changing = threading.Lock()
        self._version: Hashable = None
        self._answers: OrderedDict[Hashable, T] = OrderedDict()

    def of(self, version: Hashable, question: Hashable, read: Callable[[], T]) -> T:
        """The answer as of a version; a catalogue without one, which nobody loaded, is read every time."""
        if version is None:
            return read()
        with self._changing:
            if version != self._version:
                self._version, self._answers = version, OrderedDict()
            if question in self._answers:
                self._answers.move_to_end(question)
                return self._answers[question]
        answer = read()  # not meanwhile: others would wait for the database
        with self._changing:
            if version == self._version:
                self._answers[question] = answer
                while len(self._answers) > self._most:
                    self._answers.popitem(last=False)
        return answer
