"""Words as they are typed, and as the catalogue spells them: “hamstirng” finds the hamstrings.

A word that occurs in the catalogue, whole or in part, stands for itself. Any other may be a slip of the hand: it
stands for itself and for what is spelled most alike. So a search never finds less than what was typed, not even where
the words kept here are behind the catalogue.
"""

import re
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORTEST = 4
"""Letters of the shortest word that is taken for a slip: of three letters too many others are one letter away. Ours."""

LONG = 7
"""From so many letters on, two slips are one word; below, one. A slip: a letter too many, missing, wrong, or two
swapped. Ours."""

LIKE_MAX = 4
"""How many other spellings stand for a word at most."""

_WORD = re.compile(r"[^\W_]+")


class Vocabulary:
    """The words of a part of the catalogue."""

    def __init__(self, texts: Iterable[str]) -> None:
        words = {word for text in texts for word in _WORD.findall(text.lower())}
        self._words = sorted(word for word in words if len(word) >= SHORTEST)
        self._all = "\n".join(words)
        self._beginnings: dict[int, list[str]] = {}

    def spellings(self, word: str) -> tuple[str, ...]:
        """The word and, if it does not occur, what is spelled most alike; beginnings of words are among that."""
        word = word.lower()
        if len(word) < SHORTEST or not word.isalpha() or word in self._all:
            return (word,)
        slips = 2 if len(word) >= LONG else 1
        candidates = [*self._words, *self._beginnings_of(len(word))]
        near = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=slips, limit=4 * LIKE_MAX)
        nearest = [found for found, distance, _ in near if distance == near[0][1]]
        return (word, *list(dict.fromkeys(nearest))[:LIKE_MAX])

    def _beginnings_of(self, length: int) -> list[str]:
        """What longer words begin with: what is being typed is not finished."""
        if length not in self._beginnings:
            self._beginnings[length] = sorted({word[:length] for word in self._words if len(word) > length})
        return self._beginnings[length]
