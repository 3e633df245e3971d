"""Words as they are typed, and as the catalogue spells them: “hamstirng” finds the hamstrings.

A word that occurs in the catalogue, whole or in part, stands for itself. Any other may be a slip of the hand: it
stands for itself and for what is spelled most alike. So a search never finds less than what was typed, not even where
the words kept here are behind the catalogue.

Short words are often abbreviations, and any of their letters may be the one that counts: “COPD” is not “cord”, and “MS”
is not in “hamstrings”. They are never taken for a slip, and occur only where a word begins.
"""

import re
from collections.abc import Callable, Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

SHORT = 4
"""Letters of a short word, at most. Ours."""

LONG = 7
"""From so many letters on, two slips are one word; below, one. A slip: a letter too many, missing, wrong, or two
swapped. Ours."""

LIKE_MAX = 4
"""How many other spellings stand for a word at most."""

OPPOSITES = (("ab", "ad"), ("hyper", "hypo"), ("in", "ex"), ("inver", "ever"), ("protract", "retract"), ("uni", "bi"))
"""Beginnings that turn a word into its opposite and are spelled alike: neither is a slip of the other. Ours."""

_MUSCLE_OR_MOVEMENT = re.compile(r"(\w+t)(ors?|ions?)")
"""What an abductor does is abduction, and what stretches it is the opposite: neither is a slip of the other."""

_WORD = re.compile(r"[^\W_]+")


def pattern(word: str, *, whole: bool = False) -> str:
    """Where a word begins, or occurs as a whole, as a regular expression for Python, SQLite and PostgreSQL alike."""
    return rf"(^|\W){re.escape(word)}" + (r"(\W|$)" if whole else "")


def occurrence(word: str) -> Callable[[str], bool]:
    """Whether a text has the word in it; a short one, where a word begins. Both in lower case."""
    if len(word) > SHORT:
        return lambda text: word in text
    begins = re.compile(pattern(word))
    return lambda text: word in text and begins.search(text) is not None  # most have it nowhere: that is told fast


class Vocabulary:
    """The words of a part of the catalogue."""

    def __init__(self, texts: Iterable[str]) -> None:
        words = {word for text in texts for word in _WORD.findall(text.lower())}
        self._words = sorted(word for word in words if len(word) >= SHORT)
        self._all = "\n".join(words)
        self._beginnings: dict[int, list[str]] = {}

    def spellings(self, word: str) -> tuple[str, ...]:
        """The word and, if it does not occur, what is spelled most alike; beginnings of words are among that."""
        word = word.lower()
        if len(word) <= SHORT or not word.isalpha() or word in self._all:
            return (word,)
        slips = 2 if len(word) >= LONG else 1
        opposed = _opposed_to(word)
        candidates = [each for each in (*self._words, *self._beginnings_of(len(word))) if not each.startswith(opposed)]
        near = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=slips, limit=4 * LIKE_MAX)
        nearest = [found for found, distance, _ in near if distance == near[0][1]]
        return (word, *list(dict.fromkeys(nearest))[:LIKE_MAX])

    def _beginnings_of(self, length: int) -> list[str]:
        """What longer words begin with: what is being typed is not finished."""
        if length not in self._beginnings:
            self._beginnings[length] = sorted({word[:length] for word in self._words if len(word) > length})
        return self._beginnings[length]


def _opposed_to(word: str) -> tuple[str, ...]:
    """What its opposites begin with."""
    pairs = [*OPPOSITES, *(pair[::-1] for pair in OPPOSITES)]
    opposed = [theirs for ours, theirs in pairs if word.startswith(ours)]
    if found := _MUSCLE_OR_MOVEMENT.fullmatch(word):
        stem, ending = found.groups()
        opposed.append(stem + ("io" if ending.startswith("or") else "or"))
    return tuple(opposed)
