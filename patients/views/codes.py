"""Which condition codes to choose from."""

import dataclasses

from stretches.models import ConditionCode

CODES_SHOWN = 20


@dataclasses.dataclass(frozen=True)
class Found:
    """A code that matches, and the synonym by which it was found where its name does not say why."""

    code: ConditionCode
    synonym: str


@dataclasses.dataclass(frozen=True)
class Codes:
    """The best matches, and how many there are in all."""

    shown: list[Found]
    count: int


def codes_to_choose(words: str) -> Codes:
    """Codes that match, best first; without words the core of the catalogue, by name: one query."""
    codes = ConditionCode.objects.selectable().matching(words)
    if not words:
        codes = codes.filter(tier=ConditionCode.Tier.CORE)
    found = sorted((_found(code, words) for code in codes), key=lambda each: _rank(each, words))
    return Codes(shown=found[:CODES_SHOWN], count=len(found))


def _found(code: ConditionCode, words: str) -> Found:
    wanted = words.lower().split()
    if all(word in code.name.lower() for word in wanted):
        return Found(code, "")
    synonyms = (line.strip() for line in code.synonyms.splitlines())
    return Found(code, next((each for each in synonyms if all(word in each.lower() for word in wanted)), ""))


def _rank(found: Found, words: str) -> tuple[bool, bool, str]:
    """First what is called so, then what begins so; the rest by name."""
    wanted, name = words.lower(), found.code.name.lower()
    return (wanted not in (name, found.synonym.lower()), not name.startswith(wanted), name)
