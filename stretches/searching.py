"""Which stretches and condition codes are meant by what was typed: the one rule, for catalogue, builder and templates.

Every word has to occur, give or take a slip of the hand (``spelling``). A word of a stretch may stand in its name, also
as patients read it, in its position, or in the name of one of its muscles or movements; one of a condition in its name,
a synonym or an ICD-10-CM code.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator
from itertools import chain
from typing import Any

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast

from accounts import acting
from stretches.keeping import Kept
from stretches.models import CatalogueRelease, CatalogueText, ConditionCode, Movement, Muscle, Position, Stretch
from stretches.spelling import Vocabulary

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

READERS_MAX = 16
"""For people of so many clinics words are kept at once."""


def stretches_meant_by(words: str) -> Q:
    """A condition that stretches fulfil in which every word occurs: one query, for which catalogue it is."""
    wanted = typed(words)
    if not wanted:
        return Q()
    known = _WORDS_OF_STRETCHES.of(CatalogueRelease.current_mark(), _reader(), _WordsOfStretches.read)
    meant = Q()
    for word in wanted:
        spelled = ways(word, known.vocabulary)
        named = _any_contains("name", spelled)
        if positions := [value for value, label in Position.choices if _contains_any(str(label), spelled)]:
            named |= Q(position__in=positions)
        shared = (("muscles", "muscle", known.muscles), ("movements", "movement", known.movements))
        for relation, column, rows in shared:
            if ids := [pk for pk, name in rows if _contains_any(name, spelled)]:
                through: Any = getattr(Stretch, relation).through
                named |= Q(pk__in=through.objects.filter(**{f"{column}__in": ids}).values("stretch"))
        if slugs := {slug for slug, text in known.told if _contains_any(text, spelled)}:
            named |= Q(slug__in=slugs)
        meant &= named
    return meant


def condition_codes_meant_by(words: str) -> Q:
    """A condition that condition codes fulfil in which every word occurs: one query, for what there is to spell."""
    wanted = typed(words)
    if not wanted:
        return Q()
    vocabulary = _WORDS_OF_CODES.of(CatalogueRelease.current_mark(), None, lambda: Vocabulary(_words_of_codes()))
    meant = Q()
    for word in wanted:
        spelled = ways(word, vocabulary)
        meant &= _any_contains("name", spelled) | _any_contains("synonyms", spelled) | _any_contains("icd10cm", spelled)
    return meant


def typed(words: str) -> list[str]:
    """The words, each once."""
    return list(dict.fromkeys(words.lower().split()))


def ways(word: str, vocabulary: Vocabulary) -> Collection[str]:
    """Everything that a word may stand for."""
    return dict.fromkeys([*vocabulary.spellings(word), *EVERYDAY_WORDS.get(word, ())])


def _contains_any(text: str, ways: Iterable[str]) -> bool:
    return any(way in text.lower() for way in ways)


def _any_contains(field: str, ways: Iterable[str]) -> Q:
    found = Q()
    for way in ways:
        found |= Q(**{f"{field}__icontains": way})
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
