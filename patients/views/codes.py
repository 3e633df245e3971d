"""Which condition codes to choose from."""

import dataclasses

from stretches.models import ConditionCode
from stretches.searching import condition_codes_meant_by
from stretches.spelling import occurrence

CODES_SHOWN = 20


@dataclasses.dataclass(frozen=True)
class Found:
    """A code that matches, and the synonym by which it was found where its name does not say why."""

    code: ConditionCode
    synonym: str


@dataclasses.dataclass(frozen=True)
class Codes:
    """The best matches, how many there are in all, and the words of which there is only something spelled alike."""

    shown: list[Found]
    count: int
    guessed: tuple[str, ...]


def codes_to_choose(words: str) -> Codes:
    """Codes that match, best first; without words the core of the catalogue, by name: one query."""
    meant = condition_codes_meant_by(words)
    codes = ConditionCode.objects.selectable().meant(meant)
    if not words:
        codes = codes.filter(tier=ConditionCode.Tier.CORE)
    found = sorted((_found(code, words) for code in codes), key=lambda each: _rank(each, words))
    return Codes(shown=found[:CODES_SHOWN], count=len(found), guessed=meant.guessed)


def _found(code: ConditionCode, words: str) -> Found:
    wanted = [occurrence(word) for word in words.lower().split()]
    if all(occurs(code.name.lower()) for occurs in wanted):
        return Found(code, "")
    named = (synonym for synonym in code.synonym_list if all(occurs(synonym.lower()) for occurs in wanted))
    called = words.strip().lower()
    return Found(code, min(named, key=lambda each: each.lower() != called, default=""))


def _rank(found: Found, words: str) -> tuple[bool, bool]:
    """First what is called so, then what begins so; the rest as the catalogue has it."""
    wanted, name = words.strip().lower(), found.code.name.lower()
    return (wanted not in (name, found.synonym.lower()), not name.startswith(wanted))
