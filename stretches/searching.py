"""Which stretches and condition codes are meant by what was typed: the one rule, for catalogue, builder and templates.

Every word has to occur, give or take a slip of the hand (``spelling``). A word of a stretch may stand in its name, also
as patients read it, in its position, or in the name of one of its muscles or movements; one of a condition in its name,
a synonym or an ICD-10-CM code. Where a word is found nowhere but in another spelling, whoever shows the rows says so
(``Meant.guessed``): it may be another thing altogether.
"""

import dataclasses
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from accounts import acting
from stretches.keeping import Kept
from stretches.models import CatalogueRelease, CatalogueText, ConditionCode, Movement, Muscle, Position, Stretch
from stretches.spelling import SHORT, Vocabulary, occurrence, pattern

EVERYDAY_WORDS = {
    "abs": ("abdominals",),
    "buttock": ("glute", "piriformis"),
    "buttocks": ("glute", "piriformis"),
    "calf": ("gastrocnemius", "soleus", "plantarflexors"),
    "calves": ("gastrocnemius", "soleus", "plantarflexors"),
    "chest": ("pectoral",),
    "glutes": ("glute",),
    "groin": ("adductor",),
    "itb": ("tensor fasciae latae",),
    "lats": ("latissimus",),
    "pecs": ("pectoral",),
    "prone": ("on the front",),
    "quads": ("quadriceps", "rectus femoris"),
    "supine": ("on the back",),
    "tfl": ("tensor fasciae latae",),
    "traps": ("trapezius",),
}
"""What people type, and the words of the catalogue that are meant besides. They only find: they decide nothing."""

OTHER_SPELLINGS = {"disk": ("disc",), "disks": ("disc",), "discs": ("disc",)}
"""The same, of conditions. What a condition is called otherwise stands in its synonyms."""

PHRASES = {"it band": "itb", "iliotibial band": "itb"}
"""What is one name, though it is two words."""

READERS_MAX = 16
"""For people of so many clinics words are kept at once."""


@dataclasses.dataclass(frozen=True)
class Meant:
    """What was meant by what was typed."""

    rows: Q
    """What a row fulfils in which every word occurs."""
    whole: Q
    """What it fulfils if each is a word of its own there: of conditions only."""
    guessed: tuple[str, ...] = ()
    """The words of which there is only something that is spelled alike."""


class Ways(NamedTuple):
    """Everything that a word may stand for, and whether that is a guess."""

    spelled: Collection[str]
    is_guess: bool


def stretches_meant_by(words: str) -> Meant:
    """Which stretches: one query, for which catalogue it is."""
    wanted = typed(words)
    if not wanted:
        return Meant(Q(), Q())
    known = _WORDS_OF_STRETCHES.of(CatalogueRelease.current_mark(), _reader(), _WordsOfStretches.read)
    meant, guessed = Q(), []
    for word in wanted:
        spelled, is_guess = ways(word, known.vocabulary, EVERYDAY_WORDS)
        occurs = occurrences(spelled)
        named = _any_contains("name", spelled)
        if positions := [value for value, label in Position.choices if occurs(str(label).lower())]:
            named |= Q(position__in=positions)
        shared = (("muscles", "muscle", known.muscles), ("movements", "movement", known.movements))
        for relation, column, rows in shared:
            if ids := [pk for pk, name in rows if occurs(name.lower())]:
                through: Any = getattr(Stretch, relation).through
                named |= Q(pk__in=through.objects.filter(**{f"{column}__in": ids}).values("stretch"))
        if slugs := {slug for slug, text in known.told if occurs(text.lower())}:
            named |= Q(slug__in=slugs)
        meant &= named
        guessed += [word] if is_guess else []
    return Meant(meant, Q(), tuple(guessed))


def condition_codes_meant_by(words: str) -> Meant:
    """Which condition codes: one query, for what there is to spell."""
    wanted = typed(words)
    if not wanted:
        return Meant(Q(), Q())
    vocabulary = _WORDS_OF_CODES.of(CatalogueRelease.current_mark(), None, lambda: Vocabulary(_words_of_codes()))
    meant, whole, guessed = Q(), Q(), []
    for word in wanted:
        spelled, is_guess = ways(word, vocabulary, OTHER_SPELLINGS)
        meant &= _any_contains("name", spelled) | _any_contains("synonyms", spelled) | _any_contains("icd10cm", spelled)
        as_word = pattern(word, whole=True)
        whole &= Q(name__iregex=as_word) | Q(synonyms__iregex=as_word)
        guessed += [word] if is_guess else []
    return Meant(meant, whole, tuple(guessed))


def typed(words: str) -> list[str]:
    """The words, each once."""
    words = " ".join(words.lower().split())
    for phrase, word in PHRASES.items():
        words = re.sub(rf"\b{phrase}\b", word, words)
    return list(dict.fromkeys(words.split()))


def ways(word: str, vocabulary: Vocabulary, besides: Mapping[str, tuple[str, ...]]) -> Ways:
    """Everything that a word may stand for."""
    if word in besides:
        return Ways((word, *besides[word]), is_guess=False)
    spelled = vocabulary.spellings(word)
    return Ways(spelled, is_guess=len(spelled) > 1)


def occurrences(spelled: Iterable[str]) -> Callable[[str], bool]:
    """Whether a text has one of the words in it; all in lower case."""
    each_occurs = [occurrence(way) for way in spelled]

    def any_occurs(text: str) -> bool:
        for occurs in each_occurs:  # noqa: SIM110  (any() takes twice as long, and there are 10,000 names)
            if occurs(text):
                return True
        return False

    return each_occurs[0] if len(each_occurs) == 1 else any_occurs


def _any_contains(field: str, ways: Iterable[str]) -> Q:
    found = Q()
    for way in ways:
        found |= Q(**{f"{field}__icontains": way} if len(way) > SHORT else {f"{field}__iregex": pattern(way)})
    return found


# What there is to spell. Which words occur anywhere is nobody's secret; which rows are shown is asked apart. ----------
@dataclasses.dataclass(frozen=True)
class _WordsOfStretches:
    """The few names that many stretches share, and every word that one could have meant.

    The names of the stretches themselves are looked up in the database each time.
    """

    vocabulary: Vocabulary
    muscles: list[tuple[str, str]]
    movements: list[tuple[str, str]]
    told: list[tuple[str, str]]
    """What patients read for a name, by the slug of the stretch."""

    @classmethod
    def read(cls) -> "_WordsOfStretches":
        """One query."""
        told = CatalogueText.objects.filter(kind=CatalogueText.Kind.STRETCH_NAME)
        parts = [
            _part("muscle", Muscle.objects.all(), F("pk"), F("name")),
            _part("movement", Movement.objects.all(), F("pk"), F("name")),
            _part("told", told, F("key"), F("text")),
            _part("name", Stretch.objects.all(), Value(""), F("name")),
        ]
        rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for kind, key, text in parts[0].union(*parts[1:], all=True):
            rows[kind].append((key, text))
        texts = (text for named in rows.values() for _, text in named)
        labels = (str(label) for label in Position.labels)
        return cls(Vocabulary(chain(EVERYDAY_WORDS, labels, texts)), rows["muscle"], rows["movement"], rows["told"])


def _reader() -> Hashable:
    """For whom words are kept: PostgreSQL shows each only the own clinics' names beside the library's."""
    actor = acting.current()
    return (actor.reach, actor.clinics) if acting.is_told() else None


def _part(kind: str, rows: QuerySet[Any], key: Any, text: Any) -> QuerySet[Any, Any]:
    as_text = TextField()
    named = {"of_kind": Value(kind, as_text), "of_key": Cast(key, as_text), "of_text": Cast(text, as_text)}
    part: QuerySet[Any, Any] = rows.order_by().annotate(**named).values_list(*named)
    return part


def _words_of_codes() -> Iterator[str]:
    for row in ConditionCode.objects.order_by().values_list("name", "synonyms", "icd10cm"):
        yield from row


_WORDS_OF_STRETCHES: Kept[_WordsOfStretches] = Kept(READERS_MAX)
_WORDS_OF_CODES: Kept[Vocabulary] = Kept()
