"""What follows from the catalogue alone is worked out once for each version of it, in each process.

Nothing of a patient, and nothing that a verdict rests on, is kept: the safety rule reads the database.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """The latest ``most`` answers to questions about one version of the catalogue."""

    def __init__(self, most: int = 1) -> None:
        self._most = most
        self._version: Hashable = None
        self._answers: OrderedDict[Hashable, T] = OrderedDict()

    def of(self, version: Hashable, question: Hashable, read: Callable[[], T]) -> T:
        """The answer as of a version; a catalogue without one, which nobody loaded, is read every time."""
        if version is None:
            return read()
        answers = self._answers
        if version != self._version:
            answers = OrderedDict()
            self._version, self._answers = version, answers
        if question in answers:
            answers.move_to_end(question)
            return answers[question]
        answers[question] = answer = read()
        while len(answers) > self._most:
            answers.popitem(last=False)
        return answer
